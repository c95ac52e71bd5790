"""40: a message counts as never seen only after a day of watching, and what comes of it is a mark, nothing else."""

from __future__ import annotations

from aen_tui.state.known_templates import LONGEST_STEP_SECONDS
from aen_tui.ui.presentation.fold_rows import NEW_WORD
from tests.support.screen import until
from tests.ui.test_folds import FoldStage

DAY = 24 * 3600


async def watch(stage: FoldStage, seconds: float) -> None:
    """The once-a-second look, as seldom as counts as watching."""
    while seconds > 0:
        step = min(seconds, LONGEST_STEP_SECONDS)
        stage.runtime.clock.advance(step)
        await stage.fleet.look(stage.runtime.snapshot(), {})
        seconds -= step


def marked(stage: FoldStage) -> dict[str, bool]:
    """By its last word, whether a row of the list says NEW."""
    rows = [row for row in stage.list() if "the word is" in row and "×" in row]
    return {row.split("the word is ")[1].split()[0]: NEW_WORD in row.split() for row in rows}


async def test_nothing_is_new_in_the_first_day_and_then_it_is_a_mark_only() -> None:
    stage = FoldStage()
    async with stage.run_test(size=(120, 24)) as pilot:
        before = stage.runtime.snapshot()
        stage.say("gateway1", "the word is apple")
        await watch(stage, DAY - 60)
        stage.say("gateway1", "the word is plum")
        await watch(stage, 30)
        await pilot.press("D")
        stage.panel.tick()
        await until(pilot, lambda: "plum" in marked(stage))
        assert marked(stage) == {"apple": False, "plum": False}
        await watch(stage, 60)
        stage.say("gateway1", "the word is apple")
        stage.say("gateway1", "the word is cherry")
        await stage.second()
        await until(pilot, lambda: "cherry" in marked(stage))
        assert marked(stage) == {"apple": False, "plum": False, "cherry": True}
        assert len(stage.screen_stack) == 1 and not list(stage._notifications)
        assert not list(stage.runtime.events)
        assert stage.runtime.snapshot() is before  # nothing got another severity
        assert not [call for call in stage.runtime.calls if call[0] not in ("follow", "fetch_older")]
        await watch(stage, DAY)
        stage.panel.tick()
        await until(pilot, lambda: not any(marked(stage).values()))
