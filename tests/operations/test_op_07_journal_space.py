"""7: too little space for mongod's journal is a finding, before a restart meets it (tried with 2.6.10)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aen_tui.model.facts import Disk, Finding, Metrics
from aen_tui.model.reading import Reading
from aen_tui.model.stores import MIB, MONGO_DATA_PATH, MongoOptions
from tests.integration.stores.conftest import mongod_program
from tests.support import stores
from tests.support.mongod import Mongod
from tests.support.store_states import mongo_state

__all__ = ["mongod_program"]


def disk(free_mib: int, mount: str = MONGO_DATA_PATH) -> Disk:
    free = free_mib * MIB
    return Disk(mount, "xfs", 8 * free, free, 10 * free, 50.0, 1.0, False)


def found(options: MongoOptions | None, *disks: Disk, state: str = "up") -> list[Finding]:
    store = replace(mongo_state(options=options), state=state)
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
        (MongoOptions(data_path="/data/db"), 1, False),
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
    options = MongoOptions(data_path="/data/db")
    assert not found(options, disk(1), disk(5000, "/data/db"))
    (said,) = found(options, disk(5000), disk(100, "/data/db"))
    assert "100 MB are free on /data/db" in said.message and "3379" in said.message


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
