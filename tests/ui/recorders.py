"""Apps that keep what panels ask for, instead of answering."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from textual.app import App, ComposeResult

from aen_tui.ui.app import AenApp
from aen_tui.ui.messages import ActionRequested, OpenLogs, OpenNode, ShellRequested
from aen_tui.ui.panels import Panel
from tests.support.states import FakeRuntime

P = TypeVar("P", bound=Panel)


class Recorder(AenApp):
    """The whole app."""

    def __init__(self, runtime: FakeRuntime, **options: Any) -> None:
        super().__init__(runtime, **options)
        self.asked: list[Any] = []

    async def on_open_node(self, message: OpenNode) -> None:
        message.prevent_default()
        self.asked.append(message.node)

    async def on_open_logs(self, message: OpenLogs) -> None:
        message.prevent_default()
        self.asked.append((message.nodes, message.keys))

    def on_action_requested(self, message: ActionRequested) -> None:
        message.prevent_default()
        self.asked.append((message.action, message.targets, message.nodes))

    async def on_shell_requested(self, message: ShellRequested) -> None:
        message.prevent_default()
        self.asked.append(("shell", message.node))


class PanelHost(App[None], Generic[P]):
    """A panel as a view shows it."""

    def __init__(self, runtime: FakeRuntime, panel: P) -> None:
        super().__init__()
        self.runtime = runtime
        self.panel = panel
        self.asked: list[Any] = []

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        self.panel.reveal()
        self.panel.take(self.runtime.snapshot())
        self.screen.focus_next()

    def on_open_node(self, message: OpenNode) -> None:
        self.asked.append(message.node)

    def on_open_logs(self, message: OpenLogs) -> None:
        self.asked.append(message.nodes)
