"""Patterns over bytes by RE2: linear time whatever the user types, and the loop runs on while it searches."""

from __future__ import annotations

from array import array
from typing import Protocol

import re2

from aen_tui.state.chunk import Chunk


class BytesMatch(Protocol):
    """A place where a pattern was found."""

    def start(self) -> int:
        """First byte."""
        ...

    def end(self) -> int:
        """One past the last byte."""
        ...


class BytesPattern(Protocol):
    """A compiled pattern."""

    def search(self, text: bytes, pos: int = 0, endpos: int | None = None) -> BytesMatch | None:
        """The first place from `pos` on."""
        ...


def compile_bytes(pattern: bytes, *, ignore_case: bool = False) -> BytesPattern:
    """Compile RE2 syntax; `^` and `$` mean lines, and no match goes over a newline.

    Raises:
        ValueError: the pattern is not RE2, with what is wrong.
    """
    options = re2.Options()
    options.never_nl = True
    options.never_capture = True  # only where a match lies is asked for: groups cost forty times as much
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        compiled: BytesPattern = re2.compile(b"(?m)" + pattern, options)
    except re2.error as error:
        message = error.args[0] if error.args else "not a pattern"
        text = message.decode("utf-8", "replace") if isinstance(message, bytes) else str(message)
        raise ValueError(text.removesuffix(": (?m)" + pattern.decode("utf-8", "replace"))) from None
    return compiled


class Literal:
    """A pattern without anything special in it: lines that hold it are found without a call for each.

    Args:
        needle: what is looked for; lower case where `folds`.
        folds: upper and lower case are the same.
        pattern: the same, compiled.
    """

    __slots__ = ("_folds", "_needle", "search")

    def __init__(self, needle: bytes, folds: bool, pattern: BytesPattern) -> None:
        self._needle = needle
        self._folds = folds
        self.search = pattern.search

    def lines(self, data: bytes, number: int) -> array[int]:
        """The numbers of the lines of some bytes that hold it; the first line has the number given."""
        needle = self._needle
        hay = data.lower() if self._folds else data
        return array("q", (at for at, line in enumerate(hay.split(b"\n"), number) if needle in line))


_MANY = 16
_DENSE = 8
"""A call of RE2 for a line costs as much as to split this many lines."""
_SPECIAL = frozenset(b"\\.^$*+?{}[]|()")


def compile_typed(text: str) -> BytesPattern:
    """What somebody typed: case counts where it holds a capital letter.

    Raises:
        ValueError: the pattern is not RE2, with what is wrong.
    """
    data, folds = text.encode("utf-8", "surrogateescape"), text == text.lower()
    pattern = compile_bytes(data, ignore_case=folds)
    is_plain = data and data.isascii() and not _SPECIAL.intersection(data) and b"\n" not in data
    return Literal(data, folds, pattern) if is_plain else pattern


def matching_lines(pattern: BytesPattern, chunk: Chunk, first: int) -> array[int]:
    """The numbers of the lines of an opened chunk from `first` on in which a pattern is found, ascending."""
    found = array("q")
    data, search = chunk.data, pattern.search
    number = first
    at = chunk.span(first)[0] if first > chunk.first_line else 0
    size = len(data)
    while at < size and (match := search(data, at)) is not None:
        begin = match.start()
        if begin >= size:
            break
        number += data.count(b"\n", at, begin)
        found.append(number)
        end = data.find(b"\n", begin)
        if end < 0:
            break
        at = end + 1
        number += 1
        if len(found) == _MANY and number - first < _MANY * _DENSE and isinstance(pattern, Literal):
            return found + pattern.lines(data[at:], number) if at < size else found
    return found
