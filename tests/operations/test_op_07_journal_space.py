"""7: too little space for mongod's journal is a finding, before a restart meets it (tried with 2.6.10)."""

from __future__ import annotations

import asyncio
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aen_tui.errors import ProbeError
from aen_tui.model.facts import Disk, Finding, Metrics
from aen_tui.model.node import NodeName, Role
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity
from aen_tui.model.stores import MIB, MONGO_DATA_PATH, MongoDataSpace, MongoFigures, MongoOptions
from aen_tui.runtime.errands import Errand
from aen_tui.runtime.stores.data_space import DataSpaceLook
from aen_tui.sources import mongodb_conf
from tests.integration.stores.conftest import mongod_program
from tests.probe.test_preflight_errands import errand
from tests.support import stores
from tests.support.mongod import Mongod
from tests.support.nodes import node_spec, node_state
from tests.support.states import StoppedClock
from tests.support.store_states import mongo_state

__all__ = ["mongod_program"]


UNASKED: Reading[MongoDataSpace] = Reading()


def disk(free_mib: int, mount: str = MONGO_DATA_PATH) -> Disk:
    free = free_mib * MIB
    return Disk(mount, "xfs", 8 * free, free, 10 * free, 50.0, 1.0, False)


def found(
    options: MongoOptions | None, *disks: Disk, state: str = "up", space: Reading[MongoDataSpace] = UNASKED
) -> list[Finding]:
    store = replace(mongo_state(options=options, data_space=space), state=state)
    metrics = Reading(Metrics(1.0, None, None, disks, None, None), 1.0)
    findings = stores.findings_of({"mongodb": store}, metrics=metrics)
    return [one for one in findings if one.check == "mongo-journal-space"]


@pytest.mark.parametrize(
    ("options", "free_mib", "is_found"),
    [
        (MongoOptions(), 3378, True),
        (MongoOptions(), 3379, False),
        (MongoOptions(small_files=True), 127, True),
        (MongoOptions(small_files=True), 128, False),
        (MongoOptions(has_journal=False), 1, False),
        (None, 1, False),
    ],
)
def test_by_what_it_was_started_with(options: MongoOptions | None, free_mib: int, is_found: bool) -> None:
    said = found(options, disk(free_mib))
    assert [one.severity.word for one in said] == (["warning"] if is_found else [])
    assert [one.severity.word for one in found(options, disk(free_mib), state="down")] == (
        ["critical"] if is_found else []
    )


def test_the_data_may_lie_elsewhere() -> None:
    """The probe does not measure that folder: until it was asked, nothing is known."""
    options = MongoOptions(data_path="/data/db")
    (said,) = found(options, disk(5000))
    assert said.severity is Severity.UNKNOWN and "/data/db" in said.message and "not looked at yet" in said.message
    assert not found(options, disk(1), space=Reading(MongoDataSpace("/data/db", 5000 * MIB), 1.0))
    (said,) = found(options, disk(5000), space=Reading(MongoDataSpace("/data/db", 100 * MIB), 1.0))
    assert "100 MB are free on /data/db" in said.message and "3379" in said.message
    (said,) = found(options, disk(5000), space=Reading(MongoDataSpace("/elsewhere", 5000 * MIB), 1.0))
    assert said.severity is Severity.UNKNOWN
    (said,) = found(options, disk(5000), space=Reading(error="hung"))
    assert said.message.endswith("is not known: hung")


class Asked:
    """`Runtime.errand` with a probe of this machine's behind it."""

    def __init__(self, clock: StoppedClock) -> None:
        self.clock = clock
        self.paths: list[str] = []

    async def __call__(self, node: NodeName, wanted: Errand[Any]) -> bool:
        self.paths += wanted.order["paths"]
        rows = await asyncio.to_thread(errand, sys.executable, wanted.name, dict(wanted.order))
        for one in rows.splitlines():
            wanted.answer(one)
        return True


async def test_the_node_is_asked_after_a_folder_that_the_probe_does_not_measure(tmp_path: Path) -> None:
    ask = Asked(StoppedClock())
    look = DataSpaceLook(ask, ask.clock)
    node = replace(node_state(node_spec("aen-server", Role.SERVER)))
    metrics = node.metrics.value
    assert metrics is not None
    node = replace(node, metrics=Reading(replace(metrics, disks=(disk(1),)), 1.0))
    state = mongo_state(options=MongoOptions(data_path=str(tmp_path)))
    state = await look.look(node, state)
    assert isinstance(state.figures, MongoFigures) and state.figures.data_space.value is not None
    free = shutil.disk_usage(tmp_path).free
    assert abs(state.figures.data_space.value.available_bytes - free) < 1 << 30
    assert await look.look(node, state) is state and len(ask.paths) == 1, "not asked again within a minute"
    ask.clock.advance(60)
    gone = await look.look(node, mongo_state(options=MongoOptions(data_path=str(tmp_path / "none"))))
    assert isinstance(gone.figures, MongoFigures) and gone.figures.data_space.error == "absent"
    usual = mongo_state(options=MongoOptions())
    assert await look.look(node, usual) is usual and len(ask.paths) == 2, "the probe measures that one"


async def test_a_node_that_is_asked_too_much_at_once_is_believed_for_five_minutes() -> None:
    async def refused(*_words: Any, **_more: Any) -> bool:
        raise ProbeError("2 errands are under way on this node, no more at a time")

    clock = StoppedClock()
    look, node = DataSpaceLook(refused, clock), node_state(node_spec("aen-server", Role.SERVER))
    known = Reading(MongoDataSpace("/data/db", 5000 * MIB), clock.monotonic())
    state = mongo_state(options=MongoOptions(data_path="/data/db"), data_space=known)
    assert await look.look(node, state) is state
    clock.advance(300)
    later = await look.look(node, state)
    assert isinstance(later.figures, MongoFigures)
    assert later.figures.data_space.value is None and "no more at a time" in (later.figures.data_space.error or "")


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (
            "# mongod.conf\nlogpath=/logs/mongod.log\nfork=true\ndbpath = /data/db # here\nsmallfiles=true\n",
            ("/data/db", True, True, "/logs/mongod.log"),
        ),
        (
            "systemLog:\n  path: '/logs/m.log'\nstorage:\n    dbPath: /data/db\n    journal:\n      enabled: false\n",
            ("/data/db", False, False, "/logs/m.log"),
        ),
        ("logpath=/logs/m.log\nnojournal = true\n", (MONGO_DATA_PATH, False, False, "/logs/m.log")),
        ("net:\n  port: 27017\n", None),
        ("", None),
    ],
)
def test_its_file_says_where_data_and_log_lie(words: str, options: tuple[object, ...] | None) -> None:
    found = mongodb_conf.decode(words)
    assert (found and (found.data_path, found.has_journal, found.small_files, found.log_path)) == options


async def test_a_start_that_failed_is_found_in_the_log_that_its_file_names(tmp_path: Path) -> None:
    daemon = Mongod(tmp_path / "node")
    (daemon.root / "etc").mkdir(exist_ok=True)
    (daemon.root / "etc/mongod.conf").write_text("logpath=/logs/mongod.log\ndbpath=/data/db\n")
    (daemon.root / "logs").mkdir()
    (daemon.root / "logs/mongod.log").write_text(
        "2026-11-21T14:10:12.817+0000 [initandlisten] MongoDB starting : pid=19042 port=27017 dbpath=/data/db\n"
        "2026-11-21T14:10:12.818+0000 [initandlisten] exception in initAndListen: 15926 Insufficient free space for "
        "journals, terminating\n"
    )
    async with stores.mongo(daemon.port, root=daemon.root) as looking:
        await looking.look()
        (said,) = [one for one in looking.findings() if one.check == "mongo-journal-space"]
        assert said.message.endswith("for its journal in /data/db")


async def test_a_start_that_failed_for_it_is_told(mongod_program: Path, tmp_path: Path) -> None:
    """The words of a mongod 2.6.10 on a filesystem of 200 MB."""
    daemon = Mongod(tmp_path / "node")
    daemon.log.write_text(
        "2026-11-21T14:10:12.817+0000 [initandlisten] MongoDB starting : pid=19042 port=27017 dbpath=/var/lib/mongo\n"
        '2026-11-21T14:10:12.818+0000 [initandlisten] options: { storage: { dbPath: "/var/lib/mongo" } }\n'
        "2026-11-21T14:10:12.818+0000 [initandlisten] ERROR: Insufficient free space for journal files\n"
        "2026-11-21T14:10:12.818+0000 [initandlisten] exception in initAndListen: 15926 Insufficient free space for "
        "journals, terminating\n"
    )
    async with stores.mongo(daemon.port, root=daemon.root) as looking:
        await looking.look()
        checks = {one.check: one.severity.word for one in looking.findings() if "mongo" in one.check}
        assert checks == {"mongod-answers": "critical", "mongo-journal-space": "critical"}
