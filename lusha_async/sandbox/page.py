"""The live page."""

__all__ = ["PAGE"]

PAGE = b"<!doctype html><title>Lusha sandbox</title>"
