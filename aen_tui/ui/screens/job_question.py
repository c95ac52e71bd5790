"""Questions about jobs: end this one? leave the program? look what became of it? Enter keeps everything as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button

from aen_tui.ui.presentation.fields import Field, Span
from aen_tui.ui.presentation.job_rows import question
from aen_tui.ui.screens.deaf import DeafScreen
from aen_tui.ui.widgets.fields import Fields
from aen_tui.ui.widgets.palette import glyphs_of

if TYPE_CHECKING:
    from aen_tui.runtime.job import Job


class JobQuestion(DeafScreen[bool]):
    """A box with a few sentences, a way back that has the focus, and a key that goes on."""

    AUTO_FOCUS = "#stay"
    CSS_PATH = "job_question.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "agree", "do it", id="question.agree", tooltip="Do what the question says"),
        Binding("n,escape,q", "stay", "stay", id="question.stay", tooltip="Close the question; all goes on"),
    ]
    heading: ClassVar[str] = ""
    stay: ClassVar[str] = ""
    agree: ClassVar[str] = ""

    def sentences(self) -> list[Span]:
        """What is asked, a line each."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Sentences above, answers below."""
        with Vertical(id="question"):
            yield Fields(label_width=0)
            with Horizontal(id="answers"):
                yield Button(self.stay, id="stay", compact=True)
                agree = Button(Content(f"y  {self.agree}"), id="agree", compact=True)
                agree.can_focus = False
                yield agree

    def on_mount(self) -> None:
        """What is said changes while it is asked."""
        self.set_class(glyphs_of(self).is_ascii, "-ascii")
        self.query_one("#question").border_title = Content(f" {self.heading} ")
        self.show_sentences()
        self.set_interval(0.5, self.show_sentences)
        self.paint_anew()

    def on_key(self, event: events.Key) -> None:
        """Keys from before it could be read go nowhere."""
        self.swallows(event)

    def show_sentences(self) -> None:
        """As it is at this moment."""
        self.query_one(Fields).show([Field("", (span,)) for span in self.sentences()])

    @on(Button.Pressed, "#stay")
    def action_stay(self) -> None:
        """Back."""
        self.dismiss(False)

    @on(Button.Pressed, "#agree")
    def action_agree(self) -> None:
        """Go on."""
        self.dismiss(True)


class AbortScreen(JobQuestion):
    """Asks whether a job is to end.

    Args:
        job: the one that was under the cursor when the key was pressed.
    """

    heading = "abort the job?"
    stay = "Go on with it"
    agree = "abort"

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job

    def sentences(self) -> list[Span]:
        """What becomes of it."""
        state = self._job.state
        done, total = state.progress
        busy = [
            f"{one.node}/{one.service}" for one in state.members if one.started_at is not None and not one.has_ended
        ]
        runs = f"what runs is seen to its end: {', '.join(busy)}" if busy else "nothing runs at this moment"
        return [
            (f"{state.title}: {done} of {total}", "text!"),
            (runs, "text"),
            ("nothing further begins; what is left stays on the list, and R goes on with it later", "text"),
        ]

    def action_agree(self) -> None:
        """It ends after what runs."""
        self._job.abort()
        self.dismiss(True)


class LookScreen(JobQuestion):
    """Asks whether commands may be run that look what became of steps.

    Args:
        lines: the commands, with their nodes.
    """

    heading = "look what became of it?"
    stay = "Leave it"
    agree = "look"

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines = tuple(lines)

    def sentences(self) -> list[Span]:
        """What is run."""
        why = "steps were on their way when the program ended; what became of them is asked by what changes nothing:"
        return [(why, "text"), *((line, "text!") for line in self._lines)]


class LeaveScreen(JobQuestion):
    """Asks whether the program may be left while jobs are on their way; leaves when what runs has ended.

    Args:
        jobs: those on their way.
        leave: ends the program.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "exclamation_mark", "now", "leave now", id="question.now", tooltip="Leave at once; what runs is unknown"
        )
    ]
    heading = "leave while a job is on its way?"
    stay = "Stay"
    agree = "end after what runs, then leave"

    def __init__(self, jobs: Sequence[Job], leave: Callable[[], None]) -> None:
        super().__init__()
        self._jobs = tuple(jobs)
        self._leave = leave
        self.is_leaving = False

    def sentences(self) -> list[Span]:
        """What goes on, and what becomes of it."""
        lines: list[Span] = [(line, "text!") for line in question([job.state for job in self._jobs])]
        if self.is_leaving:
            return [*lines, ("leaving when what runs has ended; Esc stays", "warning!"), self._now]
        is_rolling = all(job.state.is_rolling for job in self._jobs)
        rest = "nothing further begins" + (", the rest can be resumed" if is_rolling else "")
        return [*lines, (f"y  what runs is seen to its end, {rest}; then it leaves", "text"), self._now]

    @property
    def _now(self) -> Span:
        return _CLEANED if any(step.removes for job in self._jobs for step in job.plan.steps) else _NOW

    def action_agree(self) -> None:
        """Nothing further begins; away once what runs has ended."""
        if self.is_leaving:
            return
        self.is_leaving = True
        for job in self._jobs:
            job.abort()
        self.show_sentences()
        self.run_worker(self._wait(), name="leaving")

    async def _wait(self) -> None:
        for job in self._jobs:
            await job.wait()
        self._leave()

    def action_now(self) -> None:
        """The record says that it was interrupted."""
        self._leave()


_CLEANED: Span = ("!  breaks it off, removes what it made on its node, then leaves", "muted")
_NOW: Span = ("!  leaves at once: what runs is recorded as UNVERIFIED, and looked at when the job is resumed", "muted")
