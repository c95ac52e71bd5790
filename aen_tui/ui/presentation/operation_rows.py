"""What is in progress in MongoDB, in lines: who holds a lock and who waits longest first, the rest counted."""

from __future__ import annotations

from collections.abc import Sequence

from aen_tui.model.facts import StoreState
from aen_tui.model.stores import MongoFigures, MongoOperation
from aen_tui.ui.presentation.fields import Field
from aen_tui.ui.presentation.format import age_text
from aen_tui.ui.presentation.rows import Line, remote
from aen_tui.ui.presentation.severity import Glyphs

SLOW_SECONDS = 1.0
_LONG_SECONDS = 10.0
"""From here on it is told in another colour; the check of locks speaks from here on, too."""


def in_progress(state: StoreState | None) -> tuple[MongoOperation, ...]:
    """What has been in progress for a while: the holder of a write lock, who waits longest, the others by age.

    Nothing of one that does not answer: what it did then has ended, or nobody knows.
    """
    if state is None or state.state != "up" or not isinstance(state.figures, MongoFigures):
        return ()
    locks = state.figures.locks.value
    if locks is None or state.figures.locks.error is not None:
        return ()
    slow = sorted((one for one in locks.operations if one.seconds >= SLOW_SECONDS), key=lambda one: -one.seconds)
    holder = next((one for one in slow if one.writes and not one.waits_for_lock), None)
    waiter = next((one for one in slow if one.waits_for_lock), None)
    first = [one for one in (holder, waiter) if one is not None and waiter is not None]
    return (*first, *(one for one in slow if all(one is not other for other in first)))


def operation_lines(operations: Sequence[MongoOperation], most: int, glyphs: Glyphs) -> list[Line]:
    """A heading, an operation a line, and how many more there are; nothing where there is none.

    Args:
        operations: as `in_progress` orders them.
        most: lines for operations.
        glyphs: the theme's.
    """
    if not operations:
        return []
    waiting = sum(one.waits_for_lock for one in operations)
    left = len(operations) - most
    heading: Line = [
        (f"{len(operations)} in progress over {SLOW_SECONDS:.0f} s", "accent"),
        (f", {waiting} wait for a lock" if waiting else "", "warning"),
        (f"  +{left} more" if left > 0 else "", "muted"),
    ]
    return [heading, *(operation_line(one, glyphs) for one in operations[:most])]


def operation_line(one: MongoOperation, glyphs: Glyphs) -> Line:
    """`▲ 42s insert wakari.projects waits for a lock  127.0.0.1:5521  {…}`."""
    role = _role(one)
    sign = glyphs.warning if role == "warning" else glyphs.dot
    return [
        (f"{sign} {age_text(one.seconds):>4} ", role),
        (f"{one.kind} ", "text"),
        (f"{one.namespace} ", "text!"),
        (_does(one), role),
        (f"{one.client} ", "faint"),
        (one.text, "muted"),
    ]


def operation_fields(operations: Sequence[MongoOperation], glyphs: Glyphs) -> list[Field]:
    """All of them in full, to be read in a box."""
    if not operations:
        return [Field("", ((f"nothing has been in progress for {SLOW_SECONDS:.0f} s", "muted"),))]
    found: list[Field] = []
    for one in operations:
        line = operation_line(one, glyphs)
        sign, *words = line
        found.append(Field(sign[0].strip(), tuple(words[:3])))
        found.append(Field("", (*words[3:4], ("  ", "text"), (remote(one.text), "muted"))))
    return found


def _role(one: MongoOperation) -> str:
    return "warning" if one.waits_for_lock or one.seconds >= _LONG_SECONDS else "text"


def _does(one: MongoOperation) -> str:
    return "waits for a lock " if one.waits_for_lock else "writes " if one.writes else ""
