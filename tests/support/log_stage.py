"""A logs view on a stage: an app with nothing else, books that a test fills, clocks that it moves."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App, ComposeResult

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey, Seam
from aen_tui.model.node import NodeName
from aen_tui.state.logbook import LogBooks
from aen_tui.ui.messages import ChipChanged
from aen_tui.ui.panels.logs import LogsPanel
from tests.support.states import FakeRuntime


def log_key(node: str, path: str) -> LogKey:
    return LogKey(NodeName(node), LogPath(path))


SERVER_LOG = log_key("aen-server", "/opt/wakari/wakari-server/var/log/wakari/server.log")
WORKER_LOG = log_key("aen-server", "/opt/wakari/wakari-server/var/log/wakari/worker.log")
GATEWAY_LOG = log_key("gateway1", "/opt/wakari/wakari-gateway/var/log/wakari/gateway.log")


class Feeder:
    """Appends to books as the runtime does, with offsets that fit."""

    def __init__(self, books: LogBooks, wall: float, monotonic: float = 1000.0) -> None:
        self.books = books
        self.wall = wall
        self.monotonic = monotonic
        self._offsets: dict[LogKey, int] = {}

    def feed(
        self, key: LogKey, data: bytes, *, seam: Seam | None = None, chunk: int = 65_536, eof: bool = True
    ) -> None:
        at = self._offsets.get(key, 0)
        for begin in range(0, max(1, len(data)), chunk):
            piece = data[begin : begin + chunk]
            self.books.append(
                key, piece, at=at, cursor=None, seam=seam, monotonic=self.monotonic, wall=self.wall, eof=eof
            )
            seam = None
            at += len(piece)
        self._offsets[key] = at


class LogStage(App[None]):
    """An app that shows one LogsPanel."""

    def __init__(self, keys: Sequence[LogKey] | None = None, *, limit_bytes: int = 8 * 1024 * 1024) -> None:
        super().__init__()
        self.runtime = FakeRuntime(history_samples=0)
        self.runtime.books = LogBooks(limit_bytes=limit_bytes)
        self.feeder = Feeder(self.runtime.books, self.runtime.clock.wall())
        self.keys = keys
        self.panel = LogsPanel(self.runtime, keys)
        self.copied: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        self.panel.reveal()
        self.panel.take(self.runtime.snapshot())
        self.panel.view.focus()

    def on_chip_changed(self, message: ChipChanged) -> None:
        message.stop()

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)

    def rows(self) -> list[str]:
        """What the view shows, row by row, without the scroll bar."""
        return [strip.text[:-1].rstrip() for strip in self.panel.view._rows]

    def header(self) -> str:
        return self.panel.header.render_line(0).text.strip()
