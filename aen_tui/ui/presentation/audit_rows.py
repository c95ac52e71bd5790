"""The audit in lines: a step a row, a step in full, what its verification says. Pure; every value made visible."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from aen_tui.model.command import executed, shell_line
from aen_tui.model.plans import Result
from aen_tui.model.text import visible_line
from aen_tui.runtime.audit_book import AuditStep
from aen_tui.runtime.audit_verify import Verdict
from aen_tui.ui.presentation.fields import Field, Span
from aen_tui.ui.presentation.progress_text import verdict as result_span
from aen_tui.ui.presentation.severity import Glyphs

Line = list[Span]

_WIDE = 100
"""From this width on the day is shown, and longer names."""
_RESULT = 13
_ACTION_LEAST, _ACTION_MOST = 20, 30
_LIMIT = 300


def words(fields: Mapping[str, Any], key: str) -> str:
    """A value as one visible line; empty where there is none."""
    value = fields.get(key)
    return "" if value is None else visible_line(str(value), _LIMIT)


def heading(width: int) -> Line:
    """The titles over `audit_row`."""
    when, who, node, action = _widths(width)
    text = f"{'time':<{when}} {'who':<{who}} {'node':<{node}} {'action':<{action}} {'result':<{_RESULT}}"
    text += "reason" if width - len(text) >= len("reason") else ""
    return [(text, "faint")]


def audit_row(step: AuditStep, width: int, glyphs: Glyphs) -> Line:
    """A step: when, who, where, what, how it ended, why."""
    when, who, node, action = _widths(width)
    intent = step.intent
    user = step.colleague or words(intent, "user")
    return [
        (f"{_cut(moment(intent, when), when, glyphs)} ", "muted"),
        (f"{_cut(user, who, glyphs)} ", "accent" if step.colleague else "text"),
        (f"{_cut(words(intent, 'node'), node, glyphs)} ", "text!"),
        (f"{_cut(what(step), action, glyphs)} ", "text"),
        _padded(result(step, is_ascii=glyphs.is_ascii)),
        (words(intent, "reason"), "muted"),
    ]


def _widths(width: int) -> tuple[int, int, int, int]:
    """Cells of time, who, node and action; the reason has the rest."""
    when, who, node = (14, 10, 16) if width >= _WIDE else (8, 6, 10)
    left = width - when - who - node - _RESULT - 4
    return when, who, node, max(8, left if left < _ACTION_LEAST else min(_ACTION_MOST, max(_ACTION_LEAST, left // 2)))


def _cut(text: str, cells: int, glyphs: Glyphs) -> str:
    return text.ljust(cells) if len(text) <= cells else text[: cells - 1] + glyphs.ellipsis


def _padded(span: Span) -> Span:
    return (span[0].ljust(_RESULT), span[1])


def what(step: AuditStep) -> str:
    """`restart wk-compute`; the command where the record names no action."""
    found = " ".join(filter(None, (words(step.intent, "action"), words(step.intent, "service"))))
    return found or argv(step.intent)


def argv(fields: Mapping[str, Any]) -> str:
    """Exactly what was executed, quoted as a shell would need it."""
    given, environment = ([str(part) for part in fields.get(key) or ()] for key in ("argv", "environment"))
    parts = executed(given, environment)
    try:
        return visible_line(shell_line(parts))
    except ValueError:  # a NUL, which no command can carry
        return visible_line(repr(parts))


def result(step: AuditStep, *, is_ascii: bool) -> Span:
    """Glyph, word and colour of how it ended."""
    if step.outcome is None:
        return ("? NO OUTCOME", "warning!")
    word = words(step.outcome, "result")
    if word in {one.value for one in Result}:
        return result_span(Result(word), is_ascii=is_ascii)
    return (f"{'.' if is_ascii else '·'} {word}", "muted")


def moment(fields: Mapping[str, Any], cells: int = 19) -> str:
    """The local time of a record in so many cells: 8, 14 or 19."""
    text = words(fields, "at")
    try:
        local = time.localtime(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError, OSError):
        return text
    return time.strftime({8: "%H:%M:%S", 14: "%m-%d %H:%M:%S"}.get(cells, "%Y-%m-%d %H:%M:%S"), local)


def search_text(step: AuditStep) -> str:
    """What a filter looks into."""
    reason, node, cluster = (words(step.intent, key) for key in ("reason", "node", "cluster"))
    user = step.colleague or words(step.intent, "user")
    parts = (user, node, cluster, what(step), result(step, is_ascii=True)[0], reason, argv(step.intent))
    return " ".join(parts).lower()


class Counts(NamedTuple):
    """How many steps there are."""

    shown: int
    total: int
    hidden: int
    """Reads under sudo that are left out."""
    key: str
    """What shows them."""


def verdict_line(verdict: Verdict | None, counts: Counts, glyphs: Glyphs) -> Line:
    """Whether the records are as they were written, how many are shown, and how many reads are not."""
    shown, total, hidden, key = counts
    count = f"{total} step{'s' * (total != 1)}" if shown == total else f"{shown} of {total} steps"
    if hidden:
        it, them = ("read", "it") if hidden == 1 else ("reads", "them")
        count += f", {hidden} {it} hidden" + (f" ({key} shows {them})" if key else "")
    if verdict is None:
        return [(f"{glyphs.connecting} ", "unknown"), ("verifying the chain", "muted"), (f"  {count}", "muted")]
    tail: Line = [(f"  {count}", "muted"), (f"  {visible_line(verdict.syslog)}" if verdict.syslog else "", "faint")]
    if verdict.faults:
        more = f" (and {len(verdict.faults) - 1} more)" if len(verdict.faults) > 1 else ""
        why = visible_line(f"{verdict.faults[0]}{more}")
        return [(f"{glyphs.critical} CHANGED ", "critical!"), (why, "critical"), *tail]
    if verdict.doubts:
        return [(f"{glyphs.warning} DOUBT ", "warning!"), (visible_line(verdict.doubts[0]), "warning"), *tail]
    return [(f"{glyphs.ok} WHOLE", "ok!"), (f" {verdict.records} records", "muted"), *tail]


def details(step: AuditStep, *, is_ascii: bool) -> list[Field]:
    """Everything recorded of a step."""
    intent, last = step.intent, step.last
    origin = intent.get("claimed_origin")
    claims = (f"{key} {value}" for key, value in origin.items()) if isinstance(origin, Mapping) else ()
    login = "nobody logged in" if intent.get("login_uid") is None else f"login uid {words(intent, 'login_uid')}"
    place = f"{words(intent, 'cluster')}:{words(intent, 'node')}"
    pids = f"pid {words(last, 'pid_before') or 'none'} {'->' if is_ascii else '→'} {words(last, 'pid_after') or 'none'}"
    said = {True: "success", False: "failure"}.get(last.get("claimed"), "nothing that is known")  # type: ignore[arg-type]
    demo = "DEMO  " if intent.get("is_demo") else ""
    rows: Sequence[tuple[str, str, str]] = (
        ("what", what(step), "text!"),
        ("where", f"{demo}{place}", "text"),
        ("runs", argv(intent), "text"),
        ("as", words(intent, "run_as"), "text"),
        ("proof", argv({**intent, "argv": intent["proof"]}) if intent.get("proof") else "", "text"),
        ("began", moment(intent), "text"),
        ("ended", moment(step.outcome) if step.outcome is not None else "", "text"),
        ("pids", pids if step.outcome is not None else "", "text"),
        ("said", said if step.outcome is not None else "", "text"),
        ("rests on", visible_line("; ".join(map(str, last.get("rests_on") or ()))), "text"),
        ("error", words(last, "error"), "critical"),
        ("reason", words(intent, "reason"), "text"),
        ("who", f"{words(intent, 'user')}, uid {words(intent, 'uid') or '?'}, {login}", "text"),
        ("claims", visible_line(", ".join(claims), _LIMIT), "muted"),
        ("copy", f"{visible_line(step.colleague)}'s copy: not verified here" if step.colleague else "", "warning"),
        ("id", words(intent, "id"), "muted"),
        ("hash", words(last, "hash"), "muted"),
    )
    found = [Field(label, ((value, role),)) for label, value, role in rows if value]
    return [Field("result", (result(step, is_ascii=is_ascii),)), *found]
