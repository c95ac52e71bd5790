"""The `:` line: a word, an argument, Tab completes, Enter does it, Esc leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Static

from aen_tui.errors import AenError
from aen_tui.model.text import visible_line
from aen_tui.ui.commands import commands_of, completions, run_line

if TYPE_CHECKING:
    from aen_tui.ui.commands import Desk

_SHOWN = 6


class _Completion(Suggester):
    """The first completion, faint behind the cursor."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._desk = desk

    async def get_suggestion(self, value: str) -> str | None:
        """The line that Tab or the right arrow would make."""
        found = [line for line in completions(self._desk, value) if line.startswith(value)] if value else []
        return found[0] if found else None


class CommandLineScreen(ModalScreen[None]):
    """One line at the bottom, with what it could become above it."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    CommandLineScreen { align: left bottom; background: transparent; }
    CommandLineScreen Vertical { height: auto; dock: bottom; background: $surface; }
    CommandLineScreen #choices { height: auto; padding: 0 1; color: $text-muted; }
    CommandLineScreen #line { border: none; height: 1; padding: 0 1; background: $surface; }
    CommandLineScreen #wrong { height: auto; padding: 0 1; color: $error; display: none; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "close", "close", id="command.close", tooltip="Leave the line", priority=True),
        Binding("tab", "complete", "complete", id="command.complete", tooltip="Complete the line", priority=True),
    ]

    def __init__(self, desk: Desk, start: str = "") -> None:
        super().__init__()
        self._desk = desk
        self._start = start

    def compose(self) -> ComposeResult:
        """Choices, what was wrong, the line."""
        with Vertical():
            yield Static(id="choices")
            yield Static(id="wrong")
            yield Input(
                self._start,
                id="line",
                compact=True,
                select_on_focus=False,
                placeholder="command, then Tab",
                suggester=_Completion(self._desk),
            )

    def on_mount(self) -> None:
        """Show what there is; the line takes the focus once no earlier key waits for this screen."""
        self._show(self._start)
        self.call_after_refresh(self.query_one("#line", Input).focus)

    async def on_key(self, event: events.Key) -> None:
        """What was typed while the line opened belongs into it: `:restart` without its `re` is another command."""
        line = self.query_one("#line", Input)
        if line.has_focus:
            return
        event.stop()
        if event.is_printable and event.character:
            line.insert_text_at_cursor(event.character)
        elif event.key == "backspace":
            line.action_delete_left()
        elif event.key == "enter":
            await line.action_submit()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Show what the line could become."""
        self.query_one("#wrong").display = False
        self._show(message.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Do it; what is wrong is said, and the line stays."""
        try:
            self._run(message.value)
        except AenError as error:
            wrong = self.query_one("#wrong", Static)
            wrong.update(Content(visible_line(error.whole)))
            wrong.display = True

    def _run(self, line: str) -> None:
        run_line(self._desk, line)
        self.dismiss(None)

    def action_complete(self) -> None:
        """The first completion becomes the line."""
        line = self.query_one("#line", Input)
        if found := completions(self._desk, line.value):
            line.value = found[0]
            line.cursor_position = len(found[0])

    def action_close(self) -> None:
        """Leave."""
        self.dismiss(None)

    def _show(self, line: str) -> None:
        commands = commands_of(self._desk)
        _word, blank, _ = line.partition(" ")
        found = completions(self._desk, line)[:_SHOWN]
        if blank or not found:
            text = "  ".join(one.partition(" ")[2] for one in found)
        else:
            rows = [commands[one.strip()] for one in found]
            text = "\n".join(f":{row.name} {row.argument}".ljust(20) + row.help for row in rows)
        choices = self.query_one("#choices", Static)
        choices.update(Content(visible_line(text) if blank else text))
        choices.display = bool(text)
