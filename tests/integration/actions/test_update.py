"""reread and update on real supervisords: what would change is shown before it is applied, and it alone is."""

from __future__ import annotations

import pytest

from aen_tui.model.plans import ActionName, Result, Target
from tests.integration.actions.supervisord import NODE, SUPERVISOR, Rig, Supervisord, rig
from tests.integration.actions.test_supervisord import RUNS, VERSIONS, of_version
from tests.support.dying import DIES
from tests.support.side_by_side import side_by_side, together

__all__ = ["together"]


@VERSIONS
@side_by_side
async def test_update_applies_what_was_announced(version: str) -> None:
    supervisord = of_version(version)
    supervisord.program("wk-server", RUNS)
    async with rig(supervisord) as made:
        await made.wait("wk-server", "RUNNING")
        supervisord.program("worker", RUNS)
        assert await made.do(ActionName.UPDATE, "wk-server") is Result.REFUSED, "nobody has seen what would change"
        assert made.link.ran == []
        assert await made.do(ActionName.REREAD, "wk-server") is Result.VERIFIED
        assert [event.lines for event in made.events if event.lines] == [("worker: available",)]
        supervisord.program("other", RUNS)
        assert await made.do(ActionName.UPDATE, "wk-server") is Result.FAILED
        assert "something else than was shown" in made.last.error
        assert await made.do(ActionName.REREAD, "wk-server") is Result.VERIFIED
        assert await made.do(ActionName.UPDATE, "wk-server") is Result.VERIFIED
        for name in ("worker", "other"):
            await made.wait(name, "RUNNING")
        ran = [argv[-1] for argv, _ in made.link.ran]
        assert ran == ["reread", "reread", "reread", "reread", "update", "reread"]


async def updated(made: Rig) -> Result:
    """Show what would change, and apply it; to a whole supervisord, so that nothing need be seen to be named."""
    whole = Target(NODE, SUPERVISOR, "supervisor", SUPERVISOR)
    assert await made.execute(made.executor.plan(ActionName.REREAD, [whole])) is Result.VERIFIED
    return await made.execute(made.executor.plan(ActionName.UPDATE, [whole]))


def changed(supervisord: Supervisord) -> None:
    supervisord.program("wk-server", RUNS, environment="A=1")
    supervisord.program("worker", RUNS)
    supervisord.program("by-hand", RUNS, autostart="false")
    (supervisord.home / "conf.d" / "old.conf").unlink()


@VERSIONS
@pytest.mark.parametrize("blind", [False, True], ids=["seen", "blind"])
@side_by_side
async def test_what_was_applied_runs_where_it_begins_by_itself(version: str, blind: bool) -> None:
    supervisord = of_version(version)
    for name in ("wk-server", "old"):
        supervisord.program(name, RUNS)
    async with rig(supervisord, blind=blind) as made:
        before = await made.wait("wk-server", "unknown" if blind else "RUNNING")
        changed(supervisord)
        assert await updated(made) is Result.VERIFIED, made.events[-1].error
        applied = next(event for event in made.events if event.event == "verified" and event.detail["rests_on"])
        assert applied.detail["rests_on"] == (
            "RUNNING for 3 s: wk-server, worker", "not begun by itself: by-hand", "not listed any more: old",
        )  # fmt: skip
        if not blind:
            assert (await made.wait("wk-server", "RUNNING")).pid != before.pid


@VERSIONS
@pytest.mark.parametrize("blind", [False, True], ids=["seen", "blind"])
@side_by_side
async def test_what_was_applied_and_gave_up_is_failed_by_name(version: str, blind: bool) -> None:
    supervisord = of_version(version)
    for name in ("wk-server", "old"):
        supervisord.program(name, RUNS)
    async with rig(supervisord, blind=blind) as made:
        await made.wait("wk-server", "unknown" if blind else "RUNNING")
        changed(supervisord)
        supervisord.script("wk-server", DIES)
        assert await updated(made) is Result.FAILED
        assert "wk-server is FATAL: Exited too quickly" in made.last.error
        assert [argv[-1] for argv, _ in made.link.ran if argv[-1] != "status"] == ["reread", "reread", "update"]
