"""One call, from typed arguments to a decoded answer."""
