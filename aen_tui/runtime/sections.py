"""What a node's probes said last, section by section, with the moment at which each was looked at.

A node has one probe as the login user and, where the inventory allows it and something may not be seen, one
under sudo. Where the first was denied, the second counts; when the second is gone, the denial shows again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from aen_tui.sources.frames import LogEntry, Sample, ServiceEntry, SupervisorEntry


class Looked(NamedTuple):
    """When a section was looked at."""

    seen_at: float
    """Monotonic seconds here."""
    node_time: float
    """Epoch seconds there."""


class _Said:
    """One probe's last words."""

    def __init__(self) -> None:
        self.supervisors: dict[str, SupervisorEntry] = {}
        self.services: list[ServiceEntry] = []
        self.logs: dict[int, LogEntry] = {}
        self.ports: dict[str, bool] = {}
        self.looked: dict[str, Looked] = {}

    def take(self, sample: Sample, now: float) -> None:
        looked = Looked(now, sample.time)
        for name in ("supervisors", "services", "logs", "ports"):
            if name in sample.same or getattr(sample, name) is not None:
                self.looked[name] = looked
        if sample.supervisors is not None:
            self.supervisors = {entry.name: entry for entry in sample.supervisors}
        if sample.services is not None:
            self.services = sample.services
        if sample.logs is not None:
            self.logs = {entry.id: entry for entry in sample.logs}
        if sample.ports is not None:
            self.ports = sample.ports


class Sections:
    """Both probes' words, as one."""

    def __init__(self) -> None:
        self._login = _Said()
        self._raised = _Said()
        self._logs: list[LogEntry] | None = None

    def take(self, sample: Sample, now: float, *, raised: bool) -> None:
        """Remember what a frame says."""
        (self._raised if raised else self._login).take(sample, now)
        if sample.logs is not None:
            self._logs = None

    def lower(self) -> None:
        """The probe under sudo is gone: what only it could see is not known any more."""
        self._raised = _Said()
        self._logs = None

    @property
    def ports(self) -> dict[str, bool]:
        """Which of the asked local ports listen."""
        return self._login.ports

    def supervisors(self) -> Iterator[tuple[SupervisorEntry, Looked, bool]]:
        """Each supervisord once, and whether only the probe under sudo may see it."""
        for name, entry in self._login.supervisors.items():
            other = self._raised.supervisors.get(name)
            said = self._raised if entry.error and other is not None and not other.error else self._login
            yield said.supervisors[name], said.looked["supervisors"], said is self._raised

    def services(self) -> tuple[list[ServiceEntry], Looked] | None:
        """SysV services; None before they were looked at."""
        looked = self._login.looked.get("services")
        return None if looked is None else (self._login.services, looked)

    def logs(self) -> list[LogEntry]:
        """Followed files, by number; the same object while nothing else is said of them."""
        if self._logs is None:
            both = {**self._login.logs, **self._raised.logs}
            self._logs = [both[number] for number in sorted(both)]
        return self._logs

    def denied_supervisors(self) -> list[str]:
        """Supervisords that the login user may not ask."""
        return [name for name, entry in self._login.supervisors.items() if is_denied(entry.error)]

    def denied_logs(self) -> list[int]:
        """Numbers of files that the login user may not read."""
        return [number for number, entry in self._login.logs.items() if is_denied(entry.error)]


def is_denied(error: str | None) -> bool:
    """Whether an error is about permission (EACCES, EPERM as every Python says them)."""
    return error is not None and ("ermission denied" in error or "not permitted" in error)
