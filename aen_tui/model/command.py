"""Commands as argument lists; the one place where an argument is quoted for a shell."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass


def shell_line(argv: Sequence[str]) -> str:
    """The argument list as one line for `/bin/sh`: sshd hands a command to the login shell as text.

    Raises:
        ValueError: an argument holds a NUL byte, which no argv can carry.
    """
    if any("\0" in word for word in argv):
        raise ValueError("an argument holds a NUL byte")
    return shlex.join(argv)


def environment_of(argv: Sequence[str]) -> tuple[str, ...]:
    """What env(1) puts before a command, as `NAME=value`: sudo's refusals are read, so it is to speak English.

    env(1) runs sudo with its argv as given, whatever the login's shell and language are. `service` drops LC_ALL (its
    script on EL6 and 7: `env -i LANG=…`), so no daemon is started with it.
    """
    is_sudo = bool(argv) and argv[0].rpartition("/")[2] == "sudo"
    return ("LC_ALL=C",) if is_sudo else ()


def executed(argv: Sequence[str], environment: Sequence[str] | None = None) -> list[str]:
    """The argument list as it is given to the node.

    Args:
        argv: a plan's.
        environment: as it was recorded; `environment_of` the argv where None.
    """
    words = environment_of(argv) if environment is None else environment
    return ["env", *words, *argv] if words else list(argv)


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command on a node left behind."""

    argv: tuple[str, ...]
    """What was run."""
    exit_status: int | None
    """Exit status; None where the link was lost before it came, or a signal ended it."""
    output: str
    """Standard output and error, interleaved as they came, capped and sanitised."""
    error: str | None = None
    """Why it could not be run or awaited; None where it ran to its end."""
    refusal: str | None = None
    """Why sudo ran nothing, where that is known without reading its words."""
    took_password: bool = False
    """Whether sudo asked for a password and was content with it."""
