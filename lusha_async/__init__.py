"""An asyncio-native client for the Lusha V3 API."""

from ._version import __version__

__all__ = ["__version__"]
