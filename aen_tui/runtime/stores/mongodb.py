"""Asks a mongod through its node's connection: the questions run in one thread, however long it hangs."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from aen_tui.errors import (
    AenError,
    ForwardError,
    StoreAnswerError,
    StoreClosedError,
    StoreDeniedError,
    StoreError,
    StoreSilentError,
    TransportError,
)
from aen_tui.model.age import age_text
from aen_tui.model.clock import Clock
from aen_tui.model.facts import StoreState
from aen_tui.model.inventory import MongoTarget
from aen_tui.model.node import NodeSpec
from aen_tui.model.severity import Severity
from aen_tui.model.stores import MIB, MongoFigures, MongoHello
from aen_tui.runtime.stores.last_words import last_start
from aen_tui.runtime.stores.mongo_questions import MongoLook, MongoQuestions
from aen_tui.runtime.stores.password import PasswordSource
from aen_tui.state.series import SeriesStore
from aen_tui.transports import Link
from aen_tui.transports.credentials import Prompter
from aen_tui.transports.mongo import MongoLogin
from aen_tui.transports.reaching import reach

LOOK_SECONDS = 60.0
"""Then what is still asked is cut: each answer has its own deadline, and there may be many."""
CUT_SECONDS = 10.0
"""What was answered until then is there soon after; only an answer's own deadline may still be waited for."""
LAST_WORDS_SECONDS = 60.0


class MongoAsker:
    """Looks at one mongod, again and again.

    Args:
        spec: the node that carries it, or leads to it.
        target: where it listens, as seen from there.
    """

    def __init__(self, spec: NodeSpec, target: MongoTarget, clock: Clock, prompter: Prompter | None) -> None:
        self.address = f"{target.host}:{target.port}"
        self._spec = spec
        self._target = target
        self._clock = clock
        self._passwords = PasswordSource(target, spec.name, prompter)
        self._executor: ThreadPoolExecutor | None = None
        self._questions: MongoQuestions | None = None
        self._link: Link | None = None
        self._words_at: float | None = None
        self._is_again = False
        self._is_denied = False

    async def look(self, link: Link, before: StoreState, *, contents: bool) -> StoreState:
        """One look; what it found, whatever that is."""
        now = self._clock.monotonic()
        state = replace(before, asked_on=self._spec.name, address=self.address, is_pending=False)
        try:
            questions = await self._way(link)
            found = await self._in_thread(partial(questions.ask, _figures(before), contents=contents))
        except StoreDeniedError as error:
            self._is_denied, self._words_at = True, None
            return replace(
                state, state="unknown", error=error.message, severity=Severity.UNKNOWN, needs_login=True, seen_at=now
            )
        except (StoreError, TransportError) as error:
            return await self._not_answered(link, state, error)
        return self._answered(state, found)

    async def _way(self, link: Link) -> MongoQuestions:
        """The connections, made anew where the link is another."""
        if self._is_again:
            self._passwords.ask_again()
            self.lost()
            self._is_again = False
        if self._questions is None or link is not self._link:
            self.lost()
            login: MongoLogin | None = await self._passwords.login()
            path = await link.open_unix_forward(self._target.host, self._target.port)
            self._questions, self._link = MongoQuestions(path, login, self._clock), link
        return self._questions

    async def _in_thread(self, ask: partial[MongoLook]) -> MongoLook:
        """Run the questions; however this ends, they end soon, and the next wait until they have.

        Raises:
            StoreError: there was not even a greeting.
        """
        if self._executor is None:
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="mongod")
        work: Future[MongoLook] = self._executor.submit(ask)
        questions = self._questions
        assert questions is not None
        found, late = asyncio.wrap_future(work), f"its answers took more than {LOOK_SECONDS:g} s"
        try:
            if (await asyncio.wait({found}, timeout=LOOK_SECONDS))[1]:
                questions.cut(late)
                await asyncio.wait({found}, timeout=CUT_SECONDS)
                if not found.done() or isinstance(found.exception(), StoreClosedError):
                    raise StoreSilentError(late)
            return found.result()
        finally:
            if not found.done():
                questions.cut()
                found.cancel()

    def _answered(self, state: StoreState, found: MongoLook) -> StoreState:
        figures = found.figures
        self._is_denied, self._words_at = found.needs_login, None  # the next end has words of its own
        error = figures.server.error or figures.locks.error
        return replace(
            state,
            state="up",
            version=figures.hello.version,
            error=error,
            severity=Severity.UNKNOWN if error else Severity.OK,
            seen_at=found.answered_at,
            answered_at=found.answered_at,
            latency_ms=round(found.latency_ms, 1),
            figures=figures,
            last_words=None,
            needs_login=found.needs_login,
        )

    async def _not_answered(self, link: Link, state: StoreState, error: AenError) -> StoreState:
        """Down, with the reason: nothing listens, it hangs, it is none; or the way to it is closed."""
        now = self._clock.monotonic()
        word, why = "down", error.message
        if isinstance(error, StoreClosedError):
            try:
                await reach(link, self._target.host, self._target.port)
                why = "it takes connections and closes them at once"
            except ForwardError as refusal:
                word, why = "unknown", refusal.whole
            except TransportError as refusal:
                why = refusal.message
        elif isinstance(error, StoreSilentError):
            ago = f"; the last was {age_text(now - state.answered_at)} ago" if state.answered_at is not None else ""
            why = f"it takes connections and hangs: {error.message}{ago}"
        elif isinstance(error, TransportError):
            word = "unknown"
        elif isinstance(error, StoreAnswerError):
            why = f"something else answers on {self.address}: {error.message}"
        severity = Severity.CRITICAL if word == "down" else Severity.UNKNOWN
        state = replace(state, state=word, error=why, severity=severity, seen_at=now, needs_login=False)
        return await self._with_last_words(link, state, now) if word == "down" else state

    async def _with_last_words(self, link: Link, state: StoreState, now: float) -> StoreState:
        if self._words_at is not None and now - self._words_at < LAST_WORDS_SECONDS:
            return state
        self._words_at = now
        figures = _figures(state) or MongoFigures(MongoHello("unknown"))
        start = await last_start(link, self._spec, figures.options)
        return replace(
            state, last_words=start.reason, figures=replace(figures, options=start.options or figures.options)
        )

    def record(self, state: StoreState, series: SeriesStore) -> None:
        """What the charts show."""
        figures = _figures(state)
        if figures is None or figures.server.error is not None or figures.server.value is None:
            return
        server, at = figures.server.value, figures.server.seen_at or 0.0
        values: dict[str, Any] = {
            "mongo_ops": sum(server.ops_per_second.values()) if server.ops_per_second else None,
            "mongo_connections": server.connections,
            "mongo_memory_mib": server.resident_bytes / MIB if server.resident_bytes is not None else None,
            "mongo_locked": server.locked_percent,
        }
        for name, value in values.items():
            if value is not None:
                series.of(self._spec.name, name).add(at, float(value))

    def ask_again(self) -> None:
        """Somebody wants another try, with another password too."""
        self._words_at = None
        self._is_again = self._is_denied

    def lost(self) -> None:
        """The link is another: what was open on it is closed."""
        if self._questions is not None:
            self._questions.cut()
            if self._executor is not None:
                self._executor.submit(self._questions.close)  # after what still uses it
            self._questions = None
        self._link = None

    async def close(self) -> None:
        """Be done with it; nothing is waited for."""
        self.lost()
        if self._executor is not None:
            self._executor.shutdown(wait=False)


def _figures(state: StoreState) -> MongoFigures | None:
    return state.figures if isinstance(state.figures, MongoFigures) else None
