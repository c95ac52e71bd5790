"""All of one log line: where it stands, when it was written and came, its whole text; JSON laid out."""

from __future__ import annotations

import json
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

SHOWN_BYTES = 64 * 1024
"""What is shown of a very long line."""


class LogLineScreen(ModalScreen[None]):
    """Reads one line. Enter, Esc or q close it, c copies the text."""

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
    ]

    def __init__(self, line: DrawnLine) -> None:
        super().__init__()
        self._line = line
        self._text = line_text(line)

    def compose(self) -> ComposeResult:
        """Facts, then the text."""
        with VerticalScroll() as box:
            box.border_title = Content(visible(str(self._line.key)))
            box.border_subtitle = Content("Esc close   c copy")
            yield Static(Content(line_facts(self._line)), id="facts")
            yield Static(Content(self._text), id="text")

    def action_copy(self) -> None:
        """Copy the text as it is shown."""
        self.app.copy_to_clipboard(self._text)
        self.notify(f"{len(self._text):,} characters copied", timeout=2)


def line_facts(line: DrawnLine) -> str:
    """When, how bad, where: one fact a line."""
    facts = [f"written  {_moment(line.time)}" if line.time is not None else "written  the line does not say"]
    facts.append(f"arrived  {_moment(line.arrived)}")
    if line.late and line.time is not None:
        facts[-1] += f"   late by {line.arrived - line.time:.0f} s"
    facts.append(f"level    {line.level.name.lower()}")
    facts.append(f"offset   {line.offset:,}   {len(line.text):,} bytes" + ("   not ended yet" if line.partial else ""))
    return "\n".join(facts)


def line_text(line: DrawnLine) -> str:
    """The whole text made visible; a JSON object with a field a line."""
    if line.seam is not None:
        return visible(f"{line.seam.reason}: {line.seam.message}")
    raw = line.text[:SHOWN_BYTES]
    if raw.lstrip()[:1] == b"{" and len(raw) == len(line.text):
        try:
            return visible(json.dumps(json.loads(raw), indent=2, ensure_ascii=False))
        except (ValueError, RecursionError):
            pass
    more = f"\n… {len(line.text) - SHOWN_BYTES:,} bytes more" if len(line.text) > SHOWN_BYTES else ""
    return visible(raw) + more


def _moment(seconds: float) -> str:
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return "?"
    return f"{at.astimezone().isoformat(sep=' ', timespec='milliseconds')}   {at:%H:%M:%S} UTC"
