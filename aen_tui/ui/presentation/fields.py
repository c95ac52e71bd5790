"""A labelled value, as cards and pages show it."""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[str, str]
"""Text and the name of its colour role; `role!` is bold."""


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled value; the label is ours, the value has been made visible."""

    label: str
    value: tuple[Span, ...]


def plain(spans: tuple[Span, ...]) -> str:
    """The text without its colours."""
    return "".join(text for text, _ in spans)
