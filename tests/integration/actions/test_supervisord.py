"""Plans carried out on real supervisords: 4.x, and 3.x on Python 2.7, whose exit code is always 0."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from aen_tui.errors import PlanRefusedError
from aen_tui.model.plans import ActionName, Result
from tests.integration.actions.supervisord import ME, NODE, Supervisord, dies_once_it_settles, folder_of_commands, rig
from tests.lab.errors import LabError
from tests.lab.fetched import python27_prefix, supervisor_3
from tests.support.dying import DIES
from tests.support.side_by_side import side_by_side, together

__all__ = ["together"]

RUNS = "exec sleep 1000\n"


VERSIONS = pytest.mark.parametrize("version", ["4", "3.0", pytest.param("3.4.0", marks=pytest.mark.long)])


def newest() -> Supervisord:
    return Supervisord("4")


def of_version(version: str) -> Supervisord:
    if version != "4":
        if python27_prefix() is None:
            pytest.skip("no Python 2.7 here: supervisor 3.x is not tested")
        try:
            supervisor_3(version)
        except LabError as error:
            pytest.skip(str(error))
    return Supervisord(version)


@VERSIONS
@side_by_side
async def test_restart_is_verified_with_a_pair_of_records(version: str) -> None:
    supervisord = of_version(version)
    supervisord.program("wk-server", RUNS)
    async with rig(supervisord) as made:
        before = await made.wait("wk-server", "RUNNING")
        assert await made.do(ActionName.RESTART, "wk-server") is Result.VERIFIED
        after = await made.wait("wk-server", "RUNNING")
        assert made.last.pid_after == after.pid != before.pid
        assert [event.event for event in made.events] == [
            "planned", "step-started", "step-finished", "verified", "finished",
        ]  # fmt: skip
        intent, outcome = made.records()
        assert (intent["kind"], outcome["kind"], intent["id"]) == ("intent", "outcome", outcome["id"])
        assert outcome["prev"] == intent["hash"]
        assert (outcome["result"], outcome["claimed"], outcome["user"], outcome["run_as"]) == ("verified", True, ME, ME)
        assert (outcome["pid_before"], outcome["pid_after"]) == (before.pid, after.pid)


@VERSIONS
@side_by_side
async def test_restart_that_cannot_spawn_is_failed_with_the_reason(version: str) -> None:
    supervisord = of_version(version)
    supervisord.program("wk-server", RUNS)
    async with rig(supervisord) as made:
        await made.wait("wk-server", "RUNNING")
        supervisord.script("wk-server", DIES)
        assert await made.do(ActionName.RESTART, "wk-server") is Result.FAILED
        assert "spawn error" in made.last.error or "abnormal termination" in made.last.error
        assert "Exited too quickly" in made.last.error
        assert made.records()[-1]["claimed"] is False


@VERSIONS
@side_by_side
async def test_start_of_a_fatal_program_that_stays_fatal(version: str) -> None:
    supervisord = of_version(version)
    supervisord.program("wk-server", DIES)
    async with rig(supervisord) as made:
        await made.wait("wk-server", "FATAL")
        assert await made.do(ActionName.START, "wk-server") is Result.FAILED
        supervisord.script("wk-server", RUNS)
        assert await made.do(ActionName.START, "wk-server") is Result.VERIFIED


@VERSIONS
@side_by_side
async def test_program_that_dies_after_two_seconds_is_failed(version: str) -> None:
    """Supervisor says `started` after startsecs (1 s), and starts it again when it dies."""
    supervisord = of_version(version)
    supervisord.program("wk-server", RUNS, autorestart="true")
    async with rig(supervisord) as made:
        await made.wait("wk-server", "RUNNING")
        supervisord.script("wk-server", "sleep 2; exit 3\n")
        assert await made.do(ActionName.RESTART, "wk-server") is Result.FAILED
        assert made.records()[-1]["claimed"] is True


@VERSIONS
@side_by_side
async def test_slow_stop_is_waited_for(version: str) -> None:
    supervisord = of_version(version)
    slow = "trap 'sleep 4; exit 0' TERM\nwhile :; do sleep 0.1; done\n"
    supervisord.program("wk-server", slow, stopwaitsecs=30)
    async with rig(supervisord) as made:
        await made.wait("wk-server", "RUNNING")
        assert await made.do(ActionName.STOP, "wk-server") is Result.VERIFIED
        assert made.last.pid_after is None
        await made.wait("wk-server", "STOPPED")


@VERSIONS
@side_by_side
async def test_several_stop_at_the_first_that_is_not_verified(version: str) -> None:
    supervisord = of_version(version)
    for name in ("a", "b", "c"):
        supervisord.program(name, RUNS)
    async with rig(supervisord) as made:
        for name in ("a", "b", "c"):
            await made.wait(name, "RUNNING")
        untouched = await made.wait("c", "RUNNING")
        supervisord.script("b", DIES)
        assert await made.do(ActionName.RESTART, "a", "b", "c") is Result.FAILED
        assert (await made.wait("c", "RUNNING")).pid == untouched.pid
        assert [record["result"] for record in made.records()] == [None, "verified", None, "failed"]


@VERSIONS
@side_by_side
async def test_what_the_probe_may_not_see_is_proved_by_supervisorctl(version: str) -> None:
    supervisord = of_version(version)
    supervisord.program("wk-server", RUNS)
    async with rig(supervisord, blind=True, settle_seconds=2.0) as made:
        await made.wait("wk-server", "unknown")
        assert await made.do(ActionName.RESTART, "wk-server", settle=True) is Result.VERIFIED
        first = made.last.pid_after
        assert await made.do(ActionName.START, "wk-server") is Result.REFUSED
        assert f"RUNNING already, pid {first}" in made.events[-1].error
        assert await made.do(ActionName.STOP, "wk-server") is Result.VERIFIED
        supervisord.script("wk-server", DIES)
        assert await made.do(ActionName.START, "wk-server") is Result.FAILED
        assert "Exited too quickly" in made.last.error
        control = f"{supervisord.home}/bin/supervisorctl"
        assert all(record["proof"] == [control, "status", "wk-server"] for record in made.records())
        assert [record["result"] for record in made.records()[1::2]] == ["verified", "refused", "verified", "failed"]
        assert made.records()[3]["pid_before"] == made.records()[1]["pid_after"] == first
        (service,) = made.store.node(NODE).services
        assert service.state == "unknown", "the fleet says what the probe may see, and no more"


@VERSIONS
@side_by_side
async def test_a_death_that_only_supervisorctl_sees_is_failed(version: str) -> None:
    supervisord = of_version(version)
    supervisord.program("wk-server", RUNS, autorestart="false")
    async with rig(supervisord, blind=True, settle_seconds=6.0) as made:
        await made.wait("wk-server", "unknown")
        supervisord.script("wk-server", "sleep 2; exit 3\n")
        assert await made.do(ActionName.RESTART, "wk-server") is Result.FAILED
        supervisord.script("wk-server", RUNS)
        dies_once_it_settles(made)
        assert await made.do(ActionName.START, "wk-server", settle=True) is Result.FAILED
        assert "while settling" in made.last.error


@VERSIONS
@side_by_side
async def test_a_program_that_cannot_be_spawned_is_failed_with_what_supervisor_says(version: str) -> None:
    supervisord = of_version(version)
    supervisord.program("wk-server", RUNS, command="/nowhere/wk-server", autostart="false")
    async with rig(supervisord) as made:
        await made.wait("wk-server", "STOPPED")
        assert await made.do(ActionName.START, "wk-server") is Result.FAILED
        assert "no such file" in made.last.error or "can't find command" in made.last.error
        assert made.records()[-1]["claimed"] is False


@VERSIONS
@side_by_side
async def test_a_program_in_its_retries_is_failed_and_may_be_restarted_out_of_them(version: str) -> None:
    supervisord = of_version(version)
    supervisord.program("wk-server", RUNS, startretries=20, startsecs=2)
    async with rig(supervisord) as made:
        await made.wait("wk-server", "RUNNING")
        supervisord.script("wk-server", DIES)
        assert await made.do(ActionName.RESTART, "wk-server") is Result.FAILED
        await made.wait("wk-server", "BACKOFF")
        supervisord.script("wk-server", RUNS)
        for _ in range(20):  # it goes from state to state meanwhile, and a plan for another state is refused
            if await made.do(ActionName.RESTART, "wk-server") is Result.VERIFIED:
                break
        assert made.last.result is Result.VERIFIED


@pytest.mark.long
@VERSIONS
@side_by_side
async def test_a_stop_of_ninety_seconds_is_waited_for(version: str) -> None:
    supervisord = of_version(version)
    slow = "trap 'sleep 90; exit 0' TERM\nwhile :; do sleep 0.1; done\n"
    supervisord.program("wk-server", slow, stopwaitsecs=120)
    async with rig(supervisord) as made:
        before = await made.wait("wk-server", "RUNNING")
        plan = made.plan(ActionName.RESTART, "wk-server")
        async with asyncio.timeout(180):
            assert await made.executor.execute(plan, made.events.append) is Result.VERIFIED
        assert made.last.pid_after != before.pid
        assert len(made.link.ran) == 1


@pytest.mark.long
@VERSIONS
@side_by_side
async def test_a_program_that_dies_after_twenty_seconds_is_verified_and_then_failed(version: str) -> None:
    supervisord = of_version(version)
    supervisord.program("wk-server", RUNS, autorestart="true")
    async with rig(supervisord, settle_seconds=30.0) as made:
        await made.wait("wk-server", "RUNNING")
        supervisord.script("wk-server", "sleep 20; exit 3\n")
        assert await made.do(ActionName.RESTART, "wk-server") is Result.VERIFIED
        async with asyncio.timeout(60):
            await made.store.wait_for(lambda _: made.last.result is Result.FAILED)
        assert "while settling" in made.last.error
        assert made.records()[-1]["result"] == "failed"
        supervisord.script("wk-server", "sleep 20; exit 3\n")
        assert await made.do(ActionName.RESTART, "wk-server", settle=True) is Result.FAILED


# --- what does not depend on the version ------------------------------------------------------------------


@side_by_side
async def test_settle_waits_for_a_late_death() -> None:
    supervisord = newest()
    supervisord.program("wk-server", RUNS, autorestart="false")
    async with rig(supervisord, settle_seconds=8.0) as made:
        await made.wait("wk-server", "RUNNING")
        dies_once_it_settles(made)
        assert await made.do(ActionName.RESTART, "wk-server", settle=True) is Result.FAILED
        assert "while settling" in made.last.error


@side_by_side
async def test_late_death_corrects_the_audit_and_tells_the_card() -> None:
    supervisord = newest()
    supervisord.program("wk-server", RUNS, autorestart="false")
    async with rig(supervisord, settle_seconds=20.0) as made:
        await made.wait("wk-server", "RUNNING")
        assert await made.do(ActionName.RESTART, "wk-server") is Result.VERIFIED
        assert made.last.pid_after is not None
        os.kill(made.last.pid_after, signal.SIGKILL)
        await made.wait("wk-server", "EXITED")
        async with asyncio.timeout(60):
            await made.store.wait_for(lambda _: made.last.result is Result.FAILED)
        intent, verified, failed = made.records()
        assert (verified["result"], failed["result"]) == ("verified", "failed")
        assert intent["id"] == failed["id"]


@side_by_side
async def test_words_lost_with_the_link_are_not_known_then_observed_and_never_repeated() -> None:
    supervisord = newest()
    supervisord.program("wk-server", RUNS)
    async with rig(supervisord) as made:
        before = await made.wait("wk-server", "RUNNING")
        made.link.is_cut = True
        assert await made.do(ActionName.RESTART, "wk-server") is Result.VERIFIED
        finished = next(event for event in made.events if event.event == "step-finished")
        assert finished.result is Result.UNVERIFIED
        assert "whether it took effect is not known" in (finished.error or "")
        assert "by observation alone" in made.last.detail["rests_on"][-1]
        assert made.last.pid_after != before.pid
        assert len(made.link.ran) == 1
        assert made.records()[-1]["claimed"] is None
        assert "by observation alone" in made.records()[-1]["rests_on"][-1]


@side_by_side
async def test_read_only_refuses_where_plans_are_executed() -> None:
    supervisord = newest()
    supervisord.program("wk-server", RUNS)
    async with rig(supervisord, read_only=True) as made:
        await made.wait("wk-server", "RUNNING")
        assert await made.do(ActionName.RESTART, "wk-server") is Result.REFUSED
        assert (made.link.ran, made.records()) == ([], [])


@side_by_side
async def test_stale_plan_is_refused() -> None:
    supervisord = newest()
    supervisord.program("wk-server", RUNS)
    async with rig(supervisord) as made:
        before = await made.wait("wk-server", "RUNNING")
        plan = made.plan(ActionName.RESTART, "wk-server")
        assert await made.execute(plan) is Result.VERIFIED
        assert await made.execute(plan) is Result.REFUSED
        assert f"it was RUNNING, pid {before.pid}" in made.events[-1].error
        assert len(made.link.ran) == 1


@side_by_side
async def test_without_a_record_nothing_is_done() -> None:
    supervisord = newest()
    supervisord.program("wk-server", RUNS)
    async with rig(supervisord) as made:
        await made.wait("wk-server", "RUNNING")
        made.audit_path.symlink_to("/dev/null")
        assert await made.do(ActionName.RESTART, "wk-server") is Result.REFUSED
        assert made.link.ran == []


@side_by_side
async def test_node_that_is_not_up_is_refused() -> None:
    supervisord = newest()
    supervisord.program("wk-server", RUNS)
    async with rig(supervisord) as made:
        await made.wait("wk-server", "RUNNING")
        made.is_up = False
        assert await made.do(ActionName.RESTART, "wk-server") is Result.REFUSED
        assert made.records() == []


@side_by_side
async def test_sudo_that_wants_a_password_is_refused() -> None:
    supervisord = newest()
    supervisord.program("wk-server", RUNS)
    sudo = "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n"
    with folder_of_commands(sudo=sudo) as path:
        async with rig(supervisord, account="wakari", environment={"PATH": path}) as made:
            before = await made.wait("wk-server", "RUNNING")
            if ME != "root":
                pytest.skip("as another user the socket may be used without sudo")
            assert await made.do(ActionName.RESTART, "wk-server") is Result.REFUSED
            assert "a password is required" in made.last.error
            assert (await made.wait("wk-server", "RUNNING")).pid == before.pid


@side_by_side
async def test_sudo_that_wants_a_terminal_is_asked_on_one() -> None:
    supervisord = newest()
    supervisord.program("wk-server", RUNS)
    sudo = (
        "#!/bin/sh\n"
        "[ -n \"$HERE_PTY\" ] || { echo 'sudo: sorry, you must have a tty to run sudo' >&2; exit 1; }\n"
        "shift 3\n"
        'exec "$@"\n'
    )
    with folder_of_commands(sudo=sudo) as path:
        async with rig(supervisord, account="wakari", environment={"PATH": path}) as made:
            await made.wait("wk-server", "RUNNING")
            if ME != "root":
                pytest.skip("as another user the socket may be used without sudo")
            assert await made.do(ActionName.RESTART, "wk-server") is Result.VERIFIED
            assert [pty for _, pty in made.link.ran] == [False, True]
            assert len(made.records()) == 2


@side_by_side
async def test_hostile_program_names_do_nothing_else() -> None:
    supervisord = newest()
    supervisord.program("wk-server", RUNS)
    async with rig(supervisord) as made:
        await made.wait("wk-server", "RUNNING")
        mark = supervisord.prefix / "owned"
        for name in (f"$(touch {mark})", f"x;touch {mark}", "wk-server wk-server", "-h", "all"):
            with pytest.raises(PlanRefusedError):
                made.plan(ActionName.RESTART, name)
        for name in (f"`touch${{IFS}}{mark}`", f"$(touch${{IFS}}{mark})", f"'|touch${{IFS}}{mark}|'", "*", "a*"):
            if name != "*":
                assert await made.do(ActionName.RESTART, name) is Result.FAILED
        assert not mark.exists()


@side_by_side
async def test_interrupted_step_leaves_its_outcome() -> None:
    supervisord = newest()
    supervisord.program("wk-server", "trap '' TERM\nwhile :; do sleep 0.1; done\n", stopwaitsecs=60)
    async with rig(supervisord) as made:
        await made.wait("wk-server", "RUNNING")
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(made.do(ActionName.RESTART, "wk-server"))
            await made.wait("wk-server", "STOPPING")
            task.cancel()
        assert [record["kind"] for record in made.records()] == ["intent", "outcome"]
        assert made.records()[-1]["result"] == "unverified"
