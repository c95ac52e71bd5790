"""Passwords for sudo, typed by a person for a card: in memory, for fifteen minutes, and never tried twice.

A typed password goes to one node first; the others wait for its verdict. Refused once, it goes to nobody any more:
an account on fifty machines is not locked by one slip of a finger. It is asked for when a card is confirmed and used
for the nodes of confirmed cards alone: no probe and no reconnect asks here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aen_tui.model.clock import Clock
from aen_tui.model.node import NodeName
from aen_tui.model.secret import Secret
from aen_tui.model.text import visible_line
from aen_tui.transports.credentials import Prompter

KEPT_SECONDS = 15 * 60.0
REFUSALS = 3
"""So many wrong ones in `KEPT_SECONDS` lock an account at many places (pam_faillock, pam_tally2)."""
LASTS_SECONDS = 60.0
"""One that would be forgotten within this time is asked for anew, before a command that may begin after it."""
ANSWER_SECONDS = 5 * 60.0
"""As long as sudo itself waits (sudoers(5), `passwd_timeout`): a roll holds its lease meanwhile."""


@dataclass(slots=True)
class _Account:
    """A login user: the password is taken to be the same on all nodes until one says otherwise."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    secret: Secret | None = None
    typed_at: float = 0.0
    is_proven: bool = False
    refused_by: NodeName | None = None
    """The node that refused the last one; None after another was typed."""
    refusals: list[float] = field(default_factory=list)
    """When, monotonic seconds."""


@dataclass(slots=True)
class Loan:
    """The password while one command runs."""

    secret: Secret | None
    why_not: str = ""
    """Why there is none."""
    was_taken: bool | None = None
    """Sudo's verdict; None where there was none (the link went, or nothing was asked)."""


class SudoSecrets:
    """What was typed in this run.

    Args:
        clock: for the fifteen minutes.
        prompter: who asks a person; None where nobody is there.
    """

    def __init__(self, clock: Clock, prompter: Prompter | None) -> None:
        self._clock = clock
        self._prompter = prompter
        self._accounts: dict[str, _Account] = {}
        self._asking = asyncio.Lock()

    async def ask(self, login: str, nodes: Sequence[NodeName]) -> str | None:
        """Ask for a login user's password, unless it was typed a short while ago; for `ANSWER_SECONDS` at most.

        Args:
            login: whose.
            nodes: where it will be used.

        Returns:
            Why there is none; None where there is one.
        """
        async with self._asking:
            account = self._accounts.setdefault(login, _Account())
            if self.has(login):
                return None
            now = self._clock.monotonic()
            account.refusals = [at for at in account.refusals if now - at < KEPT_SECONDS]
            name = visible_line(login, 80)
            if len(account.refusals) >= REFUSALS:
                return f"sudo: {len(account.refusals)} passwords of {name} were wrong: not asked again for a while"
            if self._prompter is None:
                return f"sudo asks for the password of {name}, and there is nobody to ask"
            where = str(nodes[0]) if len(nodes) == 1 else f"{len(nodes)} nodes"
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    typed = await self._prompter.ask(where, f"sudo asks for the password of {name}", secret=True)
            except TimeoutError:
                return f"sudo asks for the password of {name}: nobody answered within {ANSWER_SECONDS / 60:g} min"
            if not typed:
                return f"sudo asks for the password of {name}: none was given"
            account.secret, account.typed_at = typed, self._clock.monotonic()
            account.is_proven, account.refused_by = False, None
            asyncio.get_running_loop().call_later(KEPT_SECONDS, self._live, account)
            return None

    def has(self, login: str) -> bool:
        """Whether a login user's password is here, and stays for a while."""
        account = self._accounts.get(login)
        if account is None or self._live(account) is None:
            return False
        return self._clock.monotonic() - account.typed_at < KEPT_SECONDS - LASTS_SECONDS

    @asynccontextmanager
    async def lent(self, login: str, node: NodeName) -> AsyncIterator[Loan]:
        """The password for one command; whoever has it says what sudo said. Waits while another node tries it first."""
        account = self._accounts.setdefault(login, _Account())
        leads = False
        if not account.is_proven:
            await account.turn.acquire()
            leads = not account.is_proven
            if not leads:
                account.turn.release()
        loan = Loan(self._live(account), self._why_not(login, account, node))
        try:
            yield loan
        finally:
            if loan.was_taken:
                account.is_proven = True
            elif loan.was_taken is False:
                account.secret, account.is_proven, account.refused_by = None, False, node
                account.refusals.append(self._clock.monotonic())
            if leads:
                account.turn.release()

    def _live(self, account: _Account) -> Secret | None:
        """The password, where it is not too old; what is too old is forgotten."""
        if account.secret is not None and self._clock.monotonic() - account.typed_at >= KEPT_SECONDS:
            account.secret, account.is_proven = None, False
        return account.secret

    def _why_not(self, login: str, account: _Account, node: NodeName) -> str:
        if account.secret is not None:
            return ""
        name = visible_line(login, 80)
        if account.refused_by == node:
            return f"sudo did not take the password of {name}: one attempt was made"
        if account.refused_by is not None:
            return f"sudo: the password of {name} was refused on {account.refused_by}: it is not tried elsewhere"
        return f"sudo asks for the password of {name}: it was forgotten, or never given"
