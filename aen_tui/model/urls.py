"""URLs that somebody else wrote, taken apart without trust: any text may stand where one ought to."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 - compared with, not bound
"""Hosts that are this machine, whoever says it."""


class Place(NamedTuple):
    """Where a URL leads."""

    scheme: str
    host: str
    """In lower case."""
    port: int | None
    """None where the URL says none."""


def place_of(text: str) -> Place | None:
    """Where a URL leads; None where the text is none, names no host, or has a port that is no number."""
    try:
        parts = urlsplit(text)
        return Place(parts.scheme, parts.hostname, parts.port) if parts.hostname else None
    except ValueError:  # brackets around what is no address, a port out of range
        return None


def host_of(text: str) -> str | None:
    """The host of a URL; None where the text is none (`place_of`)."""
    place = place_of(text)
    return place.host if place else None


def is_same_host(one: str, other: str) -> bool:
    """Whether two names are one host's: the same, or one of them without its domain."""
    first, second = (name.lower().rstrip(".").split(".") for name in (one, other))
    return first == second or (1 in (len(first), len(second)) and first[0] == second[0])
