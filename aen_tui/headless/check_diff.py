"""`aen-tui check --diff`: what got worse and what got better since an earlier `check --json`."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from aen_tui.errors import AenError
from aen_tui.headless.document import SCHEMA
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line

_UNIT = r"(?:\s?(?:[KMGTP]i?B|bytes|%|ms|s|seconds?|min|minutes?|h|hours?|days?)(?!\w))?"
_FIGURE = re.compile(rf"(?<![\w/.-])(?<!port )\d+(?:[.,:]\d+)*{_UNIT}(?![\w/])")
"""A number that may be another one a minute later; not a part of a name, nor a port, which is one."""
_FIGURES = re.compile(r"#(?:,? #)+")


class _Said(NamedTuple):
    """A finding, as far as it is the same one at another time."""

    severity: Severity
    sense: str
    """Its words without figures."""


_Known = dict[str, list[tuple[_Said, str]]]
"""Check -> what it says, with the words as they are."""


def earlier_document(file: Path) -> dict[str, Any]:
    """What `check --json` once wrote.

    Raises:
        AenError: it cannot be read, or is something else.
    """
    try:
        document = json.loads(file.read_bytes())
        if document["schema"] != SCHEMA:
            raise AenError(f"{file} has schema {document['schema']!r}, wanted is {SCHEMA}")
        _known(document)
    except OSError as error:
        raise AenError(f"{file}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise AenError(f"{file} is not what `aen-tui check --json` writes") from None
    return dict(document)


def _known(document: Mapping[str, Any]) -> dict[str, _Known]:
    return {str(node["name"]): _by_check(node) for node in document["nodes"]}


def _by_check(node: Mapping[str, Any]) -> _Known:
    found: _Known = {}
    for one in node["findings"]:
        words = str(one["message"])
        sense = _FIGURES.sub("#", _FIGURE.sub("#", words))
        found.setdefault(str(one["check"]), []).append((_Said(Severity[str(one["severity"]).upper()], sense), words))
    return found


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Node by node what is told that was not, and what no longer; nodes that are in one document only are named.

    Of a check whose worst severity changed, that is told first; then each finding that came or went beside it.
    """
    old, new = _known(before), _known(after)
    yield f"{after['cluster']}  {after['severity'].upper()}  {before['at']} -> {after['at']}"
    for name in dict.fromkeys((*old, *new)):
        if name not in old or name not in new:
            yield f"{visible_line(name)}: only {'now' if name in new else 'before'}"
            continue
        for check in dict.fromkeys((*new[name], *old[name])):
            for line in _changes(old[name].get(check, []), new[name].get(check, [])):
                yield f"{visible_line(name)}  {visible_line(check)}: {line}"


def _changes(old: list[tuple[_Said, str]], new: list[tuple[_Said, str]]) -> Iterator[str]:
    came, went = _beyond(new, old), _beyond(old, new)
    was, is_now = _worst(old), _worst(new)
    if was is not is_now:
        told = ((came, is_now), (new, is_now), (old, was))
        head = next(one for found, wanted in told for one in found if one[0].severity is wanted)
        yield f"{_word(was)} -> {_word(is_now)}: {visible_line(head[1])}"
        came = [one for one in came if one is not head]
        # what was worse than anything that is left has gone with it
        went = [one for one in went if is_now is not None and Severity.OK < one[0].severity <= is_now]
    for prefix, found in (("also", came), ("no longer", went)):
        for said, words in found:
            if said.severity is not Severity.OK:
                yield f"{prefix} {said.severity.word}: {visible_line(words)}"


def _beyond(these: list[tuple[_Said, str]], those: list[tuple[_Said, str]]) -> list[tuple[_Said, str]]:
    """What is in these more often than in those."""
    left, found = Counter(said for said, _ in those), []
    for one in these:
        left[one[0]] -= 1
        if left[one[0]] < 0:
            found.append(one)
    return found


def _worst(found: list[tuple[_Said, str]]) -> Severity | None:
    return max((said.severity for said, _ in found), default=None)


def _word(severity: Severity | None) -> str:
    return "not looked at" if severity is None else severity.word
