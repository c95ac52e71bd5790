"""Signs of trouble in system logs and kernel messages: found in bulk over bytes, in what is new, the rest is read.

Wordings: kernels 2.6.32 to 6 (mm/oom_kill.c, block/blk-core.c, fs/ext4/super.c, net/sunrpc/clnt.c,
net/netfilter/nf_conntrack_core.c); EDQUOT as libc (`Disk quota exceeded`) and Node.js say it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from aen_tui.model.text import visible_line
from aen_tui.model.trends import Kill, Sign, SignKind
from aen_tui.state.chunk import Chunk
from aen_tui.state.patterns import BytesPattern, compile_bytes

KEPT_SECONDS = 3600.0
"""How long a line is a sign after it was written."""
BUDGET_BYTES = 256 * 1024
"""What is looked at of one log at a time: half a millisecond."""
_KEPT_LINES = 200
_LINE_BYTES = 1000
_SAME_SECONDS = 5.0
"""One message in the kernel's ring and in a log of the system is one."""

_QUOTA = rb"Disk quota exceeded|EDQUOT"
_KERNEL = (
    rb"Killed process \d|I/O error|[Rr]emounting filesystem read-only|[Ff]ilesystem has been shut down"
    rb"|rejecting I/O to offline device|nfs: server|conntrack: table full"
)
QUOTA_NEEDED: BytesPattern = compile_bytes(_QUOTA)
"""What a line of any log must hold to be a sign."""
SYSTEM_NEEDED: BytesPattern = compile_bytes(_KERNEL + b"|" + _QUOTA)
"""What a line of a system log must hold."""

_HEAD = re.compile(
    rb"(?:(?:[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?|\d{4}-\d\d-\d\d[T ]\S{8,40}) "
    rb"(?:[\w.:-]{0,254}\w )?)?"
    rb"kernel: (?:\[ *\d+\.\d+\] )?"
)
"""Time, host and `kernel:` as syslog writes them (RFC 3164, 4.1, or with RFC 3339's time), or `kernel:` alone.

Nowhere else in a line: every user may have words of his own logged, and sudo logs what was typed.
"""
_NO_DISK = re.compile(r"(fd|sr)\d+")
"""Drives without a disk in them, as virtual machines have them, are asked in vain at every start."""
_RULES: tuple[tuple[SignKind, re.Pattern[bytes]], ...] = (
    (SignKind.OOM_KILL, re.compile(rb"Killed process (?P<pid>\d+)(?:, UID \d+,|:)? ?\((?P<subject>[^)]{1,64})")),
    (SignKind.IO_ERROR, re.compile(rb"I/O error[^\n]{0,40}? (?:dev|device) (?P<subject>[\w!-]{1,32})")),
    (SignKind.IO_ERROR, re.compile(rb"(?:\((?P<subject>[\w-]{1,32})\)[^\n]{0,60})?(?:I/O error|rejecting I/O)")),
    (SignKind.READ_ONLY, re.compile(rb"(?:\((?:device )?(?P<subject>[\w-]{1,32})\)[^\n]{0,60})?emounting filesystem")),
    (SignKind.READ_ONLY, re.compile(rb"(?:\((?P<subject>[\w-]{1,32})\)[^\n]{0,60})?ilesystem has been shut down")),
    (SignKind.NFS, re.compile(rb"nfs: server (?P<subject>\S{1,64}) (?:not responding|OK|ok)")),
    (SignKind.CONNTRACK, re.compile(rb"conntrack: table full")),
    (SignKind.QUOTA, re.compile(_QUOTA)),
)


class Seen(NamedTuple):
    """A line that is a sign."""

    kind: SignKind
    text: str
    """Visible."""
    subject: str
    pid: int | None = None
    """Of the process that was killed."""
    is_over: bool = False
    """Whether it says that the trouble is over."""


def classify(line: bytes, *, is_system: bool) -> Seen | None:
    """What a line is a sign of; None where of nothing.

    Args:
        line: of a log, or a message of the kernel's.
        is_system: whether it is the system's: in any other log only a quota counts.
    """
    head = _HEAD.match(line[:_LINE_BYTES])
    said = line[head.end() : _LINE_BYTES] if head else line[:_LINE_BYTES]
    for kind, pattern in _RULES:
        if kind is not SignKind.QUOTA and not (is_system and head):
            continue
        found = pattern.search(said)
        if found is not None:
            parts = found.groupdict()
            subject, pid = visible_line((parts.get("subject") or b"").decode("utf-8", "replace"), 64), parts.get("pid")
            if kind is SignKind.IO_ERROR and _NO_DISK.fullmatch(subject):
                return None
            return Seen(
                kind,
                visible_line(said.decode("utf-8", "replace"), 300),
                subject,
                int(pid) if pid else None,
                kind is SignKind.NFS and found.group().lower().endswith(b" ok"),
            )
    return None


class SignScan:
    """What was looked at of one book.

    Args:
        is_system: whether it is a log of the system's.
    """

    __slots__ = ("_is_system", "seen")

    def __init__(self, *, is_system: bool) -> None:
        self._is_system = is_system
        self.seen = 0
        """Lines before this one were looked at."""

    def look(self, chunks: Sequence[Chunk]) -> Iterator[tuple[int, Seen]]:
        """Numbers of new lines that are signs, within the budget; the next call goes on."""
        budget = BUDGET_BYTES
        needed = SYSTEM_NEEDED if self._is_system else QUOTA_NEEDED
        for chunk in chunks:
            if chunk.end_line <= self.seen:
                continue
            if budget <= 0:
                return
            first, self.seen = max(self.seen, chunk.first_line), chunk.end_line
            if chunk.seam is not None:
                continue
            budget -= chunk.size
            opened = chunk.opened()
            data, at = opened.data, opened.span(first)[0] if first > chunk.first_line else 0
            while at < len(data) and (match := needed.search(data, at)) is not None and match.start() < len(data):
                begin, end = data.rfind(b"\n", 0, match.start()) + 1, data.find(b"\n", match.start())
                end = len(data) if end < 0 else end
                seen = classify(data[begin:end], is_system=self._is_system)
                if seen is not None:
                    yield opened.line_at(begin), seen
                at = end + 1


class _Kept(NamedTuple):
    at: float
    source: str
    seen: Seen


class NodeSigns:
    """The signs of one node in the last hour."""

    def __init__(self) -> None:
        self._kept: deque[_Kept] = deque(maxlen=_KEPT_LINES)
        self._shown: tuple[Sign, ...] = ()
        self._is_new = False

    def add(self, seen: Seen, at: float, source: str) -> None:
        """Keep a log's line, written at an epoch second of the jump host; the same of another source is kept once."""
        for known in self._kept:
            if _is_same(known, seen, at) and (known.source != source or seen.kind is SignKind.OOM_KILL):
                return
        self._keep(seen, at, source)

    def add_ring(self, said: Sequence[tuple[float, Seen]], source: str) -> None:
        """Keep what is new in a ring of messages, which is read whole again and again: (epoch second, line)."""
        others = list(self._kept)
        for at, seen in said:
            same = next((known for known in others if _is_same(known, seen, at)), None)
            if same is None:
                self._keep(seen, at, source)
            elif seen.kind is not SignKind.OOM_KILL:
                others.remove(same)  # one that says the same a second later is another

    def _keep(self, seen: Seen, at: float, source: str) -> None:
        self._kept.append(_Kept(at, source, seen))
        self._is_new = True

    def shown(self, wall: float) -> tuple[Sign, ...]:
        """One of each kind; the same object while nothing is new or too old."""
        fresh = [one for one in self._kept if wall - one.at <= KEPT_SECONDS]
        if not self._is_new and len(fresh) == len(self._kept):
            return self._shown
        self._kept = deque(sorted(fresh, key=lambda one: one.at), maxlen=_KEPT_LINES)
        self._is_new = False
        shown: list[Sign] = []
        for kind in SignKind:
            over = {one.seen.subject: one.at for one in self._kept if one.seen.kind is kind and one.seen.is_over}
            lines = [
                one
                for one in self._kept
                if one.seen.kind is kind and not one.seen.is_over and one.at > over.get(one.seen.subject, 0.0)
            ]
            if lines:
                last = lines[-1]
                kills = _kills(lines) if kind is SignKind.OOM_KILL else ()
                shown.append(Sign(kind, last.seen.text, last.at, len(lines), last.source, last.seen.subject, kills))
        self._shown = tuple(shown)
        return self._shown


def _is_same(known: _Kept, seen: Seen, at: float) -> bool:
    """Whether a line is one that is known, be it of another source.

    The clock of the kernel's ring drifts from that of the logs, for hours on a machine that is long up: two that were
    killed differ in pid and sizes, so that time says nothing there.
    """
    if known.seen.text != seen.text:
        return False
    return seen.kind is SignKind.OOM_KILL or abs(known.at - at) < _SAME_SECONDS


def _kills(lines: Sequence[_Kept]) -> tuple[Kill, ...]:
    return tuple(Kill(one.at, one.seen.subject, one.seen.text, one.source) for one in lines)
