"""The command `lusha-async`: a demo, bulk enrichment of a CSV file, the sandbox and webhook tools.

Needs the extra `cli`. The library itself imports nothing from here.
"""

__all__: list[str] = []
