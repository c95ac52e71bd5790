"""Folding: one row for one message of many nodes, windows, bounds, fairness; what is new of books only."""

from __future__ import annotations

import time
from collections.abc import Mapping

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import Level, LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.zones import NodeTime, fixed_offset
from aen_tui.state import fold_scan, folding
from aen_tui.state.folding import Fold, Folding
from aen_tui.state.known_templates import LEARNING_SECONDS, KnownTemplates
from aen_tui.state.logbook import LogBooks
from tests.support.log_stage import Feeder

WALL = 1_476_885_802.0
UTC: dict[NodeName, NodeTime] = {}


def key(node: str, path: str = "/var/log/a.log") -> LogKey:
    UTC.setdefault(NodeName(node), NodeTime(0.0, fixed_offset(0)))
    return LogKey(NodeName(node), LogPath(path))


def line(text: str, at: float = WALL, level: str = "WARN") -> bytes:
    clock = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))
    return f"{clock},{int(at % 1 * 1000):03d} {level} {text}\n".encode()


class Stage:
    def __init__(self, *, limit_bytes: int = 64 << 20, known: KnownTemplates | None = None) -> None:
        self.books = LogBooks(limit_bytes)
        self.feeder = Feeder(self.books, WALL)
        self.folding = Folding(known)

    def feed(self, log: LogKey, data: bytes) -> None:
        self.feeder.feed(log, data)

    def look(self, times: Mapping[NodeName, NodeTime] = UTC) -> int:
        """A second; how many slices it took."""
        for book in self.books:
            self.folding.scan(book)
        self.folding.begin(times)
        slices = 1
        while self.folding.step(self.feeder.wall):
            slices += 1
        return slices

    def look_at_all(self) -> int:
        seconds = 1
        self.look()
        while self.folding.behind:
            self.look()
            seconds += 1
            assert seconds < 1000
        return seconds

    @property
    def rows(self) -> dict[bytes, Fold]:
        return {fold.template: fold for fold in self.folding.rows}

    def only(self) -> Fold:
        (fold,) = self.folding.rows
        return fold


def test_the_same_message_of_many_nodes_is_one_row() -> None:
    stage = Stage()
    for n in range(1, 26):
        stage.feed(key(f"compute1-{n}"), line(f"project {n} of 'u{n}' is full", WALL - n) + line("fine", level="INFO"))
    stage.look()
    fold = stage.only()
    assert fold.lines == 25 and fold.nodes == {f"compute1-{n}" for n in range(1, 26)}
    assert (fold.first, fold.last) == (WALL - 25, WALL - 1)
    assert fold.level is Level.WARNING and b"is full" in fold.sample


def test_times_are_the_nodes_clocks_corrected() -> None:
    stage = Stage()
    stage.feed(key("a"), line("x", WALL - 100))
    stage.feed(key("b"), line("x", WALL - 100 + 3600 + 7))
    stage.look({NodeName("a"): NodeTime(0.0, fixed_offset(0)), NodeName("b"): NodeTime(7.0, fixed_offset(3600))})
    fold = stage.only()
    assert fold.first == fold.last == WALL - 100


def test_a_later_time_begins_the_row_anew_an_earlier_one_is_only_counted() -> None:
    stage = Stage()
    stage.feed(key("a"), line("x", WALL - 1000) + line("x", WALL - 990) + line("x", WALL - 500) + line("x", WALL - 450))
    stage.feed(key("b"), line("x", WALL - 2000) + line("x", WALL - 470))
    stage.look()
    fold = stage.only()
    assert (fold.lines, fold.earlier, fold.first, fold.last) == (3, 3, WALL - 500, WALL - 450)
    assert fold.nodes == {"a", "b"}


def test_the_worst_level_and_its_line_stand_for_the_row() -> None:
    stage = Stage()
    stage.feed(key("a"), line("disk 5", level="WARN"))
    stage.look()
    before = stage.only()
    stage.feed(key("b"), b"2016-10-19 14:03:22,000 WARN disk 6 \n")
    stage.look()
    assert stage.only().sample == before.sample and stage.only() is not before
    shown = stage.only()
    stage.look()
    assert stage.only() is shown


def test_only_what_is_new_is_looked_at_and_each_line_once() -> None:
    stage = Stage()
    for n in range(50):
        stage.feed(key("a"), line("x", WALL + n / 10) + line("ok", level="INFO"))
        stage.look()
    assert stage.only().lines == 50
    assert stage.folding.left_out == 0 and not stage.folding.behind


def test_levels_below_a_warning_and_our_own_requests_are_no_rows() -> None:
    stage = Stage()
    stage.feed(key("a"), line("ERROR in words", level="INFO") + line("WARN", level="DEBG"))
    stage.feed(
        key("a", "/var/log/nginx/access.log"),
        b'1.2.3.4 - - [19/Oct/2016:14:03:22 +0000] "GET / HTTP/1.1" 502 0 "-" "aen-tui/0.1.0"\n'
        b'1.2.3.4 - - [19/Oct/2016:14:03:22 +0000] "GET /u HTTP/1.1" 502 0 "-" "curl/7"\n',
    )
    stage.look()
    assert stage.only().lines == 1 and b"curl" in stage.only().sample


def test_the_end_of_a_traceback_has_the_time_of_its_record() -> None:
    stage = Stage()
    record = line("unhandled", WALL - 900, "ERRO") + b"Traceback (most recent call last):\n"
    stage.feed(key("a"), record + b'  File "x.py", line 3, in f\n' * 20 + b"KeyError: 'alice'\n")
    stage.look()
    assert {fold.first for fold in stage.folding.rows} == {WALL - 900}
    assert b'KeyError: "*"' in stage.rows
    other = Stage()
    other.feed(key("a"), line("begin", WALL - 800, "INFO") + b"  at y\n" * 3 + b"ValueError: 3\n")
    other.look()
    assert other.only().first == WALL - 800


def test_a_log_without_times_counts_by_arrival() -> None:
    stage = Stage()
    stage.feed(key("a"), b"ERROR: no disk\n" * 100)
    stage.look()
    assert stage.only().first == stage.only().last == WALL and stage.only().lines == 100


def test_what_one_log_floods_is_spread_over_seconds_then_left_out_and_counted() -> None:
    stage = Stage()
    stage.feed(key("a"), b"".join(line(f"x {n}") for n in range(1000)))
    assert stage.look_at_all() == 1000 / fold_scan.LINES_A_SECOND
    assert stage.only().lines == 1000 and stage.folding.left_out == 0
    for _ in range(20):
        stage.feed(key("a"), b"".join(line(f"x {n}") for n in range(5000)))
        stage.look()
    stage.look_at_all()
    assert stage.folding.left_out + stage.only().lines == 1000 + 20 * 5000
    assert stage.folding.left_out > 80_000


def test_a_flood_in_one_log_hides_no_other() -> None:
    stage = Stage()
    for n in range(30):
        stage.feed(key(f"n{n}"), b"".join(line(f"x {i}") for i in range(400)))
    stage.feed(key("quiet"), line("lonely"))
    stage.look()
    assert b"WARN lonely" in stage.rows
    fold = stage.rows[b"WARN x #"]
    assert len(fold.sources) == 30 and fold.lines <= folding.LINES_A_SECOND
    stage.look_at_all()
    assert stage.rows[b"WARN x #"].lines == 30 * 400


def test_who_had_no_turn_is_first_in_the_next_second() -> None:
    stage = Stage()
    for n in range(600):
        stage.feed(key(f"n{n}"), b"".join(line(f"x {i}") for i in range(20)))
    stage.look()
    stage.look()
    stage.look()
    assert len(stage.only().sources) == 600


def test_a_big_log_without_warnings_is_looked_at_whole() -> None:
    stage = Stage()
    quiet = line("y" * 100, level="INFO") * 9000
    for _ in range(10):
        stage.feed(key("a"), quiet)
    stage.feed(key("a"), line("at last"))
    stage.look_at_all()
    assert b"WARN at last" in stage.rows and stage.folding.left_out == 0


def test_what_left_memory_before_it_was_looked_at_is_counted() -> None:
    stage = Stage(limit_bytes=20_000)
    stage.feed(key("a"), line("x"))
    stage.look()
    for n in range(100):
        stage.feed(key("a"), line(f"y {n}", level="INFO") * 200)
    stage.look_at_all()
    kept = stage.books.book(key("a"))
    assert 0 < stage.folding.left_out <= kept.dropped_lines
    stage.feed(key("a"), line("z"))
    stage.look()
    assert b"WARN z" in stage.rows


def test_lines_that_never_end_alike_keep_memory_bounded() -> None:
    stage = Stage()
    letters = "abcdefghij"
    words = ["".join(letters[int(d)] for d in str(n)) for n in range(folding.KEPT_ROWS + 300)]
    stage.feed(key("a"), b"".join(line(f"user {word}") for word in words))
    stage.look_at_all()
    assert len(stage.folding.rows) == folding.KEPT_ROWS
    assert stage.folding.rows[-1].template.endswith(words[-1].encode())


def test_binary_lines_and_lines_of_a_megabyte_do_no_harm() -> None:
    stage = Stage()
    stage.feed(
        key("a"), b"\x00\xff WARN \x1b[2J\x9b" + bytes(range(11, 256)) + b"\n" + b"ERROR " + b"x" * (1 << 20) + b"\n"
    )
    stage.look()
    assert all(len(fold.sample) <= fold_scan.SAMPLE_BYTES for fold in stage.folding.rows)


def test_a_row_is_new_only_after_the_time_of_learning_and_for_a_day() -> None:
    known = KnownTemplates()
    stage = Stage(known=known)
    stage.feed(key("a"), line("old"))
    stage.look()
    assert not stage.only().is_new(WALL)
    known.learned_seconds = LEARNING_SECONDS
    known.watched(1, WALL)
    stage.feeder.wall = WALL + 5
    stage.feed(key("a"), line("old", WALL + 4) + line("unheard of", WALL + 4))
    stage.look()
    assert not stage.rows[b"WARN old"].is_new(WALL + 5)
    fresh = stage.rows[b"WARN unheard of"]
    assert fresh.is_new(WALL + 5) and fresh.is_new(WALL + 3600) and not fresh.is_new(WALL + 25 * 3600)


def test_the_newest_arrival_counts_as_speech_but_not_our_own_requests() -> None:
    stage = Stage()
    stage.feed(key("a"), line("x", level="INFO"))
    scan = stage.folding.scan(stage.books.book(key("a")))
    assert scan.spoke() == WALL and scan.spoke() is None
    own = b'1.2.3.4 - - [19/Oct/2016:14:03:22 +0000] "GET / HTTP/1.1" 200 0 "-" "aen-tui/0.1.0"\n'
    stage.feed(key("a"), own * 3)
    assert scan.spoke() is None
    stage.feeder.wall += 9
    stage.feed(key("a"), own + line("x", level="INFO"))
    assert scan.spoke() == WALL + 9
