"""The confirmation card: what will be done, where, by which argv, and whether it worked.

Enter presses Cancel, the only button that takes the focus; `y`, or the typed word, confirms. What is
confirmed is what was read: if state or pid of a target changed since the plan was made, the card
says what changed and asks again with a new plan.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input

from aen_tui.actions.card_text import VERBS
from aen_tui.actions.changes import changes
from aen_tui.actions.preflight import refusal_of
from aen_tui.errors import ActionError, PlanRefusedError
from aen_tui.model.plans import Plan, PlanEvent, Result, Risk
from aen_tui.model.text import visible_line
from aen_tui.ui.backend import Backend
from aen_tui.ui.presentation import plan_text, progress_text
from aen_tui.ui.presentation.fields import Field, plain
from aen_tui.ui.presentation.plan_progress import PlanProgress
from aen_tui.ui.presentation.severity import UNICODE, Glyphs
from aen_tui.ui.screens.deaf import DeafScreen
from aen_tui.ui.widgets.fields import Fields
from aen_tui.ui.widgets.word_input import WordInput

_CHROME_LINES = 6
"""Border, notice, word and buttons: what the scrolled body must leave room for."""


class CardScreen(DeafScreen[None]):
    """Asks, carries out, and stays with the result until it is closed.

    Args:
        backend: makes plans and carries them out.
        plan: what is asked.
    """

    AUTO_FOCUS = "#cancel"
    CSS_PATH = "card.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "confirm", "do it", id="card.confirm", tooltip="Carry out what the card says"),
        Binding("n", "cancel", "cancel", id="card.cancel", tooltip="Close the card; nothing is done"),
        Binding("escape", "cancel", "cancel", id="card.close", tooltip="Close the card", show=False),
        Binding("q", "cancel", "cancel", id="card.quit", tooltip="Close the card", show=False),
        Binding("j,down", "scroll(1)", "down", id="card.down", tooltip="Scroll the card down", show=False),
        Binding("k,up", "scroll(-1)", "up", id="card.up", tooltip="Scroll the card up", show=False),
        Binding("pagedown", "page(1)", "page down", id="card.page-down", tooltip="A page of the card down", show=False),
        Binding("pageup", "page(-1)", "page up", id="card.page-up", tooltip="A page of the card up", show=False),
        Binding("home", "edge(0)", "first line", id="card.home", tooltip="The beginning of the card", show=False),
        Binding("end", "edge(1)", "last line", id="card.end", tooltip="The end of the card", show=False),
    ]

    label_width: ClassVar[int] = 7
    """Cells of the labels before it is confirmed."""

    def __init__(self, backend: Backend, plan: Plan) -> None:
        super().__init__()
        self._backend = backend
        self._plan = plan
        self._progress: PlanProgress | None = None
        self._refusal: ActionError | None = None
        self._is_asking_sudo = True
        self._has_said_to_wait = False
        self._extra_word = backend.guard.extra_word
        """`SYSLOG-ONLY` where the audit file takes no record: typed too, whatever the risk."""

    @property
    def plan(self) -> Plan:
        """What a confirmation would carry out."""
        return self._plan

    @property
    def result(self) -> Result | None:
        """How it ended; None while it is asked or on its way."""
        return self._progress.result if self._progress else None

    @property
    def takes_keys(self) -> bool:
        """Whether the card is whole, and has been on the screen long enough to be answered."""
        return not self._is_asking_sudo and self.hears

    def compose(self) -> ComposeResult:
        """The body scrolls, the buttons stay."""
        with Vertical(id="card"):
            with VerticalScroll(id="body", can_focus=False):
                yield Fields(id="fields")
            yield Fields(id="notice", label_width=0)
            yield WordInput(id="word", compact=True, select_on_focus=False)
            with Horizontal(id="buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                confirm = Button("", id="confirm", compact=True)
                confirm.can_focus = False
                yield confirm

    def on_mount(self) -> None:
        """Ages count from here; keys count from the first paint."""
        self.set_class(self._is_ascii, "-ascii")
        self._show()
        self.set_interval(0.5, self._show)
        self.paint_anew()
        self._ask_sudo()

    def on_resize(self) -> None:
        """The body takes what the buttons leave."""
        self.query_one("#body").styles.max_height = max(3, self.size.height - _CHROME_LINES)

    def on_key(self, event: events.Key) -> None:
        """Keys from before the card could be read go nowhere.

        Where a word is wanted its first letter starts it, wherever the focus is (but `n` cancels).
        """
        if self.swallows(event):
            return
        word = self.query_one(WordInput)
        first = self._word[:1]
        if not self._wants_word or not event.is_printable or event.character is None:
            return
        if self.focused is word:  # it was on its way to where the focus was when the first letter came
            event.stop()
            word.insert_text_at_cursor(event.character)
        elif event.character == first != "n":
            event.stop()
            self.set_focus(word, scroll_visible=False)
            word.insert_text_at_cursor(first)

    @property
    def _wants_word(self) -> bool:
        return self._progress is None and self._refusal is None and bool(self._word)

    @property
    def _word(self) -> str:
        """What is typed; empty where `y` is enough."""
        own = self._plan.word if self._plan.risk is Risk.WORD else ""
        return " ".join(filter(None, (own, self._extra_word)))

    def _ask_sudo(self) -> None:
        """What sudo would ask belongs to what is confirmed: until it is there, nothing is."""
        self._is_asking_sudo = True
        self.run_worker(self._preflight(self._plan), name="preflight")

    async def _preflight(self, plan: Plan) -> None:
        asked = await self._backend.preflight(plan)
        if plan is not self._plan or self._progress is not None:
            return
        is_other = asked.steps != plan.steps and any(
            after.argv != before.argv for after, before in zip(asked.steps, plan.steps, strict=True)
        )
        self._plan, self._is_asking_sudo = asked, False
        if self._has_said_to_wait:
            self._has_said_to_wait = False
            self.query_one("#notice").display = False
        if (why := refusal_of(asked)) is not None:
            self._refusal = PlanRefusedError(why)
            self.query_one("#cancel").focus()
        self._show()
        if is_other and self._hears_from is not None:
            self.paint_anew()

    # -- what is drawn ---------------------------------------------------------------------------

    def _show(self) -> None:
        now = self._backend.clock.monotonic()
        card = self.query_one("#card")
        title = self._title()
        card.border_title = Content(title.replace("·", "-") if self._is_ascii else title)
        body = self.query_one("#fields", Fields)
        body.label_width = self.label_width if self._progress is None else 0
        if self._progress is None:
            nodes = list(dict.fromkeys(step.target.node for step in self._plan.steps))
            body.show([*self._asked(now), *plan_text.notes(self._backend.guard.notes(nodes))])
        else:
            settle = self._backend.inventory.actions.settle_seconds
            body.show(progress_text.fields(self._progress, now, settle, is_ascii=self._is_ascii))
        self._show_notice()
        self._show_buttons()

    def _title(self) -> str:
        return plan_text.title(self._plan, is_demo=self._backend.inventory.is_demo)

    def _asked(self, now: float) -> list[Field]:
        """What is read before it is confirmed."""
        return plan_text.fields(self._plan, self._backend.snapshot(), now, is_asking_sudo=self._is_asking_sudo)

    def _show_notice(self) -> None:
        if self._refusal is not None:
            self._say(f"REFUSED: {self._refusal.whole}", "critical!")
        elif self._progress is not None and len(self._plan.steps) > 1:
            self._say(*progress_text.verdict(self._progress.result, is_ascii=self._is_ascii))
        elif self._progress is not None:
            self.query_one("#notice").display = False

    def _say(self, text: str, role: str = "warning!") -> None:
        notice = self.query_one("#notice", Fields)
        notice.show([Field("", ((visible_line(text), role),))])
        notice.display = True

    @property
    def _is_ascii(self) -> bool:
        glyphs: Glyphs = getattr(self.app, "glyphs", UNICODE)
        return glyphs.is_ascii

    @property
    def _settle_left(self) -> float | None:
        seconds = self._backend.inventory.actions.settle_seconds
        now = self._backend.clock.monotonic()
        return self._progress.settle_left_seconds(seconds, now) if self._progress else None

    def _show_buttons(self) -> None:
        asking = self._progress is None and self._refusal is None
        self.query_one("#cancel", Button).label = Content("Cancel" if asking else "Close")
        confirm = self.query_one("#confirm", Button)
        confirm.display = asking
        asks = f"type {visible_line(self._word)}, then Enter" if self._extra_word else plan_text.asks(self._plan)
        confirm.label = Content(asks)
        word = self.query_one(WordInput)
        word.display = self._wants_word
        card = self.query_one("#card")
        result = self.result
        card.set_class(result is Result.VERIFIED, "-verified")
        card.set_class(result in (Result.FAILED, Result.REFUSED) or self._refusal is not None, "-failed")
        if asking:
            keys = "Tab word" if self._word else f"y {VERBS[self._plan.action]}"
            card.border_subtitle = Content(f" {keys}, n Esc cancel ")
        elif self._progress is not None and (not self._progress.is_finished or self._settle_left is not None):
            card.border_subtitle = Content(" Esc closes; it goes on ")
        else:
            card.border_subtitle = Content(" Esc closes ")

    # -- what is answered ------------------------------------------------------------------------

    def action_scroll(self, lines: int) -> None:
        """Scroll the body."""
        self.query_one("#body").scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """A page down or up; one line stays."""
        body = self.query_one("#body")
        body.scroll_relative(y=pages * max(1, body.size.height - 1), animate=False)

    def action_edge(self, end: int) -> None:
        """The beginning of the card, or its end."""
        body = self.query_one("#body")
        body.scroll_end(animate=False) if end else body.scroll_home(animate=False)

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Close; what has been started goes on."""
        self.dismiss(None)

    @on(Button.Pressed, "#confirm")
    def action_confirm(self) -> None:
        """Carry out a plan that a key confirms; lead to the input where a word is wanted."""
        self._say_that_it_waits()
        if not self.takes_keys or self._progress is not None or self._refusal is not None:
            return
        if self._word:
            self.query_one(WordInput).focus()
        else:
            self._confirm()

    @on(Input.Submitted, "#word")
    def _word_typed(self, event: Input.Submitted) -> None:
        event.stop()
        self._say_that_it_waits()
        if not self._wants_word or not self.takes_keys:
            return
        if event.value == self._word:
            self._confirm()
        else:
            event.input.clear()
            self._say(f"That is not {self._word}. Nothing was done.")

    def _say_that_it_waits(self) -> None:
        if self._is_asking_sudo:
            self._has_said_to_wait = True
            self._say("Not yet: the node is being asked what is against it, and what sudo would ask.")

    @on(WordInput.PasteRefused)
    def _paste_refused(self) -> None:
        self._say("Pasting is refused here: type the word.")

    def _confirm(self) -> None:
        changed = self._changes()
        try:
            if changed:
                self._ask_again(changed)
            else:
                self._start()
        except ActionError as error:
            self._progress = None
            self._refusal = error
            self._show()
            self.query_one("#cancel").focus()

    def _changes(self) -> list[str]:
        return changes(self._plan, self._backend.snapshot())

    def _plan_again(self) -> Plan:
        """The same from the state of now."""
        return self._backend.plan(self._plan.action, [step.target for step in self._plan.steps])

    def _ask_again(self, changed: list[str]) -> None:
        self._plan = self._plan_again()
        self.query_one(WordInput).clear()
        self.query_one("#cancel").focus()
        self._ask_sudo()
        self._show()
        self._say(f"CHANGED since it was asked: {'; '.join(changed)}. Read again, then answer again.")
        self.paint_anew()

    def _start(self) -> None:
        now = self._backend.clock.monotonic()
        progress = PlanProgress(self._plan, now)
        self._progress = progress
        app: App[object] = self.app

        def emit(event: PlanEvent) -> None:
            before = progress.result
            progress.take(event, self._backend.clock.monotonic())
            if self.is_attached:
                self.call_later(self._show)
            elif progress.result is not before and progress.result is not None:
                _tell(app, progress)

        self._backend.start(self._plan, emit, syslog_only=bool(self._extra_word))
        self.query_one("#cancel").focus()
        self._show()


def _tell(app: App[object], progress: PlanProgress) -> None:
    """The result of a plan whose card was closed."""
    assert progress.result is not None
    message = f"{progress.result.value.upper()}: {plain(plan_text.what(progress.plan))}"
    if progress.error:
        message += f": {visible_line(progress.error)}"
    is_good = progress.result is Result.VERIFIED
    app.notify(message, severity="information" if is_good else "error", markup=False, timeout=15)
