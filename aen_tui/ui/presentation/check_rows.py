"""Checks in lines: what was found and how old it is, columns that are letters, a row a check, one in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aen_tui.checks.preflight import documented, requirements
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.runtime.check_matrix import Column, Matrix, Row, Said
from aen_tui.ui.presentation.fields import Field, Span
from aen_tui.ui.presentation.format import age_text
from aen_tui.ui.presentation.severity import Glyphs, severity_sign

Line = list[Span]

_NAME_CELLS = 23
_MESSAGE_LEAST = (20, 30)
"""Cells kept for where and what, on a narrow and on a roomy screen."""
_WHERE_LEAST = 16
_ROOMY = 78
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LIMIT = 400
_OWN = {
    "connection": "The way to the node stands.",
    "http": "Every URL of the node answers, with less than 500, and a status document says ok.",
    "facts-current": "What requirements are judged by was gathered, and the last try did not fail.",
}
"""What those want that stand in no shelf."""

OLD_SECONDS = 300.0
"""Facts older than this are old: asked for anew when the view is opened, and told in another colour."""


def is_live(check: str) -> bool:
    """Whether it is judged anew with every word of a node; the others by facts that are gathered now and then."""
    return check != "facts-current" and all(check != one.id for one in requirements())


def shown_columns(matrix: Matrix, width: int) -> int:
    """How many columns fit beside names and messages."""
    room = (width - _NAME_CELLS - 3 - _MESSAGE_LEAST[width >= _ROOMY]) // 2
    return max(1, min(len(matrix.columns), room, len(_LETTERS)))


def state_line(
    matrix: Matrix, live: Sequence[bool], ages: Sequence[float | None], busy: int, width: int, glyphs: Glyphs
) -> Line:
    """`✖ 2 critical  ▲ 5 warning …`, on how many nodes that is live, the age of the facts, how many are being asked.

    Args:
        matrix: what is counted.
        live: of each node, whether it is up.
        ages: seconds since each node's facts were gathered; None where there are none.
        busy: nodes that are being asked.
        width: cells.
        glyphs: the theme's.
    """
    up = sum(live)
    shown: Span = ("live, ", "ok") if up == len(live) else (f"live on {up} of {len(live)}, ", "warning")
    rest = [shown, *_age(ages), *_asking(busy)]
    whole = [*_counts(matrix, glyphs, has_words=True), *rest]
    return whole if sum(len(text) for text, _ in whole) <= width else [*_counts(matrix, glyphs, has_words=False), *rest]


def unjudged_line(busy: int) -> Line:
    """The same before anything was judged: no counts, for none are known."""
    return [("not looked yet", "unknown"), *_asking(busy)]


def _counts(matrix: Matrix, glyphs: Glyphs, *, has_words: bool) -> Line:
    line: Line = []
    for severity in sorted(Severity, reverse=True):
        count = sum(1 for row in matrix.rows if row.severity is severity)
        sign = severity_sign(severity, glyphs)
        word = f" {sign.word}" if has_words else ""
        line.append((f"{sign.glyph} {count}{word}  ", sign.role if count else "faint"))
    return line


def _asking(busy: int) -> Line:
    return [(f"  asking {busy}", "accent")] if busy else []


def _age(ages: Sequence[float | None]) -> Line:
    """`facts 2s old`, `facts of 5 of 9, 2s to 1m old`: of how many stands first, for the age may be cut."""
    known = [age for age in ages if age is not None]
    if not known:
        return [("no facts yet", "unknown")]
    span = age_text(min(known))
    if age_text(max(known)) != span:
        span += f" to {age_text(max(known))}"
    of: Line = [(f"of {len(known)} of {len(ages)}, ", "unknown")] if len(known) < len(ages) else []
    role = "muted" if max(known) < OLD_SECONDS else "warning"
    return [("facts ", role), *of, (f"{span} old", role)]


def legend(matrix: Matrix, width: int, most_lines: int, glyphs: Glyphs) -> list[Line]:
    """What the letters over the columns stand for, the worst first; what does not fit is counted."""
    lines: list[Line] = [[]]
    used = 0
    columns = matrix.columns[: shown_columns(matrix, width)]
    for index, column in enumerate(columns):
        item = _item(index, column, glyphs, width)
        cells = sum(len(text) for text, _ in item)
        if used and used + cells > width:
            if len(lines) == most_lines:
                lines[-1].append((f"+{len(columns) - index}", "muted"))
                break
            lines.append([])
            used = 0
        lines[-1] += item
        used += cells
    return lines


def _item(index: int, column: Column, glyphs: Glyphs, width: int) -> Line:
    label = _cut(visible_line(column.label), max(8, width // 2), glyphs)
    return [(f"{_LETTERS[index]} ", "accent"), (label, severity_sign(column.severity, glyphs).role), ("   ", "text")]


def heading(matrix: Matrix, width: int) -> Line:
    """The titles over `check_row`."""
    count = shown_columns(matrix, width)
    more = f" +{len(matrix.columns) - count}" if len(matrix.columns) > count else ""
    return [
        (f"  {'check':<{_NAME_CELLS}}", "faint"),
        (" ".join(_LETTERS[:count]), "accent"),
        (f"{more}  where and what", "faint"),
    ]


def check_row(row: Row, matrix: Matrix, width: int, glyphs: Glyphs) -> Line:
    """A check: how bad, its name, a glyph for each column, where the worst is and what is said there."""
    count = shown_columns(matrix, width)
    sign = severity_sign(row.severity, glyphs)
    line: Line = [
        (f"{sign.glyph} ", sign.role),
        (
            f"{_cut(row.check, _NAME_CELLS - 1, glyphs):<{_NAME_CELLS}}",
            "text" if row.severity is Severity.OK else "text!",
        ),
    ]
    for cell in row.cells[:count]:
        found = severity_sign(cell, glyphs) if cell is not None else None
        line.append((f"{found.glyph if found else glyphs.absent} ", found.role if found else "faint"))
    line.append((" " * (len(heading(matrix, width)[2][0]) - len("  where and what") + 1), "text"))
    if row.severity is Severity.OK:
        return [*line, (_passed(row), "muted")]
    worst, cells = row.said[0], _where_cells(matrix, width)
    where = f"{_cut(worst.where, cells, glyphs)} "
    where = f"{where:<{cells + 1}}" if width >= _ROOMY else where  # else each cell is the message's
    others = sum(one.severity is not Severity.OK for one in row.said) - 1
    more = f" (+{others})" if others else ""
    if row.explained_by is not None:  # folded: what it says is a key away
        words = f"{glyphs.right} follows from {visible_line(row.explained_by, _LIMIT)}"
        return [*line, (where, "accent"), (words, "muted")]
    return [
        *line,
        (where, "accent"),
        (f"{visible_line(worst.message, _LIMIT)}{more}", sign.role),
    ]


def _where_cells(matrix: Matrix, width: int) -> int:
    """As wide for all that found something: what is said begins in one column."""
    return min(matrix.where_cells, max(_WHERE_LEAST, width // 5))


def _passed(row: Row) -> str:
    nodes = len({name for one in row.said for name in one.nodes})
    if len(row.said) == 1:
        return visible_line(row.said[0].message, _LIMIT)
    return f"holds on {nodes} nodes" if nodes > 1 else f"{visible_line(row.said[0].message, _LIMIT)} …"


def row_details(
    row: Row, facts: Mapping[str, float | None], heard: Mapping[str, float | None], glyphs: Glyphs
) -> list[Field]:
    """Everything that a check says, and what is documented.

    Args:
        row: the check.
        facts: seconds since each node's facts were gathered.
        heard: seconds since each node's probe said anything.
        glyphs: the theme's.
    """
    title, text = documented(row.check)
    text = text or _OWN.get(row.check, "")
    live, ages = is_live(row.check), heard if is_live(row.check) else facts
    fields = [Field("check", ((row.check, "text!"), (f"  {title}" if title else "", "muted")))]
    if text:
        fields.append(Field("wanted", ((text, "text"),)))
    for one in row.said:
        fields += [
            Field("", (("", "text"),)),
            *_said(one, ages, glyphs, "live, seen {} ago" if live else "facts {} old"),
        ]
    return fields


def _said(one: Said, ages: Mapping[str, float | None], glyphs: Glyphs, words: str) -> list[Field]:
    sign = severity_sign(one.severity, glyphs)
    known = [age for name in one.nodes if (age := ages.get(name)) is not None]
    old = words.format(age_text(max(known))) if known else "age not known"
    fields = [
        Field("nodes", ((visible_line(one.where), "accent"), (f"  {old}", "muted"))),
        Field("found", ((f"{sign.glyph} {sign.word} ", f"{sign.role}!"), (visible_line(one.message, _LIMIT), "text"))),
    ]
    if one.explained_by:
        fields.append(Field("cause", ((visible_line(one.explained_by, _LIMIT), "text"),)))
    if one.remedy:
        fields.append(Field("remedy", ((visible_line(one.remedy, _LIMIT), "text"),)))
    if one.seed:
        fields.append(Field("seed", ((one.seed, "muted"),)))
    return fields


def _cut(text: str, cells: int, glyphs: Glyphs) -> str:
    return text if len(text) <= cells else text[: cells - 1] + glyphs.ellipsis
