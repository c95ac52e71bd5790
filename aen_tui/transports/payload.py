"""What is sent to a node: the probe's joined source, the bootstrap that reads it, and the line that starts both.

The line is given by sshd to the login shell, whatever that is: so it holds no newline, no backslash
and no exclamation mark, which sh, bash, zsh, csh and fish do not quote alike.
"""

from __future__ import annotations

import ast
import asyncio
import hashlib
import io
import re
import threading
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from aen_tui import __version__, probe
from aen_tui.config.remembered import remembered
from aen_tui.errors import AenError
from aen_tui.model.command import shell_line
from aen_tui.probe import errands

NO_PYTHON = b"AEN-TUI-NO-PYTHON"
"""What the line prints, with exit status 97, where no interpreter will do."""
NO_PYTHON_STATUS = 97
REFUSED_STATUS = 98
"""Exit status of the bootstrap when what it read is not the source it was told to run."""
READY = b"AEN-TUI-READY"
"""What a raw pty says, followed by a newline, before the source may be sent."""
NAME = "aen-tui-probe"
_JOINING = threading.Lock()
SHARED = "_shared"
"""The file of the errands that goes before each of them."""

BOOTSTRAP = (
    "import sys;sys.path[:]=[p for p in sys.path if p];import os;"
    # hashlib loads libcrypto, 4 MB; these are what it falls back to
    'M=[m for m in("_sha2","_sha256")if any([f.find_spec(m)for f in sys.meta_path])]+["hashlib"];'
    "SHA=__import__(M[0]).sha256;E=bytes(bytearray());L=[];"
    "n=E.join(iter(lambda:os.read(0,1)or sys.exit(98),bytes(bytearray([10])))).strip();"
    "n=int(n.isdigit()and n or sys.exit(98));0<n<1<<20 or sys.exit(98);"
    "list(iter(lambda:n-sum(map(len,L))and(L.append(os.read(0,n-sum(map(len,L)))or sys.exit(98))or 1),0));"
    "L=E.join(L);SHA(L).hexdigest()==sys.argv[3]or sys.exit(98);"
    # part by part: the compiler's peak is what the process keeps
    'C=[compile(p,sys.argv[1],"exec")for p in L.split(bytes(bytearray([12])))];L=E;[eval(c,globals())for c in C]'
)
"""The program given to the interpreter with `-c`: reads a decimal byte count and a newline from descriptor 0,
then that many bytes, and runs them when their SHA-256 is the one in its arguments; else exits with 98."""

_WORKS = "import sys,select,struct,fcntl,resource;sys.version_info>=(2,6)or sys.exit(1)"
_START = '-E -s -S -u -c "$1" ' + NAME + ' "$2" "$3"'
_LOGIN = (
    "cd /; umask 077; LC_ALL=C; export LC_ALL; "
    "for p in {first}python3 python /usr/libexec/platform-python /opt/wakari/*/bin/python python2; do "
    'p=$(command -v "$p" 2>/dev/null) || continue; "$p" -E -s -S -c "$4" >/dev/null 2>&1 || continue; '
    '{pty}exec nice -n 10 "$p" ' + _START + "; done; "
    "echo " + NO_PYTHON.decode() + "; exit 97"
)
# As another user: only an interpreter that root owns and nobody else may write to, nor to any folder above it.
_SUDO = (
    "cd /; umask 077; "
    "for p in {first}/usr/bin/python3 /usr/libexec/platform-python /usr/bin/python /usr/bin/python2; do "
    'p=$(readlink -f "$p") || continue; d=$p; '
    'while :; do [ -n "$(find "$d" -maxdepth 0 -user 0 -not -perm /022 2>/dev/null)" ] || continue 2; '
    '[ "$d" = / ] && break; d=$(dirname "$d"); done; '
    '"$p" -E -s -S -c "$4" >/dev/null 2>&1 || continue; '
    "exec nice -n 10 /usr/bin/sudo -n -u {user} /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "
    "{pty}" + '"$p" ' + _START + " sudo; done; "
    "echo " + NO_PYTHON.decode() + "; exit 97"
)
_RAW = "stty raw -echo; echo " + READY.decode() + "; "
# Inside sudo, which may have made a pty of its own (use_pty).
_RAW_INSIDE = shell_line(["/bin/sh", "-c", _RAW + 'exec "$0" "$@"']) + " "


@cache
def probe_source() -> bytes:
    """The probe as one ASCII source, without comments, docstrings and needless blanks; a form feed between parts."""
    return _joined()[0]


async def probe_joined() -> None:
    """Have the probe's source ready: the first start of a version strips it for a fifth of a second, in a thread."""
    if not _joined.cache_info().currsize:
        await asyncio.to_thread(_join_once)


def _join_once() -> None:
    with _JOINING:  # many nodes come up at once, and want the same
        _joined()


def errand_names() -> list[str]:
    """The errands there are, sorted."""
    return sorted(path.name[:-3] for path in files(errands).iterdir() if _is_errand(path.name))


def errand_source(name: str) -> str:
    """An errand as the probe knows it, stripped like the probe; KeyError where there is none of that name."""
    return dict(zip(errand_names(), _joined()[1:], strict=True))[name].decode("ascii")


def _is_errand(name: str) -> bool:
    return name.endswith(".py") and not name.startswith("_")


@cache
def _joined() -> tuple[bytes, ...]:
    """The probe's source, then each errand's."""
    folder = files(probe)
    sources = [folder.joinpath(name).read_text("ascii") for name in probe.PARTS]
    extra = {name: files(errands).joinpath(f"{name}.py").read_text("ascii") for name in (SHARED, *errand_names())}
    # what the result depends on: the parts, the errands, and this file, which strips them
    depends_on = "\f".join([*sources, *extra, *extra.values(), Path(__file__).read_text("utf-8")])
    return tuple(remembered("probe", depends_on, lambda: b"\0".join(_whole(sources, extra))).split(b"\0"))


def _whole(sources: Sequence[str], extra: Mapping[str, str]) -> list[bytes]:
    shared, *own = (_strip(extra[name], name) for name in (SHARED, *errand_names()))
    stripped = {name: f"{shared}{source}".encode("ascii") for name, source in zip(errand_names(), own, strict=True)}
    known = {name: hashlib.sha256(source).hexdigest() for name, source in stripped.items()}
    parts = [_strip(source, name) for source, name in zip(sources, probe.PARTS, strict=True)]
    return ["\f".join([f"ERRANDS={known!r}\n", *parts]).encode("ascii"), *stripped.values()]


@cache
def probe_sha256() -> str:
    """SHA-256 of `probe_source()`, in hex: the only source that the bootstrap will run."""
    return hashlib.sha256(probe_source()).hexdigest()


def probe_command(python: str | None, sudo_user: str | None, raw_pty: bool) -> str:
    """The shell line that starts the bootstrap on a node.

    Args:
        python: the interpreter that the inventory names; tried first. Under sudo an absolute path.
        sudo_user: run as this user by `sudo -n`; None: as the login user.
        raw_pty: the channel has a pty: it is made raw and `READY` is printed before the bootstrap starts.

    Raises:
        ValueError: a word holds what a login shell might not leave alone.
    """
    first = shell_line([python]) + " " if python else ""
    if sudo_user is None:
        script = _LOGIN.format(first=first, pty=_RAW if raw_pty else "")
    else:
        script = _SUDO.format(first=first, user=shell_line([sudo_user]), pty=_RAW_INSIDE if raw_pty else "")
    line = "exec " + shell_line(["/bin/sh", "-c", script, "sh", BOOTSTRAP, __version__, probe_sha256(), _WORKS])
    if set(line) & set("\n\\!") or not line.isascii():
        raise ValueError("the interpreter's path or the user's name holds a character that shells do not quote alike")
    return line


def _strip(source: str, name: str) -> str:
    """A part without comments, docstrings, blank lines, blanks between words, and the None that `return` gives anyway.

    It is indented by one space a level.
    """
    lines = source.splitlines()
    dropped = _docstring_lines(ast.parse(source, name))
    kept: list[str] = []
    line = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        row = token.start[0]
        if token.type == tokenize.NEWLINE and line:
            kept.append(line)
            line = ""
        if token.type in _UNSEEN or row in dropped:
            continue
        if row != token.end[0]:
            raise AenError(f"{name}:{row}: a string over several lines cannot be shipped")
        if not line:
            line = " " * ((len(lines[row - 1]) - len(lines[row - 1].lstrip(" "))) // 4) + token.string
        else:
            line += (" " if _stick(line[-1], token.string[0]) else "") + token.string
    return "".join(re.sub(r"\breturn None$", "return", line) + "\n" for line in _shortened(kept))


def _shortened(lines: list[str]) -> Iterator[str]:
    """A body of one simple statement stands behind its head."""
    depths = [len(line) - len(line.lstrip(" ")) for line in (*lines, "")]
    place = 0
    while place < len(lines):
        line, body = lines[place], lines[place + 1].lstrip(" ") if place + 1 < len(lines) else ""
        if (
            line.endswith(":")
            and not body.endswith(":")
            and not body.startswith("@")
            and depths[place + 2] <= depths[place]
        ):
            line += body
            place += 1
        yield line
        place += 1


_UNSEEN = frozenset(
    (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
)


def _stick(last: str, first: str) -> bool:
    """Whether two words would become one without a blank; a quote after a word would make it a prefix."""
    return (last.isalnum() or last == "_") and (first.isalnum() or first in "_\"'")


def _docstring_lines(tree: ast.Module) -> set[int]:
    """Numbers of the lines that docstrings take up; a body of nothing else is refused."""
    rows: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) or ast.get_docstring(node) is None:
            continue
        if len(node.body) == 1 and not isinstance(node, ast.Module):
            raise AenError(f"line {node.lineno}: {node.name} is nothing but a docstring")
        first = node.body[0]
        rows.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return rows
