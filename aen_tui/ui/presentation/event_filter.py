"""Filters over events, as they are typed: `severity:critical node:compute1-[1-5] !restart disk`. Pure.

Words are joined by *and*; `!` before a word turns it round. `kind:`, `severity:` (or worse), `node:` (a node set, or
how names begin where no node is called so) and `check:` look at one thing, any other word at all that the row shows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache

from aen_tui.config.nodesets import expand, fold
from aen_tui.errors import AenError
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.state.event_row import EventRow

Test = Callable[[EventRow], bool]


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What somebody typed, and what it wants."""

    text: str
    tests: tuple[Test, ...]

    def __call__(self, row: EventRow) -> bool:
        """Whether a row is shown."""
        return all(test(row) for test in self.tests)


def parse_filter(text: str, known: Collection[NodeName]) -> EventFilter:
    """A filter of words; what is half typed filters as far as it goes.

    Args:
        text: the words.
        known: every node there is: compute1-1 is not the beginning of compute1-10.
    """
    return EventFilter(text.strip(), tuple(_test(word, known) for word in text.split()))


def _test(word: str, known: Collection[NodeName]) -> Test:
    if word.startswith("!") and len(word) > 1:
        inner = _test(word[1:], known)
        return lambda row: not inner(row)
    field, colon, value = word.lower().partition(":")
    if colon and value:
        if field == "kind":
            return lambda row: row.event.kind.startswith(value)
        if field == "check":
            return lambda row: value in (row.event.check or "")
        if field == "severity":
            return _severity(value)
        if field == "node":
            return _nodes(word[len("node:") :], known)
    plain = word.lower()
    return lambda row: plain in search_text(row)


def _severity(value: str) -> Test:
    if "planned".startswith(value):
        return lambda row: row.event.is_planned
    least = next((one for one in Severity if one.word.startswith(value)), None)
    if least is None:
        return lambda _row: False
    return lambda row: row.event.severity >= least and not row.event.is_planned


def _nodes(value: str, known: Collection[NodeName]) -> Test:
    try:
        names = frozenset(expand(value))
    except AenError:
        names = frozenset()
    if names.isdisjoint(known):
        return lambda row: any(name in names or name.startswith(value) for name in row.nodes)
    return lambda row: not names.isdisjoint(row.nodes)


def search_text(row: EventRow) -> str:
    """All of a row that a plain word may stand in, in small letters."""
    event = row.event
    words = (word_of(row), event.kind, event.check or "", node_set(tuple(row.nodes)), *row.nodes, event.text, row.words)
    return " ".join(words).lower()


def word_of(row: EventRow) -> str:
    """`critical`, or `planned`."""
    return "planned" if row.event.is_planned else row.event.severity.word


@cache
def _folded(names: tuple[str, ...]) -> str:
    return fold(names)


def node_set(names: Sequence[str]) -> str:
    """`compute1-[1-25]`; empty where there are none."""
    if len(names) < 2:
        return "".join(names)
    if _folded.cache_info().currsize > 2000:
        _folded.cache_clear()
    return _folded(tuple(names))
