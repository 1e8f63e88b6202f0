"""Benchmarks of the project's claims about speed, as ratios to other libraries in the same run."""
