"""Asks sudo on a plan's nodes what its commands would meet, before anybody confirms it. Nothing is run by it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from aen_tui.actions.preflight import (
    QUESTION,
    Meets,
    SudoLook,
    is_sudo,
    look_of,
    meets,
    question_for,
    wants_password,
    with_sudo,
)
from aen_tui.errors import TransportError
from aen_tui.model.clock import Clock
from aen_tui.model.node import NodeName
from aen_tui.model.plans import Plan
from aen_tui.transports import Link

KEPT_SECONDS = 15 * 60.0
ASK_SECONDS = 8.0
"""A node under load, whose sudo asks a directory for its rules."""
AT_ONCE = 8

_Argv = tuple[str, ...]


@dataclass(slots=True)
class _Known:
    look: SudoLook
    at: float


class SudoPreflight:
    """What is known of sudo on each node; asked when a plan is made, at most once a node and quarter of an hour.

    Args:
        clock: for the ages.
        link_of: the open link to a node, None where it is not up.
    """

    def __init__(self, clock: Clock, link_of: Callable[[NodeName], Link | None]) -> None:
        self._clock = clock
        self._link_of = link_of
        self._looks: dict[NodeName, _Known] = {}
        self._allowed: dict[tuple[NodeName, _Argv], bool] = {}
        self._turns: dict[NodeName, asyncio.Lock] = {}
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def look(self, plan: Plan) -> Plan:
        """The plan with what each of its commands meets at sudo; unchanged where none is run by sudo."""
        wanted: dict[NodeName, dict[_Argv, None]] = {}
        for step in plan.steps:
            for argv in (step.argv, step.proof_argv):
                if is_sudo(argv) and not wants_password(argv):
                    wanted.setdefault(step.target.node, {})[argv] = None
        if not wanted:
            return plan
        async with asyncio.TaskGroup() as group:
            for node, commands in wanted.items():
                group.create_task(self._ask(node, list(commands)))
        looks = {node: self._looks[node].look for node in wanted if node in self._looks}
        logins = {node: link.user for node in wanted if (link := self._link_of(node)) is not None}
        return with_sudo(plan, looks, self._allowed, logins, f"aen-tui-{secrets.token_hex(16)}:")

    def forget(self, node: NodeName) -> None:
        """Something else came of it than was said: ask again for the next plan."""
        self._looks.pop(node, None)
        for key in [key for key in self._allowed if key[0] == node]:
            del self._allowed[key]

    async def _ask(self, node: NodeName, commands: list[_Argv]) -> None:
        link = self._link_of(node)
        if link is None:
            return
        async with self._turns.setdefault(node, asyncio.Lock()), self._at_once:
            known = self._looks.get(node)
            if known is not None and self._clock.monotonic() - known.at >= KEPT_SECONDS:
                self.forget(node)
                known = None
            try:
                if known is None:
                    known = _Known(await self._look(link), self._clock.monotonic())
                    self._looks[node] = known
                for argv in commands:
                    if (node, argv) not in self._allowed and meets(known.look, argv) is None:
                        self._allowed[node, argv] = await self._is_allowed(link, argv, known.look)
            except TransportError as error:
                if node not in self._looks:
                    look = SudoLook(meets=Meets.UNKNOWN, detail=error.message)
                    self._looks[node] = _Known(look, self._clock.monotonic() - KEPT_SECONDS)

    async def _look(self, link: Link) -> SudoLook:
        found = look_of(await link.run(QUESTION, timeout_seconds=ASK_SECONDS))
        if found is None:
            found = look_of(await link.run(QUESTION, timeout_seconds=ASK_SECONDS, pty=True), on_terminal=True)
        assert found is not None
        return found

    async def _is_allowed(self, link: Link, argv: _Argv, look: SudoLook) -> bool:
        result = await link.run(question_for(argv), timeout_seconds=ASK_SECONDS, pty=look.on_terminal)
        return result.exit_status == 0
