"""The answer of the errand `process` (aen_tui/probe/errands/process.py)."""

from __future__ import annotations

import msgspec

from aen_tui.errors import NoProcessError, ProbeError
from aen_tui.model.process import ProcessLook
from aen_tui.model.text import visible_line

ERRAND = "process"
SECONDS = 4.0
"""It reads four small files."""


class _Row(msgspec.Struct):
    uid: int | None = None
    nice: int | None = None
    cwd: str | None = None
    limits: dict[str, str] = {}
    rss_bytes: int | None = None
    cpu_seconds: float | None = None
    started: float | None = None
    errors: list[str] = []
    error: str | None = None


_DECODER = msgspec.json.Decoder(_Row)


def request(pid: int) -> dict[str, object]:
    """The errand's order."""
    return {"pid": pid}


def decode_row(line: bytes, pid: int, seen_at: float) -> ProcessLook:
    """One look.

    Raises:
        NoProcessError: there is no such process.
        ProbeError: the row is nonsense.
    """
    try:
        found = _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProbeError(f"a process was described by nonsense: {visible_line(str(error), 200)}") from None
    if found.error is not None:
        raise NoProcessError(visible_line(found.error, 200))
    return ProcessLook(
        pid=pid,
        uid=found.uid,
        nice=found.nice,
        cwd=found.cwd,
        limits=found.limits,
        rss_bytes=found.rss_bytes,
        cpu_seconds=found.cpu_seconds,
        started_at=found.started,
        seen_at=seen_at,
        errors=tuple(visible_line(one, 200) for one in found.errors),
    )
