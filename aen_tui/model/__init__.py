"""What a cluster is: the shared words. Frozen dataclasses and enums; no I/O, no asyncio."""
