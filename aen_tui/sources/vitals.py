"""The answer of the errand `vitals` (probe/errands/vitals.py): limits, stuck processes, the kernel's messages."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from aen_tui.errors import ProbeError
from aen_tui.model.facts import NodeState
from aen_tui.model.text import visible_line
from aen_tui.model.trends import Stuck, Used, Vitals

ERRAND = "vitals"
SECONDS = 20.0
MOST_BYTES = 256 * 1024
SERVICES_AT_MOST = 40
KERNEL_SECONDS = 3600.0
"""How far back the kernel's messages are wanted."""


class _Row(msgspec.Struct):
    kernel: tuple[float, str] | None = None
    used: list[tuple[str, str, int | None, int, int]] = []
    waiting: list[tuple[int, str, int, int]] = []
    count: int = 0
    errors: list[str] = []


_DECODER = msgspec.json.Decoder(_Row)


class Waiting(NamedTuple):
    """A process in uninterruptible sleep at a look."""

    pid: int
    name: str
    cpu_ticks: int
    """What it has used: one that used more in between has run."""
    switches: int
    """How often it was switched to and away from, which a process that runs for no whole tick is too."""
    since: float


class Answer:
    """Rows as they come.

    Args:
        seen_at: monotonic seconds of the look.
    """

    def __init__(self, seen_at: float) -> None:
        self._seen_at = seen_at
        self.kernel: list[tuple[float, bytes]] = []
        """(Seconds ago, text) of messages that may be signs. Hostile."""
        self.waiting: dict[int, Waiting] = {}
        self.vitals: Vitals | None = None

    def take(self, row: _Row) -> None:
        """Keep a row."""
        if row.kernel is not None:
            ago, said = row.kernel
            self.kernel.append((max(0.0, ago), said.encode("utf-8", "replace")))
            return
        self.waiting = {one[0]: Waiting(*one, since=self._seen_at) for one in row.waiting}
        used = tuple(
            Used(visible_line(what, 60), count, limit, visible_line(service, 80), pid)
            for what, service, pid, count, limit in row.used
            if limit > 0
        )
        errors = tuple(visible_line(one, 200) for one in row.errors)
        self.vitals = Vitals(used=used, waiting=max(row.count, len(row.waiting)), errors=errors)

    def stuck(self, before: dict[int, Waiting]) -> tuple[Stuck, ...]:
        """Those that were waiting at the look before, too, and have not run since; they keep their first moment."""
        found: list[Stuck] = []
        for pid, now in self.waiting.items():
            was = before.get(pid)
            if was is not None and now._replace(since=was.since) == was:
                self.waiting[pid] = was
                found.append(Stuck(pid, visible_line(now.name, 60), was.since))
        return tuple(found)


def request(node: NodeState) -> dict[str, object]:
    """The errand's order: the services that run."""
    pids = {service.name: service.pid for service in node.services if service.pid is not None}
    return {"pids": dict(list(pids.items())[:SERVICES_AT_MOST]), "kernel_seconds": KERNEL_SECONDS}


def decode(line: bytes) -> _Row:
    """One row.

    Raises:
        ProbeError: it is nonsense.
    """
    try:
        return _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProbeError(f"the vitals are nonsense: {visible_line(str(error), 200)}") from None
