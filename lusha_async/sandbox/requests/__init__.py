"""The JSON bodies that the vendor takes, from its API reference.

What a body has to be beyond its shape (one identifier of several, a filter at least) is decided where the
operation is carried out.
"""

from .bodies import BODIES

__all__ = ["BODIES"]
