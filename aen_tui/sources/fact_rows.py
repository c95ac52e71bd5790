"""An errand's row of facts -> a dataclass of model.node_facts: every text in it made visible, every type checked."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from aen_tui.errors import ProbeError
from aen_tui.model.text import visible_line

T = TypeVar("T")
TEXT_LIMIT = 16_384
"""A certificate with many names fits in."""
_DEPTH = 8


def read_row(row: bytes) -> Any:
    """The JSON of a row with all its texts made visible.

    Raises:
        ProbeError: it is no JSON.
    """
    try:
        return _safe(msgspec.json.decode(row), _DEPTH)
    except msgspec.DecodeError as error:
        raise ProbeError(f"the answer about requirements is nonsense: {error}") from None


def shaped(value: Any, kind: type[T]) -> T:
    """A value of `read_row` as a dataclass; unknown keys are left out.

    Raises:
        ProbeError: it has another shape.
    """
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, TypeError) as error:
        raise ProbeError(f"the answer about requirements is nonsense: {visible_line(str(error), 300)}") from None


def _safe(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return visible_line(value, TEXT_LIMIT)
    if depth == 0:
        return None
    if isinstance(value, list):
        return [_safe(one, depth - 1) for one in value]
    if isinstance(value, dict):
        return {visible_line(str(key), TEXT_LIMIT): _safe(one, depth - 1) for key, one in value.items()}
    return value
