"""What can go wrong with the lab itself."""

from __future__ import annotations


class LabError(Exception):
    """The lab could not be started or does not do what it should; says which node, and what it printed."""
