"""Bulk methods (any number of inputs, one outcome for each) and coalesced calls."""
