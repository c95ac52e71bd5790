"""All of one record: where it stands, when it was written and came, its whole text; JSON laid out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from aen_tui.model.text import visible
from aen_tui.state.lines import DrawnLine
from aen_tui.ui.log_export import copy_and_tell
from aen_tui.ui.presentation.log_text import seam_words

SHOWN_BYTES = 64 * 1024
"""What is shown of a very long line."""


class LogLineScreen(ModalScreen[None]):
    """Reads one record. Enter, Esc or q close it, c copies the text, J shows a JSON line as it stands."""

    DEFAULT_CSS = """
    LogLineScreen { align: center middle; }
    LogLineScreen VerticalScroll {
        width: 96%; max-width: 140; height: auto; max-height: 90%; background: $surface; border: round $primary;
        border-title-style: bold; padding: 0 1;
    }
    LogLineScreen #facts { color: $text-muted; margin-bottom: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "app.pop_screen", "close", id="line.close", tooltip="Close"),
        Binding("c", "copy", "copy", id="line.copy", tooltip="Copy the text (OSC 52)"),
        Binding("J", "raw", "raw", id="line.raw", tooltip="JSON laid out, or as it stands in the file"),
    ]

    def __init__(self, lines: Sequence[DrawnLine]) -> None:
        super().__init__()
        self._lines = lines
        self._is_raw = False
        self._text = record_text(lines)

    def compose(self) -> ComposeResult:
        """Facts, then the text."""
        with VerticalScroll() as box:
            box.border_title = Content(visible(str(self._lines[0].key)))
            box.border_subtitle = Content("Esc close   c copy   J raw")
            yield Static(Content(record_facts(self._lines)), id="facts")
            yield Static(Content(self._text), id="text")

    def action_copy(self) -> None:
        """Copy the text as it is shown."""
        copy_and_tell(self.app, self._text)

    def action_raw(self) -> None:
        """As it stands in the file, or laid out."""
        self._is_raw = not self._is_raw
        self._text = record_text(self._lines, raw=self._is_raw)
        self.query_one("#text", Static).update(Content(self._text))


def record_facts(lines: Sequence[DrawnLine]) -> str:
    """When, how bad, where: one fact a line."""
    line = lines[0]
    facts = [f"written  {_moment(line.time)}" if line.time is not None else "written  the line does not say"]
    facts.append(f"arrived  {_moment(line.arrived)}")
    if line.late and line.time is not None:
        facts[-1] += f"   late by {line.arrived - line.time:.0f} s"
    facts.append(f"level    {max(one.level for one in lines).name.lower()}")
    size = sum(len(one.text) for one in lines)
    count = f"{len(lines)} lines   " if len(lines) > 1 else ""
    facts.append(
        f"offset   {line.offset:,}   {count}{size:,} bytes" + ("   not ended yet" if lines[-1].partial else "")
    )
    return "\n".join(facts)


def record_text(lines: Sequence[DrawnLine], *, raw: bool = False) -> str:
    """The whole text made visible; a JSON object with a field a line, unless it is wanted as it stands."""
    if lines[0].seam is not None:
        return seam_words(lines[0].seam)
    whole = b"\n".join(line.text for line in lines)
    text = whole[:SHOWN_BYTES]
    if not raw and text.lstrip()[:1] == b"{" and len(text) == len(whole):
        try:
            return visible(_laid_out(json.loads(text)))
        except (ValueError, RecursionError):
            pass
    more = f"\n… {len(whole) - SHOWN_BYTES:,} bytes more" if len(whole) > SHOWN_BYTES else ""
    return visible(text) + more


def _laid_out(value: object) -> str:
    """Fields aligned, texts of several lines as lines: a stack in JSON reads like one outside."""
    if not isinstance(value, dict):
        return json.dumps(value, indent=2, ensure_ascii=False)
    width = min(24, max((len(key) for key in value), default=0))
    rows: list[str] = []
    for key, one in value.items():
        text = one if isinstance(one, str) else json.dumps(one, indent=2, ensure_ascii=False)
        text = text.replace("\\n", "\n") if isinstance(one, dict) else text
        first, *rest = text.split("\n")
        rows.append(f"{key:<{width}}  {first}")
        rows += [f"{'':<{width}}  {line}" for line in rest]
    return "\n".join(rows)


def _moment(seconds: float) -> str:
    try:
        at = datetime.fromtimestamp(seconds, UTC)
        here = at.astimezone()
    except (ValueError, OverflowError, OSError):
        return "?"
    return f"{here.isoformat(sep=' ', timespec='milliseconds')}   {at:%H:%M:%S} UTC"
