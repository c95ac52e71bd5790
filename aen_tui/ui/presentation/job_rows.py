"""Jobs in lines: a job a row, its batches and their members, what a member's command printed. Pure."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass

from aen_tui.actions.card_text import VERBS
from aen_tui.model.age import duration_text
from aen_tui.model.jobs import BatchState, JobPhase, JobState, MemberPhase, MemberState
from aen_tui.model.plans import Result
from aen_tui.ui.presentation.fields import Span
from aen_tui.ui.presentation.progress_text import verdict
from aen_tui.ui.presentation.severity import Glyphs, plain

Line = list[Span]

_WORD = 12
_BAR, _WIDE_BAR = 10, 24
_WIDE = 100
_NAME_MOST = 24
_SHOWN_LEFT = 3
_SHOWN_WHY = 2
_LABEL = 6

_CLAIMED = "the command has returned, which proves nothing: its process is watched, then for the gate's time"

_MEMBERS = {
    MemberPhase.WAITING: ("·", ".", "waiting", "muted"),
    MemberPhase.RUNNING: ("◐", "*", "running", "accent!"),
    MemberPhase.CLAIMED: ("…", "~", "claimed", "accent!"),
    MemberPhase.VERIFIED: ("✔", "+", "VERIFIED", "ok!"),
    MemberPhase.FAILED: ("✖", "X", "FAILED", "critical!"),
    MemberPhase.UNVERIFIED: ("?", "?", "UNVERIFIED", "warning!"),
    MemberPhase.SKIPPED: ("»", ">", "skipped", "muted!"),
}
_CELLS = {
    MemberPhase.WAITING: ("░", ".", "faint"),
    MemberPhase.RUNNING: ("▓", ">", "accent"),
    MemberPhase.CLAIMED: ("▓", ">", "accent"),
    MemberPhase.VERIFIED: ("█", "#", "ok"),
    MemberPhase.FAILED: ("█", "X", "critical"),
    MemberPhase.UNVERIFIED: ("█", "?", "warning"),
    MemberPhase.SKIPPED: ("▒", "-", "muted"),
}
_AS_IN_THE_BAR = (
    MemberPhase.VERIFIED,
    MemberPhase.FAILED,
    MemberPhase.UNVERIFIED,
    MemberPhase.SKIPPED,
    MemberPhase.CLAIMED,
    MemberPhase.RUNNING,
    MemberPhase.WAITING,
)
_WORST_FIRST = (
    MemberPhase.FAILED,
    MemberPhase.UNVERIFIED,
    MemberPhase.RUNNING,
    MemberPhase.CLAIMED,
    MemberPhase.SKIPPED,
    MemberPhase.WAITING,
    MemberPhase.VERIFIED,
)


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A row of a job's tree: a batch's head, or one of its members."""

    batch: BatchState
    member: MemberState | None = None


def can_resume(state: JobState) -> bool:
    """Whether something of it is left that can be gone on with."""
    return state.is_rolling and state.has_ended and bool(state.left)


def job_sign(state: JobState, *, is_ascii: bool) -> Span:
    """Glyph, word and colour of how a job is doing."""
    if state.phase is JobPhase.RUNNING:
        return verdict(None, is_ascii=is_ascii)
    if state.phase is JobPhase.PAUSED:
        return (f"{'=' if is_ascii else '‖'} PAUSED", "warning!")
    if state.phase is JobPhase.ABORTED and state.result is not Result.FAILED:
        return (f"{'#' if is_ascii else '■'} ABORTED", "warning!")
    return verdict(state.result, is_ascii=is_ascii)


def member_sign(phase: MemberPhase, *, is_ascii: bool) -> Span:
    """Glyph, word and colour of how a member is doing."""
    glyph, plain, word, role = _MEMBERS[phase]
    return (f"{plain if is_ascii else glyph} {word}", role)


def bar(state: JobState, cells: int, *, is_ascii: bool) -> Line:
    """All members from left to right in so many cells; where one cell stands for several, the worst of them."""
    members = state.members
    total = len(members)
    if not total:
        return [(" " * cells, "text")]
    found: Line = []
    for cell in range(cells):
        first = cell * total // cells
        last = max(first + 1, (cell + 1) * total // cells)
        phases = {member.phase for member in members[first:last]}
        glyph, plain, role = _CELLS[next(phase for phase in _WORST_FIRST if phase in phases)]
        mark = plain if is_ascii else glyph
        if found and found[-1][1] == role and found[-1][0][-1] == mark:
            found[-1] = (found[-1][0] + mark, role)
        else:
            found.append((mark, role))
    return found


def times(state: JobState, now: float) -> str:
    """`34s of about 1m20s`; `took 2m` once it is over."""
    elapsed = duration_text(state.elapsed_seconds(now))
    if state.has_ended:
        return f"took {elapsed}"
    return elapsed if state.expected_seconds is None else f"{elapsed} of about {duration_text(state.expected_seconds)}"


def note_words(state: JobState) -> str:
    """What it waits for."""
    if state.phase is JobPhase.PAUSED and state.is_busy:
        return f"{state.note}: what runs goes on to its end, nothing further begins"
    return state.note


def job_row(state: JobState, now: float, width: int, glyphs: Glyphs) -> Line:
    """A job: how it does, how far it is, when it began, what it does, for how long."""
    word, role = job_sign(state, is_ascii=glyphs.is_ascii)
    done, total = state.progress
    is_wide = width >= _WIDE
    began = time.strftime("%m-%d %H:%M:%S" if is_wide else "%H:%M", time.localtime(state.started_wall))
    return [
        (f"{word:<{_WORD}} ", role),
        *bar(state, _WIDE_BAR if is_wide else _BAR, is_ascii=glyphs.is_ascii),
        (f" {done:>2}/{total:<2} ", "text!"),
        (f"{began}  ", "muted"),
        (plain(state.title, glyphs), "text"),
        (f"  {times(state, now)}" if is_wide else "", "muted"),
        (f"  {note_words(state)}" if state.note else "", "warning"),
    ]


def summary(state: JobState, now: float, width: int, glyphs: Glyphs, copy_key: str = "c") -> list[Line]:
    """The chosen job: a bar over the whole width, counts and times, why it ended, what is left, how to go on."""
    done, total = state.progress
    counts = _counts(state, glyphs)
    tail = f" {done} of {total}  {times(state, now)}"
    cells = max(8, width - len(tail))
    lines: list[Line] = [[*bar(state, cells, is_ascii=glyphs.is_ascii), (tail, "text!")], counts]
    if state.note:
        lines[1] = [*counts, (f"  {note_words(state)}", "warning!")]
    for remark in state.remarks:
        lines += _wrapped("note", plain(remark, glyphs), "warning", width)[:_SHOWN_WHY]
    if state.error:
        role = "critical" if state.result is Result.FAILED else "warning"
        lines += _wrapped("why", plain(state.error, glyphs), role, width)[:_SHOWN_WHY]
    if state.left:
        shown = ", ".join(state.left[:_SHOWN_LEFT])
        more = f" and {len(state.left) - _SHOWN_LEFT} more" if len(state.left) > _SHOWN_LEFT else ""
        lines.append([("left  ", "muted"), (plain(f"{shown}{more}", glyphs), "text!")])
    if state.commands:
        lines.append([("again ", "muted"), (f"{copy_key} copies  ", "faint"), (state.commands[0], "accent")])
    return lines


def tree_rows(state: JobState) -> list[TreeRow]:
    """Every batch, each followed by its members; a job that is no rolling one has members only."""
    rows: list[TreeRow] = []
    for batch in state.batches:
        if state.is_rolling:
            rows.append(TreeRow(batch))
        rows += [TreeRow(batch, member) for member in batch.members]
    return rows


def tree_row(row: TreeRow, state: JobState, now: float, width: int, glyphs: Glyphs) -> Line:
    """One row of the tree."""
    if row.member is None:
        return _batch_row(row.batch, state, glyphs)
    return _member_row(row.member, state, now, width, glyphs)


def _batch_row(batch: BatchState, state: JobState, glyphs: Glyphs) -> Line:
    begun = any(member.phase is not MemberPhase.WAITING for member in batch.members)
    ended = sum(member.has_ended for member in batch.members)
    role = "text!" if begun and not batch.has_ended else "muted"
    words = f"batch {batch.number} of {len(state.batches)}"
    label = "" if batch.label == "batch" else f" {glyphs.dot} {batch.label}"
    return [(f"{words}{label}", role), (f"  {ended}/{len(batch.members)}" if begun else "", "muted")]


def _member_row(member: MemberState, state: JobState, now: float, width: int, glyphs: Glyphs) -> Line:
    members = state.members
    node = min(_NAME_MOST, max(len(one.node) for one in members))
    service = min(_NAME_MOST, max(len(one.service) for one in members))
    word, role = member_sign(member.phase, is_ascii=glyphs.is_ascii)
    if member.phase is MemberPhase.WAITING and state.has_ended:
        word = word.replace("waiting", "not run")
    verb = f"{VERBS[member.action]} " if len({one.action for one in members}) > 1 else ""
    is_waiting = member.phase is MemberPhase.WAITING
    line: Line = [
        ("  " if state.is_rolling else "", "text"),
        (f"{word:<{_WORD}} ", role),
        (f"{_cut(member.node, node, glyphs)} ", "muted" if is_waiting else "text!"),
        (f"{verb}{_cut(member.service, service, glyphs)} ", "muted" if is_waiting else "text"),
        (f" {_seconds(member, now):<16}", "muted"),
    ]
    pids = _pids(member, glyphs)
    if member.error:
        role = "critical" if member.phase is MemberPhase.FAILED else "warning"
        line.append((f" {plain(member.error, glyphs)}", role))
    elif pids:
        line.append((f" {pids}", "text"))
    return line


def _seconds(member: MemberState, now: float) -> str:
    elapsed, expected = member.elapsed_seconds(now), member.expected_seconds
    if elapsed is None:
        return "" if expected is None or member.has_ended else f"about {duration_text(expected)}"
    if member.has_ended or expected is None:
        return duration_text(elapsed)
    return f"{duration_text(elapsed)} of {duration_text(expected)}"


def _pids(member: MemberState, glyphs: Glyphs) -> str:
    arrow = "->" if glyphs.is_ascii else "→"
    if member.pid_after is not None:
        return f"pid {member.pid_before or 'none'} {arrow} {member.pid_after}"
    return "" if member.pid_before is None else f"pid {member.pid_before}"


def output_lines(row: TreeRow | None, state: JobState | None, width: int, glyphs: Glyphs) -> list[Line]:
    """What is known of the row under the cursor: of a member what its command printed and what its result rests on."""
    if row is None or state is None:
        return []
    if row.member is None:
        words = "begins when the batch before is proved and has stayed so" if row.batch.number > 1 else "begins first"
        return [[(words, "muted")]]
    member = row.member
    lines: list[Line] = []
    if member.phase is MemberPhase.CLAIMED:
        lines += _wrapped("", _CLAIMED, "muted", width)
    if member.error:
        role = "critical" if member.phase is MemberPhase.FAILED else "warning"
        lines += _wrapped("why", plain(member.error, glyphs), role, width)
    for text in member.lines:
        lines += [[(part, "text")] for part in textwrap.wrap(text, max(8, width), replace_whitespace=False) or [""]]
    if not member.lines:
        lines.append([(_nothing_printed(member), "faint")])
    for key, value in member.detail:
        lines += _wrapped(key.replace("_", " "), plain(value, glyphs), "text", width)
    return lines


def _nothing_printed(member: MemberState) -> str:
    if member.phase is MemberPhase.WAITING:
        return "its command has not been run"
    if member.phase is MemberPhase.RUNNING:
        return "its command is running: what it prints is shown once it returns"
    return "nothing was run" if member.started_at is None else "its command printed nothing"


def _counts(state: JobState, glyphs: Glyphs) -> Line:
    found: Line = []
    for phase in _AS_IN_THE_BAR:
        count = sum(member.phase is phase for member in state.members)
        if count:
            glyph, plain, word, role = _MEMBERS[phase]
            mark = plain if glyphs.is_ascii else glyph
            word = "not run" if phase is MemberPhase.WAITING and state.has_ended else word
            found += [("  " if found else "", "text"), (f"{mark} {count} {word}", role)]
    return found


def title_words(state: JobState | None, glyphs: Glyphs) -> str:
    """For the heading over the tree: its id, and why it was begun."""
    if state is None:
        return ""
    return plain(f"{state.id} · {state.reason}" if state.reason else state.id, glyphs)


def question(states: Sequence[JobState]) -> list[str]:
    """What is on its way, a line each, for who would leave."""
    found = []
    for state in states:
        done, total = state.progress
        found.append(f"{state.title}: {done} of {total}")
    return found


def _wrapped(label: str, text: str, role: str, width: int) -> list[Line]:
    """A labelled text over as many lines as it needs."""
    gap = max(_LABEL, len(label) + 1) if label else 0
    parts = textwrap.wrap(text, max(8, width - gap)) or [""]
    return [[((label if not index else "").ljust(gap), "muted"), (part, role)] for index, part in enumerate(parts)]


def _cut(text: str, cells: int, glyphs: Glyphs) -> str:
    return text.ljust(cells) if len(text) <= cells else text[: cells - 1] + glyphs.ellipsis
