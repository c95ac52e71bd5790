"""Stands in for a MongoDB from 3.0 on that wants SCRAM-SHA-1: the server's side of RFC 5802, and two users' commands.

It keeps what a server keeps, never a password: salt, iterations, StoredKey and ServerKey.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import warnings
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any

from tests.support.mock_mongo import HELLO_26, WELL, name_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import bson

DENIED = {"ok": 0, "errmsg": "Authentication failed.", "code": 18}
UNAUTHORISED = {"ok": 0, "errmsg": "not authorized on admin to execute command", "code": 13}
FREE = ("ismaster", "ping", "buildInfo", "buildinfo", "saslStart", "saslContinue")
"""What is answered without a login."""


class RefusedError(Exception):
    """The client did not prove that it knows the password."""


@dataclass(frozen=True)
class Credential:
    """What a server knows of a user (RFC 5802, 3)."""

    salt: bytes
    iterations: int
    stored_key: bytes
    server_key: bytes

    @classmethod
    def of(cls, password: bytes, salt: bytes | None = None, iterations: int = 10_000) -> Credential:
        """Made when the user is; `password` is already what MongoDB takes for one (`digest`)."""
        salt = salt or os.urandom(16)
        salted = hashlib.pbkdf2_hmac("sha1", password, salt, iterations)
        client_key = hmac.digest(salted, b"Client Key", "sha1")
        server_key = hmac.digest(salted, b"Server Key", "sha1")
        return cls(salt, iterations, hashlib.sha1(client_key).digest(), server_key)


def digest(user: str, password: str) -> bytes:
    """What MongoDB puts in the place of a password: a hash in hexadecimal digits."""
    return hashlib.md5(f"{user}:mongo:{password}".encode()).hexdigest().encode()


@dataclass
class Conversation:
    """One login, the server's side (RFC 5802, 5); no channel binding."""

    credential: Credential
    nonce: bytes = field(default_factory=lambda: b64encode(os.urandom(24)))
    """The server's part."""
    _bare: bytes = b""
    _first: bytes = b""

    def first(self, message: bytes) -> bytes:
        """The answer to client-first-message."""
        header, _, self._bare = message.partition(b",,")
        if header != b"n":
            raise RefusedError("channel binding is not known here")
        self.nonce = _attributes(self._bare)[b"r"] + self.nonce
        one = self.credential
        self._first = b"r=%s,s=%s,i=%d" % (self.nonce, b64encode(one.salt), one.iterations)
        return self._first

    def final(self, message: bytes) -> bytes:
        """The answer to client-final-message.

        Raises:
            RefusedError: another nonce or channel, or no proof.
        """
        without_proof, _, _ = message.rpartition(b",p=")
        said = _attributes(message)
        if said[b"c"] != b64encode(b"n,,") or said[b"r"] != self.nonce:
            raise RefusedError("another conversation")
        text = b",".join((self._bare, self._first, without_proof))
        signature = hmac.digest(self.credential.stored_key, text, "sha1")
        client_key = bytes(one ^ other for one, other in zip(b64decode(said[b"p"]), signature, strict=True))
        if not hmac.compare_digest(hashlib.sha1(client_key).digest(), self.credential.stored_key):
            raise RefusedError("no proof")
        return b"v=" + b64encode(hmac.digest(self.credential.server_key, text, "sha1"))


def _attributes(message: bytes) -> dict[bytes, bytes]:
    return {part[:1]: part[2:] for part in message.split(b",")}


class ScramMongo:
    """A server's answers, for `mock_mongo.mock`; it tells nothing to a connection that has not logged in.

    Args:
        credentials: of each user, by (database, name).
        wire_version: 3 is MongoDB 3.0, 7 is 4.0.
    """

    def __init__(self, credentials: dict[tuple[str, str], Credential], wire_version: int = 3) -> None:
        self._credentials = credentials
        self._wire = wire_version
        self._running: dict[int, Conversation] = {}
        self._shown: set[int] = set()
        """Connections whose client has shown its proof and not yet heard that it is done."""
        self.proved: set[int] = set()
        """Connections that are logged in, by the client's port."""
        self.refused = 0
        """Logins."""
        self.heard = b""
        """All documents that it was sent, as they came."""
        version = {3: "3.0.15", 7: "4.0.28"}[wire_version]
        self._answers = {
            **WELL,
            "buildInfo": {"version": version, "ok": 1},
            "currentOp": {"inprog": [], "ok": 1},
        }

    @property
    def answers(self) -> dict[str, Any]:
        """By command."""
        return dict.fromkeys((*self._answers, *FREE), self._answer)

    def _answer(self, request: Any) -> None:
        name, port = name_of(request), request.client_port
        self.heard += bson.encode(request.doc)
        if name not in FREE and port not in self.proved:
            request.replies({"err": "unauthorized"} if name == "inprog" else UNAUTHORISED)
        elif name == "ismaster":
            known = {"saslSupportedMechs": ["SCRAM-SHA-1"]} if "saslSupportedMechs" in request.doc else {}
            request.replies({**HELLO_26, "maxWireVersion": self._wire, **known})
        elif name in ("saslStart", "saslContinue"):
            request.replies(self._said(name, port, request))
        else:
            request.replies(self._answers[name])

    def _said(self, name: str, port: int, request: Any) -> dict[str, Any]:
        try:
            step = self._start if name == "saslStart" else self._continue
            payload = step(port, request)
        except (RefusedError, LookupError, ValueError):
            self._running.pop(port, None)
            self.refused += 1
            return DENIED
        is_done = port in self.proved
        return {"conversationId": 1, "done": is_done, "payload": bson.Binary(payload), "ok": 1}

    def _start(self, port: int, request: Any) -> bytes:
        if request.doc["mechanism"] != "SCRAM-SHA-1":
            raise RefusedError("another mechanism")
        message = bytes(request.doc["payload"])
        name = _attributes(message.partition(b",,")[2])[b"n"].replace(b"=2C", b",").replace(b"=3D", b"=").decode()
        database = request.namespace.partition(".")[0]
        conversation = Conversation(self._credentials[database, name])
        answer = conversation.first(message)
        self._running[port] = conversation
        return answer

    def _continue(self, port: int, request: Any) -> bytes:
        if port in self._shown and request.doc["payload"] == b"":  # 3.0's last exchange, which is empty
            self.proved.add(port)
            return b""
        answer = self._running.pop(port).final(bytes(request.doc["payload"]))
        self._shown.add(port)
        return answer
