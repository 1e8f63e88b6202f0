"""Every kind of event loop that users run, against a vendor that keeps books."""
