"""Every payload of the corpus through each function that makes text of a line for a screen, a file or a terminal."""

from __future__ import annotations

import pytest

from aen_tui.headless.log_lines import LinePrinter
from aen_tui.model.text import visible, visible_line
from aen_tui.state.lines import DrawnLine, TimedLog
from aen_tui.state.logbook import LogBooks
from aen_tui.ui.log_export import line_text, lines_text
from aen_tui.ui.presentation.log_json import read_json
from aen_tui.ui.screens.log_line import record_facts, record_text
from tests.support.hostile import Payload, corpus, harm_in
from tests.support.log_stage import SERVER_LOG, Feeder


def drawn(line: bytes) -> DrawnLine:
    books = LogBooks(limit_bytes=1 << 20)
    Feeder(books, 1_480_000_000.0).feed(SERVER_LOG, line)
    found = TimedLog(books.book(SERVER_LOG)).drawn(0)
    assert found is not None
    return found


def check(text: str, word: str) -> None:
    assert harm_in(text) is None
    assert word in text


@pytest.mark.parametrize("payload", corpus(), ids=lambda payload: payload.name)
def test_a_payload_is_text_everywhere(payload: Payload) -> None:
    line = drawn(payload.line)
    check(visible(payload.raw), payload.word)
    check(visible_line(payload.raw), payload.word)
    check(line_text(line, named=True), payload.word)
    check(lines_text([line, line]), payload.word)
    check(record_text([line]), payload.word)
    check(record_text([line], raw=True), payload.word)
    assert harm_in(record_facts([line])) is None
    for as_json in (True, False):
        printer = LinePrinter([SERVER_LOG], as_json=as_json, in_colour=False)
        check(printer.line(line).decode("utf-8"), payload.word)
    check(printer.bulk(SERVER_LOG, payload.line * 2).decode("utf-8"), payload.word)


@pytest.mark.parametrize("payload", corpus(), ids=lambda payload: payload.name)
def test_a_payload_in_json_is_text_everywhere(payload: Payload) -> None:
    """As its writer escapes it: what the file holds is harmless, what it means is not."""
    text = payload.raw.decode("utf-8", "surrogatepass") if is_unicode(payload.raw) else payload.word
    quoted = "".join(f"\\\\u{ord(char):04x}" if ord(char) < 0x10000 and not char.isalnum() else char for char in text)
    raw = f'{{"msg":"{quoted}","name":"{quoted}","{quoted}":["{quoted}"],"time":"{quoted}"}}\n'.replace("\\\\", "\\")
    line = drawn(raw.encode("utf-8", "surrogatepass"))
    parts = read_json(line.text)
    if parts is not None:
        check(" ".join(parts), payload.word)
    check(record_text([line]), payload.word)
    check(line_text(line, named=True), payload.word)


def is_unicode(raw: bytes) -> bool:
    try:
        raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True
