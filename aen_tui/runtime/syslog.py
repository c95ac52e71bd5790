"""The audit's second witness: a line a record to this machine's syslog, and what syslog kept of them.

Written straight to the socket and not through `logging`: whether it was taken decides whether an action
may go on without the file, and `SysLogHandler` swallows that.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

IDENTIFIER = "aen-tui"
SOCKET = Path("/dev/log")
FILES = tuple(Path("/var/log") / name for name in ("auth.log", "secure", "syslog", "messages"))
"""Where syslog daemons keep facility authpriv, or everything; each with its rotated `.1`."""

_AUTHPRIV_INFO = 10 * 8 + 6
_SEND_SECONDS = 0.5
_JOURNAL_SECONDS = 20.0
_LINE = re.compile(
    rf"{IDENTIFIER}(?:\[\d+\])?: audit(?P<only>-only)? hash=(?P<hash>[0-9a-f]{{64}}) at=(?P<at>\S+) "
    r"kind=(?P<kind>\S*) id=(?P<id>\S*) uid=(?P<uid>\d+) file=(?P<file>\S+)"
)


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What syslog keeps of one record."""

    hash: str
    at: str
    kind: str
    id: str
    uid: int
    file: str
    is_only: bool
    """Whether the record stands in syslog alone (`SYSLOG-ONLY`)."""


@dataclass(frozen=True, slots=True)
class Testimony:
    """What was found in syslog."""

    lines: tuple[Witnessed, ...]
    where: str
    """`the journal`, or the files' names; why there is nothing where nothing could be read."""
    could_read: bool


class Syslog:
    """Sends to a syslog socket, a datagram a line; a stream where the daemon listens on one.

    Args:
        path: the socket.
    """

    def __init__(self, path: Path = SOCKET) -> None:
        self._path = path

    def connect(self) -> socket.socket | None:
        """A connection; None where nobody listens."""
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            made = socket.socket(socket.AF_UNIX, kind)
            try:
                made.settimeout(_SEND_SECONDS)
                made.connect(str(self._path))
            except OSError:
                made.close()
            else:
                return made
        return None

    def send(self, to: socket.socket, text: str, wall: float) -> bool:
        """Send one line; whether the daemon's socket took it.

        Args:
            to: what `connect` gave.
            text: ASCII, one line.
            wall: epoch seconds, for the line's own time.
        """
        stamp = time.strftime("%b %e %H:%M:%S", time.localtime(wall))
        line = f"<{_AUTHPRIV_INFO}>{stamp} {IDENTIFIER}[{os.getpid()}]: {text}".encode("ascii", "backslashreplace")
        try:
            to.sendall(line + (b"\n" if to.type == socket.SOCK_STREAM else b""))
        except OSError:
            return False
        return True

    @property
    def is_there(self) -> bool:
        """Whether somebody listens."""
        made = self.connect()
        if made is not None:
            made.close()
        return made is not None


def witness_text(hash_: str, at: str, kind: str, id_: str, uid: int, file: Path, *, only: str = "") -> str:
    """The line for a record; `only` is the whole record as JSON where syslog alone holds it."""
    words = f"hash={hash_} at={at} kind={kind} id={id_} uid={uid} file={_word(str(file))}"
    return f"audit-only {words} {only}" if only else f"audit {words}"


def file_word(file: Path) -> str:
    """A file's name as it stands in a line."""
    return _word(str(file))


def read_syslog(files: Sequence[Path] = FILES, journalctl: str | None = "journalctl") -> Testimony:
    """Every line of ours that this user may read; blocks, so call it in a thread."""
    found = list(_journal(journalctl)) if journalctl else []
    if found:
        return Testimony(tuple(found), "the journal", could_read=True)
    seen: dict[Witnessed, None] = {}
    used: list[str] = []
    for file in files:
        for one in (file.with_name(file.name + ".1"), file):
            try:
                with one.open(encoding="ascii", errors="replace") as lines:
                    seen |= dict.fromkeys(_parsed(lines))
            except OSError:
                continue
            used.append(str(one))
    if not seen:
        why = (
            f"{', '.join(used)} and the journal hold no line of {IDENTIFIER}" if used else "no syslog may be read here"
        )
        return Testimony((), why, could_read=False)
    return Testimony(tuple(seen), ", ".join(used), could_read=True)


def _journal(command: str) -> Iterator[Witnessed]:
    path = shutil.which(command)
    if path is None:
        return
    argv = [path, "-t", IDENTIFIER, "-o", "json", "--no-pager", "-q"]
    try:
        done = subprocess.run(
            argv, capture_output=True, check=False, timeout=_JOURNAL_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    for line in done.stdout.splitlines():
        try:
            fields = json.loads(line)
        except ValueError:
            continue
        text = fields.get("MESSAGE")
        if not isinstance(text, str):
            continue
        # the journal's own word for the sender's uid: what another user sends in our name does not count
        yield from (
            one for one in _parsed([f"{IDENTIFIER}: {text}"]) if fields.get("_UID", str(one.uid)) == str(one.uid)
        )


def _parsed(lines: Iterable[str]) -> Iterator[Witnessed]:
    for line in lines:
        if (match := _LINE.search(line)) is not None:
            yield Witnessed(
                match["hash"],
                match["at"],
                match["kind"],
                match["id"],
                int(match["uid"]),
                match["file"],
                bool(match["only"]),
            )


def _word(text: str) -> str:
    """A path as one ASCII word."""
    return "".join(char if "!" <= char <= "~" and char != "%" else f"%{ord(char):X}" for char in text)
