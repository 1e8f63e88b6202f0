"""The live page: one static file, no framework, nothing from elsewhere."""

from importlib.resources import files

__all__ = ["PAGE"]

PAGE: bytes = (files("lusha_async.sandbox.serve") / "page.html").read_bytes()
"""What is served at `/`."""
