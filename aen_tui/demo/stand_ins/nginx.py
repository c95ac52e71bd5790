"""Stands in for nginx 1.6 as people call it: `-v` says the version, `-t` tests the configuration.

Usage: nginx ROOT -v | -t [-q]. What is tested is how the files are written, from nginx.conf on and with what they
include: blocks and semicolons, not what directives mean. Standard library only.
"""
# ruff: noqa: PTH110, PTH118, PTH120, PTH123, PTH207

from __future__ import annotations

import glob
import os
import re
import sys

VERSION = "nginx version: nginx/1.6.2"
MAIN = "/etc/nginx/nginx.conf"
TOKEN = re.compile(r"""\s+|\#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]|(?:\\.|[^\s{};"'\\])+""", re.DOTALL)


def wrong(root: str, shown: str, seen: frozenset[str] = frozenset()) -> str | None:
    """What is wrong with a configuration file or one that it includes, in nginx's words; None where nothing is."""
    try:
        with open(root + shown, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError as error:
        return f'open() "{shown}" failed ({error.errno}: {error.strerror})'
    words: list[str] = []
    depth = at = 0
    while found := TOKEN.match(text, at):
        mark, at = found.group(), found.end()
        here = f"in {shown}:{text.count(chr(10), 0, at) + 1}"
        if mark.isspace() or mark.startswith("#"):
            continue
        if mark not in ("{", "}", ";"):
            words.append(mark)
            continue
        if (mark == "}") == bool(words) or (mark == "}" and not depth):
            return f'unexpected "{mark}" {here}'
        depth += {"{": 1, "}": -1, ";": 0}[mark]
        if (
            mark == ";"
            and words[0] == "include"
            and (why := wrong_in_included(root, words[-1].strip("\"'"), seen | {shown}, here))
        ):
            return why
        words = []
    if at < len(text) or words or depth:
        wanted = '";" or "}"' if words or at < len(text) else '"}"'
        return f"unexpected end of file, expecting {wanted} in {shown}:{text.count(chr(10)) + 1}"
    return None


def wrong_in_included(root: str, pattern: str, seen: frozenset[str], here: str) -> str | None:
    """The same for what `include` names; a pattern may match nothing, a file must be there."""
    path = root + os.path.join(os.path.dirname(MAIN), pattern)
    if not glob.has_magic(pattern) and not os.path.exists(path):
        return f'open() "{path[len(root) :]}" failed (2: No such file or directory) {here}'
    names = [found[len(root) :] for found in (sorted(glob.glob(path)) if glob.has_magic(pattern) else [path])]
    return next((why for name in names if name not in seen and (why := wrong(root, name, seen))), None)


def main() -> int:
    """Answer as nginx does, on standard error."""
    root, options = sys.argv[1], sys.argv[2:]
    if "-v" in options:
        sys.stderr.write(f"{VERSION}\n")
        return 0
    if "-t" not in options:
        sys.stderr.write("nginx: in the demo `service nginx start` starts it\n")
        return 1
    why = wrong(root, MAIN)
    if why is not None:
        sys.stderr.write(f"nginx: [emerg] {why}\nnginx: configuration file {MAIN} test failed\n")
        return 1
    if "-q" not in options:
        sys.stderr.write(f"nginx: the configuration file {MAIN} syntax is ok\n")
        sys.stderr.write(f"nginx: configuration file {MAIN} test is successful\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
