"""Files in ssh_config(5) syntax as keyword lines: quoting, comments, Include globs, owner and mode.

What the lines mean for a host is `ssh_config.py`.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aen_tui.errors import ConfigError

_FILE_LIMIT_BYTES = 4 * 1024 * 1024

Signature = tuple[int, int, int, int]
"""Device, inode, size and mtime (ns): a file with the same one is taken as unchanged."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file."""

    file: Path
    number: int
    keyword: str
    """In lower case."""
    shown: str
    """The keyword as the user wrote it."""
    args: tuple[str, ...]
    rest: str
    """What follows the keyword, as it stands: ProxyCommand and Match exec go to a shell unsplit."""

    def error(self, message: str, *, hint: str | None = None) -> ConfigError:
        """A ConfigError that names this line."""
        return ConfigError(message, file=str(self.file), key=f"line {self.number}, {self.shown}", hint=hint)


def signature(path: Path) -> Signature | None:
    """What identifies a file's content without reading it; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def refuse_writable_by_others(path: Path, status: os.stat_result) -> None:
    """Who can write the file decides which command runs and which host is trusted.

    Raises:
        ConfigError: owned by neither root nor us, or writable by group or others.
    """
    if status.st_uid not in (0, os.getuid()):
        raise ConfigError(
            f"is owned by uid {status.st_uid}, neither by root nor by you",
            file=str(path),
            hint="take it over with chown, or name another file",
        )
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ConfigError("can be written by others", file=str(path), hint=f"chmod go-w {path}")


def read_lines(path: Path) -> tuple[Line, ...]:
    """The keyword lines of a file; empty where there is no such file.

    Raises:
        ConfigError: writable by others, not readable, not text, or a quote that is not closed.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return ()
            refuse_writable_by_others(path, status)
            text = file.read(_FILE_LIMIT_BYTES).decode("utf-8", "surrogateescape")
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(path)) from error
    return tuple(_parse(path, text))


def _parse(path: Path, text: str) -> Iterator[Line]:
    for number, raw in enumerate(text.split("\n"), 1):
        body = raw.strip(" \t\r\f")
        if not body or body.startswith("#"):
            continue
        end = next((i for i, char in enumerate(body) if char in " \t="), len(body))
        shown = body[:end].strip('"')
        rest = body[end:].lstrip(" \t")
        if rest.startswith("="):
            rest = rest[1:].lstrip(" \t")
        line = Line(path, number, shown.lower(), shown, (), rest)
        args = split_words(rest)
        if args is None:
            raise line.error("a quote is not closed")
        yield Line(path, number, shown.lower(), shown, args, rest)


def split_words(text: str) -> tuple[str, ...] | None:
    """Words as OpenSSH splits them: both quotes, backslash before quotes, backslash and blank; `#` ends.

    None where a quote is not closed.
    """
    words: list[str] = []
    word: list[str] | None = None
    quote = ""
    i = 0
    while i < len(text):
        char = text[i]
        if char == "\\" and i + 1 < len(text) and text[i + 1] in ("'", '"', "\\", *(() if quote else (" ",))):
            word = word or []
            word.append(text[i + 1])
            i += 1
        elif quote:
            if char == quote:
                quote = ""
            else:
                word = word or []
                word.append(char)
        elif char in "\"'":
            quote = char
            word = word or []
        elif char in " \t":
            if word is not None:
                words.append("".join(word))
                word = None
        elif char == "#" and word is None:
            break
        else:
            word = word or []
            word.append(char)
        i += 1
    if quote:
        return None
    if word is not None:
        words.append("".join(word))
    return tuple(words)


def included(pattern: str, base: Path) -> list[Path]:
    """The files that an Include names, in the order of their names as glob(3) gives them.

    Args:
        pattern: one argument of Include, tokens expanded.
        base: folder for relative names: ~/.ssh, or /etc/ssh for the system's files.
    """
    path = Path(pattern).expanduser()
    if not path.is_absolute():
        path = base / path
    return [Path(name) for name in sorted(glob.glob(str(path)))]  # noqa: PTH207 (Path.glob takes hidden files too)
