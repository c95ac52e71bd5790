"""Fleet: what is drawn, when it is drawn, and where its keys lead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual._styles_cache import StylesCache
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from aen_tui.model.facts import Connection, LinkState, NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.reading import Reading
from aen_tui.ui.app import AenApp
from aen_tui.ui.panels.fleet import FleetPanel
from aen_tui.ui.presentation.fleet_layout import Group, Layout, Zoom, lay_out
from tests.support.screen import screen_text, until
from tests.support.states import NOW_MONOTONIC, NOW_WALL, FakeRuntime, connecting_state, metrics
from tests.ui.recorders import Recorder

SIZES = ((60, 16), (80, 24), (120, 40), (200, 50))


def fleet(app: AenApp) -> FleetPanel:
    panel = app.main.panel
    assert isinstance(panel, FleetPanel)
    return panel


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("gateways", "computes"), [(1, 0), (2, 6), (2, 50), (20, 979)])
async def test_starts_and_shows_every_state_at_every_size(size: tuple[int, int], gateways: int, computes: int) -> None:
    runtime = FakeRuntime(gateways, computes, history_samples=0)
    app = AenApp(runtime)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: f"/{computes + gateways + 1} up" in screen_text(app))
        text = screen_text(app)
        assert "CRITICAL" in text
        assert all(len(line) == size[0] for line in text.split("\n"))


async def test_a_pane_says_all_that_is_asked_of_it() -> None:
    app = AenApp(FakeRuntime())
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "compute2-3" in screen_text(app))
        text = screen_text(app)
    for words in (
        "aen-server  server",
        "wk-server 18d",
        "worker STOPPED",
        "gateway 200 7ms status error",
        "4m worker: WARNING queue length 120",
        "stale 42s",
        "try 8s",
        "host-key",
        "no key was accepted for ops",
        "93%",
        "east  3/4 up",
    ):
        assert words in text, words


async def test_nothing_known_yet_is_connecting_and_never_ok() -> None:
    runtime = FakeRuntime(history_samples=0)
    runtime.put(connecting_state(runtime.inventory))
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "connecting tcp" in screen_text(app))
        text = screen_text(app)
        assert "0/9 up" in text
        assert "UNKNOWN" in text
        assert "● up" not in text


@pytest.mark.parametrize("computes", [6, 50])
async def test_only_changed_nodes_are_drawn(computes: int) -> None:
    runtime = FakeRuntime(2, computes)
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "compute1-1" in screen_text(app))
        view = fleet(app).view
        before = view.drawn_count
        runtime.change("compute2-1", metrics=Reading(metrics(77.0), NOW_MONOTONIC))
        await until(pilot, lambda: "77%" in screen_text(app) or view.drawn_count > before)
        assert view.drawn_count == before + 1
        app._tick()
        await pilot.pause()
        # compute1-3 is stale by 42 s: no age has grown, the clock stands
        assert view.drawn_count == before + 1
        runtime.clock.advance(1.0)
        app._tick()
        await until(pilot, lambda: computes > 6 or "43s" in screen_text(app))
        # three count down to their next try, two last lines are younger than a minute
        assert view.drawn_count <= before + 1 + 5


async def test_what_turned_bad_off_screen_is_shown_as_it_is_once_it_comes_there() -> None:
    runtime = FakeRuntime(2, 50, problems=False)
    app = AenApp(runtime)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "53/53 up" in screen_text(app))
        await pilot.press("z", "z", "G")
        await until(pilot, lambda: "compute2-25" in screen_text(app))
        await pilot.press("g")
        await until(pilot, lambda: "compute2-25" not in screen_text(app))
        lost = Connection(LinkState.STALE, since=NOW_WALL, error="no word for 9 s")
        runtime.change("compute2-23", connection=lost)
        for screen in app._seen_screens():
            screen.take(runtime.snapshot())
        await pilot.press("G")
        await until(pilot, lambda: "compute2-25" in screen_text(app))
        assert "stale" in screen_text(app)


async def test_only_nodes_that_came_anew_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime(2, 50)
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "compute1-1" in screen_text(app))
        judged: list[str] = []

        def is_urgent(_before: NodeState, after: NodeState) -> bool:
            judged.append(after.name)
            return False

        monkeypatch.setattr("aen_tui.ui.widgets.fleet_view.is_urgent", is_urgent)
        runtime.change("compute2-1", metrics=Reading(metrics(77.0), NOW_MONOTONIC))
        for _ in range(3):
            for screen in app._seen_screens():
                screen.take(runtime.snapshot())
        assert judged == ["compute2-1"], "of the others nothing is new"


async def test_a_change_of_views_draws_what_is_seen_and_nothing_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    app = AenApp(FakeRuntime(2, 50))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "compute1-1" in screen_text(app))
        await pilot.press("2")
        await until(pilot, lambda: app.main.active == 2 and "FOLLOW" in screen_text(app))
        drawn: set[Widget] = set()
        original = StylesCache.render_widget

        def counted(self: StylesCache, widget: Widget, crop: Region) -> list[Strip]:
            drawn.add(widget)
            return original(self, widget, crop)

        monkeypatch.setattr(StylesCache, "render_widget", counted)
        await pilot.press("1")
        await until(pilot, lambda: "compute1-1" in screen_text(app))
        assert fleet(app).view in drawn
        assert not drawn & {app.main, fleet(app), app.main.query_one("#views")}


async def test_snapshots_without_change_draw_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime()
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "compute1-1" in screen_text(app))
        view = fleet(app).view
        before = view.drawn_count
        rendered: list[int] = []
        original = view.render_line

        def counted(y: int) -> Strip:
            rendered.append(y)
            return original(y)

        monkeypatch.setattr(view, "render_line", counted)
        for _ in range(5):
            for screen in app._seen_screens():
                screen.take(runtime.snapshot())
        await pilot.pause()
        assert view.drawn_count == before
        assert rendered == []


async def test_ages_grow_by_themselves() -> None:
    runtime = FakeRuntime()
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "stale 42s" in screen_text(app))
        runtime.clock.advance(5)
        app._tick()
        await until(pilot, lambda: "stale 47s" in screen_text(app))
        assert "try 3s" in screen_text(app)


@pytest.mark.parametrize("key", ["r", "question_mark", "colon"])
async def test_ages_grow_after_a_box_was_open_above(key: str) -> None:
    runtime = FakeRuntime()
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "stale 42s" in screen_text(app))
        await pilot.press(key)
        await until(pilot, lambda: app.screen is not app.main)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)
        runtime.clock.advance(5)
        app._tick()
        await until(pilot, lambda: "stale 47s" in screen_text(app))


async def test_an_up_node_whose_figures_are_old_says_so() -> None:
    runtime = FakeRuntime(problems=False)
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "compute1-1" in screen_text(app))
        assert " old" not in screen_text(app)
        runtime.clock.advance(30)
        app._tick()
        await until(pilot, lambda: "30s old" in screen_text(app))


async def test_keys_lead_from_the_node_under_the_cursor() -> None:
    app = Recorder(FakeRuntime())
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: fleet(app).view.cursor == "aen-server")
        await pilot.press("enter", "j", "l", "r", "a", "s", "right", "d")
        assert [str(one) if isinstance(one, str) else one for one in app.asked] == [
            "aen-server",
            (("gateway1",), ()),
            ("restart", (), ("gateway1",)),
            (None, (), ("gateway1",)),
            ("shell", "gateway1"),
            "compute1-1",
        ]


async def test_marks_stay_over_zoom_and_filter_and_are_what_keys_mean() -> None:
    app = Recorder(FakeRuntime())
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: fleet(app).view.cursor == "aen-server")
        await pilot.press("j", "space", "space", "z", "z", "l")
        assert app.asked == [(("gateway1", "compute1-1"), ())]
        await until(pilot, lambda: "2 marked" in screen_text(app))
        await pilot.press("slash", *"compute2", "enter", "l", "escape", "escape")
        assert app.asked[-1] == (("gateway1", "compute1-1"), ())
        assert fleet(app).marks == set()
        assert app.is_running, "Esc never quits"
        await pilot.press("escape", "escape")
        assert app.is_running


async def test_filter_and_problems_show_a_chip_and_the_rest_is_gone() -> None:
    app = AenApp(FakeRuntime(2, 50))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "compute2-5" in screen_text(app))
        await pilot.press("x")
        await until(pilot, lambda: "problems only 7 of 53" in screen_text(app))
        assert "compute2-5" not in screen_text(app)
        await pilot.press("escape", "slash", *"west", "enter")
        await until(pilot, lambda: "/west 26 of 53" in screen_text(app))
        assert "compute1-1 " not in screen_text(app)


async def test_typing_a_filter_triggers_no_key() -> None:
    app = Recorder(FakeRuntime())
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: fleet(app).view.cursor is not None)
        zoom = fleet(app).zoom
        await pilot.press("slash")
        letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        await pilot.press(*letters, "space", "colon", "question_mark", "slash", "minus", "asterisk")
        assert fleet(app)._input.value == letters + " :?/-*"
        assert app.asked == []
        assert (fleet(app).marks, fleet(app).zoom, app.main.active, len(app.screen_stack)) == (set(), zoom, 1, 1)
        await pilot.press("escape")
        assert fleet(app).words == ""
        assert fleet(app).view.has_focus


async def test_zoom_steps_and_back_to_automatic() -> None:
    app = AenApp(FakeRuntime(2, 50))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "compute1-5" in screen_text(app))
        view = fleet(app).view

        def zoom() -> Zoom:
            return view.layout_now.zoom

        assert zoom() is Zoom.CELL
        await pilot.press("z")
        assert zoom() is Zoom.STRIP
        await pilot.press("G")
        await until(pilot, lambda: "compute2-25" in screen_text(app))
        await pilot.press("z")
        assert zoom() is Zoom.PANE
        assert view.cursor == "compute2-25"
        await until(pilot, lambda: "compute2-25" in screen_text(app))
        await pilot.press("Z")
        assert zoom() is Zoom.CELL


async def test_worst_first_puts_the_odd_ones_on_top() -> None:
    app = AenApp(FakeRuntime(2, 50))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "compute2-5" in screen_text(app))
        await pilot.press("O")
        await until(pilot, lambda: "worst first" in screen_text(app))
        first = list(fleet(app).view.layout_now.boxes)[:7]
        assert set(first) == {
            "compute1-3",
            "compute2-2",
            "compute2-3",
            "gateway1",
            "compute1-1",
            "compute1-2",
            "aen-server",
        }


async def test_retry_pokes_what_is_up_and_tries_what_is_not() -> None:
    runtime = FakeRuntime()
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: fleet(app).view.cursor is not None)
        await pilot.press("f5", "G", "ctrl+r")
        assert runtime.calls[-2:] == [("poke", "aen-server"), ("retry_now", "compute2-3")]


async def test_hostile_text_from_a_node_is_made_visible() -> None:
    runtime = FakeRuntime(problems=False)
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "compute1-1" in screen_text(app))
        node = runtime.store.node(next(name for name in runtime.inventory.nodes if name == "gateway1"))
        evil = "\x1b]0;x\x07[bold]\x9b31m\u202e"
        runtime.change(
            "gateway1",
            services=(replace(node.services[0], name=evil, state="FATAL"),),
            last_problem=Reading(evil, NOW_MONOTONIC),
        )
        await until(pilot, lambda: "[bold]" in screen_text(app))
        assert not set("\x1b\x07\x9b\u202e") & set(screen_text(app))


async def test_a_click_moves_the_cursor_and_two_open() -> None:
    app = Recorder(FakeRuntime())
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: fleet(app).view.cursor == "aen-server")
        view = fleet(app).view
        box = view.layout_now.boxes[NodeName("compute1-1")]
        await pilot.click(view, offset=(box.x + 3, box.y + 1))
        assert view.cursor == "compute1-1"
        await pilot.click(view, offset=(box.x + 3, box.y + 1), times=2)
        assert app.asked == ["compute1-1"]


@pytest.mark.parametrize("zoom", [0, 1, 2])
async def test_a_thousand_nodes_answer_every_key(zoom: int) -> None:
    app = AenApp(FakeRuntime(20, 979, history_samples=20))
    async with app.run_test(size=(200, 50)) as pilot:
        await until(pilot, lambda: fleet(app).view.cursor is not None)
        fleet(app).zoom = Zoom(zoom)
        fleet(app)._arrange()
        await pilot.pause()
        names = list(app.backend.inventory.nodes)
        for _ in range(2):
            await pilot.press("j", "k", "pagedown", "h", "g")
            await until(pilot, lambda: fleet(app).view.cursor == names[0])
            await pilot.press("G")
            await until(pilot, lambda: fleet(app).view.cursor != names[0])


def test_panes_stay_in_their_columns_while_all_are_seen() -> None:
    """A server that says less, or a pane that says more, moves none to another place."""
    names = tuple(NodeName(f"n{number}") for number in range(9))
    groups = (Group("server", names[:1]), Group("east", names[1:]))

    def arranged(server: int, height: int, before: Layout | None = None) -> Layout:
        def heights(name: NodeName, _width: int, _roomy: bool) -> int:
            return server if name == names[0] else 8

        return lay_out(groups, 200, height, heights, longest_name=4, before=before)

    full = arranged(12, 40)
    assert arranged(8, 40).columns < full.columns, "else nothing is tried"
    assert arranged(8, 40, full).boxes[names[5]].x == full.boxes[names[5]].x
    assert arranged(8, 41, full).columns == 3, "another size is arranged for anew"
