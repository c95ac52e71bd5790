"""What takes long to work out and follows from a text alone, kept in the cache folder between runs."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from aen_tui import __version__
from aen_tui.config.paths import cache_folder, make_private_folder, write_private


def remembered(name: str, text: str, work: Callable[[], bytes]) -> bytes:
    """The result of some work on a text; worked out where it is not in the cache, or the cache is not ours alone.

    Args:
        name: what it is, for the file's name; a file of another text replaces none, it is removed.
        text: all that the result depends on, beside this program's version.
        work: makes the result.
    """
    key = hashlib.sha256(f"{__version__}\0{text}".encode()).hexdigest()[:32]
    file = cache_folder() / f"{name}-{key}"
    found = _read(file)
    if found is None:
        found = work()
        with suppress(OSError):
            _write(file, found, name)
    return found


def _read(file: Path) -> bytes | None:
    """What the file holds; None unless it and its folder belong to this user and nobody else may write there."""
    try:
        for path in (file.parent, file):
            info = path.lstat()
            if info.st_uid != os.geteuid() or info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return None
        data = file.read_bytes()
    except OSError:
        return None
    digest, _, content = data.partition(b"\n")
    return content if hashlib.sha256(content).hexdigest().encode() == digest else None


def _write(file: Path, content: bytes, name: str) -> None:
    make_private_folder(file.parent)
    for old in file.parent.glob(f"{name}-*"):
        old.unlink(missing_ok=True)
    write_private(file, hashlib.sha256(content).hexdigest().encode() + b"\n" + content, synced=False)
