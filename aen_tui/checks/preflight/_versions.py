"""Versions as numbers, and the figures of the releases that the seeds document."""

from __future__ import annotations

import re

GB = 1_000_000_000


def numbers(text: str | None, pattern: str = r"(\d+(?:\.\d+)+)") -> tuple[int, ...] | None:
    """The first version in a text as numbers; None where there is none."""
    found = re.search(pattern, text or "")
    return tuple(int(part) for part in found.group(1).split(".")[:4]) if found else None


def dotted(version: tuple[int, ...]) -> str:
    """2.6.10."""
    return ".".join(str(part) for part in version)


def is_before_41(version: str) -> bool:
    """Whether the 4.0 runbook's figures count (seed 004), else those of 4.1.2 (seed 000)."""
    return (numbers(version) or (4, 1)) < (4, 1)


def seed_of(version: str) -> str:
    """The seed whose figures count for a release."""
    return "004" if is_before_41(version) else "000"


def is_after_412(version: str) -> bool:
    """Whether no seed says what this release requires: 4.1.2 is the last that one does."""
    return (numbers(version) or (4, 1, 2))[:3] > (4, 1, 2)


def gigabytes(size: int) -> str:
    """`9.6 GB`."""
    return f"{size / GB:.1f} GB"
