"""The node page, in the real app: every fact with its age, nothing old shown as fresh, no key acts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.binding import Binding
from textual.pilot import Pilot

from aen_tui.model.facts import HttpState, LogFileState, LogPath, LogState, StatusDocument
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName
from aen_tui.model.severity import Severity
from aen_tui.ui.app import AenApp
from aen_tui.ui.messages import OpenLogs, OpenNode, ShellRequested
from aen_tui.ui.screens.action_menu import ActionMenuScreen
from aen_tui.ui.screens.card import CardScreen
from aen_tui.ui.screens.node import NodeScreen
from aen_tui.ui.widgets.chart import Chart
from aen_tui.ui.widgets.rows import Rows
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime, service


class Host(AenApp):
    """The dashboard; remembers what was asked of it."""

    def __init__(self, runtime: Any) -> None:
        super().__init__(runtime)
        self.asked: list[Any] = []

    async def on_open_logs(self, message: OpenLogs) -> None:
        message.prevent_default()  # the page stays
        self.asked.append((message.nodes, tuple(map(str, message.keys))))

    async def on_shell_requested(self, message: ShellRequested) -> None:
        message.prevent_default()
        self.asked.append(("shell", message.node))


async def open_page(pilot: Pilot[Any], node: str) -> NodeScreen:
    pilot.app.post_message(OpenNode(NodeName(node)))
    await until(pilot, lambda: isinstance(pilot.app.screen, NodeScreen))
    await pilot.pause()
    page = pilot.app.screen
    assert isinstance(page, NodeScreen)
    await until(pilot, lambda: page.query_one("#services").has_focus)
    return page


@pytest.fixture
def runtime() -> Any:
    return FakeRuntime()


async def test_shows_what_is_known(runtime: Any) -> None:
    app = Host(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_page(pilot, "compute1-1")
        text = screen_text(app)
        for part in (
            "up for 2h00m", "compute of east", "via gateway1", "wk-compute", "RUNNING", "pid 8452", "up 18d3h",
            "1s ago",
            "/projects is 93 % full", "free space or grow the volume", "following", "compute-launcher.log",
            "http://compute1-1:5002/", "200", "on gateway1", "52.8 GiB free", "ops@10.20.0.4", "python 2.6.6",
            "clock +0.008 s", "ENOSPC", "CPU", "memory", "fullest disk", "network", "now",
        ):  # fmt: skip
            assert part in text, part


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40), (200, 50)])
async def test_services_are_in_sight_at_every_size(runtime: Any, size: tuple[int, int]) -> None:
    app = Host(runtime)
    async with app.run_test(size=size) as pilot:
        await open_page(pilot, "aen-server")
        text = screen_text(app)
        assert "6/9 up" in text
        for part in ("wk-server", "worker", "STOPPED", "aen-server"):
            assert part in text


async def test_charts_are_beside_the_facts_or_below_them(runtime: Any) -> None:
    app = Host(runtime)
    async with app.run_test(size=(60, 16)) as pilot:
        page = await open_page(pilot, "compute1-1")
        assert "now" not in screen_text(app)
        for _ in range(12):
            await pilot.press("pagedown")
        await until(pilot, lambda: "network" in screen_text(app))
        await until(pilot, lambda: any("now" in line for line in page.query_one("#chart-network", Chart).lines))


async def test_a_lost_node_is_as_of_then_and_never_fresh(runtime: Any) -> None:
    app = Host(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        page = await open_page(pilot, "compute1-3")
        text = screen_text(app)
        for part in ("stale for 42s", "next try in 8s", "connection lost", "waiting for its gateway"):
            assert part in text, part
        row = next(line for line in text.splitlines() if "wk-compute" in line and "RUNNING" in line)
        assert "as of 42s ago" in row
        assert "●" not in row
        assert "up 18d3h" in row
        runtime.clock.advance(3600)
        page.tick()
        await until(pilot, lambda: "as of 1h ago" in screen_text(app))
        row = next(line for line in screen_text(app).splitlines() if "wk-compute" in line and "RUNNING" in line)
        assert "up 18d3h" in row, "an uptime is not counted on while nobody looks"
        for head in ("logs", "disks", "connection"):
            line = next(line for line in screen_text(app).splitlines() if line.strip().startswith(f"{head} as of"))
            assert "as of 1h ago" in line


async def test_a_node_that_never_was_up_says_why_and_what_to_do(runtime: Any) -> None:
    app = Host(runtime)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, "compute2-2")
        text = screen_text(app)
        for part in ("auth", "no key was accepted for ops", "ssh-add your key", "not known", "none is known"):
            assert part in text, part
        assert "RUNNING" not in text


async def test_brackets_go_round_the_nodes(runtime: Any) -> None:
    app = Host(runtime)
    names = list(runtime.inventory.nodes)
    async with app.run_test() as pilot:
        page = await open_page(pilot, names[0])
        await pilot.press("right_square_bracket")
        assert page.node_name == names[1]
        await until(pilot, lambda: "wk-gateway" in screen_text(app))
        await pilot.press("left_square_bracket", "left_square_bracket")
        assert page.node_name == names[-1]


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_keys_that_lead_back(runtime: Any, key: str) -> None:
    app = Host(runtime)
    async with app.run_test() as pilot:
        await open_page(pilot, "gateway1")
        await pilot.press(key)
        await until(pilot, lambda: not isinstance(app.screen, NodeScreen))


async def test_r_asks_for_the_service_under_the_cursor(runtime: Any) -> None:
    app = Host(runtime)
    async with app.run_test() as pilot:
        await open_page(pilot, "aen-server")
        await pilot.press("j", "r")
        await until(pilot, lambda: isinstance(app.screen, CardScreen))
        card = app.screen
        assert isinstance(card, CardScreen)
        assert card.plan.action is ActionName.RESTART
        assert [(step.target.node, step.target.service) for step in card.plan.steps] == [("aen-server", "worker")]
        assert [name for name, _ in runtime.calls if name == "start"] == []


async def test_keys_of_the_views_do_not_reach_under_a_card(runtime: Any) -> None:
    app = Host(runtime)
    async with app.run_test() as pilot:
        await open_page(pilot, "aen-server")
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, CardScreen) and app.screen.takes_keys)
        card = app.screen
        for key in ("2", "colon", "s", "r", "a", "tab", "x", "l", "j", "space", "delete", "backspace", "ctrl+d"):
            await pilot.press(key)
            await pilot.pause()
            assert app.screen is card, key
        assert app.asked == []
        assert [name for name, _ in runtime.calls if name == "start"] == []


async def test_the_cursor_stays_on_its_service(runtime: Any) -> None:
    app = Host(runtime)
    async with app.run_test() as pilot:
        page = await open_page(pilot, "aen-server")
        await pilot.press("j")
        services = runtime.store.node(NodeName("aen-server")).services
        runtime.change("aen-server", services=(service("new", "wakari-server"), *services))
        page.take(runtime.snapshot())
        await pilot.pause()
        assert page.query_one("#services", Rows).cursor == 2
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, CardScreen))
        card = app.screen
        assert isinstance(card, CardScreen)
        assert card.plan.steps[0].target.service == "worker"


async def test_what_is_absent_is_named_but_never_under_the_cursor(runtime: Any) -> None:
    services = runtime.store.node(NodeName("aen-server")).services
    runtime.change("aen-server", services=(service("mongod", None, "absent"), *services[:2]))
    app = Host(runtime)
    async with app.run_test() as pilot:
        page = await open_page(pilot, "aen-server")
        assert "absent: mongod" in screen_text(app)
        assert len(page.query_one("#services", Rows).rows) == 2
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, CardScreen))
        card = app.screen
        assert isinstance(card, CardScreen)
        assert card.plan.steps[0].target.service == "wk-server"


async def test_a_opens_the_menu_for_that_service(runtime: Any) -> None:
    app = Host(runtime)
    async with app.run_test() as pilot:
        await open_page(pilot, "aen-server")
        await pilot.press("j", "a")
        await until(pilot, lambda: isinstance(app.screen, ActionMenuScreen))
        await pilot.pause()
        assert "start worker" in screen_text(app)
        assert "reload nginx" in screen_text(app)


async def test_read_only_says_so_and_opens_nothing() -> None:
    runtime: Any = FakeRuntime(read_only=True)
    app = Host(runtime)
    async with app.run_test() as pilot:
        await open_page(pilot, "aen-server")
        for key in ("r", "a"):
            app.clear_notifications()
            await pilot.press(key)
            await until(pilot, lambda: any("READ-ONLY" in note.message for note in app._notifications))
            assert isinstance(app.screen, NodeScreen)
        assert [name for name, _ in runtime.calls if name in ("plan", "start")] == []


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40), (200, 50)])
async def test_what_is_painted_first_stays_where_it_is(
    runtime: Any, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that is laid out anew while one looks cannot be read meanwhile: charts come into a column of their own."""
    app = Host(runtime)
    painted: list[tuple[Any, ...]] = []
    display = AenApp._display

    def seen(self: AenApp, screen: Any, renderable: Any) -> None:
        display(self, screen, renderable)
        if isinstance(screen, NodeScreen) and app.screen is screen:
            logs = "\n".join("".join(text for text, _ in row) for row in screen.query_one("#logs", Rows).rows)
            painted.append((screen.query_one("#facts").region, screen.query_one("#charts").region, logs))

    async with app.run_test(size=size) as pilot:
        monkeypatch.setattr(AenApp, "_display", seen)
        page = await open_page(pilot, "compute1-1")
        await until(pilot, lambda: page.query_one(Chart).plots or not page.query_one(Chart).is_on_screen)
        assert painted
        assert set(painted) == {painted[-1]}


async def test_l_and_enter_open_logs(runtime: Any) -> None:
    app = Host(runtime)
    async with app.run_test() as pilot:
        await open_page(pilot, "gateway1")
        await pilot.press("l", "tab", "j", "enter", "l", "s")
        await until(pilot, lambda: len(app.asked) == 4)
        log = "gateway1:/opt/wakari/wakari-gateway/var/log/wakari/gateway.application.log"
        assert app.asked == [(("gateway1",), ()), ((), (log,)), ((), (log,)), ("shell", "gateway1")]


async def test_what_a_document_says_is_shown(runtime: Any) -> None:
    app = Host(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_page(pilot, "gateway1")
        text = screen_text(app)
        assert "status error" in text
        assert "compute1-2: connection refused" in text


async def test_hostile_text_is_shown_literally(runtime: Any) -> None:
    evil = "[bold red]x[/]\x1b]0;t\x07\u202e"
    shown = "[bold red]x[/]␛]0;t␇<202E>"
    node = runtime.store.node(NodeName("compute1-1"))
    runtime.change(
        "compute1-1",
        services=(service(evil, "wakari-compute", "BACKOFF", error=evil),),
        logs=(LogState(LogPath(f"/tmp/{evil}"), LogFileState.UNKNOWN, error=evil),),
        http=(
            HttpState(
                "x", f"http://{evil}", node.name, 200, 1.0, StatusDocument(evil, (evil,)), 49_999.0, None, Severity.OK
            ),
        ),
        connection=replace(node.connection, error=evil, hint=evil, peer=evil, notes=(evil,)),
    )
    app = Host(runtime)
    async with app.run_test(size=(200, 50)) as pilot:
        await open_page(pilot, "compute1-1")
        text = screen_text(app)
        assert text.count(shown) >= 8
        assert not any(char in text for char in "\x1b\x07\u202e")


async def test_changes_arrive_while_the_page_is_open(runtime: Any) -> None:
    app = Host(runtime)
    async with app.run_test() as pilot:
        await open_page(pilot, "compute1-1")
        runtime.change(
            "compute1-1", services=(service("wk-compute", "wakari-compute", "FATAL", error="Exited too quickly"),)
        )
        await until(pilot, lambda: "FATAL" in screen_text(app))
        assert "Exited too quickly" in screen_text(app)


def test_every_binding_has_an_id_and_a_tooltip() -> None:
    for binding in NodeScreen.BINDINGS:
        assert isinstance(binding, Binding)
        assert binding.id
        assert binding.tooltip
