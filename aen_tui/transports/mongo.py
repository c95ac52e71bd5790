"""One connection to a mongod, through a unix socket; blocking, for a thread.

pymongo 3.13 (the last release that speaks to 2.6) brings BSON, the wire format and the logins; its MongoClient is
not used, because it keeps threads and a further connection of its own, asks every ten seconds on its own, and each of
these is a channel of the node's one ssh connection. A connection here asks when it is told to, one question at a time,
never follows names of members, and can be cut from another thread.
"""

from __future__ import annotations

import socket
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from aen_tui import __version__
from aen_tui.errors import StoreAnswerError, StoreClosedError, StoreDeniedError, StoreSilentError
from aen_tui.model.secret import Secret
from aen_tui.model.text import visible_line

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # utcfromtimestamp, from Python 3.12 on
    import bson
    from bson.codec_options import CodecOptions
    from bson.errors import BSONError
    from pymongo import auth, errors, message, network
    from pymongo.pool import Pool, PoolOptions, SocketInfo

ANSWER_LIMIT_BYTES = 8 * 1024 * 1024
"""What a server may say at once; decoding it holds the interpreter."""
NAMESPACES_AT_MOST = 3000
_UNAUTHORISED, _WRONG_PASSWORD = 13, 18
_CODEC = CodecOptions(unicode_decode_error_handler="replace", tz_aware=False)
_CURRENT_OP = 4
"""Wire version of the first release (3.2) in which it is a command."""
_NO_OP_QUERY = 14
"""Wire version of the first release (5.1) that does not take OP_QUERY."""


class MongoLogin:
    """Who asks, and where he is known."""

    def __init__(self, user: str, password: Secret, database: str) -> None:
        self.user = user
        self.password = password
        self.database = database


class MongoConnection:
    """An open connection.

    Args:
        path: the unix socket.
        answer_seconds: the deadline of each answer.
        login: proved before the first question that needs it; None where nothing is.
    """

    def __init__(self, path: str, answer_seconds: float, login: MongoLogin | None = None) -> None:
        self._path = path
        self._seconds = answer_seconds
        self._login = login
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._info: Any = None
        self._pool: Any = None
        self._is_known = login is None
        self.hello: Mapping[str, Any] = {}
        """What it said first."""

    def open(self) -> Mapping[str, Any]:
        """Connect and greet; isMaster's answer, which a locked server gives too.

        Raises:
            StoreError: there is no answer, or none that MongoDB would give.
        """
        options = PoolOptions(socket_timeout=self._seconds, appname=f"aen-tui/{__version__}")
        self._pool = Pool((self._path, None), options)
        with self._mapped():
            self._socket.settimeout(self._seconds)
            self._socket.connect(self._path)
            self._info = SocketInfo(self._socket, self._pool, (self._path, None), 1)
            self._info.max_message_size = ANSWER_LIMIT_BYTES
            self._info.max_wire_version = 0
            command = {"ismaster": 1, "client": options.metadata}
            self.hello = self._checked(self._query("admin.$cmd", command, -1))
            self._info.max_wire_version = int(self.hello.get("maxWireVersion") or 0)
        return self.hello

    @property
    def is_too_new(self) -> bool:
        """Whether it takes nothing but the greeting in this form."""
        return bool(self._info.max_wire_version >= _NO_OP_QUERY)

    def command(self, database: str, name: str, value: Any = 1) -> Mapping[str, Any]:
        """Run a command that reads.

        Raises:
            StoreError: no answer, no permission, or an error of the server's.
        """
        with self._mapped():
            return self._checked(self._query(f"{database}.$cmd", {name: value}, -1))

    def in_progress(self) -> Mapping[str, Any]:
        """Operations in progress and the fsync lock; answered behind any lock (2.6 has no command for it).

        Raises:
            StoreError: no answer, or no permission.
        """
        if self._info.max_wire_version >= _CURRENT_OP:
            return self.command("admin", "currentOp")
        with self._mapped():
            found = self._query("admin.$cmd.sys.inprog", {}, -1)
        answer: Mapping[str, Any] = found[0] if found else {}
        if "err" in answer or "$err" in answer:
            raise StoreDeniedError(f"operations in progress: {_said(answer.get('err') or answer.get('$err'))}")
        return answer

    def namespaces(self, database: str) -> Sequence[Mapping[str, Any]]:
        """`system.namespaces`: 2.6 has no listCollections.

        Raises:
            StoreError: no answer, or no permission.
        """
        with self._mapped():
            if self._info.max_wire_version >= 3:
                answer = self._checked(self._query(f"{database}.$cmd", {"listCollections": 1}, -1))
                batch = (answer.get("cursor") or {}).get("firstBatch") or []
                return [{"name": f"{database}.{one.get('name')}"} for one in batch if isinstance(one, Mapping)]
            return self._query(f"{database}.system.namespaces", {}, -NAMESPACES_AT_MOST)

    def prove(self) -> None:
        """Log in, where there is a login and it was not proved yet.

        Raises:
            StoreDeniedError: refused, by the server or of it.
            StoreError: no answer.
        """
        if self._is_known or self._login is None:
            return
        login = self._login
        with self._mapped():
            password = login.password.reveal()
            proof = auth._build_credentials_tuple("DEFAULT", login.database, login.user, password, {}, None)  # noqa: SLF001
            try:
                auth.authenticate(proof, self._info)
            except errors.OperationFailure as error:
                if error.code is None:  # pymongo's own: the server has not proved that it knows the password
                    raise StoreDeniedError(_said(error)) from error
                raise
        self._is_known = True

    def cut(self) -> None:
        """End it from any thread: a question that waits fails at once."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Be done with it."""
        self._socket.close()

    def _query(self, namespace: str, document: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
        slave_ok = 4
        number, data, size = message.query(slave_ok, namespace, 0, count, document, None, _CODEC)
        self._info.send_message(data, size)
        try:
            reply = network.receive_message(self._info, number, ANSWER_LIMIT_BYTES)
        except BaseException:
            self._socket.close()  # an answer that comes late would be taken for that of the next question
            raise
        found: list[dict[str, Any]] = reply.unpack_response(codec_options=_CODEC)
        return found

    def _checked(self, found: list[dict[str, Any]]) -> Mapping[str, Any]:
        answer = found[0] if found else {}
        if answer.get("ok"):
            return answer
        code, text = answer.get("code"), _said(answer.get("errmsg") or answer.get("$err") or "an empty answer")
        if code in (_UNAUTHORISED, _WRONG_PASSWORD) or "unauthorized" in text or "not authorized" in text:
            raise StoreDeniedError(text)
        raise StoreAnswerError(text, code=code if isinstance(code, int) else None)

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        """Errors of pymongo and of the socket, as ours."""
        try:
            yield
        except (errors.NetworkTimeout, TimeoutError) as error:
            raise StoreSilentError(f"no answer within {self._seconds:g} s") from error
        except (errors.ProtocolError, errors.InvalidURI, BSONError, bson.InvalidBSON) as error:
            raise StoreAnswerError(f"that is no MongoDB: {_said(error)}") from error
        except errors.OperationFailure as error:
            if error.code in (_UNAUTHORISED, _WRONG_PASSWORD) or "auth fail" in str(error):
                raise StoreDeniedError(_said(error)) from error
            raise StoreAnswerError(_said(error), code=error.code) from error
        except (errors.AutoReconnect, OSError) as error:
            raise StoreClosedError("the connection was closed") from error
        except (errors.PyMongoError, ValueError, TypeError, KeyError, IndexError) as error:
            # A server that lies breaks pymongo in these ways: fields that are missing or of another type.
            raise StoreAnswerError(f"that is no answer of MongoDB's: {_said(error)}") from error


def _said(error: object) -> str:
    text = str(error).partition(", full error:")[0]
    return visible_line(text or type(error).__name__, 200)
