"""Requests and responses as values, without I/O. Pure."""
