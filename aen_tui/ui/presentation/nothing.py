"""What will stand in a view where nothing does yet, and which keys bring it there. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from aen_tui.ui.presentation.fields import Span

Line = list[Span]

_KEY = 4
_WRITTEN_DOWN = (
    "Each step of each action is written down before it begins (who, where, the exact command, why) and what"
    " it came to. Records are chained by hashes, so one that is edited or taken out is seen."
)
_TOLD = (
    "Told here as it changes: connections, services, URLs, findings, restarts, reboots, bursts of errors in logs"
    " and, after a day of learning, new kinds of them. What was planned does not count, and what follows from"
    " another trouble is told once, under it."
)

AUDIT = (
    ("", "Nothing was changed from here yet."),
    ("", ""),
    ("", _WRITTEN_DOWN),
    ("", ""),
    ("", "`aen-tui audit` prints them all, `aen-tui audit --verify` proves them."),
)
JOBS = (
    ("", "Nothing was carried out in this run."),
    ("", ""),
    ("r", "on Fleet: a card for one service; it shows what, where and the exact command before anything runs"),
    ("R", "on Fleet: a rolling restart of the marked nodes, batch by batch, each proved before the next begins"),
    (":", "restart TARGET --rolling: the same from every view"),
    ("", ""),
    ("", "What an earlier run left unfinished stands here too, and R goes on with it."),
)
EVENTS = (("", _TOLD),)


def nothing_lines(words: Sequence[tuple[str, str]], width: int) -> list[Line]:
    """Lines of words, keys before them in a column of their own.

    Args:
        words: key and what it brings; without a key the words begin at the edge.
        width: cells.
    """
    return [line for key, text in words for line in _folded(key, text, max(20, width - 1))]


def _folded(key: str, text: str, width: int) -> Iterator[Line]:
    if not text:
        yield []
        return
    for number, line in enumerate(textwrap.wrap(text, width - (_KEY if key else 0))):
        label = f" {key if not number else '':<{_KEY}}" if key else " "
        yield [(label, "accent!"), (line, "muted")]
