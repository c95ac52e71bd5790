"""Shelf: formats of log lines. One file a format; each exports one FORMAT, found by listing this folder.

A format says where the time stands and how bad the line is. It looks at one line, at its first
bytes only; its samples are lines that it must parse, and no other format may parse them first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from aen_tui.model.log_levels import level_of_text
from aen_tui.model.logs import Level
from aen_tui.model.shelf import shelved
from aen_tui.model.timestamps import Stamp

HEAD_BYTES = 4096
"""What a format looks at of a line."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A line that a format must parse, and what it must find."""

    line: bytes
    time: str
    """ISO 8601; with a zone where the line names one. Lines without a year: the year before `SAMPLE_NEAR`'s end."""
    level: Level


SAMPLE_NEAR = 1_480_000_000.0
"""Arrival of the samples: 2016-11-24T15:06:40Z."""


class Parsed(NamedTuple):
    """What a format found in a line."""

    stamp: Stamp | None
    level: Level
    begin: int
    """Where the text of the time begins in the line."""
    end: int
    """Where it ends."""


@dataclass(frozen=True, slots=True, eq=False)
class LogFormat:
    """How lines of a kind begin."""

    name: str
    pattern: re.Pattern[bytes]
    """Matched at the begin of a line; group `time` is the text of the time."""
    stamp: Callable[[re.Match[bytes], float], Stamp | None]
    """The match and the line's arrival (epoch seconds; for lines without a year) -> when it was written."""
    level: Callable[[re.Match[bytes], bytes], Level]
    """The match and the line -> how bad it says it is."""
    samples: tuple[Sample, ...]
    rank: int = 50
    """Strict formats are tried first; the loosest last."""

    def parse(self, line: bytes, near: float) -> Parsed | None:
        """What the line says; None where it is not of this format."""
        match = self.pattern.match(line, 0, HEAD_BYTES)
        if match is None:
            return None
        stamp = self.stamp(match, near)
        if stamp is None:
            return None
        begin, end = match.span("time")
        return Parsed(stamp, self.level(match, line), begin, end)


@cache
def formats() -> tuple[LogFormat, ...]:
    """Every format of the shelf, strict ones first.

    Raises:
        TypeError: a file of the shelf exports no FORMAT.
    """
    return tuple(sorted(shelved(__name__, "FORMAT", LogFormat), key=lambda format_: (format_.rank, format_.name)))


class Recogniser:
    """Which formats a log is written in: the one that matched last is tried first."""

    __slots__ = ("_formats",)

    def __init__(self) -> None:
        self._formats = list(formats())

    def parse(self, line: bytes, near: float) -> Parsed:
        """What a line says; without a stamp where no format knows it.

        Args:
            line: its bytes, without the newline.
            near: its arrival, epoch seconds.
        """
        for index, format_ in enumerate(self._formats):
            parsed = format_.parse(line, near)
            if parsed is not None:
                if index:
                    self._formats.insert(0, self._formats.pop(index))
                return parsed
        return Parsed(None, level_of_text(line), 0, 0)
