"""80x24 is enough: errors whole, four charts at once, words that stay beside their keys, an age on everything."""

from __future__ import annotations

from aen_tui.model.facts import LinkState
from aen_tui.model.node import NodeName
from aen_tui.ui.app import AenApp
from aen_tui.ui.presentation.fields import Field
from aen_tui.ui.screens.check_finding import CheckFindingScreen
from aen_tui.ui.screens.help import HelpScreen
from aen_tui.ui.screens.node import NodeScreen
from aen_tui.ui.widgets.chart import Chart
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime

SMALL = (80, 24)


def lines(app: AenApp) -> list[str]:
    return screen_text(app).split("\n")


async def test_why_a_node_is_lost_is_read_without_moving_the_cursor() -> None:
    runtime = FakeRuntime()
    app = AenApp(runtime)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("9")
        await until(pilot, lambda: "probe cost" in screen_text(app))
        lost = [node for node in runtime.snapshot().nodes.values() if node.connection.state is not LinkState.UP]
        assert len(lost) == 3
        for node in lost:
            row = next(line for line in lines(app) if line[1:].startswith(str(node.name)))
            assert node.connection.error is not None and node.connection.error[:36] in row
            assert "0.2%" not in row, "what its probe once cost is not what it costs"


async def test_all_four_charts_of_a_node_stand_on_one_page() -> None:
    app = AenApp(FakeRuntime(problems=False))
    async with app.run_test(size=SMALL) as pilot:
        app.push_screen(NodeScreen(app.backend, NodeName("gateway1")))
        await until(pilot, lambda: isinstance(app.screen, NodeScreen) and "services" in screen_text(app))
        for _ in range(3):
            await pilot.press("space")
        await until(
            pilot, lambda: all(word in screen_text(app) for word in ("CPU", "memory", "fullest disk", "network"))
        )
        assert screen_text(app).count("100%┤") == 3 and "/s┤" in screen_text(app)
        for chart in app.screen.query(Chart):
            assert app.screen.region.contains_region(chart.region)
        await pilot.press("b", "b", "b")
        await until(pilot, lambda: "services" in screen_text(app) and "network" not in screen_text(app))


async def test_words_of_the_help_wrap_beside_their_keys() -> None:
    app = AenApp(FakeRuntime())
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and "In this view" in screen_text(app))
        for _ in range(30):
            shown = [line for line in lines(app) if line.startswith((" ", "│", "▌")) and "│" in line]
            found = next((n for n, line in enumerate(shown) if "Rolling restart of the marked" in line), None)
            if found is not None and found + 1 < len(shown):
                break
            await pilot.press("j")
        assert found is not None
        column = shown[found].index("Rolling")
        assert shown[found + 1][:column].strip(" │▌") == "" and shown[found + 1][column].isalpha()


async def test_what_is_empty_says_what_comes_and_how() -> None:
    app = AenApp(FakeRuntime(history_samples=0))
    async with app.run_test(size=SMALL) as pilot:
        for digit, words in (
            ("6", "Told here as it changes"),
            ("7", "a rolling restart"),
            ("8", "Nothing was changed"),
        ):
            await pilot.press(digit)
            await until(pilot, lambda words=words: words in screen_text(app))  # type: ignore[misc]
            assert not [line for line in lines(app)[3:-1] if line.rstrip().endswith("…")], "nothing is cut"


async def test_a_title_that_is_too_long_for_the_header_is_cut_and_says_so() -> None:
    app = AenApp(FakeRuntime(problems=False))
    async with app.run_test(size=(60, 16)) as pilot:
        page = NodeScreen(app.backend, NodeName("gateway1"))
        await app.push_screen(page)
        page.header.title = "why a-rather-long-account/fraud-detection"
        await until(pilot, lambda: "why a-rather" in lines(app)[0])
        assert "… " in lines(app)[0] and "9/9 up" in lines(app)[0]


async def test_a_path_goes_on_in_the_next_line_after_a_slash() -> None:
    path = "/opt/wakari/wakari-compute/var/log/wakari/compute-launcher.application.log"
    app = AenApp(FakeRuntime())
    async with app.run_test(size=(60, 16)) as pilot:
        await app.push_screen(CheckFindingScreen([Field("log", ((f"see {path} first", "text"),))]))
        await until(pilot, lambda: "compute-launcher.application.log" in screen_text(app))
        assert "/opt/wakari/wakari-compute/var/log/wakari/" in screen_text(app)


async def test_all_columns_of_few_stand_beside_the_checks() -> None:
    app = AenApp(FakeRuntime(problems=False))
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "where and what" in screen_text(app))
        heading = next(line for line in lines(app) if "where and what" in line)
        assert heading.split()[:4] == ["check", "a", "b", "c"] and "+" not in heading
