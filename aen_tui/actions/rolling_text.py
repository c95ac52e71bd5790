"""A rolling plan in words, line by line: every target in its batch, each command once with the targets it is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aen_tui.actions.card_text import VERBS, argv_line, as_words, proof_words, uptime_words
from aen_tui.actions.changes import pid_words
from aen_tui.actions.resolve import SYSV
from aen_tui.model.age import age_text, duration_text
from aen_tui.model.plans import ActionName, Step, Target
from aen_tui.model.rolling import Batch, RollingPlan
from aen_tui.model.text import visible_line

_NO_URL = "\0"


def title(rolling: RollingPlan) -> str:
    """`rolling restart · wk-compute · 6 nodes`."""
    plan = rolling.plan
    names = list(dict.fromkeys(step.target.service for step in plan.steps))
    nodes = list(dict.fromkeys(step.target.node for step in plan.steps))
    what = ", ".join(names) if len(names) <= 3 else f"{len(names)} services"
    where = str(nodes[0]) if len(nodes) == 1 else f"{len(nodes)} nodes"
    return visible_line(f"rolling {VERBS[plan.action]} · {what} · {where}", 200)


def target_word(target: Target) -> str:
    """TARGET as `do` reads it: `compute1-3/wk-compute`, `gateway1/service:wakari-gateway`."""
    service = f"service:{target.service}" if target.manager == SYSV else target.service
    return f"{target.node}/{service}"


def rolling_text(rolling: RollingPlan, now: float) -> list[str]:
    """What will be done, in which order, behind which gates, and what is left out.

    Args:
        rolling: what is shown.
        now: monotonic seconds, for the ages.
    """
    plan = rolling.plan
    demo = "DEMO · " if plan.is_demo else ""
    lines = [f"{demo}{title(rolling)} · {visible_line(plan.cluster)}"]
    lines += [f"order    {sentence}" for sentence in order_words(rolling)]
    for batch in rolling.batches:
        lines.append(f"batch    {batch.number} of {len(rolling.batches)}, {visible_line(batch.label)}")
        lines += [
            f"target   {member + 1}. {_target(plan.steps[member], batch, now, is_mixed=_is_mixed(rolling))}"
            for member in batch.members
        ]
    lines += _commands(plan.steps)
    for number, step in enumerate(plan.steps, 1):
        lines += [f"note     {number}. {visible_line(step.note)}"] if step.note else []
        lines += [f"against  {number}. {visible_line(step.blocked)}"] if step.blocked else []
    lines += [f"left     {visible_line(target)}: not in this run, it stays on the list" for target in rolling.left_out]
    lines += [f"hits     {visible_line(sentence)}" for sentence in plan.blast_radius]
    return lines


def order_words(rolling: RollingPlan) -> list[str]:
    """How large the batches are, what the gate between them waits for, what stops it, and why this order."""
    settings, total = rolling.settings, len(rolling.plan.steps)
    canary = f"first {settings.canary}, then " if settings.canary else ""
    steps = f"{total} step{'s' if total > 1 else ''} in {len(rolling.batches)} batch"
    ends = "first one that is not verified" if not settings.max_failures else f"{settings.max_failures + 1}. failure"
    idle = ["a node is looked at again before its step: only while no app runs there"] if settings.idle_only else []
    return [
        f"{steps}{'es' if len(rolling.batches) > 1 else ''}: {canary}{settings.batch} at a time; ends at the {ends}",
        f"a batch begins when the one before is proved and has stayed so for {duration_text(rolling.settle_seconds)}",
        *idle,
        *(visible_line(note) for note in rolling.notes),
    ]


def _is_mixed(rolling: RollingPlan) -> bool:
    return len({step.action for step in rolling.plan.steps}) > 1


def _target(step: Step, batch: Batch, now: float, *, is_mixed: bool) -> str:
    words = [VERBS[step.action]] if is_mixed else []
    words.append(f"{step.target.node}/{step.target.service}")
    if batch.follows:
        words.append("once it is stopped")
    elif step.before.state:
        before = step.before
        seen = "never seen" if before.seen_at is None else f"seen {age_text(now - before.seen_at)} ago"
        words += [before.state, pid_words(before.state, before.pid), uptime_words(before, now), seen]
    if step.answers_url:
        words.append(step.answers_url)
    return visible_line("  ".join(word for word in words if word))


def _commands(steps: tuple[Step, ...]) -> list[str]:
    """Each command with the numbers of its targets, its user and its proof."""
    groups: dict[tuple[ActionName, tuple[str, ...], tuple[str, str], tuple[str, ...]], list[int]] = {}
    for number, step in enumerate(steps, 1):
        key = (step.action, step.argv, as_words(step), _proofs(step))
        groups.setdefault(key, []).append(number)
    lines: list[str] = []
    for (_, argv, runs_as, proofs), numbers in groups.items():
        where = "" if len(groups) == 1 else f"   for {_ranges(numbers)}"
        lines.append(f"runs     {argv_line(argv)}{where}")
        lines.append(f"as       {'  '.join(filter(None, runs_as))}")
        lines += [f"proof    {sentence}" for sentence in proofs]
    return lines


def _proofs(step: Step) -> tuple[str, ...]:
    """What must be seen, without the URL that stands beside the target."""
    return proof_words([replace(step, expect=step.expect.replace(step.answers_url or _NO_URL, "its URL"))])


def _ranges(numbers: list[int]) -> str:
    """`1-3, 7`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def look_lines(steps: Sequence[Step]) -> list[str]:
    """The commands that only look what became of some steps, each with its nodes."""
    nodes: dict[str, list[str]] = {}
    for step in steps:
        nodes.setdefault(argv_line(step.proof_argv), []).append(visible_line(step.target.node))
    return [f"{', '.join(dict.fromkeys(names))}: {line}" for line, names in nodes.items()]
