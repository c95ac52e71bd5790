"""Tells of events outside the screen: bell, notification, command, webhook, as `[notify]` says.

What was planned, acknowledged, or is a mark only is not told; which of the rest, when and how often, says
`runtime.telling`. Nothing that a node says reaches an argument, the environment or the terminal: a command gets JSON
on its standard input, the terminal gets the check's id and node names of the inventory.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from aen_tui import __version__
from aen_tui.config.paths import refuse_if_writable_by_others
from aen_tui.errors import ConfigError
from aen_tui.model.clock import Clock
from aen_tui.model.notify import NotifySettings
from aen_tui.model.secret import Secret
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.runtime.notices import Notice, document, notification, summary_of
from aen_tui.runtime.telling import HELD, Telling
from aen_tui.state.alerts import Alert, Alerts
from aen_tui.state.events import Event, Events

COMMAND_SECONDS = 10.0
WEBHOOK_SECONDS = 10.0
WAITING = 20
"""Notices of one severity that wait at most; a hook that hangs holds up nothing else."""
KIND = "notify"
MARKS_ONLY = frozenset({KIND, "new-message"})
"""Kinds that wake nobody; our own failures would tell of themselves."""
PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ")
"""What a command gets of our environment; nothing of it is of a node."""


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
        self._telling = Telling(events.timeline, self._is_told, settings.most_per_minute)
        self._late: dict[Severity, list[Notice]] = {}
        """What waits for a delivery that hangs."""
        self._work: asyncio.PriorityQueue[tuple[int, int, Notice]] = asyncio.PriorityQueue()
        """The worst first, then in order."""
        self._queued: Counter[Severity] = Counter()
        self._puts = 0

    # -- what is told ------------------------------------------------------------------------------

    def look(self) -> None:
        """Tell what is due; never blocks."""
        if self._settings.is_silent:
            return
        for severity in [severity for severity in self._late if self._queued[severity] < WAITING]:
            self._put(summary_of(self._late.pop(severity)))
        for notice in self._telling.look(self._clock.monotonic()):
            self._tell(notice)

    def _is_told(self, event: Event) -> bool:
        return not event.is_planned and event.kind not in MARKS_ONLY and self._wants(event.severity)

    def _wants(self, severity: Severity) -> bool:
        settings = self._settings
        is_loud = any(least is not None and severity >= least for least in (settings.bell, settings.osc9))
        return is_loud or severity in settings.commands or severity in settings.webhooks

    def _tell(self, notice: Notice) -> None:
        settings, severity = self._settings, notice.severity
        rings = settings.bell is not None and severity >= settings.bell
        notes = settings.osc9 is not None and severity >= settings.osc9
        if rings or notes:
            self._alerts.add(Alert(rings, notification(notice) if notes else ""))
        if severity in settings.commands or severity in settings.webhooks:
            self._put(notice)

    def _put(self, notice: Notice) -> None:
        """Put it where it is delivered; where too much waits there already, it is told later, with what joins it."""
        severity = notice.severity
        if self._queued[severity] >= WAITING:
            late = self._late.setdefault(severity, [])
            late.append(notice)
            if len(late) > HELD:
                late[:2] = [summary_of(late[:2])]
            return
        self._queued[severity] += 1
        self._puts += 1
        self._work.put_nowait((-severity, self._puts, notice))

    # -- telling -----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Deliver, one after the other, for ever."""
        while True:
            _order, _put, notice = await self._work.get()
            severity, settings = notice.severity, self._settings
            self._queued[severity] -= 1
            body = json.dumps(document(notice, self._cluster), ensure_ascii=True).encode()
            if (argv := settings.commands.get(severity)) is not None:
                await self._command(argv, body)
            if (url := settings.webhooks.get(severity)) is not None:
                await self._webhook(url, body)

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

        from aen_tui.transports.http import HttpTransport

        headers = {"User-Agent": f"aen-tui/{__version__}", "Content-Type": "application/json"}
        transport = HttpTransport(trust_env=False)
        try:
            async with (
                asyncio.timeout(WEBHOOK_SECONDS),
                httpx.AsyncClient(
                    transport=transport, trust_env=False, follow_redirects=False, timeout=WEBHOOK_SECONDS
                ) as client,
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
