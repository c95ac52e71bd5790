"""Who runs this program: what the kernel says, and beside it what the environment only claims."""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aen_tui.model.text import visible_line

_LOGIN_UID = Path("/proc/self/loginuid")
_NOBODY_LOGGED_IN = 4_294_967_295
_CLAIM_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Identity:
    """The person behind a record."""

    user: str
    """The name of the real uid; the number where it has none."""
    uid: int
    login_uid: int | None
    """Set by the kernel at login and kept by su and sudo; None where nobody has logged in."""
    claimed: Mapping[str, str]
    """`sudo_user`, `ssh` (address, port, port), `tty`: whatever this process was told; anybody can set it."""


def identity(environment: Mapping[str, str] = os.environ, login_uid_file: Path = _LOGIN_UID) -> Identity:
    """Who runs this process."""
    claims = {
        "sudo_user": environment.get("SUDO_USER"),
        "ssh": environment.get("SSH_CONNECTION"),
        "tty": environment.get("SSH_TTY") or _tty(),
    }
    claimed = {key: visible_line(value, _CLAIM_CHARACTERS) for key, value in claims.items() if value}
    return Identity(user_name(os.getuid()), os.getuid(), _login_uid(login_uid_file), claimed)


def user_name(uid: int) -> str:
    """The name of a user; the number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _login_uid(file: Path) -> int | None:
    try:
        number = int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if number == _NOBODY_LOGGED_IN else number


def _tty() -> str | None:
    for stream in (sys.__stdin__, sys.__stderr__, sys.__stdout__):
        try:
            if stream is not None:
                return os.ttyname(stream.fileno())
        except (OSError, ValueError):
            continue
    return None
