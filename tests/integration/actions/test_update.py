"""reread and update on real supervisords: what would change is shown before it is applied, and it alone is."""

from __future__ import annotations

from aen_tui.model.plans import ActionName, Result
from tests.integration.actions.supervisord import rig
from tests.integration.actions.test_supervisord import RUNS, VERSIONS, of_version
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
