"""Asks for a passphrase, a password or a code: masked, never stored, gone with the screen.

It may open while somebody reads or types something else: what was typed before it could be read is no answer.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from aen_tui.model.secret import Secret
from aen_tui.model.text import visible_line
from aen_tui.ui.screens.deaf import DeafScreen


class _Answer(Input):
    """Takes what was typed or pasted once its screen hears."""

    async def _on_key(self, event: events.Key) -> None:
        if isinstance(self.screen, DeafScreen):
            self.screen.swallows(event)

    def _on_paste(self, event: events.Paste) -> None:
        if isinstance(self.screen, DeafScreen):
            self.screen.swallows(event)


class SecretScreen(DeafScreen[Secret | None]):
    """One question; the answer is a Secret, or None where the person would not.

    Args:
        node: the node that wants it.
        question: what it wants; from the node, so it is shown sanitised and as text.
        secret: whether the answer is masked.
    """

    DEFAULT_CSS = """
    SecretScreen { align: center middle; background: $background 70%; }
    SecretScreen > Vertical {
        width: 92%; max-width: 76; height: auto; border: round $warning; border-title-style: bold;
        border-subtitle-color: $text-muted; background: $surface; padding: 0 1;
    }
    SecretScreen Static { height: auto; margin-bottom: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "refuse", "Cancel", id="secret.cancel", tooltip="Give no answer; the node stays refused"),
    ]

    def __init__(self, node: str, question: str, *, secret: bool = True) -> None:
        super().__init__()
        self._node = visible_line(node, 100)
        self._question = visible_line(question, 400)
        self._secret = secret
        self._is_withdrawn = False

    def compose(self) -> ComposeResult:
        """A box with the question and one input."""
        with Vertical() as box:
            box.border_title = Content(f" {self._node} asks ")
            box.border_subtitle = Content(" Enter answers, Esc gives none ")
            yield Static(self._question, markup=False)
            yield _Answer(password=self._secret, id="answer")

    def on_mount(self) -> None:
        """Keys count from the first paint."""
        self.paint_anew()

    @on(Input.Submitted)
    def _answer(self, event: Input.Submitted) -> None:
        event.stop()
        answer = Secret(event.value)
        event.input.clear()
        self.dismiss(answer)

    def action_refuse(self) -> None:
        """No answer."""
        self.query_one(Input).clear()
        self.dismiss(None)

    def withdraw(self) -> None:
        """Nobody waits for the answer any more: it goes, once nothing stands over it."""
        self._is_withdrawn = True
        self.on_screen_resume()

    def on_screen_resume(self) -> None:
        """Nothing stands over it; told more than once."""
        if self._is_withdrawn and self.is_active:
            self._is_withdrawn = False
            self.action_refuse()
