"""A search in logs on the nodes, in lines: how far it is, who has hits, the hits. Pure; all texts are made safe."""

from __future__ import annotations

from collections.abc import Mapping

from aen_tui.model.logs import LogKey
from aen_tui.model.text import visible_line
from aen_tui.runtime.log_search import Found, LogSearch
from aen_tui.state.patterns import BytesPattern
from aen_tui.ui.presentation.fields import Span
from aen_tui.ui.presentation.format import bytes_text
from aen_tui.ui.presentation.log_text import moment_text
from aen_tui.ui.presentation.log_words import line_words
from aen_tui.ui.presentation.severity import Glyphs

Line = list[Span]

TIME_CELLS = 12
_SHOWN_MATCHES = 8
_MORE = {"hits": "more hits than are shown", "bytes": "more bytes than are read"}


def state_line(search: LogSearch, now: float, glyphs: Glyphs) -> Line:
    """What is looked for, and how far it is."""
    if search.was_cancelled:
        sign: Span = (f" {glyphs.stopped} cancelled ", "warning!")
    elif search.is_over:
        sign = (f" {glyphs.ok} done ", "ok!")
    else:
        sign = (f" {glyphs.starting} searching ", "accent!")
    since = f" since {moment_text(search.since, now)}" if search.since is not None else ""
    line: Line = [sign, (f"{visible_line(search.pattern.text, 60)}", "text!"), (since, "muted")]
    facts = [
        f"{len(search.hits):,} hits",
        f"{len(search.done)} of {len(search.counts)} nodes",
        f"{bytes_text(search.read_bytes)} read",
    ]
    line.append((f"  {f' {glyphs.dot} '.join(facts)}", "muted"))
    for word, logs in search.capped.items():
        line.append((f"  {glyphs.warning} {_MORE[word]}: {logs} log{'s' if logs > 1 else ''}", "warning"))
    return line


def count_line(search: LogSearch) -> Line:
    """How many hits each node has, most first; then what could not be searched."""
    line: Line = []
    for node, count in sorted(search.counts.items(), key=lambda one: (-one[1], one[0])):
        if count:
            line += [(f" {visible_line(node)} ", "text"), (f"{count:,} ", "accent")]
    return line


def error_line(search: LogSearch, glyphs: Glyphs) -> Line:
    """The first of what could not be searched, and how many more; empty where all could."""
    errors = search.errors
    if not errors:
        return []
    more = f"  (+{len(errors) - 1})" if len(errors) > 1 else ""
    return [(f" {glyphs.warning} {visible_line(errors[0], 300)}{more}", "warning")]


def hit_row(found: Found, names: Mapping[LogKey, str], pattern: BytesPattern, now: float) -> Line:
    """A hit: when, where, the line with what matches in it: as it stands in the file where only that matches."""
    hit = found.hit
    when = "" if found.moment is None else moment_text(found.moment, now)
    width = max(map(len, names.values()), default=0)
    line: Line = [(f"{when:<{TIME_CELLS}}", "muted"), (f"{names.get(hit.key, ''):<{width}} ", "accent")]
    words = hit.text if found.moment is None else line_words(hit.text, found.moment)
    return line + marked(words if pattern.search(words.encode("utf-8", "replace")) else hit.text, pattern)


def marked(text: str, pattern: BytesPattern) -> Line:
    """A text with the places that match."""
    data = text.encode("utf-8", "replace")
    spans: Line = []
    at = 0
    while len(spans) < 2 * _SHOWN_MATCHES and (match := pattern.search(data, at)) is not None:
        begin, end = match.start(), match.end()
        if end <= begin:
            break
        spans += [(_text(data[at:begin]), "text"), (_text(data[begin:end]), "warning!")]
        at = end
    return [*spans, (_text(data[at:]), "text")]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
