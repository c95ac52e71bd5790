"""Every key of every view and screen is pressed, and everything typed into every input: nothing leaves for a node.

Keys, views and screens are taken from the program: what is added later is walked too. A screen that is not opened
in `OPENERS` fails the first test by its name.
"""

from __future__ import annotations

import asyncio
import inspect
import string
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from textual import events
from textual._compositor import Compositor
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from aen_tui.actions.planning import make_plan
from aen_tui.actions.scene import Scene
from aen_tui.actions.trials import trial_target
from aen_tui.model.facts import LogPath
from aen_tui.model.inventory import RollingSettings
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, Risk, Target
from aen_tui.model.rolling import RollingPlan
from aen_tui.model.searches import Hit
from aen_tui.runtime.audit_book import AuditStep
from aen_tui.runtime.job import Job
from aen_tui.runtime.log_search import LogSearch
from aen_tui.state.lines import TimedLog
from aen_tui.state.node_patterns import node_pattern
from aen_tui.ui.app import AenApp
from aen_tui.ui.keymap import _our_classes, all_bindings, split_keys
from aen_tui.ui.panels import find_panels
from aen_tui.ui.presentation.fields import Field
from aen_tui.ui.screens.action_menu import ActionMenuScreen
from aen_tui.ui.screens.around import AroundScreen
from aen_tui.ui.screens.audit_record import AuditRecordScreen
from aen_tui.ui.screens.card import CardScreen
from aen_tui.ui.screens.check_finding import CheckFindingScreen
from aen_tui.ui.screens.command_line import CommandLineScreen
from aen_tui.ui.screens.deaf import DeafScreen
from aen_tui.ui.screens.differs import DiffersScreen
from aen_tui.ui.screens.frame import FramedScreen
from aen_tui.ui.screens.grep import GrepScreen
from aen_tui.ui.screens.help import HelpScreen
from aen_tui.ui.screens.job_question import AbortScreen, JobQuestion, LeaveScreen, LookScreen
from aen_tui.ui.screens.log_line import LogLineScreen
from aen_tui.ui.screens.main import MainScreen
from aen_tui.ui.screens.node import NodeScreen
from aen_tui.ui.screens.operations import OperationsScreen
from aen_tui.ui.screens.picker import PickerScreen
from aen_tui.ui.screens.project import ProjectScreen
from aen_tui.ui.screens.projects import ProjectsScreen
from aen_tui.ui.screens.reading import ReadingScreen
from aen_tui.ui.screens.rolling_card import RollingCardScreen
from aen_tui.ui.screens.secret import SecretScreen
from aen_tui.ui.screens.usage import UsageScreen
from aen_tui.ui.screens.why import WhyScreen
from aen_tui.ui.widgets.chart import Chart
from tests.support.jobs import CALL
from tests.support.log_stage import SERVER_LOG, Feeder
from tests.support.states import FakeRuntime

SERVER = NodeName("aen-server")
PROGRAM = Target(SERVER, "wk-server", "supervisor", "wakari-server")
NGINX = Target(SERVER, "nginx", "sysv")
LOOKS = frozenset(
    {"errand", "follow", "fetch_older", "poke", "retry_now", "plan", "preflight", "attend_stores", "search"}
)
"""What a screen may ask of the runtime without a confirmed card: it looks, it changes nothing."""
LOOKING = (("spawn", "gather"), ("spawn", "run"))
"""Tasks in the runtime that look: the preflight of view 4, a walk over a filesystem."""
STEADY = 2
"""Rounds through all widgets in which nothing must happen any more."""
ALPHABET = string.ascii_letters + string.digits + string.punctuation + " "


def key_of(character: str) -> str:
    """A character as Textual names its key."""
    return {",": "comma", " ": "space"}.get(character) or split_keys(character)[0]


class Watched(AenApp):
    """Stays when it is told to leave, and says so."""

    def exit(self, *_args: Any, **_more: Any) -> None:
        """A key that quits has done what it may."""


_CHARACTERS = {key_of(character): character for character in ALPHABET}


@dataclass
class Walk:
    """The program on a made-up installation, and what it tried to run."""

    app: Watched
    runtime: FakeRuntime
    pilot: Pilot[Any]
    ran: list[tuple[str, ...]] = field(default_factory=list)
    """Programs of this machine."""
    paints: bool = True
    """Whether what is seen is drawn: to a key it makes no difference, and it takes most of the time."""

    @property
    def job(self) -> Job:
        """A rolling job on its way; another one where a key has ended the last."""
        found = [state.id for state in self.runtime.jobs.states() if not state.has_ended]
        job = self.runtime.jobs.get(found[0]) if found else None
        if job is None or job.is_aborted:
            job = self.runtime.jobs.start(_rolling(self))
            self.runtime.calls.remove((CALL, job.work))
        return job

    def changes(self) -> list[tuple[str, Any]]:
        """What was asked of the runtime that changes something."""
        return [call for call in self.runtime.calls if call[0] not in LOOKS and call not in LOOKING]

    async def press(self, *keys: str) -> None:
        """As a terminal would send them, one behind the other; then all have been answered."""
        driver = self.app._driver
        assert driver is not None
        for key in keys:
            character = _CHARACTERS.get(key)
            event = events.Key(key, character)
            event.set_sender(self.app)
            driver.send_message(event)
        await self.settle()

    async def settle(self) -> None:
        """Wait until everybody has worked off what was sent to them, and all that followed from it.

        `Pilot.pause` alone waits until the process uses no processor for a while, which is most of a walk's time.
        """
        same, before = 0, None
        async with asyncio.timeout(60):
            while same < STEADY and self.app._exception is None:  # which is raised where the program is left
                await self.pilot.pause(0)
                waiting = sum(pump.message_queue_size for pump in self.app._registry)
                working = sum(not worker.is_finished for worker in self.app.workers)
                now = (self.app.screen, self.app.focused, len(self.runtime.calls), len(self.ran), waiting, working)
                same = same + 1 if now == before and not waiting else 0
                before = now
        assert self.app._exception is None

    async def home(self, digit: int = 1) -> None:
        """Back to a view, whatever is open."""
        if isinstance(self.app.screen, CommandPalette):  # it is still looking for what was typed: only it can end that
            await self.press("escape")
        await self.app.to_main()
        await self.app.main.show(digit)
        self.app.main.focus_panel()
        await self.settle()


HIT = Hit(SERVER_LOG, "server.log", 7, 0, "no", None)
Opener = Callable[[Walk], Awaitable[None]]


async def _push(walk: Walk, screen: Screen[Any]) -> None:
    await walk.app.push_screen(screen)
    await walk.settle()


def _plan(walk: Walk, *targets: Target) -> Plan:
    return walk.runtime.plan(ActionName.RESTART, targets)


async def _card(walk: Walk) -> None:
    card = CardScreen(walk.runtime, _plan(walk, NGINX))
    await _push(walk, card)
    await walk.settle()
    assert card.takes_keys


async def _trial_card(walk: Walk) -> None:
    scene = Scene(walk.runtime.inventory, walk.runtime.snapshot(), walk.runtime.clock.monotonic())
    name = ActionName.TRY_CLONE
    plan = make_plan(scene, name, [trial_target(name, COMPUTES[0].node)], plan_id="trial")
    await _push(walk, CardScreen(walk.runtime, plan))


def _search(walk: Walk) -> LogSearch:
    return LogSearch(walk.runtime, node_pattern("no"), [SERVER_LOG], None)


async def _log_line(walk: Walk) -> None:
    line = TimedLog(walk.runtime.books.book(SERVER_LOG)).drawn(0)
    assert line is not None
    await _push(walk, LogLineScreen([line]))


COMPUTES = tuple(Target(NodeName(f"compute1-{n}"), "wk-compute", "supervisor", "wakari-compute") for n in (1, 2, 3))


def _rolling(walk: Walk, sizes: RollingSettings | None = None) -> RollingPlan:
    return walk.runtime.jobs.plan_rolling(ActionName.RESTART, COMPUTES, settings=sizes)


async def _rolling_card(walk: Walk) -> None:
    card = RollingCardScreen(walk.runtime, lambda sizes: _rolling(walk, sizes), RollingSettings())
    await _push(walk, card)
    await walk.settle()
    assert card.takes_keys


OPENERS: dict[type[Screen[Any]], Opener] = {
    NodeScreen: lambda walk: _push(walk, NodeScreen(walk.runtime, SERVER)),
    ActionMenuScreen: lambda walk: _push(walk, ActionMenuScreen(walk.runtime, [SERVER])),
    PickerScreen: lambda walk: _push(walk, PickerScreen(walk.runtime, [SERVER], "restart")),
    CardScreen: _card,
    CommandLineScreen: lambda walk: _push(walk, CommandLineScreen(walk.app)),
    HelpScreen: lambda walk: _push(walk, HelpScreen("Keys", [("here", [("x", "something")])])),
    SecretScreen: lambda walk: _push(walk, SecretScreen("aen-server", "password?")),
    LogLineScreen: _log_line,
    GrepScreen: lambda walk: _push(walk, GrepScreen(walk.runtime, _search(walk))),
    AroundScreen: lambda walk: _push(walk, AroundScreen(walk.runtime, HIT, node_pattern("no").compiled)),
    CheckFindingScreen: lambda walk: _push(walk, CheckFindingScreen([Field("check", (("disk", "text"),))])),
    OperationsScreen: lambda walk: _push(walk, OperationsScreen(lambda: [Field("!", (("insert", "text"),))])),
    RollingCardScreen: _rolling_card,
    AbortScreen: lambda walk: _push(walk, AbortScreen(walk.job)),
    LookScreen: lambda walk: _push(walk, LookScreen(["compute1-1: supervisorctl status wk-compute"])),
    LeaveScreen: lambda walk: _push(walk, LeaveScreen([walk.job], lambda: None)),
    ProjectsScreen: lambda walk: _push(walk, ProjectsScreen(walk.runtime)),
    ProjectScreen: lambda walk: _push(walk, ProjectScreen(walk.runtime, COMPUTES[0].node, "alice/churn")),
    WhyScreen: lambda walk: _push(
        walk, WhyScreen(walk.runtime, walk.runtime.projects.why("alice/churn", [COMPUTES[0].node]))
    ),
    UsageScreen: lambda walk: _push(
        walk, UsageScreen(walk.runtime, walk.runtime.projects.usages.start([(COMPUTES[0].node, "/projects")]))
    ),
    DiffersScreen: lambda walk: _push(walk, DiffersScreen(walk.runtime, [COMPUTES[0].node])),
    AuditRecordScreen: lambda walk: _push(walk, AuditRecordScreen(AuditStep({"argv": ["true"]}, None))),
}
BASES = (MainScreen, FramedScreen, JobQuestion, DeafScreen, ReadingScreen)
"""Screens that are there without being opened: the views are walked one by one."""

VIEWS: dict[str, Opener] = {
    f"view {entry.digit}": lambda walk, digit=entry.digit: walk.home(digit)  # type: ignore[misc]
    for entry in find_panels()
}
PLACES: dict[str, Opener] = {
    **VIEWS,
    **{screen.__name__: opener for screen, opener in OPENERS.items()},
    "card of a trial": _trial_card,
    "palette": lambda walk: walk.pilot.press("ctrl+p"),
}


EDITING = ("enter", "escape", "tab", "shift+tab", "delete", "backspace", "up", "down", "left", "right", "home", "end")
EVERY_KEY = tuple(
    dict.fromkeys([*(key for one in all_bindings() for key in one.keys), *map(key_of, ALPHABET), *EDITING])
)
"""Each key that anything is bound to, and all that can be typed."""


@asynccontextmanager
async def walking(monkeypatch: pytest.MonkeyPatch, *, read_only: bool = False) -> AsyncIterator[Walk]:
    runtime = FakeRuntime(read_only=read_only)
    feeder = Feeder(runtime.books, runtime.clock.wall())
    for number in range(30):
        feeder.feed(SERVER_LOG, f"2026-11-21 07:00:{number:02d},000 ERROR x: line {number}\n".encode())
        feeder.feed(LogKey(SERVER, LogPath("/var/log/nginx/error.log")), b"2026/11/21 07:00:00 [error] 1#0: no\n")
    app = Watched(runtime)
    async with app.run_test(size=(80, 24)) as pilot:
        walk = Walk(app, runtime, pilot)

        async def run(*argv: Any, **_more: Any) -> Any:
            walk.ran.append(tuple(str(word) for word in argv))
            raise OSError("nothing is run in a test")

        async def shell(_app: Any, argv: tuple[str, ...]) -> str | None:
            walk.ran.append(argv)
            return None

        _draw_where_it_is_wanted(monkeypatch, walk)
        monkeypatch.setattr(asyncio, "create_subprocess_exec", run)
        monkeypatch.setattr(asyncio, "create_subprocess_shell", run)
        monkeypatch.setattr("aen_tui.ui.shell.open_shell", shell)
        # that a card is deaf at first is shown elsewhere; here it would hide what a key does
        monkeypatch.setattr("aen_tui.ui.screens.deaf.DEAF_SECONDS", 0.0)
        assert walk.job.state.is_rolling
        await pilot.pause()
        yield walk


def _draw_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch, walk: Walk) -> None:
    paint, plot = Compositor.render_update, Chart._plot

    def painted(compositor: Compositor, *args: Any, **more: Any) -> Any:
        if walk.paints:
            return paint(compositor, *args, **more)
        compositor._dirty_regions.clear()
        return None

    monkeypatch.setattr(Compositor, "render_update", painted)
    monkeypatch.setattr(Chart, "_plot", lambda chart: plot(chart) if walk.paints else None)


def test_every_screen_is_walked() -> None:
    screens = {one for one in _our_classes() if issubclass(one, Screen) and not inspect.isabstract(one)}
    missing = sorted(one.__name__ for one in screens - set(OPENERS) - set(BASES))
    assert not missing, f"say in OPENERS how these are opened: {missing}"


async def _open(walk: Walk, opener: Opener) -> Screen[Any]:
    if opener not in VIEWS.values():
        await walk.home()
    await opener(walk)
    return walk.app.screen


def _bound(walk: Walk) -> list[str]:
    """The keys that mean something where the focus is."""
    return [key for key in walk.app.active_bindings if key in EVERY_KEY]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("read_only", [False, True], ids=["may act", "read-only"])
async def test_no_key_changes_a_node(monkeypatch: pytest.MonkeyPatch, read_only: bool) -> None:
    """One program goes through every place, as an operator's does; what is typed into an input there is text."""
    async with walking(monkeypatch, read_only=read_only) as walk:
        for place, opener in PLACES.items():
            await _walk(walk, place, opener)
        if read_only:
            assert walk.ran == [], "and no shell"


async def _walk(walk: Walk, place: str, opener: Opener) -> None:
    walk.paints = True
    here = await _open(walk, opener)
    focused, bound = walk.app.focused, _bound(walk)
    walk.paints = False
    seen: set[Input] = set()
    await _type_into(walk, seen)
    for key in bound:
        await walk.press(key)
        assert walk.changes() == [], f"{key} in {place}"
        is_typed = await _type_into(walk, seen)
        for _ in range(3):  # a menu, a picker, a card: Enter goes on, and on the card presses Cancel
            if is_typed or walk.app.screen is here or isinstance(walk.app.screen, MainScreen):
                break
            await walk.press("enter")
            assert walk.changes() == [], f"{key}, then Enter, in {place}"
        if is_typed or walk.app.screen is not here or walk.app.focused is not focused:
            here = await _open(walk, opener)
            focused = walk.app.focused
    await _open(walk, opener)
    await walk.press(*(key for key in EVERY_KEY if key not in bound))
    assert walk.changes() == [], f"keys that mean nothing in {place}"


async def _type_into(walk: Walk, seen: set[Input]) -> bool:
    """Type everything into the input that has the focus, once; whether there was one."""
    typed = walk.app.focused
    if not isinstance(typed, Input) or typed in seen:
        return False
    seen.add(typed)
    screens, ran = list(walk.app.screen_stack), list(walk.ran)
    typed.value = ""
    await walk.press(*map(key_of, ALPHABET))
    assert typed.value == ALPHABET
    assert walk.app.focused is typed
    assert list(walk.app.screen_stack) == screens
    assert walk.changes() == []
    assert walk.ran == ran
    typed.value = ""
    return True


async def test_the_card_that_is_confirmed_is_the_one_that_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk could fail: a card that is answered does start its plan."""
    async with walking(monkeypatch) as walk:
        plan = _plan(walk, PROGRAM)
        assert plan.risk is Risk.KEY
        card = CardScreen(walk.runtime, plan)
        await _push(walk, card)
        await walk.settle()
        await walk.press("y")
        assert [name for name, _ in walk.changes()] == ["start"]
