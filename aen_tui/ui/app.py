"""AenApp: themes, keys, the pump; answers what panels ask for. Everything else is a panel, a screen or the runtime."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual import events
from textual.app import SystemCommand
from textual.driver import Driver
from textual.screen import Screen
from textual.theme import Theme

from aen_tui.errors import AuditError, ConfigError
from aen_tui.ui import theming
from aen_tui.ui.app_events import AppEvents
from aen_tui.ui.app_jobs import AppJobs
from aen_tui.ui.app_projects import AppProjects
from aen_tui.ui.driver import surviving
from aen_tui.ui.messages import (
    ActionRequested,
    CompareNodes,
    FullScreenRequested,
    OpenLogs,
    OpenNode,
    SaveRequested,
    SearchLogs,
    ShellRequested,
    TimeChosen,
)
from aen_tui.ui.panels import PanelEntry, find_panels
from aen_tui.ui.presentation.severity import glyphs_for
from aen_tui.ui.screens.main import MainScreen
from aen_tui.ui.widgets.scroll_bars import wear_scroll_bars

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aen_tui.model.facts import ClusterState
    from aen_tui.model.logs import LogKey
    from aen_tui.runtime.log_search import LogSearch
    from aen_tui.ui.backend import Backend

logger = logging.getLogger(__name__)

PUMP_SECONDS = 0.1
TICK_SECONDS = 1.0
LOGS_DIGIT = 2


@runtime_checkable
class TakesState(Protocol):
    """A screen that shows facts."""

    def take(self, state: ClusterState) -> None:
        """A new snapshot."""
        ...

    def tick(self) -> None:
        """A second has passed."""
        ...


@runtime_checkable
class SeeksTime(Protocol):
    """A screen that shows something over time."""

    def seek(self, moment: float | None) -> None:
        """Go to a time, epoch seconds; None = the present."""
        ...


class AenApp(AppEvents, AppJobs, AppProjects):
    """The dashboard on a backend that somebody else runs.

    Args:
        backend: the installation that is watched.
        theme: name of a theme; None: the default, or no colour where NO_COLOR is set.
        keymap: binding id -> keys, over the declared ones.
        logs: open view 2 on these logs, as `aen-tui view` does.
        themes: the themes there are and what was wrong with others; read from their folders where None.
    """

    CSS_PATH = Path(__file__).with_name("base.tcss")  # absolute: a subclass elsewhere wears it too
    TITLE = "aen-tui"

    def __init__(
        self,
        backend: Backend,
        *,
        theme: str | None = None,
        keymap: Mapping[str, str] | None = None,
        logs: Sequence[LogKey] | None = None,
        themes: tuple[dict[str, Theme], list[ConfigError]] | None = None,
    ) -> None:
        # with True, Textual's answer to NO_COLOR is no colour; else it is shades of grey
        super().__init__(ansi_color=True if theming.no_color() else None)
        self.backend = backend
        self._tell_ready: Callable[[], None] | None = None
        self.views: tuple[PanelEntry, ...] = find_panels()
        self.glyphs = glyphs_for()
        self.set_class(self.glyphs.is_ascii, "-ascii")
        wear_scroll_bars(self.glyphs)
        self._logs = tuple(logs or ())
        self._search: LogSearch | None = None
        found, self._theme_problems = themes or theming.load_themes()
        for name in self.available_themes:
            self.unregister_theme(name)
        for one in found.values():
            self.register_theme(one)
        self.theme = theming.choose(found, theme, {"NO_COLOR": "1"} if self.no_color else {})
        self.set_keymap(dict(keymap or {}))
        first = LOGS_DIGIT if self._logs and any(entry.digit == LOGS_DIGIT for entry in self.views) else 1
        self.main = MainScreen(backend, self.views, first)

    def get_driver_class(self) -> type[Driver]:
        """The platform's, which outlives its terminal."""
        return surviving(super().get_driver_class())

    def get_default_screen(self) -> Screen[None]:
        """The views."""
        return self.main

    def when_ready(self, told: Callable[[], None]) -> None:
        """Call something once the screen is there."""
        self._tell_ready = told

    def on_mount(self) -> None:
        """Facts begin to flow."""
        if self._logs:
            self.main.panel.aim((), self._logs)
        for problem in self._theme_problems:
            self.notify(str(problem), severity="warning", markup=False, timeout=10)
        if self._tell_ready is not None:
            self._tell_ready()
        # the terminal's other screen is empty after Ctrl-Z and a shell
        self.app_resume_signal.subscribe(self, lambda _app: self.action_repaint())
        self.follow_jobs()
        self.run_worker(self._pump(), name="pump")
        self.set_interval(TICK_SECONDS, self._tick)

    async def _pump(self) -> None:
        async for state in self.backend.store.snapshots(PUMP_SECONDS):
            for screen in self._seen_screens():
                screen.take(state)

    def _tick(self) -> None:
        for screen in self._seen_screens():
            screen.tick()

    def _seen_screens(self) -> list[TakesState]:
        """The screens that can be seen, from the top down to the first that is not modal."""
        seen: list[TakesState] = []
        for screen in reversed(self.screen_stack) if self.is_running else ():  # closing, screens lose their parts
            if screen.is_mounted and isinstance(screen, TakesState):
                seen.append(screen)
            if not screen.is_modal:
                break
        return seen

    # -- what panels and commands ask for ------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Every key is somebody who is there: what is armed stays so."""
        if isinstance(event, events.Key):
            self.backend.guard.touch()
        await super().on_event(event)

    async def on_open_node(self, message: OpenNode) -> None:
        """The node page, over the views."""
        from aen_tui.ui.screens.node import NodeScreen

        await self.to_main()
        await self.push_screen(NodeScreen(self.backend, message.node, moment=self.main.moment))

    async def on_compare_nodes(self, message: CompareNodes) -> None:
        """Who differs, over the views."""
        from aen_tui.ui.screens.differs import DiffersScreen

        await self.to_main()
        await self.push_screen(DiffersScreen(self.backend, message.nodes))

    async def on_open_logs(self, message: OpenLogs) -> None:
        """View 2 on these logs."""
        await self.to_main()
        panel = await self.main.show(LOGS_DIGIT)
        panel.aim(message.nodes, message.keys)
        if message.moment is not None:
            panel.seek(message.moment)

    async def on_search_logs(self, message: SearchLogs) -> None:
        """A new search, or the last one again."""
        from aen_tui.runtime.log_search import LogSearch
        from aen_tui.ui.screens.grep import GrepScreen

        if message.pattern is not None:
            self._search = LogSearch(self.backend, message.pattern, message.keys, message.since)
        if self._search is None:
            self.notify("nothing was searched yet: :grep RE TARGET --since 6h", markup=False)
            return
        await self.to_main()
        await self.push_screen(GrepScreen(self.backend, self._search))

    def on_action_requested(self, message: ActionRequested) -> None:
        """Menu, picker or card, whichever is next; nothing is done."""
        from aen_tui.ui.screens.asking import ask

        ask(self, self.backend, message)

    async def on_shell_requested(self, message: ShellRequested) -> None:
        """The screen goes away until the shell ends."""
        from aen_tui.ui.shell import open_shell, shell_argv

        if not self.backend.guard.allows_shell:
            why = "READ-ONLY" if self.backend.read_only else "POLICY"
            self.notify(f"{why}: there is no shell in this run", severity="warning", markup=False)
            return
        argv = shell_argv(self.backend.inventory.nodes[message.node], self.backend.inventory.ssh)
        try:
            async with self.backend.guard.shell_recorded(message.node, argv):
                problem = await open_shell(self, argv)
        except AuditError as error:
            problem = f"{error.message}: no record, no shell"
        if problem:
            self.notify(problem, severity="error", markup=False)

    def on_time_chosen(self, message: TimeChosen) -> None:
        """All views go to that time."""
        self.main.seek(message.moment, message.teller)
        for screen in self.screen_stack:
            if screen is not self.main and isinstance(screen, SeeksTime):
                screen.seek(message.moment)

    def on_save_requested(self, message: SaveRequested) -> None:
        """What the view on screen shows."""
        self.main.panel.save(message.file)

    def on_full_screen_requested(self, _message: FullScreenRequested) -> None:
        """Header and footer away, or back."""
        self.action_full_screen()

    def show_view(self, digit: int) -> None:
        """Show one of the views, from wherever."""
        self.run_worker(self.action_view(digit))

    def theme_names(self) -> Sequence[str]:
        """The themes there are."""
        return sorted(self.available_themes)

    def choose_theme(self, name: str) -> None:
        """Wear a theme."""
        self.theme = name

    def show_help(self) -> None:
        """The keys that work on the screen as it is, once the line that asked is gone."""
        self.call_later(self.action_help)

    def action_command(self, start: str = "") -> None:
        """The `:` line."""
        from aen_tui.ui.screens.command_line import CommandLineScreen

        self.push_screen(CommandLineScreen(self, start))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: the commands of the `:` line. What wants an argument opens the line."""
        from aen_tui.ui.commands import commands_of

        for name, command in commands_of(self).items():
            if command.argument:
                more = f"{name} {self.glyphs.ellipsis}"
                yield SystemCommand(more, command.help, lambda name=name: self.action_command(f"{name} "))
            else:
                yield SystemCommand(name, command.help, lambda command=command: command.run(self, ""))
