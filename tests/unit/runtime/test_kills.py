"""Processes that the kernel kills for want of memory: each is told once, with its service, as it happens."""

from __future__ import annotations

import pytest

from aen_tui.model.facts import LinkState, LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.signs import SystemSigns
from aen_tui.state.signs import KEPT_SECONDS
from tests.support.states import service
from tests.unit.runtime.test_noticing import Stage

COMPUTE = NodeName("compute1-1")
MESSAGES = LogKey(COMPUTE, LogPath("/var/log/messages"))
PIDS = {"wk-compute": 303, "wk-other": 404}


def text(pid: int, name: str = "python") -> str:
    return f"Killed process {pid}, UID 500, ({name}) total-vm:{pid}000kB, anon-rss:1kB"


class KillStage(Stage):
    """A node whose kernel kills; looked at once a second, its ring of messages when a test says so."""

    def __init__(self) -> None:
        super().__init__(gateways=1, computes=1)
        running = tuple(service(name, "wakari-compute", "RUNNING", pid=pid) for name, pid in PIDS.items())
        self.runtime.change(COMPUTE, services=running)
        self.signs = SystemSigns(self.runtime.books, self.runtime.store, self.runtime.clock)
        self.ring: list[tuple[float, str]] = []
        self.see()
        self.forget()

    def see(self) -> None:
        self.signs.look(self.runtime.snapshot(), {})
        self.look()

    def kill(self, *pids: int, ago: float = 0.0) -> None:
        self.ring += [(self.runtime.clock.wall() - ago, text(pid)) for pid in pids]

    def ask(self, jitter: float = 0.0) -> None:
        """The kernel's ring, whole, as it is asked for once a minute."""
        self.signs.kernel(COMPUTE, [(at + jitter, said.encode()) for at, said in self.ring])
        self.see()

    def log(self, *pids: int) -> None:
        lines = "".join(f"kernel: {text(pid)}\n" for pid in pids).encode()
        now, wall = self.runtime.clock.monotonic(), self.runtime.clock.wall()
        self.runtime.books.append(MESSAGES, lines, at=0, cursor=None, seam=None, monotonic=now, wall=wall)
        self.see()

    @property
    def told(self) -> list[str]:
        """Who was killed, an event each."""
        words = [one.text for one in self.runtime.events if one.check == "oom-kill" and one.severity > Severity.OK]
        return [one.partition("out of memory, ")[2].partition(" was killed")[0] for one in words]

    @property
    def found(self) -> str:
        return next(one.message for one in self.runtime.store.node(COMPUTE).findings if one.check == "oom-kill")


@pytest.fixture
def kills() -> KillStage:
    return KillStage()


def test_each_further_kill_within_the_hour_is_an_event_with_its_service(kills: KillStage) -> None:
    kills.kill(303)
    kills.ask()
    assert kills.told == ["wk-compute (python, pid 303)"]
    kills.runtime.clock.advance(600)
    kills.kill(404, 505)
    kills.ask()
    assert kills.told[1:] == ["wk-other (python, pid 404)", "python (pid 505)"]
    last = list(kills.runtime.events)[-1]
    assert last.at_wall == pytest.approx(kills.ring[-1][0]) and last.severity is Severity.CRITICAL
    assert "3 times in an hour" in kills.found


def test_kills_of_one_moment_are_an_event_each(kills: KillStage) -> None:
    kills.kill(303, 404)
    kills.ask()
    assert sorted(kills.told) == ["wk-compute (python, pid 303)", "wk-other (python, pid 404)"]


def test_what_is_read_again_is_neither_told_nor_counted_again(kills: KillStage) -> None:
    kills.kill(303)
    kills.ask()
    for jitter in (0.0, 0.9, -3.0, 40.0):  # the ring's clock and the day's drift apart
        kills.runtime.clock.advance(60)
        kills.ask(jitter)
    kills.log(303)
    assert kills.told == ["wk-compute (python, pid 303)"] and "times in an hour" not in kills.found


def test_after_a_reconnect_only_what_happened_meanwhile_is_told(kills: KillStage) -> None:
    kills.kill(303)
    kills.ask()
    kills.link(COMPUTE, LinkState.STALE, error="lost")
    kills.see()
    kills.runtime.clock.advance(300)
    kills.kill(404, ago=200)
    kills.link(COMPUTE, LinkState.UP, error=None)
    kills.see()
    kills.ask()
    assert kills.told == ["wk-compute (python, pid 303)", "wk-other (python, pid 404)"]


def test_what_was_before_the_start_is_one_event(kills: KillStage) -> None:
    kills.kill(1, 2, ago=900)
    kills.ask()
    assert kills.told == ["python (pid 2)"], "the finding is told, with how often"
    kills.kill(3, ago=800)
    kills.ask()
    assert kills.told == ["python (pid 2)"]
    kills.kill(303)
    kills.ask()
    assert kills.told[1:] == ["wk-compute (python, pid 303)"]


def test_an_hour_later_it_is_over_and_the_next_is_told_anew(kills: KillStage) -> None:
    kills.kill(303)
    kills.ask()
    kills.runtime.clock.advance(KEPT_SECONDS + 60)
    kills.see()
    assert list(kills.runtime.events)[-1].severity is Severity.OK
    kills.ring.clear()
    kills.kill(404)
    kills.ask()
    assert kills.told == ["wk-compute (python, pid 303)", "wk-other (python, pid 404)"]


def test_one_of_a_log_leads_to_it(kills: KillStage) -> None:
    kills.log(303)
    kills.log(404)
    assert kills.told == ["wk-compute (python, pid 303)", "wk-other (python, pid 404)"]
    assert list(kills.runtime.events)[-1].log == MESSAGES
