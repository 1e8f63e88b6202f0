"""One API call: authorized, sent, repeated, decoded."""
