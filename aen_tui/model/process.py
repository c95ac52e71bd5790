"""What a process was started with: compared over a restart, as a new one may inherit what the old one never had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aen_tui.model.text import visible_line


@dataclass(frozen=True, slots=True, eq=False)
class ProcessLook:
    """One look at a process; None where it may not be seen."""

    pid: int
    uid: int | None = None
    """The effective one."""
    nice: int | None = None
    cwd: str | None = None
    """Hostile: a folder's name."""
    limits: Mapping[str, str] = field(default_factory=dict)
    """As /proc/PID/limits words them: `Max open files` -> `1024 4096 files`. Hostile."""
    rss_bytes: int | None = None
    cpu_seconds: float | None = None
    """Since it began."""
    started_at: float | None = None
    """Epoch seconds on the node's clock."""
    seen_at: float = 0.0
    """Monotonic seconds."""
    errors: tuple[str, ...] = ()
    """What may not be read, and why. Sanitised."""


def differences(before: ProcessLook, after: ProcessLook) -> tuple[str, ...]:
    """What the new process has not as the old one had it, one sentence each; only what was seen of both."""
    found: list[str] = []
    for word, old, new in (
        ("uid", before.uid, after.uid),
        ("nice", before.nice, after.nice),
        ("working folder", before.cwd, after.cwd),
    ):
        if old is not None and new is not None and old != new:
            found.append(f"{word} was {old}, is {new}")
    for name, old_limit in before.limits.items():
        new_limit = after.limits.get(name)
        if new_limit is not None and new_limit != old_limit:
            found.append(f"limit {name!r} was {old_limit}, is {new_limit}")
    return tuple(visible_line(sentence, 200) for sentence in found)
