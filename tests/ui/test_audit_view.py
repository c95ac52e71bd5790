"""View 8 and what the header, the card and `:` say of audit, arming and leases."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from aen_tui.config.policy import Policy
from aen_tui.errors import PlanRefusedError
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, AuditRecord, Target
from aen_tui.runtime.audit import AuditHealth
from aen_tui.runtime.audit_copies import add_copy
from aen_tui.runtime.lease import FRONT, Holder, lease
from aen_tui.runtime.syslog import Syslog
from aen_tui.ui.app import AenApp
from aen_tui.ui.commands import run_line
from aen_tui.ui.messages import ActionRequested
from aen_tui.ui.screens.audit_record import AuditRecordScreen
from aen_tui.ui.screens.card import CardScreen
from aen_tui.ui.screens.command_line import CommandLineScreen
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime

SIZES = ((60, 16), (80, 24), (120, 40))
COMPUTE = Target(NodeName("compute1-1"), "wk-compute", "supervisor", "wakari-compute")
BROKEN = AuditHealth("the audit /x/audit.jsonl cannot be written: the disk is full", has_syslog=True)

INTENT = AuditRecord(
    id="p1-1",
    kind="intent",
    at="2026-11-21T07:00:00.000Z",
    user="alice",
    cluster="aen-prod",
    node="compute1-1",
    argv=("sudo", "-n", "-u", "wakari", "/opt/wakari/wakari-compute/bin/supervisorctl", "restart", "wk-compute"),
    reason="ticket 123",
    result=None,
    prev="",
    hash="",
    service="wk-compute",
    action="restart",
    run_as="wakari",
    pid_before=71,
    plan="p1",
    uid=1000,
    login_uid=1000,
    claimed_origin={"ssh": "10.0.0.7 5512 10.0.0.1 22", "tty": "/dev/pts/3"},
)


RESTS_ON = "pid 26158 → 26160"


def record_some(runtime: FakeRuntime) -> None:
    """Five steps: verified, failed, refused, unverified, one without an outcome."""
    endings = (("verified", None), ("failed", "\x1b[31mspawn error"), ("refused", "sudo: no"), ("unverified", "lost"))
    for number, (result, error) in enumerate((*endings, ("", None)), 1):
        at = f"2026-11-21T07:0{number}:00.000Z"
        made = replace(INTENT, id=f"p{number}-1", node=f"compute1-{number}", at=at)
        runtime.audit.append(made)
        if result:
            done = replace(made, kind="outcome", result=result, error=error, pid_after=80 + number, claimed=True)
            runtime.audit.append(done)


@pytest.fixture
def runtime(tmp_path: Path) -> FakeRuntime:
    return FakeRuntime(history_samples=0, audit_folder=tmp_path)


def first_line(app: AenApp) -> str:
    return screen_text(app).split("\n")[0]


def takes_keys(app: AenApp) -> bool:
    return isinstance(app.screen, CardScreen) and app.screen.takes_keys


async def say(pilot: Pilot[Any], line: str) -> None:
    """Type a `:` line."""
    await pilot.press("colon")
    await until(pilot, lambda: isinstance(pilot.app.screen, CommandLineScreen))
    await pilot.press(*(("space" if char == " " else char) for char in line), "enter")
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_steps_with_words_whole_at_every_size(runtime: FakeRuntime, size: tuple[int, int]) -> None:
    record_some(runtime)
    app = AenApp(runtime)
    async with app.run_test(size=size) as pilot:
        await pilot.press("8")
        await until(pilot, lambda: "WHOLE 9 records" in screen_text(app))
        text = screen_text(app)
        for words in ("VERIFIED", "FAILED", "REFUSED", "UNVERIFIED", "NO OUTCOME", "restart", "alice", "compute1-"):
            assert words in text, words
        rows = [line for line in text.split("\n") if "alice" in line]
        assert "NO OUTCOME" in rows[0], "the newest comes first"
        assert "VERIFIED" in rows[-1]
        assert ("ticket 123" in text) == (size[0] >= 80)


async def test_what_the_verdict_rests_on_stands_beside_its_label(runtime: FakeRuntime) -> None:
    runtime.audit.append(INTENT)
    runtime.audit.append(replace(INTENT, kind="outcome", result="verified", pid_after=81, rests_on=(RESTS_ON,)))
    app = AenApp(runtime)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("8")
        await until(pilot, lambda: "VERIFIED" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, AuditRecordScreen) and RESTS_ON in screen_text(app))
        assert f"rests on {RESTS_ON}" in screen_text(app)


async def test_enter_shows_the_whole_record_and_nothing_in_it_acts(runtime: FakeRuntime) -> None:
    record_some(runtime)
    app = AenApp(runtime)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("8")
        await until(pilot, lambda: "WHOLE" in screen_text(app))
        await pilot.press("j", "j", "j", "enter")
        await until(pilot, lambda: isinstance(app.screen, AuditRecordScreen) and "FAILED" in screen_text(app))
        text = screen_text(app)
        for words in ("restart wk-compute", "pid 71 → 82", "␛[31mspawn error", "10.0.0.7", "login uid 1000", "ticket"):
            assert words in text, words
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)


async def test_a_filter_looks_into_everything(runtime: FakeRuntime) -> None:
    record_some(runtime)
    app = AenApp(runtime)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("8")
        await until(pilot, lambda: "WHOLE" in screen_text(app))
        await pilot.press("slash", *"failed", "enter")
        await until(pilot, lambda: "1 of 5 steps" in screen_text(app))
        assert "compute1-2" in screen_text(app)
        assert "compute1-3" not in screen_text(app)
        await pilot.press("slash", "escape")
        await until(pilot, lambda: "5 steps" in screen_text(app) and "of 5" not in screen_text(app))


async def test_reads_are_left_out_and_counted_until_they_are_asked_for(runtime: FakeRuntime) -> None:
    record_some(runtime)
    runtime.audit.append(replace(INTENT, id="read-1", action="read", service="", node="compute1-9"))
    app = AenApp(runtime)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("8")
        await until(
            pilot, lambda: "WHOLE" in screen_text(app) and "5 steps, 1 read hidden (x shows" in screen_text(app)
        )
        assert "compute1-9" not in screen_text(app)
        await pilot.press("x")
        await until(pilot, lambda: "compute1-9" in screen_text(app) and "with reads" in screen_text(app))
        assert "6 steps" in screen_text(app) and "hidden" not in screen_text(app)
        await pilot.press("x")
        await until(pilot, lambda: "compute1-9" not in screen_text(app))


async def test_reads_alone_push_no_step_out_and_nothing_at_all_is_said(runtime: FakeRuntime) -> None:
    app = AenApp(runtime)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("8")
        await until(pilot, lambda: "Nothing was changed from here yet" in screen_text(app))
        runtime.audit.append(replace(INTENT, id="read-1", action="read", service="", node="compute1-9"))
        await until(pilot, lambda: "0 steps, 1 read hidden" in screen_text(app))
        assert "compute1-9" not in screen_text(app)


async def test_an_edit_is_said_and_a_new_record_comes_by_itself(runtime: FakeRuntime) -> None:
    record_some(runtime)
    app = AenApp(runtime)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("8")
        await until(pilot, lambda: "WHOLE 9" in screen_text(app))
        runtime.audit.append(replace(INTENT, id="p9-1", node="gateway1"))
        await until(pilot, lambda: "WHOLE 10" in screen_text(app) and "gateway1" in screen_text(app))
        path = runtime.audit.path
        path.write_text(path.read_text().replace("spawn error", "all is well"))
        await until(pilot, lambda: "✖ CHANGED line 4 was changed" in screen_text(app))


async def test_colleagues_steps_are_shown_as_theirs(runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = runtime.inventory.actions.lease_dir
    folder.mkdir(parents=True)
    folder.chmod(0o2770)
    import json
    import os

    from aen_tui.runtime.audit import as_json

    add_copy(folder, json.dumps(as_json(INTENT)).encode() + b"\n")
    copy = folder / f"audit.{os.getuid()}.jsonl"
    copy.rename(folder / "audit.65534.jsonl")
    os.chown(folder / "audit.65534.jsonl", 65534, -1)
    app = AenApp(runtime)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("8")
        await until(pilot, lambda: "nobody" in screen_text(app))
        assert "alice" not in screen_text(app), "who it is from is the file's owner"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("nodes", [(2, 50), (20, 979)])
async def test_header_words_stay_whole_with_the_audit_unwell(
    tmp_path: Path, size: tuple[int, int], nodes: tuple[int, int]
) -> None:
    runtime = FakeRuntime(*nodes, history_samples=0, is_demo=True, arming_required=True, audit_folder=tmp_path)
    runtime.guard.audit_health = BROKEN
    app = AenApp(runtime)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: " up" in first_line(app) and "CRITICAL" in first_line(app))
        for words in ("DEMO", "✖ AUDIT", "LOCKED"):
            assert words in first_line(app), first_line(app)
        runtime.guard.arm(15, "ticket")
        runtime.clock.advance(1)
        await until(pilot, lambda: "ARMED 14:59" in first_line(app))
        assert "✖ AUDIT" in first_line(app)
        assert f"{sum(nodes) - 2}/{sum(nodes) + 1} up" in first_line(app)


async def test_armed_by_the_line_counts_down_and_locks(tmp_path: Path) -> None:
    runtime = FakeRuntime(history_samples=0, arming_required=True, audit_folder=tmp_path)
    app = AenApp(runtime)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "LOCKED" in first_line(app))
        app.on_action_requested(ActionRequested(ActionName.RESTART, [COMPUTE]))
        await pilot.pause()
        assert not isinstance(app.screen, CardScreen)
        await say(pilot, "arm 15m ticket 123")
        await until(pilot, lambda: "ARMED 15:00" in first_line(app))
        assert runtime.guard.reason(None) == "ticket 123"
        runtime.clock.advance(61)
        await until(pilot, lambda: "ARMED 13:59" in first_line(app))
        app.on_action_requested(ActionRequested(ActionName.RESTART, [COMPUTE]))
        await until(pilot, lambda: isinstance(app.screen, CardScreen) and app.screen.takes_keys)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)
        await say(pilot, "disarm")
        await until(pilot, lambda: "LOCKED" in first_line(app))


async def test_keys_keep_it_armed_and_their_absence_locks(tmp_path: Path) -> None:
    runtime = FakeRuntime(history_samples=0, arming_required=True, audit_folder=tmp_path)
    app = AenApp(runtime)
    async with app.run_test(size=(100, 30)) as pilot:
        runtime.guard.arm(60, "long work")
        for _ in range(2):
            runtime.clock.advance(14 * 60)
            await pilot.press("j")
        assert not runtime.guard.is_locked
        runtime.clock.advance(15 * 60)
        assert runtime.guard.is_locked
        await pilot.press("j")
        assert runtime.guard.is_locked, "a key does not unlock"


@pytest.mark.parametrize("line", ["arm 0m x", "arm 61m x", "arm 15m", "arm reason", "arm 15m  "])
def test_arm_wants_minutes_and_a_reason(runtime: FakeRuntime, line: str) -> None:
    app = AenApp(runtime)
    with pytest.raises(PlanRefusedError):
        run_line(app, line)
    assert runtime.guard.armed_until is None


@pytest.mark.parametrize(
    "how", [{"read_only": True}, {"policy": Policy(read_only=True)}, {"policy": Policy(error="x")}]
)
def test_nothing_in_the_session_lifts_read_only(tmp_path: Path, how: dict[str, Any]) -> None:
    runtime = FakeRuntime(history_samples=0, audit_folder=tmp_path, **how)
    with pytest.raises(PlanRefusedError):
        run_line(AenApp(runtime), "arm 15m let me")
    assert runtime.guard.armed_until is None
    assert runtime.guard.refusal(runtime.plan(ActionName.RESTART, [COMPUTE])) is not None
    with pytest.raises(AttributeError):
        runtime.guard.read_only = False  # type: ignore[misc]


async def test_card_says_no_lease_and_who_else_is_at_work(runtime: FakeRuntime) -> None:
    runtime.guard.look()
    app = AenApp(runtime)
    async with app.run_test(size=(110, 34)) as pilot:
        app.on_action_requested(ActionRequested(ActionName.RESTART, [COMPUTE]))
        await until(pilot, lambda: "NO LEASE" in screen_text(app) and takes_keys(app))
        await pilot.press("escape")
        runtime.guard.no_lease = None
        held = (FRONT, "east")
        runtime.guard.holders = tuple(Holder("bob", 1, 0.0, group, "p", "rolling 12/50") for group in held)
        app.on_action_requested(ActionRequested(ActionName.RESTART, [COMPUTE]))
        await until(pilot, lambda: "bob holds east since" in screen_text(app) and takes_keys(app))
        await pilot.press("escape")
        await until(pilot, lambda: "bob: rolling 12/50 on east" in first_line(app))
        assert FRONT not in first_line(app), "a job is named once"
        runtime.guard.holders = runtime.guard.holders[:1]
        await until(pilot, lambda: f"on {FRONT}"[:20] in first_line(app))


async def test_a_lease_that_is_held_is_seen_by_a_look(runtime: FakeRuntime) -> None:
    folder = runtime.inventory.actions.lease_dir
    folder.mkdir(parents=True)
    folder.chmod(0o2770)
    with lease(runtime.inventory, "east", "bob", "p", what="rolling"):
        runtime.guard.look()
    assert [(one.user, one.group) for one in runtime.guard.holders] == [("bob", "east")]
    assert runtime.guard.no_lease is None


async def test_syslog_only_is_typed_and_no_key_will_do(runtime: FakeRuntime) -> None:
    runtime.guard.audit_health = BROKEN
    app = AenApp(runtime)
    async with app.run_test(size=(110, 34)) as pilot:
        app.on_action_requested(ActionRequested(ActionName.RESTART, [COMPUTE]))
        await until(pilot, lambda: isinstance(app.screen, CardScreen) and app.screen.takes_keys)
        assert "the disk is full" in screen_text(app)
        assert "type SYSLOG-ONLY, then Enter" in screen_text(app)
        await pilot.press("y", "enter", "tab", *"yes", "enter")
        assert not [name for name, _ in runtime.calls if name == "start"]
        await until(pilot, lambda: "That is not SYSLOG-ONLY" in screen_text(app))
        await pilot.press(*"SYSLOG-ONLY", "enter")
        await until(pilot, lambda: any(name == "syslog-only" for name, _ in runtime.calls))


async def test_policy_that_forbids_an_action_opens_no_card(tmp_path: Path) -> None:
    policy = Policy(actions=frozenset({ActionName.START}))
    runtime = FakeRuntime(history_samples=0, audit_folder=tmp_path, policy=policy)
    app = AenApp(runtime)
    async with app.run_test(size=(110, 34), notifications=True) as pilot:
        app.on_action_requested(ActionRequested(ActionName.RESTART, [COMPUTE]))
        await until(pilot, lambda: "does not allow restart" in screen_text(app))
        assert not isinstance(app.screen, CardScreen)


async def test_a_shell_is_recorded_before_and_after(tmp_path: Path, dev_log: socket.socket) -> None:
    runtime = FakeRuntime(history_samples=0, audit_folder=tmp_path, syslog=Syslog(tmp_path / "log"))
    async with runtime.guard.shell_recorded(NodeName("gateway1"), ("ssh", "--", "gateway1")):
        assert b"kind=intent id=shell-" in dev_log.recv(4096)
    assert b"kind=outcome id=shell-" in dev_log.recv(4096)
    (step,) = runtime.audit_book.steps()
    assert step.intent["argv"] == ["ssh", "--", "gateway1"]
    assert step.outcome is not None
