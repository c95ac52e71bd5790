"""Settings as daemons' files have them: `key: value` of YAML, nested too, or older lines of `key = value`."""

from __future__ import annotations

import re

_ENTRY = re.compile(r"^(\s*)([\w.]+)[ \t]*[=:](.*)$")


def entries(words: str) -> dict[str, str]:
    """Key in small letters, joined by dots where it is nested -> value without quotes; the last one counts."""
    found: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in words.splitlines():
        entry = _ENTRY.match(re.sub(r"(^|\s)#.*", "", line))
        if entry is None:
            continue
        depth, key, value = len(entry[1]), entry[2].lower(), entry[3].strip().strip("'\"")
        above = [(one, name) for one, name in above if one < depth]
        found[".".join([*(name for _, name in above), key])] = value
        above.append((depth, key))
    return found
