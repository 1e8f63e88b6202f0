"""Checking and encoding of arguments: what the vendor would refuse is refused before it is sent. Pure."""
