"""Announced, recorded, remembered, expired; not counted while it lasts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aen_tui.checks import rate
from aen_tui.config.targets import Target
from aen_tui.errors import AenError, AuditError
from aen_tui.headless.document import status_document
from aen_tui.model.facts import Connection, LinkState
from aen_tui.model.maintenance import parse_length
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.audit import AuditLog
from aen_tui.runtime.maintenance import Maintenance
from tests.support.states import FakeRuntime, service

COMPUTE, SERVER = NodeName("compute1-1"), NodeName("aen-server")


class Stage:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runtime = FakeRuntime(problems=False, history_samples=0, audit_folder=folder)
        for name in self.runtime.inventory.nodes:
            self.runtime.store.update(name, lambda node: rate(replace(node, findings=())))
        self.here = self.runtime.maintenance

    def another(self) -> Maintenance:
        """Another program of this user, or this one after a restart."""
        runtime = self.runtime
        file = self.folder / "maintenance.json"
        return Maintenance(runtime.inventory, runtime.store, runtime.clock, runtime.audit, runtime.events, file)

    def lose(self, name: NodeName) -> None:
        self.runtime.store.update(
            name, lambda node: rate(replace(node, connection=Connection(LinkState.STALE, error="lost")))
        )

    def severity(self, name: NodeName) -> Severity:
        return self.runtime.store.node(name).severity

    @property
    def records(self) -> list[dict[str, Any]]:
        path = self.runtime.audit.path
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def test_it_counts_out_and_in_again_and_both_are_recorded(stage: Stage) -> None:
    stage.lose(COMPUTE)
    assert stage.severity(COMPUTE) is Severity.CRITICAL
    await stage.here.begin([Target(COMPUTE)], 7200, "new kernel")
    assert stage.severity(COMPUTE) is Severity.OK
    assert stage.runtime.snapshot().severity is Severity.OK
    document = status_document(stage.runtime.snapshot(), [COMPUTE], stage.runtime.clock.monotonic())
    assert document["severity"] == document["nodes"][0]["severity"] == "ok"
    assert document["nodes"][0]["connection"]["state"] == "stale"
    said = document["nodes"][0]["findings"][0]
    assert said["check"] == "maintenance" and said["severity"] == "ok" and "new kernel" in said["message"]
    stage.runtime.clock.advance(7201)
    await stage.here.look()
    assert stage.severity(COMPUTE) is Severity.CRITICAL
    assert [(one["kind"], one["action"], one["node"], one["result"]) for one in stage.records] == [
        ("intent", "maintenance", COMPUTE, None),
        ("outcome", "maintenance", COMPUTE, "expired"),
    ]
    assert stage.records[0]["id"] == stage.records[1]["id"] and "new kernel" in stage.records[0]["reason"]
    words = [row.words for row in stage.runtime.events.timeline]
    assert words[0].startswith("maintenance begins: until") and words[1] == "maintenance expired: new kernel"


async def test_it_outlives_the_program_and_is_shared_with_the_next(stage: Stage) -> None:
    await stage.here.begin([Target(COMPUTE), Target(SERVER, "wk-server")], 600, "upgrade")
    file = stage.folder / "maintenance.json"
    assert file.stat().st_mode & 0o777 == 0o600
    other = stage.another()
    other.load()
    assert {one.target for one in other.windows} == {"compute1-1", "aen-server/wk-server"}
    await other.end([Target(COMPUTE)])
    await stage.here.look()
    assert [one.target for one in stage.here.windows] == ["aen-server/wk-server"]
    assert stage.runtime.store.node(COMPUTE).planned is None


async def test_of_two_programs_one_records_the_end(stage: Stage) -> None:
    await stage.here.begin([Target(COMPUTE)], 60, "x")
    other = stage.another()
    other.load()
    stage.runtime.clock.advance(61)
    await stage.here.look()
    await other.look()
    assert [one["kind"] for one in stage.records] == ["intent", "outcome"]


async def test_a_service_is_counted_out_and_its_neighbour_is_not(stage: Stage) -> None:
    await stage.here.begin([Target(SERVER, "wk-server")], 600, "upgrade")
    fatal = service("wk-server", "wakari-server", "FATAL")
    stage.runtime.store.update(SERVER, lambda node: rate(replace(node, services=(fatal,), http=())))
    assert stage.severity(SERVER) is Severity.OK
    other = service("worker", "wakari-server", "FATAL")
    stage.runtime.store.update(SERVER, lambda node: rate(replace(node, services=(fatal, other))))
    assert stage.severity(SERVER) is Severity.CRITICAL


async def test_a_store_is_counted_out_by_its_daemon(stage: Stage) -> None:
    stores = stage.runtime.snapshot().stores
    mongo = stores["mongodb"]
    assert mongo is not None
    down = replace(mongo, state="down", severity=Severity.CRITICAL, asked_on=SERVER)
    stage.runtime.store.set_stores({**stores, "mongodb": down})
    assert stage.runtime.snapshot().severity is Severity.CRITICAL
    await stage.here.begin([Target(SERVER, "mongod")], 600, "new disk")
    assert stage.runtime.snapshot().severity is Severity.OK


async def test_announced_again_the_later_word_holds(stage: Stage) -> None:
    await stage.here.begin([Target(COMPUTE)], 600, "one")
    await stage.here.begin([Target(COMPUTE)], 7200, "two")
    assert [one.reason for one in stage.here.windows] == ["two"]
    assert [one["result"] for one in stage.records if one["kind"] == "outcome"] == ["replaced"]


async def test_what_cannot_be_recorded_is_not_begun(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_log: AuditLog, _record: object) -> None:
        raise AuditError("the audit cannot be written: the disk is full")

    monkeypatch.setattr(AuditLog, "append", full)
    with pytest.raises(AuditError):
        await stage.here.begin([Target(COMPUTE)], 600, "x")
    assert stage.here.windows == () and not (stage.folder / "maintenance.json").exists()


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 1, "windows": [{}]}', b'{"version": 9, "windows": []}'])
async def test_a_broken_file_is_told_of_and_left(stage: Stage, content: bytes) -> None:
    file = stage.folder / "maintenance.json"
    file.write_bytes(content)
    await stage.here.look()
    await stage.here.look()
    assert [event.severity for event in stage.runtime.events] == [Severity.WARNING]
    with pytest.raises(AenError):
        await stage.here.begin([Target(COMPUTE)], 600, "x")
    assert file.read_bytes() == content


async def test_a_link_in_its_place_is_not_followed(stage: Stage) -> None:
    elsewhere = stage.folder / "elsewhere"
    elsewhere.write_text('{"version": 1, "windows": []}')
    (stage.folder / "maintenance.json").symlink_to(elsewhere)
    with pytest.raises(AenError):
        await stage.here.begin([Target(COMPUTE)], 600, "x")


async def test_a_path_and_no_reason_are_refused(stage: Stage) -> None:
    with pytest.raises(AenError, match="path"):
        await stage.here.begin([Target(COMPUTE, path="/x")], 600, "x")
    with pytest.raises(AenError, match="reason"):
        await stage.here.begin([Target(COMPUTE)], 600, " ")


@pytest.mark.parametrize(("word", "seconds"), [("30m", 1800), ("2h", 7200), ("7d", 604800)])
def test_lengths(word: str, seconds: int) -> None:
    assert parse_length(word) == seconds


@pytest.mark.parametrize("word", ["", "2", "0m", "8d", "99999m", "-1h", "2 h", "1s", "２h"])
def test_what_is_no_length(word: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        parse_length(word)
