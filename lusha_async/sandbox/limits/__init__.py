"""Rate limits and plans."""
