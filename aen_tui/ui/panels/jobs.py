"""View 7, Jobs: what is being carried out and was, batch by batch, each node's state, what its command printed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from aen_tui.model.jobs import JobPhase, JobState, MemberPhase
from aen_tui.ui.messages import JobResumed, OpenLogs, OpenNode
from aen_tui.ui.panels import Panel, PanelEntry
from aen_tui.ui.presentation.job_rows import (
    TreeRow,
    can_resume,
    job_row,
    output_lines,
    summary,
    title_words,
    tree_row,
    tree_rows,
)
from aen_tui.ui.presentation.nothing import JOBS, nothing_lines
from aen_tui.ui.widgets.heading import Heading
from aen_tui.ui.widgets.palette import glyphs_of
from aen_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from aen_tui.runtime.job import Job
    from aen_tui.ui.backend import Backend

WIDE_COLUMNS = 130
"""From here on the output stands beside the nodes."""
_DRAW_SECONDS = 0.1
"""Changes that come together are drawn together."""


class JobsPanel(Panel):
    """Jobs of this run and those that an earlier one left, newest first; below them the one under the cursor.

    The node under the cursor is the one that is being worked on, until somebody moves the cursor.
    """

    DEFAULT_CSS = """
    JobsPanel { layout: vertical; }
    JobsPanel #nothing { height: auto; padding: 1 0 0 0; }
    JobsPanel #jobs { height: auto; max-height: 25%; }
    JobsPanel #summary { height: auto; max-height: 7; }
    JobsPanel #parts { layout: vertical; height: 1fr; }
    JobsPanel #tree { height: 3fr; }
    JobsPanel #output { height: 2fr; }
    JobsPanel #nodes, JobsPanel #printed { layout: vertical; width: 1fr; }
    JobsPanel #nodes { height: 3fr; }
    JobsPanel #printed { height: 2fr; }
    JobsPanel #nodes Rows, JobsPanel #printed Rows { height: 1fr; }
    JobsPanel.-wide #parts { layout: horizontal; }
    JobsPanel.-wide #nodes, JobsPanel.-wide #printed { height: 1fr; }
    JobsPanel.-wide #nodes { margin-right: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "pause", id="jobs.pause", tooltip="Pause the job before its next batch, or go on"),
        Binding("S", "skip", "skip", id="jobs.skip", tooltip="Skip the waiting node under the cursor, or the next one"),
        Binding("X", "abort", "abort", id="jobs.abort", tooltip="End the job after what runs: asks first"),
        Binding("R", "resume", "resume", id="jobs.resume", tooltip="Card that goes on with what a job has left"),
        Binding("c", "copy", "copy", id="jobs.copy", tooltip="Copy the command line that does what is left (OSC 52)"),
        Binding("l", "logs", "logs", id="jobs.logs", tooltip="Logs of the node under the cursor"),
        Binding("d", "node", "node", id="jobs.node", tooltip="Page of the node under the cursor", show=False),
        Binding("tab", "next(1)", "next part", id="jobs.next", tooltip="Jobs, nodes, output"),
        Binding("shift+tab", "next(-1)", "part before", id="jobs.before", tooltip="The part before", show=False),
    ]

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._table = Rows(id="jobs", empty="")
        self._nothing = Rows(id="nothing", empty="", shows_cursor=False)
        self._nothing.can_focus = False
        self._about = Rows(id="summary", empty="", shows_cursor=False)
        self._about.can_focus = False
        self._tree = Rows(id="tree", empty="")
        self._output = Rows(id="output", empty="")
        self._heading = Heading("job")
        self._printed = Heading("output")
        self._past: tuple[JobState, ...] = ()
        self._past_mark = -1
        self._shown: tuple[JobState, ...] = ()
        self._rows: list[TreeRow] = []
        self._works: dict[str, bool] = {}
        """Action -> whether it would do something."""
        self._chosen_id = ""
        self._put = -1
        """Where the cursor of the nodes was put; somebody moved it where it stands elsewhere."""
        self._is_following = True
        self._is_drawing = False
        self._stop: Callable[[], None] | None = None

    def compose(self) -> ComposeResult:
        """Jobs, the one under the cursor, its nodes, what was printed."""
        yield self._nothing
        yield self._table
        yield self._heading
        yield self._about
        with Container(id="parts"):
            with Container(id="nodes"):
                yield self._tree
            with Container(id="printed"):
                yield self._printed
                yield self._output

    # -- facts -----------------------------------------------------------------------------------

    def reveal(self) -> None:
        """Follow the jobs."""
        if self._stop is None:
            self._stop = self.backend.jobs.on_change(lambda _job: self._draw_soon())
        self.call_after_refresh(self.tick)

    def conceal(self) -> None:
        """Nobody looks."""
        if self._stop is not None:
            self._stop()
            self._stop = None

    def on_unmount(self) -> None:
        """As if it left the screen."""
        self.conceal()

    def on_resize(self, event: events.Resize) -> None:
        """Output beside the nodes where both have room."""
        self.set_class(event.size.width >= WIDE_COLUMNS, "-wide")
        self.call_after_refresh(self._draw)

    def tick(self) -> None:
        """A second has passed: times, and what other runs have left."""
        self._draw()
        if (mark := self.backend.jobs.mark()) != self._past_mark:
            self._past_mark = mark
            self.run_worker(self._read_past(), name="jobs", group="jobs", exclusive=True)

    async def _read_past(self) -> None:
        self._past = tuple(await asyncio.to_thread(self.backend.jobs.left_over))
        self._draw()

    def show_job(self, job: str) -> None:
        """The cursor goes to a job."""
        self._choose(job)
        self._draw()
        self._tree.focus()

    @property
    def chosen(self) -> JobState | None:
        """The job under the cursor."""
        return next((one for one in self._shown if one.id == self._chosen_id), None)

    @property
    def row(self) -> TreeRow | None:
        """The batch or node under the cursor."""
        return self._rows[self._tree.cursor] if self._tree.cursor < len(self._rows) else None

    # -- what is drawn -----------------------------------------------------------------------------

    def _draw_soon(self) -> None:
        if not self._is_drawing and self.is_attached:
            self._is_drawing = True
            self.call_later(self.set_timer, _DRAW_SECONDS, self._draw)  # a job tells of itself in its own task

    def _draw(self) -> None:
        self._is_drawing = False
        if not self.size.width:
            return
        jobs = self.backend.jobs.states()
        here = {one.id for one in jobs}
        self._shown = (*reversed(jobs), *(one for one in reversed(self._past) if one.id not in here))
        if self.chosen is None:
            self._choose(self._shown[0].id if self._shown else "")
        now, glyphs, width = self.backend.clock.monotonic(), glyphs_of(self), self.size.width
        self._table.show([job_row(one, now, width - 2, glyphs) for one in self._shown])
        self._table.cursor = next((n for n, one in enumerate(self._shown) if one.id == self._chosen_id), 0)
        self._nothing.display = not self._shown
        self._nothing.show([] if self._shown else nothing_lines(JOBS, width - 2))
        self._draw_chosen()

    def _draw_chosen(self) -> None:
        now, glyphs, state = self.backend.clock.monotonic(), glyphs_of(self), self.chosen
        self._heading.note = title_words(state, glyphs)
        parts = (self._heading, self._about, self.query_one("#parts"))
        for part in parts:
            part.display = state is not None
        if state is None:
            self._rows = []
            self._look_what_works()
            return
        self._about.show(summary(state, now, self.size.width - 3, glyphs))
        self._rows = tree_rows(state)
        width = self._tree.size.width - 2
        self._tree.show([tree_row(row, state, now, width, glyphs) for row in self._rows])
        if self._is_following:
            self._put = _busiest(self._rows)
            self._tree.cursor = self._put
        self._draw_output()

    def _draw_output(self) -> None:
        row = self.row
        member = row.member if row is not None else None
        self._printed.note = f"{member.node}/{member.service}" if member is not None else ""
        width = max(20, self._output.size.width - 3)
        self._output.show(output_lines(row, self.chosen, width, glyphs_of(self)))
        self._look_what_works()

    def offers(self, action: str) -> bool:
        """Whether the footer names its key; also where it does nothing the key says why."""
        return self._works.get(action, True)

    def _look_what_works(self) -> None:
        state = self.chosen
        is_under_way = state is not None and state.is_rolling and not state.has_ended
        is_ours = is_under_way and self.backend.jobs.get(self._chosen_id) is not None
        waits = state is not None and any(one.phase is MemberPhase.WAITING for one in state.members)
        works = dict.fromkeys(("pause", "abort"), is_ours)
        works |= {"skip": is_ours and waits, "resume": state is not None and can_resume(state)}
        works |= {"copy": state is not None and bool(state.commands)}
        works |= {"logs": self.row is not None and self.row.member is not None}
        works |= dict.fromkeys(("next(1)", "next(-1)"), bool(self._shown))
        if works != self._works:
            self._works = works
            self.refresh_bindings()

    def _choose(self, job: str) -> None:
        if job != self._chosen_id:
            self._chosen_id, self._is_following, self._put = job, True, -1

    @on(Rows.Moved, "#jobs")
    def _job_moved(self, event: Rows.Moved) -> None:
        event.stop()
        if self._table.has_focus and event.index < len(self._shown):
            self._choose(self._shown[event.index].id)
            self._draw_chosen()

    @on(Rows.Moved, "#tree")
    def _node_moved(self, event: Rows.Moved) -> None:
        event.stop()
        if event.index != self._put:
            self._is_following = False
        self._draw_output()

    @on(Rows.Resized)
    def _fit(self, event: Rows.Resized) -> None:
        event.stop()
        self._draw_soon()

    # -- what the keys mean --------------------------------------------------------------------------

    @on(Rows.Chosen, "#jobs")
    def _job_chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        self._tree.focus()

    @on(Rows.Chosen, "#tree")
    def _node_chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        self.action_node()

    @on(Rows.Chosen, "#output")
    def _line_chosen(self, event: Rows.Chosen) -> None:
        event.stop()

    def action_next(self, step: int) -> None:
        """The next part."""
        parts = (self._table, self._tree, self._output)
        here = next((n for n, part in enumerate(parts) if part.has_focus), 0)
        parts[(here + step) % len(parts)].focus()

    def _job(self) -> Job | None:
        """The rolling job under the cursor where it is on its way in this run; else says why it cannot be told."""
        state = self.chosen
        job = None if state is None else self.backend.jobs.get(state.id)
        if state is None:
            self._say("there is no job")
        elif job is None and not state.has_ended:
            self._say("another process carries this job out: say it there")
        elif state.has_ended:
            self._say("this job has ended; R goes on with what it left" if can_resume(state) else "this job has ended")
        elif not state.is_rolling:
            self._say("one step after the other: only a rolling job can be paused, skipped or aborted")
        else:
            return job
        return None

    def action_pause(self) -> None:
        """Nothing further begins, or it goes on."""
        if (job := self._job()) is None:
            return
        if job.state.phase is JobPhase.PAUSED:
            if self.backend.guard.is_locked:
                self._say("LOCKED: unlock with :arm 15m REASON, then go on")
                return
            job.resume()
        else:
            job.pause()
        self._draw()

    def action_skip(self) -> None:
        """The node under the cursor where it waits, else the next one that does."""
        if (job := self._job()) is None:
            return
        member = self.row.member if self.row is not None else None
        is_waiting = member is not None and member.phase is MemberPhase.WAITING
        number = job.skip(member.number if member is not None and is_waiting else None)
        found = next((one for one in job.state.members if one.number == number), None)
        if found is None:
            self._say("no node waits")
        else:
            self.notify(f"skipped: {found.node}/{found.service}; it stays on the list of what is left", markup=False)
        self._draw()

    def action_abort(self) -> None:
        """Ask, then end after what runs."""
        from aen_tui.ui.screens.job_question import AbortScreen

        if (job := self._job()) is not None:
            self.app.push_screen(AbortScreen(job), lambda _answer: self._draw())

    def action_resume(self) -> None:
        """A card; nothing is done here."""
        state = self.chosen
        if state is None:
            self._say("there is no job")
        elif not can_resume(state):
            what = (
                "nothing is left of this job" if state.has_ended else "this job is on its way; p pauses it and goes on"
            )
            self._say(what)
        else:
            self.post_message(JobResumed(state.id))

    def action_copy(self) -> None:
        """The first command line that does what is left."""
        from aen_tui.ui.log_export import copy_and_tell

        state = self.chosen
        if state is None or not state.commands:
            self._say("nothing is left to be run again" if state is None or state.has_ended else "it has not ended")
        else:
            copy_and_tell(self.app, state.commands[0])

    def action_logs(self) -> None:
        """View 2 on the node."""
        if self.row is not None and self.row.member is not None:
            self.post_message(OpenLogs(nodes=(self.row.member.node,)))

    def action_node(self) -> None:
        """Its page."""
        if self.row is not None and self.row.member is not None:
            self.post_message(OpenNode(self.row.member.node))

    def _say(self, words: str) -> None:
        self.notify(words, severity="warning", markup=False, timeout=4)


def _busiest(rows: list[TreeRow]) -> int:
    """The first node that is worked on, else the first that is not well, else the last that was, else the first."""
    ended = bad = 0
    for number, row in enumerate(rows):
        if row.member is not None:
            if row.member.phase in (MemberPhase.RUNNING, MemberPhase.CLAIMED):
                return number
            if not bad and row.member.phase in (MemberPhase.FAILED, MemberPhase.UNVERIFIED):
                bad = number
            if row.member.started_at is not None or (row.member.has_ended and not ended):
                ended = number
    return bad or ended or next((number for number, row in enumerate(rows) if row.member is not None), 0)


PANEL = PanelEntry(7, "Jobs", JobsPanel)
