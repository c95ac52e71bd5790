"""The messages that this installation has said before, over restarts: `templates-NAME.json`, hashes only, 0600.

A file that is broken, not ours or too large is told of, moved aside and begun anew; it never stops
the program. Two dashboards of one user join what they know when they write.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path

import msgspec

from aen_tui.config.paths import state_folder, write_private
from aen_tui.errors import TemplateFileError
from aen_tui.state.known_templates import KnownTemplates

LIMIT_BYTES = 4 * 1024 * 1024
"""No file of ours is as large."""
_ODD = re.compile(r"[^A-Za-z0-9_.-]")


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    learned_seconds: float
    learned_at: float | None
    known: dict[str, tuple[float, float]]
    """Digest -> epoch seconds of the first and of the last time."""


def template_path(installation: str) -> Path:
    """The file of an installation; names that are no file names are told apart by a hash."""
    plain = _ODD.sub("_", installation)[:60]
    if plain != installation or plain.startswith("."):
        plain += "-" + hashlib.sha256(installation.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return state_folder() / f"templates-{plain}.json"


def read_templates(path: Path) -> KnownTemplates:
    """What was written; nothing where there is no file.

    Raises:
        TemplateFileError: it is there and cannot be used.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return KnownTemplates()
    except OSError as error:
        raise TemplateFileError(f"{path} cannot be read: {error.strerror}") from error
    try:
        info = os.fstat(file)
        if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid():
            raise TemplateFileError(f"{path} is not a file of this user")
        data = os.read(file, LIMIT_BYTES + 1) if info.st_size <= LIMIT_BYTES else b" " * (LIMIT_BYTES + 1)
        if len(data) > LIMIT_BYTES:
            raise TemplateFileError(f"{path} is larger than any that was written")
        written = msgspec.json.decode(data, type=_Written)
    except OSError as error:
        raise TemplateFileError(f"{path} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise TemplateFileError(f"{path} is broken: {error}") from error
    finally:
        os.close(file)
    if written.version != 1:
        raise TemplateFileError(f"{path} was written by another version ({written.version})")
    return KnownTemplates(written.known, learned_seconds=written.learned_seconds, learned_at=written.learned_at)


def set_aside(path: Path) -> Path | None:
    """Move a file that cannot be used out of the way; where it is then, None where that failed."""
    aside = path.with_suffix(".json.broken")
    try:
        path.replace(aside)
    except OSError:
        return None
    return aside


def write_templates(path: Path, known: KnownTemplates) -> None:
    """Write all of it or nothing, joined with what another dashboard wrote; blocks for the disk.

    Args:
        path: the file.
        known: what to write; it is not changed. Give a copy where the call is made in a thread.

    Raises:
        TemplateFileError: it could not be written; the file is as it was.
    """
    joined = known.copy()
    try:
        joined.join(read_templates(path))
    except TemplateFileError:
        set_aside(path)
    data = msgspec.json.encode(_Written(1, joined.learned_seconds, joined.learned_at, dict(joined.items())))
    try:
        write_private(path, data)
    except OSError as error:
        raise TemplateFileError(f"{path} cannot be written: {error.strerror}") from error
