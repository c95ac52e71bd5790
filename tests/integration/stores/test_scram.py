"""Logins by SCRAM-SHA-1, as MongoDB from 3.0 on wants them: proofs cross the wire, and no password."""

from __future__ import annotations

import logging
from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from tests.integration.stores.conftest import Person
from tests.support import stores
from tests.support.mock_mongo import mock
from tests.support.scram import Conversation, Credential, RefusedError, ScramMongo, digest

USER, PASSWORD = "mönitor=1,x", "öffne dich"
RFC_NONCE = b"fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j"


def rfc_example() -> Conversation:
    """RFC 5802, 5: user `user`, password `pencil`; its first two messages are said."""
    conversation = Conversation(
        Credential.of(b"pencil", b64decode("QSXCR+Q6sek8bf92"), 4096), nonce=b"3rfcNHYJY1ZVvWVs7j"
    )
    first = conversation.first(b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL")
    assert first == b"r=" + RFC_NONCE + b",s=QSXCR+Q6sek8bf92,i=4096"
    return conversation


def test_the_stand_in_speaks_as_the_rfc() -> None:
    final = rfc_example().final(b"c=biws,r=" + RFC_NONCE + b",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")
    assert final == b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="


@pytest.mark.parametrize(
    "message",
    [
        b"c=biws,r=" + RFC_NONCE + b",p=" + b64encode(b"\0" * 20),
        b"c=biws,r=" + RFC_NONCE[:-1] + b"x,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        b"c=eSws,r=" + RFC_NONCE + b",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    ],
    ids=["no proof", "another nonce", "another channel"],
)
def test_the_stand_in_takes_no_other_proof(message: bytes) -> None:
    with pytest.raises(RefusedError):
        rfc_example().final(message)


def server(wire_version: int = 3, credential: Credential | None = None) -> ScramMongo:
    known = credential or Credential.of(digest(USER, PASSWORD))
    return ScramMongo({("admin", USER): known}, wire_version)


def ids(looking: stores.Looking) -> list[str]:
    return [one.check for one in looking.findings() if "mongo" in one.check]


def holds_secret(text: bytes) -> bool:
    """Whether the password can be read in it, or what stands for one."""
    hashed = digest(USER, PASSWORD)
    return any(one in text for one in (PASSWORD.encode(), hashed, bytes.fromhex(hashed.decode()), b64encode(hashed)))


@pytest.mark.parametrize("wire_version", [3, 7])
async def test_a_password_from_a_file_is_proved_on_both_connections(
    wire_version: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    file.chmod(0o600)
    mongo = server(wire_version)
    with caplog.at_level(logging.DEBUG), mock(mongo.answers) as port:
        async with stores.mongo(port, user=USER, password_file=file) as looking:
            state = await looking.look()
    assert (state.state, state.error, state.needs_login) == ("up", None, False)
    assert ids(looking) == ["mongo-version"], "3.0 is not what AEN takes"
    assert (len(mongo.proved), mongo.refused) == (2, 0)
    assert b"saslContinue" in mongo.heard and not holds_secret(mongo.heard)
    assert not holds_secret(f"{caplog.text}{state}".encode())


async def test_a_wrong_password_is_refused_once_and_another_may_be_typed(caplog: pytest.LogCaptureFixture) -> None:
    person, mongo = Person("not this one"), server()
    with caplog.at_level(logging.DEBUG), mock(mongo.answers) as port:
        async with stores.mongo(port, user=USER, prompter=person) as looking:
            for _ in range(3):
                state = await looking.look()
                assert (state.state, state.needs_login, ids(looking)) == ("up", True, ["mongo-login", "mongo-version"])
                assert state.error == "Authentication failed."
            assert (mongo.refused, len(person.asked), mongo.proved) == (1, 1, set())
            assert b"not this one" not in mongo.heard and "not this one" not in caplog.text
            person.text = PASSWORD
            looking.asker.ask_again()
            state = await looking.look()
            assert (state.error, len(person.asked), len(mongo.proved)) == (None, 2, 2)


async def test_a_user_who_is_not_known_is_refused() -> None:
    mongo = server()
    with mock(mongo.answers) as port:
        async with stores.mongo(port, user="nobody", prompter=Person(PASSWORD)) as looking:
            state = await looking.look()
    assert (state.needs_login, state.error, mongo.refused) == (True, "Authentication failed.", 1)


class Impostor(ScramMongo):
    """Takes any proof, and shows none of its own."""

    def _continue(self, port: int, request: object) -> bytes:
        return b"v=" + b64encode(b"\0" * 20)


@pytest.mark.parametrize("kind", ["no proof", "few rounds"])
async def test_a_server_that_does_not_know_the_password_is_shown_one_proof_at_most(kind: str) -> None:
    few = Credential.of(digest(USER, PASSWORD), iterations=1)
    mongo = Impostor({("admin", USER): Credential.of(b"?")}) if kind == "no proof" else server(credential=few)
    with mock(mongo.answers) as port:
        async with stores.mongo(port, user=USER, prompter=Person(PASSWORD)) as looking:
            for _ in range(3):
                state = await looking.look()
                assert state.needs_login and "mongo-login" in ids(looking)
                assert state.error is not None and "invalid" in state.error
    assert mongo.heard.count(b"saslContinue") == (1 if kind == "no proof" else 0)
    assert mongo.heard.count(b"saslStart") == 1
