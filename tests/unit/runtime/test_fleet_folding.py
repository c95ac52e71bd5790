"""Folding fed from books; what is known of messages over restarts; broken files; silence as an event."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aen_tui.errors import TemplateFileError
from aen_tui.model.facts import Connection, LinkState, LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.maintenance import Planned
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.fleet_folding import SAVED_SECONDS, FleetFolding
from aen_tui.runtime.template_file import read_templates, template_path, write_templates
from aen_tui.state.event_row import EventRow
from aen_tui.state.events import Events
from aen_tui.state.known_templates import LEARNING_SECONDS, KnownTemplates
from tests.support.log_stage import Feeder
from tests.support.states import FakeRuntime

KEY = LogKey(NodeName("gateway1"), LogPath("/var/log/a.log"))
DAY = 24 * 3600.0


class Rig:
    def __init__(self, file: Path | None = None, runtime: FakeRuntime | None = None) -> None:
        self.runtime = runtime or FakeRuntime(history_samples=0)
        self.clock = self.runtime.clock
        self.events = Events()
        self.fleet = FleetFolding(self.runtime.books, self.clock, self.events, file)
        self.feeder = Feeder(self.runtime.books, self.clock.wall())

    async def second(self, data: bytes = b"", seconds: float = 1.0) -> None:
        self.clock.advance(seconds)
        self.feeder.wall = self.clock.wall()
        if data:
            self.feeder.feed(KEY, data)
        await self.fleet.look(self.runtime.snapshot(), {})

    def learn(self) -> None:
        self.fleet.folding.known.learned_seconds = LEARNING_SECONDS

    def is_new(self, text: bytes) -> bool:
        (fold,) = [fold for fold in self.fleet.folding.rows if text in fold.sample]
        return fold.is_new(self.clock.wall())


async def test_a_message_that_was_never_said_is_marked_and_known_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "state" / "templates-x.json"
    first = Rig(file)
    await first.fleet.load()
    await first.second(b"WARNING: old\n")
    assert not first.is_new(b"old")
    first.learn()
    await first.second(b"WARNING: late in learning\n")
    await first.second(b"WARNING: new\n")
    assert first.is_new(b"new") and not first.is_new(b"late")
    first.fleet.close()
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700
    assert b"late" not in file.read_bytes()
    second = Rig(file)
    second.clock.advance(3600)
    await second.fleet.load()
    await second.second(b"WARNING: old\nWARNING: new\nWARNING: fresher\n")
    assert not second.is_new(b"old")
    assert second.is_new(b"new") and second.is_new(b"fresher"), "a day long, over restarts"
    third = Rig(file)
    third.clock.advance(DAY + 7200)
    await third.fleet.load()
    await third.second(b"WARNING: new\n")
    assert not third.is_new(b"new")


async def test_only_time_in_which_nodes_were_heard_is_learning(tmp_path: Path) -> None:
    rig = Rig()
    await rig.second(seconds=2)
    await rig.second(seconds=9999)
    learned = rig.fleet.folding.known.learned_seconds
    assert 2 <= learned <= 7
    for name in rig.runtime.snapshot().nodes:
        rig.runtime.change(name, connection=Connection(LinkState.STALE))
    await rig.second(seconds=3)
    assert rig.fleet.folding.known.learned_seconds == learned


BROKEN = {
    "empty": b"",
    "text": b"hello",
    "cut": b'{"version":1,"learned_seconds":3',
    "of another shape": b'{"version":1,"learned_seconds":"x","learned_at":null,"known":{}}',
    "of another version": b'{"version":9,"learned_seconds":1,"learned_at":null,"known":{}}',
    "too large": b" " * (4 * 1024 * 1024 + 1),
    "binary": bytes(range(256)),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_file_is_told_of_moved_aside_and_begun_anew(tmp_path: Path, name: str) -> None:
    file = tmp_path / "templates-x.json"
    file.write_bytes(BROKEN[name])
    rig = Rig(file)
    await rig.fleet.load()
    (event,) = rig.events
    assert event.kind == "memory" and "templates-x.json" in event.text and "anew" in event.text
    assert file.with_suffix(".json.broken").read_bytes() == BROKEN[name]
    await rig.second(b"WARNING: x\n")
    rig.fleet.close()
    assert len(read_templates(file)) == 1


async def test_a_file_that_cannot_be_written_is_told_once_and_nothing_stops(tmp_path: Path) -> None:
    folder = tmp_path / "no"
    folder.write_text("a file where the folder should be")
    rig = Rig(folder / "templates-x.json")
    for _ in range(3):
        await rig.second(b"WARNING: x\n", seconds=SAVED_SECONDS)
    rig.fleet.close()
    assert len(rig.events) == 1 and "cannot be" in next(iter(rig.events)).text
    assert len(rig.fleet.folding.rows) == 1


def test_links_and_fifos_are_not_read(tmp_path: Path) -> None:
    real, link, fifo = tmp_path / "real", tmp_path / "link", tmp_path / "fifo"
    write_templates(real, KnownTemplates({"00": (1.0, 2.0)}))
    link.symlink_to(real)
    os.mkfifo(fifo)
    for odd in (link, fifo, tmp_path):
        with pytest.raises(TemplateFileError):
            read_templates(odd)
    assert len(read_templates(real)) == 1


def test_two_dashboards_join_what_they_know_and_the_size_is_capped(tmp_path: Path) -> None:
    file = tmp_path / "templates-x.json"
    write_templates(file, KnownTemplates({"aa": (10.0, 20.0)}, learned_seconds=5))
    write_templates(file, KnownTemplates({"aa": (15.0, 30.0), "bb": (1.0, 1.0)}, learned_seconds=9, learned_at=3.0))
    joined = read_templates(file)
    assert joined.items() == {"bb": (1.0, 1.0), "aa": (10.0, 30.0)}
    assert (joined.learned_seconds, joined.learned_at) == (9, 3.0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["templates-x.json"]
    small = KnownTemplates({f"{n:016x}": (float(n), float(n)) for n in range(50)}, limit=20)
    assert min(small.items().values()) == (30.0, 30.0)
    full = KnownTemplates({f"{n:016x}": (1.5e9 + n / 7, 1.5e9 + n / 3) for n in range(10_000)})
    write_templates(file, full)
    assert file.stat().st_size < 1_000_000 and json.loads(file.read_bytes())["version"] == 1


@pytest.mark.parametrize("name", ["aen-prod", "../../etc/passwd", ".hidden", "a b", "ä" * 90, "a/b"])
def test_an_installation_has_one_file_in_our_folder(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = template_path(name)
    assert path.parent == tmp_path / "aen-tui" and path.name.isascii() and len(path.name) < 100
    assert template_path(name + " ") != path


@pytest.mark.parametrize("planned", [None, Planned(9e9, "upgrade")])
async def test_silence_and_its_end_are_events(planned: Planned | None) -> None:
    rig = Rig()
    for _ in range(100):
        await rig.second(b"x\n", seconds=8)
    rig.runtime.change(KEY.node, planned=planned)
    for _ in range(60):
        await rig.second(seconds=8)
    (event,) = rig.events
    assert event.is_planned == (planned is not None)
    assert (event.kind, event.node, event.log) == ("silence", "gateway1", KEY)
    assert "no line for 5 min, one every 8 s is usual" in event.text
    assert [silence.key for silence in rig.fleet.silences.now] == [KEY]
    await rig.second(b"x\n", seconds=8)
    assert [event.kind for event in rig.events] == ["silence", "speech"]
    assert not len(rig.fleet.silences)


async def test_logs_of_a_lost_node_are_not_called_silent() -> None:
    rig = Rig()
    for _ in range(100):
        await rig.second(b"x\n", seconds=8)
    node = rig.runtime.snapshot().nodes[KEY.node]
    rig.runtime.change(KEY.node, connection=replace(node.connection, state=LinkState.STALE))
    for _ in range(100):
        await rig.second(seconds=8)
    assert not len(rig.events)


def stamped(wall: float, words: str = "ERROR x: boom") -> bytes:
    return f"{datetime.fromtimestamp(wall, UTC):%Y-%m-%d %H:%M:%S},000 {words}\n".encode()


def bursts(rig: Rig) -> list[EventRow]:
    return [row for row in rig.events.timeline if row.event.kind == "errors"]


async def test_a_burst_of_errors_is_an_event_that_leads_to_its_first_line() -> None:
    rig = Rig()
    await rig.second(stamped(rig.clock.wall() - 3000) * 40 + b"2026-11-21 06:59:00,000 INFO x: fine\n")
    begin = rig.clock.wall()
    for second in range(20):
        await rig.second(stamped(begin + second, f"ERROR x: \x1b[31mboom {second}") * 15)
    (row,) = bursts(rig)
    event = row.event
    assert (event.severity, event.log, event.node) == (Severity.WARNING, KEY, KEY.node)
    assert event.at_wall == pytest.approx(begin, abs=1)
    assert row.words.startswith("burst of errors in a.log: ") and "none usual" in row.words and KEY.path in event.text
    for _ in range(40):
        await rig.second(seconds=10)
    assert [row.event.severity for row in bursts(rig)] == [Severity.WARNING, Severity.OK]


@pytest.mark.parametrize("is_dated", [True, False])
async def test_what_a_log_held_already_is_a_burst_only_where_its_lines_say_when_they_were_written(
    is_dated: bool,
) -> None:
    rig = Rig()
    wall = rig.clock.wall()
    line = stamped(wall - 5) if is_dated else b"ERROR x: boom\n"
    await rig.second(line * 100)
    for _ in range(8):
        await rig.second()
    assert len(bursts(rig)) == is_dated
    if not is_dated:
        for _ in range(20):
            await rig.second(line * 5)
        assert not bursts(rig), "nobody knows whether that is usual"
        await rig.second(seconds=1200)
        for _ in range(20):
            await rig.second(line * 5)
        assert len(bursts(rig)) == 1, "what comes later came when it came"


@pytest.mark.parametrize(("at", "before", "told"), [(0, 60, 1), (5_000_000, 60, 0), (5_000_000, 3000, 1)])
async def test_a_burst_in_the_first_minute_is_told_where_enough_of_the_log_is_there(
    at: int, before: float, told: int
) -> None:
    rig = Rig()
    wall = rig.clock.wall()
    rig.feeder._offsets[KEY] = at
    await rig.second(stamped(wall - before, "INFO x: fine"))
    for second in range(20):
        await rig.second(stamped(wall + second) * 5)
    assert len(bursts(rig)) == told


@pytest.mark.parametrize("still", [True, False])
async def test_a_log_that_is_silent_when_its_maintenance_ends_is_told_then_once(still: bool) -> None:
    rig = Rig()
    for _ in range(100):
        await rig.second(b"x\n", seconds=8)
    rig.runtime.change(KEY.node, planned=Planned(9e9, "upgrade"))
    for _ in range(60):
        await rig.second(seconds=8)
    if not still:
        await rig.second(b"x\n", seconds=8)
    before = len(rig.events)
    rig.runtime.change(KEY.node, planned=None)
    for _ in range(3):
        await rig.second(seconds=8)
    told = list(rig.events)[before:]
    assert [(one.kind, one.is_planned, one.log) for one in told] == [("silence", False, KEY)] * still
    assert [one.text for one in told] == [f"{KEY.path} is silent on gateway1: still so after the maintenance"] * still


async def test_a_burst_in_a_maintenance_is_planned_and_told_when_it_outlasts_that() -> None:
    rig = Rig()
    rig.runtime.change(KEY.node, planned=Planned(rig.clock.wall() + 100, "upgrade"))
    await rig.second(stamped(rig.clock.wall() - 3000, "INFO x: fine"))
    for _ in range(20):
        await rig.second(stamped(rig.clock.wall()) * 5)
    (row,) = bursts(rig)
    assert row.event.is_planned
    await rig.second(seconds=70)
    rig.runtime.change(KEY.node, planned=None)
    await rig.second()
    assert len(bursts(rig)) == 1, "nothing was said in the last minute: it may be over"
    for _ in range(10):
        await rig.second(stamped(rig.clock.wall()) * 5)
    _, told = bursts(rig)
    assert (told.times, told.is_problem, told.event.log) == (1, True, KEY)
    assert told.event.detail == "still so after the maintenance"
