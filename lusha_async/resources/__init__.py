"""The client's namespaces: an operation and typed arguments a method."""
