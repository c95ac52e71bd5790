"""What a card says while and after a plan is carried out: pure, from progress to words."""

from __future__ import annotations

from typing import Any

from aen_tui.actions.card_text import proof_words, step_name
from aen_tui.model.plans import HEARD, Result
from aen_tui.model.text import visible_line
from aen_tui.ui.presentation.fields import Field, Span
from aen_tui.ui.presentation.format import duration_text
from aen_tui.ui.presentation.plan_progress import PlanProgress, StepProgress

_LOOKS = {
    Result.VERIFIED: ("✔", "VERIFIED", "ok!"),
    Result.FAILED: ("✖", "FAILED", "critical!"),
    Result.UNVERIFIED: ("?", "UNVERIFIED", "warning!"),
    Result.REFUSED: ("✖", "REFUSED", "critical!"),
    Result.CLAIMED: ("…", "claimed", "accent!"),
}
_RUNNING = ("…", "running", "accent!")
_ASCII = {"✔": "+", "✖": "X", "…": "~"}
_LIST_LIMIT = 6


def verdict(result: Result | None, *, is_ascii: bool = False) -> Span:
    """Glyph and word of a result; `running` before there is one."""
    glyph, word, role = _RUNNING if result is None else _LOOKS.get(result, ("?", result.value, "text!"))
    return (f"{_ASCII.get(glyph, glyph) if is_ascii else glyph} {word}", role)


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.1f} s" if seconds < 60 else duration_text(seconds)


def _pids(entry: StepProgress) -> str:
    if entry.pid_after is None:
        return ""
    before = entry.step.before.pid
    return f"pid {entry.pid_after}" if before is None else f"pid {before} → {entry.pid_after}"


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        shown = ", ".join(str(item) for item in value[:_LIST_LIMIT])
        return f"{shown}, …" if len(value) > _LIST_LIMIT else shown
    if isinstance(value, float):
        return f"{value:.1f}"
    return str(value)


def rests_on(entry: StepProgress) -> str:
    """What the result rests on, as the runtime reported it; what was expected where it said nothing."""
    seen = [str(one) for one in entry.detail.get("rests_on", ())]
    others = [
        f"{key.replace('_', ' ')}: {_value(value)}"
        for key, value in entry.detail.items()
        if key not in ("rests_on", "differs")
    ]
    return visible_line("; ".join([*seen, *others])) or "; ".join(proof_words([entry.step]))


def _claim(entry: StepProgress) -> str:
    """What the command said of itself, apart from what was seen."""
    if entry.claimed is None:
        return "the command's words are not known; "
    return "the command claimed success; " if entry.claimed else "the command claimed failure; "


def step_line(entry: StepProgress, now: float, *, is_over: bool = False, is_ascii: bool = False) -> tuple[Span, ...]:
    """One step: verdict, target, pids, seconds."""
    target = step_name(entry.step)
    if entry.started_at is None and entry.result is None:
        word = "not run" if is_over else "waiting"
        return ((f"{'.' if is_ascii else '·'} {word}  {target}", "muted"),)
    pids = _pids(entry)
    return (
        verdict(entry.result, is_ascii=is_ascii),
        (f"  {target}", "text!"),
        (f"  {pids.replace('→', '->') if is_ascii else pids}" if pids else "", "text"),
        (f"  {_seconds(entry.elapsed_seconds(now))}", "muted"),
    )


def _note(entry: StepProgress) -> tuple[Span, ...]:
    if entry.error:
        return ((visible_line(entry.error), "warning" if entry.result is Result.CLAIMED else "critical"),)
    if entry.started_at is None:
        return ()
    if entry.result is None:
        return (("the command is running", "muted"),)
    if entry.result is Result.CLAIMED:
        why = "the command returned, which proves nothing yet; waiting for "
        return ((why, "muted"), (visible_line(entry.step.expect), "text"))
    differs = "; ".join(visible_line(str(one)) for one in entry.detail.get("differs", ()))
    warning: tuple[Span, ...] = ((f"; differs from before: {differs}", "warning!"),) if differs else ()
    return ((f"{_claim(entry)}rests on ", "muted"), (rests_on(entry), "text"), *warning)


def fields(progress: PlanProgress, now: float, settle_seconds: float, *, is_ascii: bool = False) -> list[Field]:
    """The card's body from `y` on: the steps, each with what it rests on, and what is still watched."""
    rows: list[Field] = []
    bar = "|" if is_ascii else "▏"
    for entry in progress.steps:
        rows.append(Field("", step_line(entry, now, is_over=progress.is_finished, is_ascii=is_ascii)))
        if note := _note(entry):
            rows.append(Field("", (("  ", "text"), *note)))
        if entry.step.proof in HEARD:
            rows += [Field("", ((f"  {bar} {visible_line(line)}", "text"),)) for line in entry.lines]
    if progress.error and all(entry.error != progress.error for entry in progress.steps):
        rows.append(Field("", ((visible_line(progress.error), "critical"),)))
    left = progress.settle_left_seconds(settle_seconds, now)
    if left is not None:
        text = f"watched for {duration_text(left)} more: should it die by then, this card and the audit say so"
        rows.append(Field("", ((text, "muted"),)))
    return rows
