"""The command `lusha-async`: a demo, bulk enrichment of a CSV file, the sandbox and the webhook tools.

Needs the extra `cli`. Nothing here is imported by the library itself.
"""

__all__: list[str] = []
