"""A plan in words: the card's sentences, and the whole card line by line for a terminal.

A screen lays the same words out in its own way. Every string of a node is made visible here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aen_tui.actions.changes import pid_words
from aen_tui.actions.commands import LOGIN, NO_SUDO
from aen_tui.model.age import age_text, duration_text
from aen_tui.model.command import executed, shell_line
from aen_tui.model.plans import ActionName, Known, Plan, Proof, Risk, Step
from aen_tui.model.text import visible_line

VERBS: Mapping[ActionName, str] = {
    ActionName.RESTART: "restart",
    ActionName.START: "start",
    ActionName.STOP: "stop",
    ActionName.RELOAD_NGINX: "reload nginx",
    ActionName.REREAD: "reread the configuration",
    ActionName.UPDATE: "update to the configuration",
    ActionName.RELOAD: "reload the whole supervisord",
    ActionName.TRY_ACL: "try ACLs in projects",
    ActionName.TRY_CLONE: "try a clone of the root environment",
}
_TEST = "test of the configuration"
ORDER = "as numbered; stops at the first that is not verified"
"""What is said of a plan with several steps."""
CLEAN_UP = "clean-up: carried out also where a step before it failed, or it was broken off"


def card_text(plan: Plan, now: float) -> list[str]:
    """What will be done, where, as whom, what it hits and what proves it.

    Args:
        plan: what is shown.
        now: monotonic seconds, for the ages.
    """
    demo = "DEMO · " if plan.is_demo else ""
    lines = [f"{demo}{VERBS[plan.action]} · {visible_line(plan.cluster)}"]
    for number, step in enumerate(plan.steps, 1):
        lines += _step(step, f"{number}. " if len(plan.steps) > 1 else "", now)
    if len(plan.steps) > 1:
        lines.append(f"order    {order_words(plan.steps)}")
    lines += [f"hits     {visible_line(sentence)}" for sentence in plan.blast_radius]
    return lines


def confirmation(plan: Plan) -> str:
    """What the card wants before it acts."""
    return "y" if plan.risk is Risk.KEY else visible_line(plan.word)


def question(plan: Plan) -> str:
    """The question that asks for it."""
    if plan.risk is Risk.KEY:
        return f"{VERBS[plan.action]}? [y/N] "
    return f"type {confirmation(plan)} to {VERBS[plan.action]}: "


def argv_line(argv: Sequence[str]) -> str:
    """Exactly what is executed, quoted as a shell would need it."""
    try:
        line = shell_line(executed(argv))
    except ValueError:  # a NUL, which no command can carry
        line = repr(tuple(argv))
    return visible_line(line)


def order_words(steps: Sequence[Step]) -> str:
    """In which order several steps are carried out, and which of them whatever happens."""
    return f"{ORDER}, but for clean-ups" if any(step.removes for step in steps) else ORDER


def step_words(step: Step) -> str:
    """What one step does: `restart`, `reread`, `test of the configuration`."""
    if step.does:
        return visible_line(step.does)
    if step.action is ActionName.UPDATE:
        return visible_line(step.argv[-1])
    if step.action is ActionName.RELOAD_NGINX:
        return _TEST if step.proof is Proof.OUTPUT else "reload"
    return step.action.value


def step_name(step: Step) -> str:
    """`NODE/SERVICE`, and where an action is several steps on it, which of them."""
    target = _target(step)
    is_one_of_several = bool(step.does) or step.action in (ActionName.UPDATE, ActionName.RELOAD_NGINX)
    return f"{target}  {step_words(step)}" if is_one_of_several else target


def as_words(step: Step) -> tuple[str, str]:
    """The user a step runs as, and what sudo will be asked; the second empty where it is not."""
    user = "the login user" if step.user == LOGIN else visible_line(step.user)
    if step.met is not None:
        return user, f"sudo: {visible_line(step.met.words)}"
    return user, "" if step.sudo in ("", NO_SUDO) else f"sudo: {visible_line(step.sudo)}"


def proof_words(steps: Sequence[Step]) -> tuple[str, ...]:
    """What must be seen afterwards, and by which command where the probe may not see it; none twice."""
    found: dict[str, None] = {}
    for step in steps:
        found[visible_line(step.expect)] = None
        if step.proof_argv:
            found[f"seen by {argv_line(step.proof_argv)}"] = None
    return tuple(found)


def uptime_words(known: Known, now: float) -> str:
    """`up 18d3h`; empty where it is not known."""
    if known.uptime_seconds is None or known.seen_at is None:
        return ""
    return f"up {duration_text(known.uptime_seconds + max(0.0, now - known.seen_at))}"


def _step(step: Step, mark: str, now: float) -> list[str]:
    return [
        f"target   {mark}{step_name(step) if step.does else _target(step)}{_known(step.before, now)}",
        f"runs     {argv_line(step.argv)}",
        f"as       {'  '.join(filter(None, as_words(step)))}",
        *([f"also     {CLEAN_UP}"] if step.removes else []),
        *([f"note     {visible_line(step.note)}"] if step.note else []),
        *([f"against  {visible_line(step.blocked)}"] if step.blocked else []),
        *(f"proof    {sentence}" for sentence in proof_words([step])),
    ]


def _target(step: Step) -> str:
    return visible_line(f"{step.target.node}/{step.target.service}")


def _known(known: Known, now: float) -> str:
    if not known.state:
        return ""
    seen = "never seen" if known.seen_at is None else f"seen {age_text(now - known.seen_at)} ago"
    parts = [visible_line(known.state), pid_words(known.state, known.pid), uptime_words(known, now), seen]
    return "".join(f"  {part}" for part in parts if part)
