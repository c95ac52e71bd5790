"""What a login is proved with: keys in OpenSSH's order, then what a person types.

A typed password goes to one node first; the others wait for its verdict. Accepted, it goes to all
who need it. Refused once, it goes to nobody any more, until somebody asks for another try: an
account on fifty machines is not locked by one slip of a finger. Codes of a second factor are asked
for each login. Nothing typed is stored or logged; it lives in `model.secret.Secret`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

import asyncssh

from aen_tui.model.secret import Secret
from aen_tui.model.text import visible_line
from aen_tui.transports.host_config import HostConfig
from aen_tui.transports.identities import EncryptedKeyPair, Identities, Identity, read_certificates

_PASSWORD_PROMPT = re.compile(r"pass ?word|kennwort|mot de passe|contrase", re.IGNORECASE)
_PROMPT_LIMIT = 400


class Prompter(Protocol):
    """Whoever can ask a person."""

    async def ask(self, node: str, text: str, *, secret: bool = True) -> Secret | None:
        """Ask for one line.

        Args:
            node: the node that wants it.
            text: what it wants, sanitised.
            secret: whether it must not be echoed.

        Returns:
            What was typed; None where nobody is there or the person would not.
        """
        ...


class _Verdict(Enum):
    UNTRIED = auto()
    PROVEN = auto()
    REFUSED = auto()
    """A host said no, or nobody typed anything."""


@dataclass(slots=True)
class _Account:
    """A login user: its password is taken to be the same on all nodes until one says otherwise."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    verdict: _Verdict = _Verdict.UNTRIED
    password: Secret | None = None


class Credentials:
    """Keys and typed secrets of one run.

    Args:
        prompter: who asks a person; None where nobody is there.
    """

    def __init__(self, prompter: Prompter | None) -> None:
        self.identities = Identities()
        self._prompter = prompter
        self._accounts: dict[str, _Account] = {}
        self._asking = asyncio.Lock()

    def login(self, node: str, config: HostConfig, hold: Callable[[bool], None]) -> Login:
        """The proofs for one connection.

        Args:
            node: the node's name, for the question.
            config: the host's settings.
            hold: called with True when a person is asked or waited for, with False when that is over.
        """
        return Login(self, node, config, hold)

    def account(self, user: str) -> _Account:
        """What is known of a login user's password."""
        return self._accounts.setdefault(user, _Account())

    def forget_refusals(self) -> None:
        """Somebody wants another try: ask again where a secret was refused or not given."""
        self.identities.forget_refusals()
        for account in self._accounts.values():
            if account.verdict is _Verdict.REFUSED:
                account.verdict, account.password = _Verdict.UNTRIED, None

    @property
    def can_ask(self) -> bool:
        """Whether there is anybody to ask."""
        return self._prompter is not None

    async def ask(self, node: str, text: str, *, secret: bool = True) -> Secret | None:
        """Ask a person, one question at a time over all connections."""
        if self._prompter is None:
            return None
        async with self._asking:
            return await self._prompter.ask(node, visible_line(text, _PROMPT_LIMIT), secret=secret)


class Login:
    """The proofs of one connection; made by `Credentials.login`, ended by `finished`."""

    def __init__(self, owner: Credentials, node: str, config: HostConfig, hold: Callable[[bool], None]) -> None:
        self._owner = owner
        self._node = node
        self._config = config
        self._hold = hold
        self._account = owner.account(config.user)
        self._leads = False
        self._sent = False
        self._answered: set[str] = set()
        self._batches: list[Callable[[], Awaitable[list[asyncssh.SSHKeyPair]]]] = [self._keys]
        self.notes: list[str] = []
        """Key files that are not used, and why."""

    async def next_keys(self) -> Sequence[asyncssh.SSHKeyPair] | None:
        """The next keys to offer; None where there are no more."""
        while self._batches:
            if keys := await self._batches.pop(0)():
                return keys
        return None

    async def _keys(self) -> list[asyncssh.SSHKeyPair]:
        """As OpenSSH: named keys that the agent holds, its other keys, then the files."""
        config = self._config
        files = await self._owner.identities.files(config)
        agent = await self._owner.identities.agent_keys(config.identity_agent)
        named = {identity.public.public_data: identity for identity in files if identity.public}
        pairs = [pair for data in named for pair in agent if pair.key_public_data == data]
        if not config.identities_only:
            pairs += [pair for pair in agent if pair not in pairs]
        held = {pair.key_public_data for pair in pairs}
        certificates = await asyncio.to_thread(read_certificates, config.certificate_files)
        if config.identity_files_named:
            found = {identity.path for identity in files}
            self.notes += [f"{path}: there is no such key" for path in config.identity_files if path not in found]
        for identity in files:
            if identity.note:
                self.notes.append(identity.note)
            elif identity.public is None:
                self._batches.append(lambda identity=identity: self._typed(identity))  # type: ignore[misc]
            elif identity.public.public_data not in held:
                pairs += self._pairs(identity, identity.public, certificates)
        return pairs

    def _pairs(
        self, identity: Identity, public: asyncssh.SSHKey, certificates: Sequence[asyncssh.SSHCertificate]
    ) -> list[asyncssh.SSHKeyPair]:
        fitting = [c for c in (*certificates, *identity.certificates) if c.key == public]
        if identity.key:
            key = identity.key
            return list(asyncssh.load_keypairs([*((key, c) for c in fitting), key]))
        if not identity.encrypted:
            return []
        if self._config.batch or not self._owner.can_ask:
            self.notes.append(f"{identity.path}: encrypted, and nobody is here to give its passphrase")
            return []
        return [EncryptedKeyPair(public, c, lambda: self._unlock(identity)) for c in (*fitting, None)]

    async def _typed(self, identity: Identity) -> list[asyncssh.SSHKeyPair]:
        """An encrypted key in an old format: not even its public half can be read without the passphrase."""
        if self._config.batch or not self._owner.can_ask:
            return []
        key = await self._unlock(identity)
        return list(asyncssh.load_keypairs([key])) if key else []

    async def _unlock(self, identity: Identity) -> asyncssh.SSHKey | None:
        self._hold(True)
        try:
            return await self._owner.identities.unlock(identity, self._ask_passphrase)
        finally:
            self._hold(False)

    async def _ask_passphrase(self, path: Path) -> Secret | None:
        return await self._owner.ask(self._node, f"Passphrase for the key {path}")

    async def may_type(self) -> bool:
        """Whether this login may use what a person types; waits while another login tries it first."""
        if self._config.batch or not self._owner.can_ask:
            return False
        account = self._account
        if account.verdict is _Verdict.UNTRIED and not self._leads:
            self._hold(True)
            try:
                await account.turn.acquire()
            finally:
                self._hold(False)
            if account.verdict is _Verdict.UNTRIED:
                self._leads = True
            else:
                account.turn.release()
        return account.verdict is not _Verdict.REFUSED

    async def password(self) -> str | None:
        """The account's password, for this host to judge; at most once a connection."""
        if self._sent or not await self.may_type():
            return None
        account = self._account
        if account.password is None:
            text = f"Password for {self._config.user}@{self._config.host}"
            account.password = await self._ask(text, secret=True)
            if account.password is None:
                account.verdict = _Verdict.REFUSED
                return None
        self._sent = True
        return account.password.reveal()

    async def answers(self, instructions: str, prompts: Sequence[tuple[str, bool]]) -> list[str] | None:
        """Answers to a keyboard-interactive challenge; None to give up.

        Args:
            instructions: the server's words before its questions.
            prompts: (question, whether the answer may be echoed).
        """
        given: list[str] = []
        for text, echo in prompts:
            if text in self._answered:
                return None
            self._answered.add(text)
            if not echo and _PASSWORD_PROMPT.search(text):
                answer = await self.password()
            else:
                typed = await self._ask(f"{instructions} {text}".strip(), secret=not echo)
                self._sent = self._sent or typed is not None
                answer = typed.reveal() if typed else None
            if answer is None:
                return None
            given.append(answer)
        return given

    async def _ask(self, text: str, *, secret: bool) -> Secret | None:
        self._hold(True)
        try:
            return await self._owner.ask(self._node, text, secret=secret)
        finally:
            self._hold(False)

    def finished(self, *, accepted: bool) -> None:
        """The verdict: logged in, or not. A connection that went before the verdict counts as a no."""
        account = self._account
        if self._sent and not accepted:
            account.verdict, account.password = _Verdict.REFUSED, None
        elif self._leads and accepted and account.password is not None:
            account.verdict = _Verdict.PROVEN
        if self._leads:
            self._leads = False
            account.turn.release()
