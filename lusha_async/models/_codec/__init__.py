"""The one decoder and encoder of models."""
