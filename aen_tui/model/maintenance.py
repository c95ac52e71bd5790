"""Maintenance: for a while a node, or a service of it, is bad on purpose and counted nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from aen_tui.model.node import NodeName
from aen_tui.model.stores import DAEMONS

MOST_SECONDS = 7 * 86400
LEAST_SECONDS = 60
REASON_CHARACTERS = 200
_LENGTH = re.compile(r"([0-9]{1,4})([mhd])\Z")
_SECONDS = {"m": 60, "h": 3600, "d": 86400}
_ANSWERED_BY = {
    "server": ("nginx", "wk-server", "wakari-server"),
    "wk-server": ("wk-server", "wakari-server"),
    "gateway": ("wk-gateway", "wakari-gateway"),
    "compute": ("wk-compute", "wakari-compute"),
}


@dataclass(frozen=True, slots=True)
class Window:
    """A maintenance of one target, as it was announced."""

    id: str
    """Names it in the audit."""
    node: NodeName
    service: str | None
    """None: the whole node."""
    begin: float
    """Epoch seconds of the jump host."""
    until: float
    reason: str
    by: str
    """Who announced it."""

    @property
    def target(self) -> str:
        """NODE or NODE/SERVICE."""
        return self.node if self.service is None else f"{self.node}/{self.service}"


@dataclass(frozen=True, slots=True)
class Planned:
    """What of one node is under maintenance now."""

    until: float
    """Epoch seconds, of what ends last."""
    reason: str
    services: frozenset[str] = frozenset()
    """Only these; empty: all of it, its connection too."""

    @property
    def is_whole(self) -> bool:
        """Whether the whole node is."""
        return not self.services

    def covers(self, service: str, supervisor: str | None = None) -> bool:
        """Whether a service is, by its own name or as a program of a supervisord that is."""
        return self.is_whole or service in self.services or (supervisor is not None and supervisor in self.services)

    def covers_answer(self, name: str) -> bool:
        """Whether a URL is, by the services that answer there."""
        return self.is_whole or not self.services.isdisjoint(_ANSWERED_BY.get(name, ()))

    def covers_store(self, name: str) -> bool:
        """Whether mongodb or elasticsearch is."""
        return self.covers(DAEMONS.get(name, name))


def planned_of(windows: Iterable[Window]) -> Planned | None:
    """What windows of one node come to; None where there are none."""
    found = sorted(windows, key=lambda window: window.until)
    if not found:
        return None
    whole = [window for window in found if window.service is None]
    last = (whole or found)[-1]
    services = frozenset() if whole else frozenset(window.service for window in found if window.service is not None)
    return Planned(last.until, last.reason, services)


def parse_length(word: str) -> int:
    """`30m`, `2h`, `1d` in seconds.

    Raises:
        ValueError: it is none, or shorter than a minute, or longer than a week.
    """
    found = _LENGTH.match(word)
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise ValueError(f"`{word}` is no time from 1m to 7d, such as 30m, 2h, 1d")
    return seconds
