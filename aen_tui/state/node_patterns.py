"""Patterns that are matched on nodes, by Python's `re` over bytes: only what RE2 takes too, and reads alike."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aen_tui.state.patterns import BytesPattern, Literal, compile_bytes, compile_typed

_READ_OTHERWISE = re.compile(
    r"\\(?P<escape>[pPQECzZAaxhHvVRXuU0-9])|(?P<class>\[\[:|\[:\^?[a-z]+:\])|\(\?(?P<group>[^:])|(?P<more>[*+?}][+]|\{,)"
)
"""What RE2 and the `re` of some Python from 2.6 on read otherwise, or one of them not at all."""


@dataclass(frozen=True, slots=True)
class NodePattern:
    """What nodes are asked to look for."""

    text: str
    """As it was typed."""
    ignore_case: bool
    literal: str | None
    """The text again, where nothing in it is special: lines are looked at without a pattern first."""
    compiled: BytesPattern
    """The same here, to show where it matches."""


def node_pattern(text: str, *, smart_case: bool = True) -> NodePattern:
    """A pattern for nodes.

    Args:
        text: what somebody typed.
        smart_case: case counts only where it holds a capital letter; else it counts always.

    Raises:
        ValueError: it is not RE2, or nodes would read it otherwise; says what.
    """
    if not text:
        raise ValueError("an empty pattern is in every line")
    compiled = compile_typed(text) if smart_case else compile_bytes(text.encode("utf-8", "surrogateescape"))
    plain = text.replace("\\\\", "  ")
    if (found := _READ_OTHERWISE.search(plain)) is not None:
        raise ValueError(f"`{found.group()}` is not read alike on every node; write it without")
    try:
        re.compile(text.encode("utf-8", "surrogateescape"))
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"nodes do not take it: {error}") from None
    literal = text if isinstance(compiled, Literal) or text.isalnum() else None
    return NodePattern(text, smart_case and text == text.lower(), literal, compiled)
