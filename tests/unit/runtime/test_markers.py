"""Restarts as the samples show them: ours, somebody else's, a whole machine's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aen_tui.model.facts import LinkState, LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Known, Step, Target
from aen_tui.runtime.markers import OURS_SECONDS, Markers
from tests.support.states import FakeRuntime, service

SERVER = NodeName("aen-server")
LOG = LogKey(SERVER, LogPath("/opt/wakari/wakari-server/var/log/supervisord.log"))


def step_of(target: Target) -> Step:
    return Step(ActionName.RESTART, target, ("true",), "wakari", "none", Known("RUNNING", 303, None, None, 1.0), "")


PROGRAM = step_of(Target(SERVER, "wk-server", "supervisor", "wakari-server"))
WHOLE = step_of(Target(SERVER, "wakari-server", "sysv"))


class Stage:
    def __init__(self) -> None:
        self.runtime = FakeRuntime(problems=False, history_samples=0)
        self.markers = Markers(self.runtime.events, self.runtime.books, self.runtime.clock)

    def see(self, state: str, pid: int | None = None, *, uptime: float | None = None, boot: str = "b1") -> None:
        """A frame arrives and is looked at."""
        clock = self.runtime.clock
        clock.advance(2.0)
        shown = service("wk-server", "wakari-server", state, pid=pid, seen_at=clock.monotonic(), uptime_seconds=uptime)
        link = replace(self.runtime.store.node(SERVER).connection, state=LinkState.UP, boot_id=boot)
        self.runtime.change(SERVER, services=(shown,), connection=link)
        self.markers.look(self.runtime.snapshot())

    @property
    def texts(self) -> list[str]:
        return [event.text for event in self.runtime.events if event.node == SERVER]

    def log(self, data: bytes) -> None:
        self.runtime.books.append(LOG, data, at=0, cursor=None, seam=None, monotonic=1.0, wall=1.0)

    def seams(self) -> list[str]:
        return [chunk.seam.message for chunk in self.runtime.books.book(LOG).chunks if chunk.seam is not None]


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.see("RUNNING", 303)
    return made


def test_the_first_sight_is_no_restart(stage: Stage) -> None:
    stage.see("RUNNING", 303)
    assert stage.texts == []


def test_another_pid_is_a_restart_at_the_time_it_began(stage: Stage) -> None:
    stage.see("RUNNING", 419, uptime=60.0)
    assert stage.texts == ["restart of wk-server, pid 303 → 419 on aen-server"]
    (event,) = stage.runtime.events
    (mark,) = stage.runtime.events.marks([SERVER], 0.0)
    assert (mark.pid_before, mark.pid_after, mark.by) == (303, 419, None)
    assert mark.at_monotonic == pytest.approx(stage.runtime.clock.monotonic() - 60.0)
    assert event.at_wall == pytest.approx(stage.runtime.clock.wall() - 60.0)
    assert stage.runtime.events.marks([NodeName("gateway1")], 0.0) == []


def test_what_is_on_its_way_is_waited_for(stage: Stage) -> None:
    for state, pid in (("STOPPING", 303), ("STARTING", 419), ("BACKOFF", None), ("unknown", None)):
        stage.see(state, pid)
    assert stage.texts == []
    stage.see("RUNNING", 420)
    assert stage.texts == ["restart of wk-server, pid 303 → 420 on aen-server"]


def test_a_stop_and_a_start_later_is_a_start(stage: Stage) -> None:
    stage.see("STOPPED")
    assert stage.texts == []
    stage.see("RUNNING", 419)
    assert stage.texts == ["start of wk-server, pid 303 → 419 on aen-server"]


@pytest.mark.parametrize("step", [PROGRAM, WHOLE])
def test_ours_says_who(stage: Stage, step: Step) -> None:
    stage.markers.begun(step, "ops")
    stage.see("RUNNING", 419)
    stage.markers.ended(step)
    assert stage.texts == ["restart of wk-server, pid 303 → 419 by ops on aen-server"]
    stage.runtime.clock.advance(OURS_SECONDS)
    stage.see("RUNNING", 500)
    assert stage.texts[-1] == "restart of wk-server, pid 419 → 500 on aen-server"


def test_a_process_that_only_the_card_met_is_restarted_and_not_started() -> None:
    stage = Stage()
    stage.see("STOPPED")
    stage.markers.begun(PROGRAM, "ops")
    stage.see("RUNNING", 419)
    assert stage.texts == ["restart of wk-server, pid 303 → 419 by ops on aen-server"]


def test_a_process_after_the_one_that_was_proved_is_not_ours(stage: Stage) -> None:
    stage.markers.begun(PROGRAM, "ops")
    stage.markers.ended(PROGRAM, 419)
    stage.see("RUNNING", 419)
    stage.see("RUNNING", 500)
    assert stage.texts == [
        "restart of wk-server, pid 303 → 419 by ops on aen-server",
        "restart of wk-server, pid 419 → 500 on aen-server",
    ]


def test_another_service_of_ours_does_not_make_it_ours(stage: Stage) -> None:
    stage.markers.begun(step_of(Target(SERVER, "worker", "supervisor", "wakari-server")), "ops")
    stage.see("RUNNING", 419)
    assert stage.texts == ["restart of wk-server, pid 303 → 419 on aen-server"]


def test_a_boot_is_one_event_and_no_restart(stage: Stage) -> None:
    stage.see("RUNNING", 419, boot="b2")
    assert stage.texts == ["aen-server was booted: another boot id than before"]
    assert len(stage.runtime.events.marks([SERVER], 0.0)) == 1


def test_a_node_that_is_away_is_left_as_it_was(stage: Stage) -> None:
    stale: Any = replace(stage.runtime.store.node(SERVER).connection, state=LinkState.STALE)
    stage.runtime.change(SERVER, connection=stale, services=(service("wk-server", "wakari-server", "RUNNING", pid=9),))
    stage.markers.look(stage.runtime.snapshot())
    assert stage.texts == []


def test_the_log_of_the_service_gets_a_row_that_cuts_no_line(stage: Stage) -> None:
    stage.log(b"whole\nhalf")
    stage.markers.begun(PROGRAM, "ops")
    stage.see("RUNNING", 419)
    assert stage.seams() == []
    stage.runtime.books.append(LOG, b" and half\n", at=10, cursor=None, seam=None, monotonic=2.0, wall=2.0)
    stage.see("RUNNING", 419)
    assert stage.seams() == ["restart of wk-server, pid 303 → 419 by ops"]
    assert stage.runtime.books.book(LOG).line(1) == b"half and half"


def test_hostile_names_are_made_visible(stage: Stage) -> None:
    name = "wk\x1b]0;x\x07"
    for pid in (1, 2):
        stage.runtime.change(SERVER, services=(service(name, "wakari-server", "RUNNING", pid=pid),))
        stage.markers.look(stage.runtime.snapshot())
    assert "\x1b" not in stage.texts[-1]
