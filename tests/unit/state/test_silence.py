"""Silence of logs that used to speak; the ring of events."""

from __future__ import annotations

import random

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.state.events import Event, Events
from aen_tui.state.silence import LEAST_GAPS, Silence, Silences

KEY = LogKey(NodeName("a"), LogPath("/var/log/a.log"))
WALL = 1_476_885_802.0


class Listener:
    def __init__(self) -> None:
        self.silences = Silences()
        self.now = 1000.0

    def look(self, *, spoke: bool = False, listens: bool = True) -> Silence | None:
        self.now += 1
        self.silences.begin(self.now)
        wall = WALL + self.now
        return self.silences.look(KEY, self.now, wall, spoke=wall if spoke else None, listens=listens)

    def speak_every(self, seconds: int, times: int) -> None:
        for _ in range(times):
            for _ in range(seconds - 1):
                assert self.look() is None
            assert self.look(spoke=True) is None

    def quiet_for(self, seconds: int) -> float | None:
        """After how many seconds it is called silent; None = it is not."""
        for second in range(1, seconds + 1):
            if self.look() is not None:
                return second
        return None


def test_a_log_that_spoke_every_ten_seconds_is_silent_after_five_minutes() -> None:
    log = Listener()
    log.speak_every(10, 100)
    last = WALL + log.now
    assert log.quiet_for(1000) == 300
    (silence,) = log.silences.now
    assert silence.since == last and silence.key == KEY and 9 < silence.usual_seconds < 11
    assert log.look() is None
    over = log.look(spoke=True)
    assert over is silence and not len(log.silences)


def test_a_slow_log_is_given_ten_times_its_gap() -> None:
    log = Listener()
    log.speak_every(60, 60)
    after = log.quiet_for(10_000)
    assert after is not None and 590 <= after <= 610


def test_too_little_was_heard() -> None:
    log = Listener()
    log.speak_every(60, LEAST_GAPS)
    assert log.quiet_for(100_000) is None
    fast = Listener()
    fast.speak_every(1, 500)
    assert fast.quiet_for(100_000) is None
    never = Listener()
    assert never.quiet_for(100_000) is None


def test_a_log_of_bursts_is_known_for_its_pauses() -> None:
    log = Listener()
    chance = random.Random(3)
    for _ in range(12):
        log.speak_every(1, chance.randint(20, 60))
        log.quiet_for(900)
    assert log.silences.habit(KEY).usual_seconds > 600
    log.speak_every(1, 50)
    assert log.quiet_for(3600) is None


def test_an_outage_is_not_soon_a_habit() -> None:
    log = Listener()
    log.speak_every(10, 200)
    log.quiet_for(4 * 3600)
    assert log.look(spoke=True) is not None
    log.speak_every(10, 200)
    after = log.quiet_for(10_000)
    assert after is not None and after < 2500


def test_a_lost_node_is_not_heard_rather_than_silent() -> None:
    log = Listener()
    log.speak_every(10, 100)
    for _ in range(2000):
        assert log.look(listens=False) is None
    assert log.quiet_for(1000) == 301, "the time of listening begins anew"
    (silence,) = log.silences.now
    assert silence.since < silence.noticed - 2000
    log.look(listens=False)
    assert not len(log.silences)
    gaps = log.silences.habit(KEY).gaps
    log.look(spoke=True)
    assert log.silences.habit(KEY).gaps == gaps


def test_after_a_suspension_nobody_is_silent() -> None:
    log = Listener()
    log.speak_every(10, 100)
    log.now += 3600
    assert log.look() is None
    assert log.quiet_for(200) is None


def test_events_keep_the_last_and_count_all() -> None:
    events = Events(limit=3)
    for n in range(5):
        events.add(Event(WALL + n, NodeName("a"), "silence", Severity.WARNING, f"{n}", KEY))
    assert [event.text for event in events] == ["2", "3", "4"]
    assert events.count == 5 and len(events) == 3
    assert [event.text for event in events.since(4)] == ["4"]
    assert [event.text for event in events.since(0)] == ["2", "3", "4"]
    assert events.since(5) == ()
