"""What the demo's supervisords run in place of AEN's own programs; `program.py` is copied to each node."""
