"""What is asked and what comes back, as frozen attrs classes."""
