"""Tells of events outside the screen: bell, notification, command, webhook, as `[notify]` says.

A row of events is told once, some seconds after it began, so that nodes that go together are told of together. What
was planned, acknowledged, or is a mark only is not told. At most so many a minute; the next that is told says how
many were left out. Nothing that a node says reaches an argument, the environment or the terminal: a command gets
JSON on its standard input, the terminal gets the check's id and node names of the inventory.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aen_tui import __version__
from aen_tui.config.nodesets import fold
from aen_tui.config.paths import refuse_if_writable_by_others
from aen_tui.errors import ConfigError
from aen_tui.model.clock import Clock
from aen_tui.model.notify import NotifySettings
from aen_tui.model.secret import Secret
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.state.alerts import Alert, Alerts
from aen_tui.state.event_row import EventRow
from aen_tui.state.events import Event, Events

SETTLE_SECONDS = 3.0
"""So long a row may grow before it is told."""
COMMAND_SECONDS = 10.0
WEBHOOK_SECONDS = 10.0
WAITING = 20
"""Deliveries that wait at most; a hook that hangs holds up nothing else."""
KIND = "notify"
MARKS_ONLY = frozenset({KIND, "new-message"})
"""Kinds that wake nobody; our own failures would tell of themselves."""
PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ")
"""What a command gets of our environment; nothing of it is of a node."""
_NOTIFICATION_CHARACTERS = 120
_MINUTE = 60.0


class Hooks:
    """Looks at the events once a second, and tells.

    Args:
        settings: what is done at which severity.
        cluster: the installation's name.
        events: what happened; takes what went wrong here, too.
        alerts: takes what the terminal is to say.
        clock: now.
    """

    def __init__(self, settings: NotifySettings, cluster: str, events: Events, alerts: Alerts, clock: Clock) -> None:
        self._settings = settings
        self._cluster = cluster
        self._events = events
        self._alerts = alerts
        self._clock = clock
        self._revision = -1
        self._next_number = 0
        self._young: dict[int, float] = {}
        """Rows that were not told yet -> when they were first seen, monotonic seconds."""
        self._told: deque[float] = deque()
        self._left_out = 0
        self._work: asyncio.Queue[Callable[[], Any]] = asyncio.Queue(WAITING)

    # -- what is told ------------------------------------------------------------------------------

    def look(self) -> None:
        """Tell what is due; never blocks."""
        if self._settings.is_silent:
            return
        now, timeline = self._clock.monotonic(), self._events.timeline
        if timeline.revision != self._revision:
            self._revision = timeline.revision
            new = [row.number for row in timeline if row.number >= self._next_number]
            self._young |= dict.fromkeys(sorted(new), now)
            self._next_number = max(new, default=self._next_number - 1) + 1
        for number in [number for number, since in self._young.items() if now - since >= SETTLE_SECONDS]:
            del self._young[number]
            row = timeline.row(number)
            if row is not None and not row.acknowledged and self._is_told(row.event):
                self._tell(row, now)

    def _is_told(self, event: Event) -> bool:
        return not event.is_planned and event.kind not in MARKS_ONLY and self._wants(event.severity)

    def _wants(self, severity: Severity) -> bool:
        settings = self._settings
        is_loud = any(least is not None and severity >= least for least in (settings.bell, settings.osc9))
        return is_loud or severity in settings.commands or severity in settings.webhooks

    def _tell(self, row: EventRow, now: float) -> None:
        while self._told and now - self._told[0] >= _MINUTE:
            self._told.popleft()
        if len(self._told) >= self._settings.most_per_minute:
            self._left_out += 1
            return
        self._told.append(now)
        settings, severity = self._settings, row.event.severity
        rings = settings.bell is not None and severity >= settings.bell
        notes = settings.osc9 is not None and severity >= settings.osc9
        if rings or notes:
            self._alerts.add(Alert(rings, notification(row) if notes else ""))
        body = json.dumps(document(row, self._cluster, self._left_out), ensure_ascii=True).encode()
        self._left_out = 0
        if (argv := settings.commands.get(severity)) is not None:
            self._put(lambda: self._command(argv, body))
        if (url := settings.webhooks.get(severity)) is not None:
            self._put(lambda: self._webhook(url, body))

    def _put(self, work: Callable[[], Any]) -> None:
        try:
            self._work.put_nowait(work)
        except asyncio.QueueFull:
            self._left_out += 1

    # -- telling -----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Deliver, one after the other, for ever."""
        while True:
            work = await self._work.get()
            await work()

    async def _command(self, argv: tuple[str, ...], body: bytes) -> None:
        try:
            refuse_if_writable_by_others(Path(argv[0]))
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                cwd="/",
                env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
                start_new_session=True,
            )
        except ConfigError as error:
            self._failed("command", f"it {error.message}: it is not run")
            return
        except OSError as error:
            self._failed("command", error.strerror or "it cannot be started")
            return
        why = ""
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                await process.communicate(body + b"\n")
        except TimeoutError:
            why = f"it did not end within {COMMAND_SECONDS:.0f} s"
        except OSError as error:  # it did not read its input
            why = error.strerror or "it did not read what it was told"
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if not why and process.returncode:
            why = f"exit status {process.returncode}"
        if why:  # told when nothing of it is left: who waits for that may end the loop
            self._failed("command", why)

    async def _webhook(self, url: Secret, body: bytes) -> None:
        import httpx  # heavy, and only where there is a webhook

        headers = {"User-Agent": f"aen-tui/{__version__}", "Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(WEBHOOK_SECONDS),
                httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=WEBHOOK_SECONDS) as client,
                client.stream("POST", url.reveal(), content=body, headers=headers) as response,
            ):
                if not 200 <= response.status_code < 300:
                    self._failed(_host(url), f"it answered {response.status_code}")
        except TimeoutError:
            self._failed(_host(url), f"no answer within {WEBHOOK_SECONDS:.0f} s")
        except (httpx.HTTPError, OSError) as error:
            self._failed(_host(url), type(error).__name__)  # its words may hold the URL

    def _failed(self, what: str, why: str) -> None:
        text = visible_line(f"[notify] {what} failed: {why}", 300)
        short = f"[notify] {visible_line(what, 100)} failed"
        wall = self._clock.wall()
        self._events.add(Event(wall, None, KIND, Severity.WARNING, text, source=what, short=short, detail=why))


def _host(url: Secret) -> str:
    return f"webhook at {urlsplit(url.reveal()).hostname}"


def notification(row: EventRow) -> str:
    """`disk-free compute1-[1-3]`: the check's id, or the kind of event, and nodes as the inventory writes them."""
    nodes = fold(row.nodes) if row.nodes else ""
    if len(nodes) > _NOTIFICATION_CHARACTERS:
        nodes = f"{len(row.nodes)} nodes"
    words = f"{row.event.check or row.event.kind} {nodes}".strip()
    return visible_line(words, 2 * _NOTIFICATION_CHARACTERS).replace(";", ",")


def document(row: EventRow, cluster: str, left_out: int) -> Mapping[str, Any]:
    """What commands and webhooks are told; keys are a contract."""
    event = row.event
    at = datetime.fromtimestamp(row.first, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "schema": 1,
        "cluster": cluster,
        "at": at,
        "kind": event.kind,
        "severity": event.severity.word,
        "check": event.check,
        "nodes": list(row.nodes),
        "times": row.times,
        "text": visible_line(row.words, 1000),
        "left_out": left_out,
    }
