"""A second probe under sudo, for what the login user may not see, where the inventory says so (`become`).

One refusal is remembered for the run: every try of sudo that fails is mailed to root. Only logs of the node's
roles and of the inventory are read this way, and /projects never (ops 2, 19).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from aen_tui import __version__
from aen_tui.actions.preflight import SUDO_PATH
from aen_tui.errors import AenError, AuditError
from aen_tui.model.facts import LogPath
from aen_tui.model.node import Become, NodeName, NodeSpec
from aen_tui.runtime.received import Received
from aen_tui.sources import log_files, supervisor_programs
from aen_tui.transports import Link
from aen_tui.transports.payload import probe_sha256
from aen_tui.transports.shipping import ProbeChannel, start_probe

_NEEDS_TTY = "tty"
_USER = "root"
LOOK_AGAIN_SECONDS = 10.0
"""How soon a new denial leads to another probe under sudo; sudo is asked only where something was denied."""


Recorded = Callable[[NodeName, Sequence[str]], AbstractAsyncContextManager[None]]
"""Writes a record before and after: `Guard.read_recorded`."""


class RaisedProbe:
    """At most one a node; started when something was denied, ended with the connection."""

    def __init__(
        self, spec: NodeSpec, received: Received, note: Callable[[str], None], recorded: Recorded | None = None
    ) -> None:
        self._spec = spec
        self._received = received
        self._note = note
        self._recorded = recorded
        self._probe: ProbeChannel | None = None
        self._refused: str | None = None
        self._raw_pty = False
        self._is_held = False
        self._lost = asyncio.Event()
        self._followed: set[int] = set()

    @property
    def is_allowed(self) -> bool:
        """Whether the inventory allows it and sudo has not refused."""
        return self._spec.become.reads and not self._spec.root and self._refused is None

    def wanted(self) -> dict[str, Any] | None:
        """What it would be asked; None where nothing is denied."""
        sections = self._received.sections
        supervisors = sections.denied_supervisors()
        own = self._received.log_kinds
        paths = {number: self._received.paths[number] for number in sections.denied_logs()}
        logs = {number: path for number, path in paths.items() if self._may_read(path, own)}
        # root's own system log is read where there is such a probe anyway; with `auto` it alone starts none
        is_reason = self._spec.become is Become.SUDO or any(own[path] != "system" for path in logs.values())
        if not supervisors and not (logs and is_reason):
            return None
        request = supervisor_programs.request(self._spec)
        asked: list[dict[str, str]] = request["supervisors"]  # type: ignore[assignment]
        return {
            "supervisors": [entry for entry in asked if entry["name"] in supervisors],
            "follow": [
                log_files.follow_request(number, path, self._received.cursors.get(path))
                for number, path in logs.items()
            ],
        }

    def _may_read(self, path: LogPath, own: Mapping[LogPath, str]) -> bool:
        return path in own and not path.startswith(self._spec.projects_root + "/")

    async def run(self, link: Link, config: dict[str, Any], unfollow: Callable[[int], None]) -> None:
        """Run it until it or the connection ends; a refusal is remembered and noted. No record, no start."""
        if self._recorded is None:
            await self._run(link, config, unfollow)
            return
        argv = (SUDO_PATH, "-n", "-u", _USER, "aen-tui-probe", __version__, probe_sha256(), "sudo")
        try:
            async with self._recorded(self._spec.name, argv):
                await self._run(link, config, unfollow)
        except AuditError as error:
            self._note(f"nothing is read under sudo: {error.message}")

    async def _run(self, link: Link, config: dict[str, Any], unfollow: Callable[[int], None]) -> None:
        self._lost.clear()
        while self.is_allowed:
            try:
                self._probe = await start_probe(
                    link,
                    self._spec,
                    lambda kind, payload: self._received.frame(kind, payload, raised=True),
                    lambda _reason: self._lost.set(),
                    config=config,
                    sudo_user=_USER,
                    raw_pty=self._raw_pty,
                )
            except AenError as error:
                if _NEEDS_TTY in error.message and not self._raw_pty:
                    self._raw_pty = True
                    continue
                if not link.is_closed:  # else the link went, and sudo has said nothing
                    self._refuse(error.message)
                return
            break
        else:
            return
        if self._is_held:
            self.hold(True)
        self._followed = {entry["id"] for entry in config["follow"]}
        for entry in config["follow"]:
            unfollow(entry["id"])
        await self._until_lost_or_short()
        self.close()

    async def _until_lost_or_short(self) -> None:
        """Until it is gone, or the login user was denied a file that it does not read yet (a rotation made it 0640)."""
        while not self._lost.is_set():
            try:
                async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                    await self._lost.wait()
            except TimeoutError:
                denied = set(self._received.sections.denied_logs()) - self._followed
                if any(self._may_read(self._received.paths[number], self._received.log_kinds) for number in denied):
                    return

    def given_back(self) -> list[dict[str, Any]]:
        """What the login user's probe follows again when this one has ended: it says the denial, or reads."""
        numbers, self._followed = self._followed, set()
        cursors, paths = self._received.cursors, self._received.paths
        return [
            log_files.follow_request(number, paths[number], cursors.get(paths[number]))
            for number in sorted(numbers & set(paths))
        ]

    def _refuse(self, message: str) -> None:
        self._refused = message
        words = message[message.find("sudo:") :] if "sudo:" in message else f"sudo: {message}"
        self._received.sudo_refusal = words
        self._note(words)

    def heartbeat(self) -> None:
        """Passed on from the node's watch."""
        if self._probe is not None and not self._lost.is_set():
            self._probe.heartbeat()

    def hold(self, paused: bool) -> None:
        """Passed on from the node's watch: take nothing more, or go on; also for a probe that starts later."""
        self._is_held = paused
        if self._probe is not None and not self._lost.is_set():
            (self._probe.pause if paused else self._probe.resume)()

    def carries(self, number: int) -> ProbeChannel | None:
        """The probe under sudo, where it reads this file."""
        return self._probe if number in self._followed and not self._lost.is_set() else None

    @property
    def running(self) -> ProbeChannel | None:
        """The probe, where there is one."""
        return None if self._lost.is_set() else self._probe

    def poke(self) -> None:
        """Passed on from the node's watch."""
        if self._probe is not None and not self._lost.is_set():
            self._probe.send({"op": "poke"})

    def close(self) -> None:
        """End it; idempotent."""
        if self._probe is not None:
            self._probe.close()
            self._probe = None
        self._received.errands.lost(raised=True)
        self._lost.set()
        self._received.sections.lower()
