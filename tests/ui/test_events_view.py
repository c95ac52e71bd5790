"""View 6: one timeline, followed as logs are; filters, acknowledging, and the way to the log at that moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from aen_tui.errors import AenError
from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.state.alerts import Alert
from aen_tui.state.event_row import EventRow
from aen_tui.state.events import Event
from aen_tui.ui.app import AenApp
from aen_tui.ui.app_events import osc9
from aen_tui.ui.commands import run_line
from aen_tui.ui.messages import OpenLogs, OpenMetrics, TimeChosen
from aen_tui.ui.panels.events import EventsPanel
from aen_tui.ui.panels.metrics import MetricsPanel
from aen_tui.ui.presentation.event_filter import parse_filter
from aen_tui.ui.presentation.event_order import NEAR_SECONDS
from aen_tui.ui.presentation.event_rows import plain_lines
from aen_tui.ui.screens.node import NodeScreen
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime

SIZES = ((60, 16), (80, 24), (200, 50))
SERVER, GATEWAY = NodeName("aen-server"), NodeName("gateway1")
LOG = LogKey(SERVER, LogPath("/opt/wakari/wakari-server/var/log/supervisord.log"))


class Stage:
    def __init__(self, computes: int = 6) -> None:
        self.runtime = FakeRuntime(2, computes, problems=False, history_samples=0)

    def happen(
        self, node: NodeName | None, short: str, severity: Severity = Severity.CRITICAL, **more: Any
    ) -> EventRow:
        self.runtime.clock.advance(1.0)
        fields: dict[str, Any] = {"kind": "service", "source": short} | more
        text = f"{short} on {node}"
        event = Event(self.runtime.clock.wall(), node, severity=severity, text=text, short=short, **fields)
        self.runtime.events.add(event)
        return next(self.runtime.events.timeline.newest())

    def fill(self) -> None:
        """A gateway with its computes, a program, a threshold, a planned one, one that is ok."""
        computes = [name for name in self.runtime.inventory.nodes if name.startswith("compute1-")]
        self.happen(GATEWAY, "connection lost", kind="link", detail="no word for 8 s", is_cause=True)
        for name in computes:
            self.happen(name, "connection lost", kind="link")
        self.happen(SERVER, "wk-server is FATAL", log=LOG, detail="spawn error")
        self.happen(SERVER, "disk-free", Severity.WARNING, kind="finding", check="disk-free", metric="disk_percent")
        self.happen(NodeName("compute2-1"), "wk-compute is STOPPED", Severity.WARNING, is_planned=True)
        self.happen(SERVER, "start of wk-server", Severity.OK, kind="restart")


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.fill()
    return made


def panel_of(app: AenApp) -> EventsPanel:
    panel = app.main.panel
    assert isinstance(panel, EventsPanel)
    return panel


def words(app: AenApp) -> list[str]:
    return [row.words for row in panel_of(app)._rows]


async def opened(pilot: Pilot[Any]) -> AenApp:
    app = pilot.app
    assert isinstance(app, AenApp)
    await pilot.press("6")
    await until(pilot, lambda: isinstance(app.main.panel, EventsPanel) and bool(panel_of(app)._rows))
    return app


async def typed(pilot: Pilot[Any], text: str) -> None:
    await pilot.press(*({" ": "space", "!": "exclamation_mark"}.get(char, char) for char in text))
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_a_row_a_thing_with_words_whole_at_every_size(stage: Stage, size: tuple[int, int]) -> None:
    async with AenApp(stage.runtime).run_test(size=size) as pilot:
        app = await opened(pilot)
        shown = screen_text(app)
        assert len(words(app)) == 5
        for word in ("FOLLOW", "2 critical", "1 warning", "planned", "wk-server is FATAL"):
            assert word in shown, word
        assert "4 nodes" in shown or "compute1-[1-3],gateway1" in shown
        if size[0] >= 80:
            assert "connection lost: no word for 8 s" in shown and "1 planned" in shown


async def test_a_data_center_of_fifty_is_one_row(stage: Stage) -> None:
    stage = Stage(computes=104)
    stage.fill()
    async with AenApp(stage.runtime).run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        assert len(words(app)) == 5
        assert "53 nodes" in screen_text(app)


async def test_the_newest_is_followed_until_somebody_reads_above(stage: Stage) -> None:
    async with AenApp(stage.runtime).run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        assert panel_of(app)._table.cursor == 4
        await pilot.press("k", "k")
        stage.happen(GATEWAY, "wk-gateway is FATAL")
        await until(pilot, lambda: "PAUSED +1" in screen_text(app))
        assert words(app)[panel_of(app)._table.cursor] == "disk-free"
        stage.happen(SERVER, "disk-free", Severity.WARNING, kind="finding", check="disk-free")
        await until(pilot, lambda: "×2 disk-free" in screen_text(app))
        assert words(app)[panel_of(app)._table.cursor] == "disk-free" and words(app)[2] == "disk-free"
        await pilot.press("G")
        await until(pilot, lambda: "FOLLOW" in screen_text(app))
        assert words(app)[-1] == "disk-free", "what came again stands where it belongs"
        stage.happen(GATEWAY, "boom")
        await until(pilot, lambda: panel_of(app)._table.cursor == 6)
        await pilot.press("s")
        assert "PAUSED +0" in screen_text(app)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("kind:link", ["connection lost: no word for 8 s"]),
        ("node:compute1-[1-2]", ["connection lost: no word for 8 s"]),
        ("severity:critical", ["connection lost: no word for 8 s", "wk-server is FATAL: spawn error"]),
        ("severity:planned", ["wk-compute is STOPPED"]),
        ("check:disk-free", ["disk-free"]),
        ("WK-SERVER !start", ["wk-server is FATAL: spawn error"]),
        ("node:compute1-[", []),
        ("nothing-like-it", []),
    ],
)
async def test_words_filter(stage: Stage, text: str, left: list[str]) -> None:
    wanted = parse_filter(text, stage.runtime.inventory.nodes)
    assert [row.words for row in stage.runtime.events.timeline if wanted(row)] == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("node:compute1-1", ["compute1-1"]),
        ("!node:compute1-1", ["compute1-10", "compute1-11"]),
        ("node:compute1-[1-10]", ["compute1-1", "compute1-10"]),
        ("node:compute1-", ["compute1-1", "compute1-10", "compute1-11"]),
        ("node:compute1-99", []),
    ],
)
def test_a_node_is_not_the_beginning_of_another(text: str, left: list[str]) -> None:
    stage = Stage(computes=22)
    for name in ("compute1-1", "compute1-10", "compute1-11"):
        stage.happen(NodeName(name), f"{name} boom")
    wanted = parse_filter(text, stage.runtime.inventory.nodes)
    assert [next(iter(row.nodes)) for row in stage.runtime.events.timeline if wanted(row)] == left


async def test_filters_stand_in_the_footer_and_are_taken_away_one_by_one(stage: Stage) -> None:
    async with AenApp(stage.runtime).run_test(size=(120, 30)) as pilot:
        app = await opened(pilot)
        await pilot.press("slash")
        await typed(pilot, "server")
        await pilot.press("enter")
        assert len(words(app)) == 3 and panel_of(app).chip == "server"
        await pilot.press("ampersand")
        await typed(pilot, "!disk")
        await pilot.press("enter")
        assert words(app) == ["wk-server is FATAL: spawn error", "start of wk-server"]
        assert panel_of(app).chip == "server & !disk" and "2 of 5 events" in screen_text(app)
        await pilot.press("x")
        assert words(app) == ["wk-server is FATAL: spawn error"]
        await pilot.press("escape")
        assert panel_of(app).chip == "server & problems"
        await pilot.press("escape", "escape")
        assert len(words(app)) == 5 and panel_of(app).chip == ""
        await pilot.press("ampersand", "escape")
        assert panel_of(app).chip == "" and not panel_of(app)._sieve.filters


async def test_what_follows_stands_under_its_cause_uncounted(stage: Stage) -> None:
    timeline = stage.runtime.events.timeline
    root, other = stage.happen(SERVER, "mongod-answers"), stage.happen(GATEWAY, "wk-gateway is FATAL")
    first, second = (
        stage.happen(SERVER, short, kind="http") for short in ("server answers 502", "wk-server answers 500")
    )
    timeline.put_under(first, root)
    async with AenApp(stage.runtime).run_test(size=(100, 24)) as pilot:
        app = await opened(pilot)
        last = ["mongod-answers", "server answers 502", "wk-gateway is FATAL", "wk-server answers 500"]
        assert words(app)[-4:] == last
        shown = screen_text(app)
        assert "› server answers 502" in shown and "5 critical" in shown and "› wk-server" not in shown
        await pilot.press("k")
        timeline.put_under(second, root)
        await until(pilot, lambda: "› wk-server answers 500" in screen_text(app))
        assert words(app)[-2:] == ["wk-server answers 500", "wk-gateway is FATAL"] and "4 critical" in screen_text(app)
        assert words(app)[panel_of(app)._table.cursor] == "wk-gateway is FATAL", (
            "the row that was read stays under the cursor"
        )
        await pilot.press("slash")
        await typed(pilot, "kind:http")
        await until(pilot, lambda: len(words(app)) == 2)
        assert "server answers 502 › follows from mongod-answers" in screen_text(app)
    lines = plain_lines([root, first, other], timeline)
    assert [line.endswith("follows from mongod-answers") for line in lines] == [False, True, False]


async def test_what_is_worse_than_its_cause_is_counted(stage: Stage) -> None:
    root = stage.happen(SERVER, "nginx is EXITED", Severity.WARNING)
    stage.runtime.events.timeline.put_under(stage.happen(SERVER, "server does not answer", kind="http"), root)
    async with AenApp(stage.runtime).run_test(size=(100, 24)) as pilot:
        await opened(pilot)
        shown = screen_text(pilot.app)
        assert "3 critical" in shown and "2 warning" in shown and "› server does not answer" in shown


async def test_what_follows_long_after_its_cause_stands_at_its_own_time(stage: Stage) -> None:
    root = stage.happen(SERVER, "mongod-answers")
    stage.runtime.clock.advance(NEAR_SECONDS)
    late = stage.happen(SERVER, "server answers 502", kind="http")
    stage.happen(GATEWAY, "boom")
    stage.runtime.events.timeline.put_under(late, root)
    async with AenApp(stage.runtime).run_test(size=(120, 24)) as pilot:
        app = await opened(pilot)
        assert words(app)[-3:] == ["mongod-answers", "server answers 502", "boom"]
        stage.happen(SERVER, "between", Severity.OK)
        await until(pilot, lambda: "between" in screen_text(app))
        assert "server answers 502 › follows from mongod-answers" in screen_text(app)


async def test_problems_only_leaves_out_what_was_planned(stage: Stage) -> None:
    async with AenApp(stage.runtime).run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        await pilot.press("x")
        assert len(words(app)) == 3 and "wk-compute is STOPPED" not in words(app)
        await pilot.press("x", "v")
        assert len(words(app)) == 3 and panel_of(app).chip == "warning or worse"
        await pilot.press("v")
        assert len(words(app)) == 2


async def test_what_was_read_is_dimmed_and_not_counted(stage: Stage) -> None:
    async with AenApp(stage.runtime).run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        await pilot.press("g", "space", "space", "A")
        await until(pilot, lambda: "2 acknowledged" in screen_text(app))
        assert "0 critical" in screen_text(app)
        rows = list(stage.runtime.events.timeline)
        assert [row.acknowledged for row in rows] == [True, True, False, False, False]
        stage.happen(SERVER, "wk-server is FATAL", log=LOG)
        await until(pilot, lambda: "1 critical" in screen_text(app))
        await pilot.press("g", "A")
        await until(pilot, lambda: "1 acknowledged" in screen_text(app))


@pytest.mark.parametrize("word", ["wk-server is FATAL", "disk-free", "connection lost"])
async def test_enter_goes_to_where_it_is_seen_at_that_moment(stage: Stage, word: str) -> None:
    asked: list[Any] = []

    class Asked(AenApp):
        async def on_open_logs(self, message: OpenLogs) -> None:
            asked.append(message)
            message.prevent_default()

        async def on_open_metrics(self, message: OpenMetrics) -> None:
            asked.append(message)
            message.prevent_default()

    async with Asked(stage.runtime).run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        number = next(index for index, row in enumerate(words(app)) if row.startswith(word))
        panel_of(app)._table.cursor = number
        row = panel_of(app)._rows[number]
        await pilot.press("enter")
        await until(pilot, lambda: bool(asked))
    (message,) = asked
    assert message.moment == row.event.at_wall
    if word == "disk-free":
        assert isinstance(message, OpenMetrics) and message.nodes == (SERVER,) and message.series == "disk_percent"
    elif word == "connection lost":
        assert isinstance(message, OpenLogs) and set(message.nodes) == set(row.nodes)
    else:
        assert isinstance(message, OpenLogs) and message.keys == (LOG,)


async def test_the_views_that_open_are_there(stage: Stage) -> None:
    async with AenApp(stage.runtime).run_test(size=(120, 40)) as pilot:
        app = await opened(pilot)
        panel_of(app)._table.cursor = 2
        await pilot.press("enter")
        await until(pilot, lambda: app.main.active == 3)
        charts = app.main.panel
        assert isinstance(charts, MetricsPanel) and "disk_percent" in charts._metric.series
        await pilot.press("6")
        panel_of(app)._table.cursor = 1
        await pilot.press("enter")
        await until(pilot, lambda: app.main.active == 2)
        await pilot.press("6", "d")
        await until(pilot, lambda: isinstance(app.screen, NodeScreen))


async def test_a_time_that_is_gone_to_elsewhere_is_gone_to_here(stage: Stage) -> None:
    async with AenApp(stage.runtime).run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        fatal = panel_of(app)._rows[1]
        app.post_message(TimeChosen(fatal.last))
        await until(pilot, lambda: panel_of(app)._table.cursor == 1)
        assert "PAUSED" in screen_text(app)
        app.post_message(TimeChosen(None))
        await until(pilot, lambda: "FOLLOW" in screen_text(app) and panel_of(app)._table.cursor == 4)


@pytest.mark.parametrize("was_shown", [True, False])
async def test_a_time_that_is_gone_to_while_this_is_off_the_screen_is_gone_to_when_it_is_shown(
    stage: Stage, was_shown: bool
) -> None:
    app = AenApp(stage.runtime)
    async with app.run_test(size=(80, 24)) as pilot:
        if was_shown:
            await opened(pilot)
        await pilot.press("1")
        await until(pilot, lambda: app.main.active == 1)
        later = [stage.happen(SERVER, f"later {n}") for n in range(5)]
        app.post_message(TimeChosen(later[2].last))
        await until(pilot, lambda: app.main.moment == later[2].last)
        await opened(pilot)
        await until(pilot, lambda: panel_of(app)._here() is later[2])
        assert "PAUSED" in screen_text(app)


async def test_what_is_shown_is_written_to_a_file_of_our_own(stage: Stage, tmp_path: Path) -> None:
    evil = "\x1b]0;x\x07"
    stage.happen(SERVER, f"odd{evil}")
    async with AenApp(stage.runtime).run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        panel_of(app).save(tmp_path / "events.txt")
        assert "\x1b" not in screen_text(app).replace("\n", "")
    written = (tmp_path / "events.txt").read_text()
    assert "wk-server is FATAL: spawn error" in written and "compute1-[1-3],gateway1" in written
    assert "\x1b" not in written and (tmp_path / "events.txt").stat().st_mode & 0o777 == 0o600


async def test_the_terminal_is_told_with_check_and_node_only(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with AenApp(stage.runtime).run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        written: list[str] = []
        rung: list[None] = []
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", written.append)
        monkeypatch.setattr(app, "bell", lambda: rung.append(None))
        stage.runtime.alerts.add(Alert(bell=True, notification="disk-free compute1-[1-3]"))
        stage.runtime.alerts.add(Alert(bell=False, notification=""))
        app.tell_alerts()
        app.tell_alerts()
        assert "\x1b]9;disk-free compute1-[1-3]\x07" in written and len(rung) == 1
        assert sum(text.startswith("\x1b]9;") for text in written) == 1


def test_a_multiplexer_lets_the_notification_through() -> None:
    assert osc9("x", {}) == "\x1b]9;x\x07"
    assert osc9("x", {"TMUX": "1"}) == "\x1bPtmux;\x1b\x1b]9;x\x07\x1b\\"
    assert osc9("x", {"STY": "1"}) == "\x1bP\x1b]9;x\x07\x1b\\"
    assert "\x1b]0" not in osc9("a\x1b]0;b", {})


async def test_a_maintenance_is_announced_and_ended_from_the_line(stage: Stage) -> None:
    async with AenApp(stage.runtime).run_test(size=(120, 40)) as pilot:
        app = await opened(pilot)
        run_line(app, "maintenance gateway1 2h new kernel, ticket 12")
        await until(pilot, lambda: stage.runtime.store.node(GATEWAY).planned is not None)
        (window,) = stage.runtime.maintenance.windows
        assert window.until - window.begin == 7200 and window.reason == "new kernel, ticket 12"
        await until(pilot, lambda: "maintenance begins" in screen_text(app))
        run_line(app, "maintenance gateway1 off")
        await until(pilot, lambda: not stage.runtime.maintenance.windows)


@pytest.mark.parametrize(
    "line", ["gateway1", "gateway1 2h", "gateway1 9d x", "2h x", "nobody 2h x", "gateway1:/x 2h y", "gateway1 off x"]
)
async def test_a_maintenance_that_is_half_said_is_refused(stage: Stage, line: str) -> None:
    async with AenApp(stage.runtime).run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        with pytest.raises(AenError):
            run_line(app, f"maintenance {line}")
        assert stage.runtime.maintenance.windows == ()
