"""Frames of a probe become facts: sections, what is as before, answers asked for others, log bytes."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from aen_tui.config.load import parse_inventory
from aen_tui.config.resolve import resolve
from aen_tui.errors import ProbeError
from aen_tui.model.facts import LinkState, LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.received import Received
from aen_tui.state.logbook import LogBooks
from aen_tui.state.series import SeriesStore
from aen_tui.state.store import Store

TEXT = """
name = "x"
[server]
host = "aen-server"
[[data_center]]
name = "east"
gateway = "gateway1"
computes = ["compute1-1"]
"""


@dataclass
class StoppedClock:
    now: float = 100.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_700_000_000.0 + self.now


class Rig:
    def __init__(self, name: str, more: str = "") -> None:
        self.inventory = resolve(parse_inventory(TEXT + more, "x"), Path("x"))
        self.clock = StoppedClock()
        self.store = Store(self.inventory, self.clock)
        self.series = SeriesStore()
        self.books = LogBooks(limit_bytes=1 << 20)
        self.name = NodeName(name)
        asked = [
            target for spec in self.inventory.nodes.values() for target in spec.http if target.asked_on == self.name
        ]
        self.received = Received(
            self.inventory.nodes[self.name],
            asked=asked,
            store=self.store,
            series=self.series,
            books=self.books,
            clock=self.clock,
        )

    def send(self, kind: str, **fields: Any) -> None:
        self.received.frame(kind, json.dumps(fields).encode())


def sample(**sections: Any) -> dict[str, Any]:
    return {"n": 1, "time": 1_700_000_100.5, **sections}


SUPERVISORS = [
    {
        "name": "wakari-server",
        "via": "rpc",
        "now": 1_700_000_100,
        "programs": [
            ["wk-server", "RUNNING", 71, 1_700_000_000, "pid 71, uptime 0:01:40", None, None, 5, 90],
            ["worker", "FATAL", None, None, "Exited too quickly"],
        ],
    }
]


def test_the_first_sample_brings_the_node_up() -> None:
    rig = Rig("aen-server")
    rig.send(
        "S",
        **sample(
            supervisors=SUPERVISORS,
            services=[{"name": "nginx", "state": "running", "pid": 5, "started": 1_700_000_050.5}],
            metrics={"cpu": 12.5, "load": [1, 2, 3], "mem": [1000, 400, 7], "net": [10, 20], "cores": 4},
            disks=[["/", "xfs", 30, 70, 200, 5.0, False, None]],
        ),
    )
    node = rig.store.node(rig.name)
    assert node.connection.state is LinkState.UP
    assert node.complete
    assert node.connection.skew_seconds == 0.5
    assert (node.services[0].startsecs, node.services[0].stopwaitsecs) == (5.0, 90.0)
    assert [(s.name, s.manager, s.state, s.pid, s.uptime_seconds) for s in node.services] == [
        ("wk-server", "supervisor", "RUNNING", 71, 100.5),
        ("worker", "supervisor", "FATAL", None, None),
        ("nginx", "sysv", "RUNNING", 5, 50.0),
    ]
    assert node.severity is Severity.CRITICAL
    metrics = node.metrics.value
    assert metrics is not None
    assert metrics.disks[0].used_percent == 30.0
    assert metrics.memory is not None and metrics.memory.used_percent == 60.0
    assert rig.series.of(rig.name, "cpu_percent").recent(5) == [12.5]


def test_since_when_a_program_is_stopped_is_told_by_this_machines_clock_wherever_the_node_is() -> None:
    rig = Rig("aen-server")
    away = replace(rig.store.node(rig.name).connection, zone="-0500")
    rig.store.update(rig.name, lambda node: replace(node, connection=away))
    at = 1_700_000_100 - 600
    said = time.strftime("%b %d %I:%M %p", time.gmtime(at - 5 * 3600))
    programs = [["wk-server", "STOPPED", None, None, said]]
    rig.send("S", **sample(supervisors=[{"name": "wakari-server", "programs": programs}]))
    node = rig.store.node(rig.name)
    ours = time.strftime("since %m-%d %H:%M", time.localtime(at))
    assert node.services[0].description == ours
    assert f"wk-server is STOPPED: {ours}" in [finding.message for finding in node.findings]


def test_what_is_as_before_gets_a_new_age_and_what_was_not_looked_at_does_not() -> None:
    rig = Rig("aen-server")
    rig.send("S", **sample(supervisors=SUPERVISORS))
    rig.clock.now = 110.0
    rig.send("S", n=2, time=1_700_000_110.5, same=["supervisors"])
    assert rig.store.node(rig.name).services[0].seen_at == 110.0
    assert rig.store.node(rig.name).services[0].uptime_seconds == 110.5
    rig.clock.now = 120.0
    rig.send("S", n=3, time=1_700_000_120.5)
    assert rig.store.node(rig.name).services[0].seen_at == 110.0


def test_logs_of_which_nothing_else_is_said_stay_the_same_object() -> None:
    rig = Rig("aen-server")
    rig.received.paths.update({1: LogPath("/a.log"), 2: LogPath("/b.log")})
    first = {"id": 1, "path": "/a.log", "state": "following", "size": 7}
    denied = {"id": 2, "path": "/b.log", "state": "unknown", "error": "permission denied"}
    rig.send("S", **sample(logs=[first, denied]))
    known = rig.store.node(rig.name).logs
    rig.send("S", n=2, time=1_700_000_110.5, same=["logs"])
    assert rig.store.node(rig.name).logs is known
    rig.received.sudo_refusal = "sudo: a password is required"
    rig.send("S", n=3, time=1_700_000_111.5, same=["logs"])
    assert rig.store.node(rig.name).logs[1].error == "permission denied; sudo: a password is required"
    rig.send("S", n=4, time=1_700_000_112.5, logs=[{**first, "size": 8}, denied])
    assert [log.size_bytes for log in rig.store.node(rig.name).logs] == [8, None]
    rig.received.frame(
        "S", json.dumps(sample(logs=[{**denied, "state": "following", "error": None}])).encode(), raised=True
    )
    assert rig.store.node(rig.name).logs[1].error is None
    rig.received.sections.lower()
    rig.send("S", n=5, time=1_700_000_113.5, same=["logs"])
    assert rig.store.node(rig.name).logs[1].error is not None


def test_a_node_that_is_looked_at_seldom_has_levels_too() -> None:
    """Every 40 s, with two others there half as often."""
    rig = Rig("compute1-1", "[defaults]\ninterval_seconds = 40\n")
    frame = {"load": [1, 2, 3], "mem": [1000, 400, 7], "cores": 4}
    levels: list[Severity | None] = []
    for number, cpu in enumerate([99.0] * 4 + [1.0] * 4):
        rig.clock.now = 100.0 + 80.0 * number
        rig.send("S", **sample(metrics={"cpu": cpu, **frame}, others=2))
        levels.append(rig.store.node(rig.name).trends.levels.get("cpu"))
    assert rig.store.node(rig.name).interval_seconds == 80.0
    assert levels == [Severity.OK, *[Severity.CRITICAL] * 3, *[Severity.OK] * 4]


def test_answers_go_to_the_node_they_belong_to() -> None:
    rig = Rig("gateway1")
    names = [target.name for target in rig.received.asked]
    document = {"status": "error", "messages": ["no \x1b[2J compute"]}
    rig.send(
        "S",
        **sample(
            http=[
                {
                    "id": names.index("gateway"),
                    "url": "http://gateway1:8089/status",
                    "code": 200,
                    "ms": 2.0,
                    "document": document,
                },
                {"id": names.index("compute"), "url": "http://compute1-1:5002/", "code": None, "error": "refused"},
            ]
        ),
    )
    (gateway,) = rig.store.node(rig.name).http
    assert gateway.document is not None and gateway.document.messages == ("no ␛[2J compute",)
    assert gateway.severity is Severity.CRITICAL
    (compute,) = rig.store.node(NodeName("compute1-1")).http
    assert (compute.error, compute.asked_on, compute.severity) == ("refused", "gateway1", Severity.CRITICAL)


def test_what_answered_once_is_remembered_when_nothing_answers_any_more() -> None:
    rig = Rig("gateway1")
    number = [target.name for target in rig.received.asked].index("gateway")
    url = "http://gateway1:8089/status"
    seen = []
    for said in (
        {"error": "refused"},
        {"code": 200, "ms": 1.0, "document": {"status": "ok", "messages": []}},
        {"code": 502, "ms": 1.0},
        {"error": "refused"},
    ):
        rig.send("S", **sample(http=[{"id": number, "url": url, **said}]))
        (gateway,) = rig.store.node(rig.name).http
        seen.append((gateway.has_answered, gateway.last_document.status if gateway.last_document else None))
    assert seen == [(False, None), (True, "ok"), (True, "ok"), (True, "ok")]


def test_of_two_ways_to_wk_server_the_one_that_answers_is_shown() -> None:
    rig = Rig("aen-server")
    ids = [number for number, target in enumerate(rig.received.asked) if target.name == "wk-server"]
    entries = [
        {"id": ids[0], "url": "http://127.0.0.1:5000/", "error": "refused"},
        {"id": ids[1], "url": "unix:/opt/wakari/wakari-server/var/run/wakari-server.sock", "code": 200, "ms": 1.0},
    ]
    rig.send("S", **sample(http=entries))
    rig.send("S", **sample(http=entries[::-1]))
    shown = [answer for answer in rig.store.node(rig.name).http if answer.name == "wk-server"]
    assert [answer.status_code for answer in shown] == [200]


def test_log_bytes_go_to_their_book_with_their_cursor() -> None:
    rig = Rig("aen-server")
    path = LogPath("/var/log/x")
    rig.received.paths[7] = path
    cursor = {"dev": 1, "ino": 2, "off": 12, "head": "aa", "head_n": 12, "tail": "bb", "tail_n": 12}
    head = {"id": 7, "cursor": cursor, "at": 0, "mtime": 1_600_000_000.5}
    rig.received.frame("L", json.dumps(head).encode() + b"\nfirst\nsecond\n")
    assert rig.received.cursors[path].offset == 12
    book = rig.books.book(LogKey(rig.name, path))
    assert (book.next_line, book.written_before) == (2, 1_600_000_000.5)
    rig.received.frame("L", json.dumps({"id": 99, "cursor": cursor, "at": 0}).encode() + b"\nnot ours\n")
    assert book.next_line == 2


def test_the_first_look_waits_for_the_logs_that_a_configuration_tells_of() -> None:
    rig = Rig("aen-server")
    path = rig.received.paths[7] = LogPath("/var/log/told")
    rig.received.awaited_logs = None
    rig.send("S", **sample())
    assert rig.store.node(rig.name).connection.state is LinkState.UP
    rig.received.await_logs([path])
    assert not rig.store.node(rig.name).complete
    rig.send("S", **sample(logs=[{"id": 7, "path": path, "state": "following", "size": 1}]))
    assert rig.store.node(rig.name).complete


def test_the_first_look_is_complete_once_a_configuration_tells_of_none() -> None:
    rig = Rig("aen-server")
    rig.received.awaited_logs = None
    rig.received.await_logs([])
    assert not rig.store.node(rig.name).complete, "nothing was looked at"
    rig.received.awaited_logs = None
    rig.send("S", **sample())
    assert not rig.store.node(rig.name).complete
    rig.received.await_logs([])
    assert rig.store.node(rig.name).complete


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b'{"n": "x"}', b"\xff\xfe", b"[" * 100_000])
def test_nonsense_is_a_probe_error(payload: bytes) -> None:
    with pytest.raises(ProbeError, match="nonsense"):
        Rig("gateway1").received.frame("S", payload)


def test_a_remote_traceback_comes_home() -> None:
    with pytest.raises(ProbeError) as caught:
        Rig("gateway1").send("E", message="boom", traceback="Traceback\n  line\x1b[0m")
    assert caught.value.remote_traceback == "Traceback\n  line␛[0m"
