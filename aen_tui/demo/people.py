"""Who works on the demo's installation, and on what."""

from __future__ import annotations

USERS = ("alice", "bruno", "chandra", "dagny", "elif", "farid", "grace", "hiro", "ines", "jonas")

PROJECTS = (
    ("alice", "climate"), ("alice", "rainfall"), ("bruno", "churn"), ("chandra", "genomics"), ("dagny", "pricing"),
    ("elif", "forecast"), ("farid", "images"), ("grace", "compilers"), ("hiro", "routes"), ("ines", "survey"),
    ("jonas", "fraud"), ("jonas", "loans"),
)  # fmt: skip
"""(owner, project); each lies on every compute, and runs on one at a time."""

BROKEN_PROJECT = ("grace", "compilers")
"""Its first start was broken off: its environment is not whole (`:why` finds it)."""
