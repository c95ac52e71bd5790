"""Patterns, tokens and variables of ssh_config(5)."""

from __future__ import annotations

import getpass
import hashlib
import os
import pwd
import re
import socket
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from aen_tui.transports.ssh_lines import Line

_TOKEN = re.compile(r"%(.?)", re.DOTALL)
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def local_user() -> str:
    """The user that runs the program, as OpenSSH sees it: by uid, whatever the environment says."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return getpass.getuser()


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"([*?])", pattern)
    return re.compile("".join({"*": ".*", "?": "."}.get(part) or re.escape(part) for part in parts), re.DOTALL)


def matches(text: str, patterns: Iterable[str], *, ignore_case: bool) -> bool:
    """Whether a text matches a pattern list: `*`, `?`, `!` negates, a negated match decides.

    Args:
        text: host, user…
        patterns: one pattern each.
        ignore_case: for host names, except in `Host` lines.
    """
    found = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        body = pattern[1:] if negated else pattern
        if ignore_case:
            text, body = text.lower(), body.lower()
        if body and _compiled(body).fullmatch(text):
            if negated:
                return False
            found = True
    return found


def host_tokens(*, host: str, hostname: str, port: int, user: str, alias: str, jump: str) -> dict[str, str]:
    """The tokens that a host gives."""
    local = socket.gethostname()
    return {
        "%": "%",
        "C": hashlib.sha1(f"{local}{hostname}{port}{user}{jump}".encode(), usedforsecurity=False).hexdigest(),
        "d": str(Path.home()),
        "h": hostname,
        "i": str(os.getuid()),
        "j": jump,
        "k": alias or host,
        "L": local.split(".")[0],
        "l": local,
        "n": host,
        "p": str(port),
        "r": user,
        "u": local_user(),
    }


def expand(text: str, tokens: Mapping[str, str], line: Line) -> str:
    """A value with its `%` tokens replaced.

    Raises:
        ConfigError: a token that is not known here.
    """

    def replaced(found: re.Match[str]) -> str:
        token = found.group(1)
        if token not in tokens:
            raise line.error(f"%{token} is not a token that can stand here")
        return tokens[token]

    return _TOKEN.sub(replaced, text)


def expand_path(text: str, tokens: Mapping[str, str], line: Line) -> Path:
    """A file name with `~`, tokens and `${VARIABLES}` replaced.

    Raises:
        ConfigError: an unknown token, or a variable that is not set.
    """

    def variable(found: re.Match[str]) -> str:
        value = os.environ.get(found.group(1))
        if value is None:
            raise line.error(f"the variable {found.group(1)} is not set")
        return value

    return Path(_VARIABLE.sub(variable, expand(text, tokens, line))).expanduser()
