"""A log line whose time is told beside it: its level and words alone."""

from __future__ import annotations

from functools import lru_cache

from aen_tui.model.log_formats import HEAD_BYTES, Recogniser
from aen_tui.ui.presentation.log_json import read_json
from aen_tui.ui.presentation.log_text import without_stamp

_REMEMBERED = 2048


@lru_cache(maxsize=_REMEMBERED)
def line_words(text: str, moment: float = 0.0) -> str:
    """A line without the time at its beginning; JSON in the words of a log line.

    Args:
        text: the line.
        moment: when it came, epoch seconds; the year of a time that names none.
    """
    raw = text.encode("utf-8", "replace")
    found = read_json(raw)
    if found is not None:
        return "  ".join(part for part in (f"{found.level} {found.message}".strip(), found.rest) if part)
    parsed = Recogniser().parse(raw[:HEAD_BYTES], moment)
    return without_stamp(raw, (parsed.begin, parsed.end)).decode("utf-8", "replace")
