"""One call: repeated, authorized, sent, answered, decoded."""
