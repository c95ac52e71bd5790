"""The lab's own tests use what they test."""

from __future__ import annotations

from tests.lab.fixtures import lab

__all__ = ["lab"]
