"""The card of a rolling plan: batches, order, gates and sizes; what is confirmed becomes a job of view 7."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from aen_tui.actions.changes import change
from aen_tui.actions.rolling_text import title
from aen_tui.errors import ActionError, PlanRefusedError
from aen_tui.model.facts import ClusterState
from aen_tui.model.inventory import RollingSettings
from aen_tui.model.plans import Plan, Step
from aen_tui.model.rolling import RollingPlan
from aen_tui.model.text import visible_line
from aen_tui.ui.backend import Backend
from aen_tui.ui.messages import OpenJob
from aen_tui.ui.presentation.fields import Field, Span
from aen_tui.ui.presentation.plan_text import find_service
from aen_tui.ui.presentation.rolling_rows import fields
from aen_tui.ui.screens.card import CardScreen
from aen_tui.ui.widgets.word_input import WordInput

if TYPE_CHECKING:
    from aen_tui.runtime.resume import Resumption

Make = Callable[[RollingSettings], RollingPlan]
"""Plans it from the state of now with these sizes; PlanRefusedError."""


class RollingCardScreen(CardScreen):
    """Asks as every card does; other sizes make another plan, which is read from its start.

    Args:
        backend: carries it out.
        make: plans it again.
        settings: sizes to begin with.
        resumption: what a resumed plan continues; its sizes stay as they were.
        has_canary: whether some come first; where the order is one of dependence there are none.

    Raises:
        PlanRefusedError: there is nothing that could be done.
    """

    label_width: ClassVar[int] = 8
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "size('batch', 1)", "larger batch", id="card.batch-more", tooltip="One node more at a time"),
        Binding("minus", "size('batch', -1)", "smaller batch", id="card.batch-less", tooltip="One less at a time"),
        Binding(
            "greater_than_sign", "size('canary', 1)", "canary", id="card.canary-more", tooltip="One more node first"
        ),
        Binding("less_than_sign", "size('canary', -1)", "canary", id="card.canary-less", tooltip="One node less first"),
        Binding(
            "right_square_bracket",
            "size('max_failures', 1)",
            "failures",
            id="card.failures-more",
            tooltip="One failure more before it ends",
        ),
        Binding(
            "left_square_bracket",
            "size('max_failures', -1)",
            "failures",
            id="card.failures-less",
            tooltip="One failure less before it ends",
        ),
    ]

    def __init__(
        self,
        backend: Backend,
        make: Make,
        settings: RollingSettings,
        *,
        resumption: Resumption | None = None,
        has_canary: bool = True,
    ) -> None:
        self._make = make
        self._has_canary = has_canary
        self._resumption = resumption
        self._rolling = make(settings)
        super().__init__(backend, self._rolling.plan)

    @property
    def rolling(self) -> RollingPlan:
        """What a confirmation would carry out."""
        return replace(self._rolling, plan=self._plan)

    def _title(self) -> str:
        demo = "DEMO · " if self._backend.inventory.is_demo else ""
        return f" {demo}{title(self._rolling)} · {visible_line(self._plan.cluster)} "

    def _asked(self, now: float) -> list[Field]:
        sizes = self._sizes() if self._resumption is None else ()
        return fields(
            self._as_seen_now(),
            self._backend.inventory,
            now,
            keys=sizes,
            is_asking_sudo=self._is_asking_sudo,
        )

    def _as_seen_now(self) -> RollingPlan:
        """The plan with the ages of what is known by now, where that is the same."""
        state = self._backend.snapshot()
        steps = tuple(_with_age(step, state) for step in self._plan.steps)
        return replace(self._rolling, plan=replace(self._plan, steps=steps))

    def _sizes(self) -> tuple[Span, ...]:
        one = self._rolling.settings
        words = (
            ("canary", one.canary, "< >"),
            ("batch", one.batch, "- +"),
            ("failures allowed", one.max_failures, "[ ]"),
        )
        found: list[Span] = []
        for name, count, keys in words if self._has_canary else words[1:]:
            found += [
                ("   " if found else "", "text"),
                (f"{name} ", "text"),
                (f"{count}", "text!"),
                (f" {keys}", "accent"),
            ]
        return tuple(found)

    def _changes(self) -> list[str]:
        """Steps that begin from what others leave are planned again right before they are carried out."""
        nodes = self._backend.snapshot().nodes
        steps = [step for batch in self.rolling.batches if not batch.follows for step in self.rolling.steps_of(batch)]
        found = [change(step, nodes.get(step.target.node)) for step in steps]
        return [sentence for sentence in found if sentence is not None]

    def _plan_again(self) -> Plan:
        self._rolling = self._make(self._rolling.settings)
        return self._rolling.plan

    def action_size(self, name: str, more: int) -> None:
        """Another size: another plan, and keys count from its first paint."""
        if self._resumption is not None or self._refusal is not None or self._progress is not None:
            return
        settings = self._rolling.settings
        wanted = replace(settings, **{name: getattr(settings, name) + more})
        try:
            self._rolling = self._make(wanted)
        except ActionError as error:
            self._say(f"{error.message}. The plan is as it was.")
            return
        self._plan = self._rolling.plan
        self.query_one(WordInput).clear()
        self.query_one("#cancel").focus()
        self._ask_sudo()
        self._show()
        self.paint_anew()

    def _start(self) -> None:
        guard = self._backend.guard
        if (why := guard.refusal(self._plan)) is not None:
            raise PlanRefusedError(why)
        if not guard.audit_health.is_well and not self._extra_word:
            raise PlanRefusedError(guard.audit_health.error or "", hint="without a record nothing is done")
        job = self._backend.jobs.start(self.rolling, syslog_only=bool(self._extra_word), resumption=self._resumption)
        self.app.post_message(OpenJob(job.id))
        self.dismiss(None)


def _with_age(step: Step, state: ClusterState) -> Step:
    found = find_service(state, step.target)
    if found is None or (found.state, found.pid) != (step.before.state, step.before.pid):
        return step
    before = replace(step.before, uptime_seconds=found.uptime_seconds, seen_at=found.seen_at)
    return replace(step, before=before)
