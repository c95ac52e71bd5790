"""Where files live (XDG), and which files of the user are trusted."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from platformdirs import PlatformDirs

from aen_tui.errors import ConfigError

_DIRS = PlatformDirs("aen-tui", appauthor=False)


def config_folder() -> Path:
    """`$XDG_CONFIG_HOME/aen-tui`."""
    return Path(_DIRS.user_config_dir)


def state_folder() -> Path:
    """`$XDG_STATE_HOME/aen-tui`: audit, cursors, the program's own log."""
    return Path(_DIRS.user_state_dir)


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/aen-tui`: what can be worked out again."""
    return Path(_DIRS.user_cache_dir)


def inventory_file() -> Path:
    """The inventory that is used when none is named."""
    return config_folder() / "inventory.toml"


def make_private_folder(folder: Path) -> Path:
    """Create a folder with mode 0700 where it is missing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_private(file: Path, data: bytes, *, synced: bool = True) -> None:
    """Write a file of mode 0600 anew, all of it or nothing: whoever reads meanwhile has the old one or the new one.

    Args:
        file: its folder is made with mode 0700 where it is missing.
        data: all that it is to hold.
        synced: it is on the disk when this returns, so a crash of the machine leaves one of the two, too. Blocks for
            the disk, so call it in a thread.

    Raises:
        OSError: it could not be written; the old one is as it was.
    """
    make_private_folder(file.parent)
    beside = file.with_name(f"{file.name}.{os.urandom(4).hex()}.new")
    try:
        opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(opened, "wb") as writing:
            writing.write(data)
            if synced:
                writing.flush()
                os.fsync(writing.fileno())
        beside.replace(file)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    if synced:
        fsync_folder(file.parent)


def fsync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk.

    Raises:
        OSError: the disk refused.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def refuse_if_writable_by_others(file: Path) -> None:
    """A file that somebody else can write decides nothing here (as OpenSSH treats its config).

    Raises:
        ConfigError: the file is writable by group or world, or owned by neither root nor this user.
    """
    info = file.stat()
    if info.st_uid not in (0, os.geteuid()):
        raise ConfigError("belongs to another user", file=str(file), hint="use a file of your own")
    if info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ConfigError("is writable by others", file=str(file), hint=f"chmod go-w {file}")
