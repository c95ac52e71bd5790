"""Values out of documents that a stranger sent: the wrong type is as good as none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from aen_tui.model.text import visible_line

NAME_LIMIT = 200


def at(document: Any, *path: str) -> Any:
    """What lies at a path of keys; None where a step is missing or is no document."""
    for key in path:
        if not isinstance(document, Mapping):
            return None
        document = document.get(key)
    return document


def number(document: Any, *path: str) -> float | None:
    """A finite number, or None."""
    found = at(document, *path)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return None
    value = float(found) if abs(found) < 1e300 else math.inf
    return value if math.isfinite(value) else None


def whole(document: Any, *path: str) -> int | None:
    """A number as an int, or None."""
    found = number(document, *path)
    return None if found is None else int(found)


def text(document: Any, *path: str, limit: int = NAME_LIMIT) -> str | None:
    """A text, made visible; None where there is none."""
    found = at(document, *path)
    return visible_line(found, limit) if isinstance(found, str) else None


def table(document: Any, *path: str) -> Mapping[str, Any]:
    """A document; an empty one where there is none."""
    found = at(document, *path)
    return found if isinstance(found, Mapping) else {}


def rows(document: Any, *path: str) -> list[Mapping[str, Any]]:
    """The documents of a list."""
    found = at(document, *path)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
