"""What a mongod is asked, in which order, on which connection; blocking, in one thread.

Two connections. The first asks only what every mongod answers at once, behind its own fsyncLock too: isMaster, ping,
operations in progress. The second asks what takes a lock, and is not used where the first has seen that it would wait
(tried: under fsyncLock with a waiting writer serverStatus and listDatabases hang, ping and `$cmd.sys.inprog` do not).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from aen_tui.errors import StoreAnswerError, StoreClosedError, StoreDeniedError, StoreError, StoreSilentError
from aen_tui.model.clock import Clock
from aen_tui.model.reading import Reading
from aen_tui.model.stores import (
    MongoCollection,
    MongoContents,
    MongoDatabase,
    MongoFigures,
    MongoHello,
    MongoLocks,
    MongoMember,
    MongoOptions,
    MongoServer,
)
from aen_tui.sources import mongodb_contents, mongodb_locks, mongodb_server
from aen_tui.transports.mongo import MongoConnection, MongoLogin

FIRST_SECONDS = 3.0
"""What is answered behind a lock too is answered at once."""
FIGURES_SECONDS = 8.0
CONTENTS_SECONDS = 20.0
"""Then no further collection is counted: each has its own deadline, and there may be many."""
COLLECTIONS_AT_MOST = 500
DATABASES_AT_MOST = 100
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MongoLook:
    """What one look found."""

    figures: MongoFigures
    latency_ms: float
    needs_login: bool
    answered_at: float


class MongoQuestions:
    """The two connections to one mongod.

    Args:
        path: the unix socket that leads to it.
        login: None where it is asked without.
        clock: for ages and rates.
    """

    def __init__(self, path: str, login: MongoLogin | None, clock: Clock) -> None:
        self._path = path
        self._login = login
        self._clock = clock
        self._first: MongoConnection | None = None
        self._second: MongoConnection | None = None
        self._build: str | None = None
        self._refused: str | None = None
        self._denied: str | None = None
        self._late: str | None = None
        self._hangs = False

    def ask(self, before: MongoFigures | None, *, contents: bool) -> MongoLook:
        """Ask everything, what comes with a lock last.

        Args:
            before: the figures of the look before.
            contents: databases and collections too.

        Raises:
            StoreError: not even isMaster and ping were answered.
        """
        started = self._clock.monotonic()
        self._hangs, self._denied, self._late = False, None, None
        hello = self._hello()
        latency = (self._clock.monotonic() - started) * 1000
        answered_at = self._clock.monotonic()
        before = before or MongoFigures(hello)
        assert self._first is not None
        if self._first.is_too_new:
            error = f"not asked further: wire version {hello.wire_version} is far newer than 2.6"
            return MongoLook(replace(before, hello=hello, server=Reading(error=error)), latency, False, answered_at)
        locks = self._read(before.locks, self._locks)
        why_not = self._why_not(locks)
        if why_not is not None:
            server, contents_read = replace(before.server, error=why_not), before.contents
            found = replace(before, hello=hello, locks=locks, server=server, contents=contents_read)
        else:
            found = self._figures(replace(before, hello=hello, locks=locks), contents=contents)
        return MongoLook(replace(found, hangs=self._hangs), latency, self._denied is not None, answered_at)

    def _hello(self) -> MongoHello:
        """The greeting and ping, on a connection that may have been lost meanwhile."""
        if self._first is not None and not self._first.is_too_new:
            try:
                self._first.command("admin", "ping")
                return self._known(self._first)
            except (StoreClosedError, StoreSilentError) as error:
                self._drop_first()
                if isinstance(error, StoreSilentError):
                    raise
        self._drop_first()
        connection = MongoConnection(self._path, FIRST_SECONDS, self._login)
        self._first = connection  # already here, so that it can be cut
        try:
            connection.open()
        except StoreError:
            self._first = None
            connection.close()
            raise
        self._build = self._refused = None
        return self._known(connection)

    def _known(self, connection: MongoConnection) -> MongoHello:
        if connection.is_too_new:
            return mongodb_server.hello(connection.hello, None)
        answer = connection.command("admin", "ismaster")
        if self._build is None:
            try:
                build = connection.command("admin", "buildInfo")
            except (StoreDeniedError, StoreAnswerError):
                build = {}
            self._build = mongodb_server.hello(answer, build).version
        return replace(mongodb_server.hello(answer, None), version=self._build)

    def _locks(self) -> MongoLocks:
        assert self._first is not None
        try:
            self._prove(self._first)
            return mongodb_locks.decode(self._first.in_progress())
        except StoreDeniedError as error:
            self._denied = error.message
            raise
        except (StoreSilentError, StoreClosedError) as error:
            self._hangs = isinstance(error, StoreSilentError)
            self._drop_first()
            raise

    def _prove(self, connection: MongoConnection) -> None:
        """Log in. A wrong password is not sent again and again; what a user may do is another matter."""
        if self._refused is not None:
            raise StoreDeniedError(self._refused)
        try:
            connection.prove()
        except StoreDeniedError as error:
            self._refused = error.message
            raise

    def _why_not(self, locks: Reading[MongoLocks]) -> str | None:
        """Why what takes a lock is not asked."""
        if self._denied is not None:
            return self._denied
        if locks.error is not None:
            return f"not asked: {locks.error}"
        if locks.value is not None and locks.value.is_fsync_locked:
            return "not asked: it is locked by fsyncLock"
        if locks.value is not None and locks.value.is_stuck:
            return "not asked: it would wait for a lock"
        return None

    def _figures(self, before: MongoFigures, *, contents: bool) -> MongoFigures:
        if self._late is not None:
            return replace(before, server=replace(before.server, error=self._late))
        try:
            if self._second is None:
                self._second = MongoConnection(self._path, FIGURES_SECONDS, self._login)
                self._second.open()
                self._prove(self._second)
        except StoreError as error:
            self._drop_second()
            self._hangs = isinstance(error, StoreSilentError)
            if isinstance(error, StoreDeniedError):
                self._denied = error.message
            return replace(before, server=replace(before.server, error=self._late or error.message))
        server = self._read(before.server, lambda: self._server(before))
        found = replace(before, server=server)
        if self._second is not None and (found.options is None or _is_another(before.server.value, server.value)):
            found = replace(found, options=self._read(Reading(), self._options).value)
        if contents and self._second is not None:
            found = replace(found, contents=self._read(before.contents, self._contents))
        return found

    def _server(self, before: MongoFigures) -> MongoServer:
        assert self._second is not None
        status = self._second.command("admin", "serverStatus")
        seconds = None if before.server.seen_at is None else self._clock.monotonic() - before.server.seen_at
        members: tuple[MongoMember, ...] = ()
        if before.hello.set_name is not None:
            try:
                members = mongodb_server.members(self._second.command("admin", "replSetGetStatus"))
            except (StoreAnswerError, StoreDeniedError):
                members = ()
        return mongodb_server.server(status, before.server.value, seconds, members)

    def _options(self) -> MongoOptions:
        assert self._second is not None
        return mongodb_server.options(self._second.command("admin", "getCmdLineOpts"))

    def _contents(self) -> MongoContents:
        assert self._second is not None
        second = self._second
        databases: list[MongoDatabase] = []
        collections: list[MongoCollection] = []
        left_out, until = 0, self._clock.monotonic() + CONTENTS_SECONDS
        names = mongodb_contents.names(second.command("admin", "listDatabases"))
        for name in names[:DATABASES_AT_MOST]:
            if self._clock.monotonic() >= until:
                break
            databases.append(mongodb_contents.database(second.command(name, "dbStats")))
            inside = mongodb_contents.collection_names(list(second.namespaces(name)), name)
            counted = len(collections)
            for one in inside:
                if len(collections) == COLLECTIONS_AT_MOST or self._clock.monotonic() >= until:
                    break
                with suppress(StoreAnswerError, StoreDeniedError):
                    collections.append(mongodb_contents.collection(name, second.command(name, "collStats", one)))
            left_out += len(inside) - (len(collections) - counted)
        return MongoContents(tuple(databases), tuple(collections), left_out, len(names) - len(databases))

    def _read(self, before: Reading[T], ask: Callable[[], T]) -> Reading[T]:
        """The answer with its moment; where there is none, what was known before and why."""
        try:
            return Reading(ask(), self._clock.monotonic())
        except (StoreSilentError, StoreClosedError) as error:
            self._drop_second()
            return replace(before, error=self._late or error.message)
        except StoreError as error:
            return replace(before, error=error.message)

    def _drop_first(self) -> None:
        if self._first is not None:
            self._first.close()
            self._first = None

    def _drop_second(self) -> None:
        if self._second is not None:
            self._second.close()
            self._second = None

    def close(self) -> None:
        """Be done with it."""
        self._drop_first()
        self._drop_second()

    def cut(self, late: str | None = None) -> None:
        """End what is waited for, from any thread.

        Args:
            late: why, where what was answered until then is still wanted.
        """
        self._late = late
        for connection in (self._first, self._second):
            if connection is not None:
                connection.cut()


def _is_another(before: MongoServer | None, server: MongoServer | None) -> bool:
    """Whether mongod was started between two looks, so that its options may be others."""
    if before is None or server is None:
        return before is not server
    return server.pid != before.pid or (server.uptime_seconds or 0.0) < (before.uptime_seconds or 0.0)
