"""The user's OpenSSH client configuration, read as OpenSSH reads it (ssh_config(5)).

asyncssh has a parser of its own; it is not used, because it differs where it matters here: Include
in no order and never relative to /etc/ssh, Match exec without tokens, ProxyJump before ProxyCommand
whatever stands first, no tokens in UserKnownHostsFile, and every connection reads every file again.
Here the files are read once, and a host is resolved from memory.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from aen_tui.errors import ConfigError
from aen_tui.transports.host_config import HostConfig, Values, build_host_config
from aen_tui.transports.ssh_lines import Line, Signature, included, read_lines, signature
from aen_tui.transports.ssh_patterns import expand, host_tokens, local_user, matches

SYSTEM_FILE = Path("/etc/ssh/ssh_config")
_EXEC_SECONDS = 10
_DEPTH_LIMIT = 16


class SshConfig:
    """Several ssh_config files, first match wins.

    Args:
        files: the user's; missing ones are skipped.
        system: the system's file, read last.
    """

    def __init__(self, files: Sequence[Path], *, system: Path | None = SYSTEM_FILE) -> None:
        self._files = [file.expanduser() for file in files]
        self._system = system
        if system is not None and system not in self._files:
            self._files.append(system)
        self._lines: dict[Path, tuple[Signature | None, tuple[Line, ...]]] = {}
        self._resolved: dict[tuple[str, str | None, int | None], tuple[dict[Path, Signature | None], HostConfig]] = {}

    def resolve(self, host: str, *, user: str | None = None, port: int | None = None) -> HostConfig:
        """What applies to a host. Blocks (files; `Match exec` runs a command): call it in a thread.

        Args:
            host: the name as given.
            user: a user given beside it (`user@host`); wins over the files.
            port: a port given beside it.

        Raises:
            ConfigError: a file is writable by others, or a line makes no sense.
        """
        key = (host, user, port)
        known = self._resolved.get(key)
        if known and all(signature(path) == seen for path, seen in known[0].items()):
            return known[1]
        reading = _Reading(self, host, user, port)
        for final in (False, True):
            if final and not reading.values.wants_final:
                break
            reading.final = final
            for file in self._files:
                base = file.parent if file == self._system else Path("~/.ssh").expanduser()
                reading.file(file, base, 0)
        config = build_host_config(reading.values, host, user, port, agent=os.environ.get("SSH_AUTH_SOCK"))
        if not reading.ran_command:
            self._resolved[key] = (reading.seen, config)
        return config

    def lines(self, path: Path) -> tuple[Signature | None, tuple[Line, ...]]:
        """A file's lines, read again when it changed."""
        now = signature(path)
        known = self._lines.get(path)
        if known is None or known[0] != now:
            known = self._lines[path] = (now, read_lines(path))
        return known


class _Reading:
    """One pass over the files for one host."""

    def __init__(self, config: SshConfig, host: str, user: str | None, port: int | None) -> None:
        self._config = config
        self._host = host
        self._user = user
        self._port = port
        self.values = Values()
        self.final = False
        self.ran_command = False
        self.seen: dict[Path, Signature | None] = {}

    def file(self, path: Path, base: Path, depth: int) -> None:
        if depth > _DEPTH_LIMIT:
            raise ConfigError("includes itself", file=str(path), key="Include")
        self.seen[path], lines = self._config.lines(path)
        active = True
        for line in lines:
            if line.keyword == "host":
                active = matches(self._host, line.args, ignore_case=False)
            elif line.keyword == "match":
                active = self._match(line)
            elif not active:
                continue
            elif not line.args:
                raise line.error("has no value")
            elif line.keyword == "include":
                self._include(line, base, depth)
            else:
                self.values.take(line)

    def _include(self, line: Line, base: Path, depth: int) -> None:
        for pattern in line.args:
            for path in included(expand(pattern, self._tokens(), line), base):
                self.file(path, base, depth + 1)

    def _match(self, line: Line) -> bool:
        words = list(line.args)
        result = True
        while words:
            word = words.pop(0)
            criterion, equals, pattern = word.partition("=")
            negated = criterion.startswith("!")
            criterion = criterion.lstrip("!").lower()
            if criterion in ("all", "canonical", "final"):
                self.values.wants_final |= criterion == "final"
                true = {"all": True, "canonical": False, "final": self.final}[criterion]
            else:
                if not equals:
                    if not words:
                        raise line.error(f"{criterion} has no pattern")
                    pattern = words.pop(0)
                # A criterion after one that failed is not looked at: exec must not run for nothing.
                true = result and self._criterion(line, criterion, pattern)
            result = result and true != negated
        return result

    def _criterion(self, line: Line, criterion: str, pattern: str) -> bool:
        if criterion == "exec":
            return self._exec(line, pattern)
        values: dict[str, Callable[[], str]] = {
            "host": self._hostname,
            "originalhost": lambda: self._host,
            "user": lambda: self._user or self.values.word("user", local_user()),
            "localuser": local_user,
            "tagged": lambda: self.values.word("tag", ""),
            "command": lambda: "",
            "sessiontype": lambda: "exec",
            "localnetwork": lambda: "",
            "version": lambda: "",
        }
        if criterion not in values:
            raise line.error(f"{criterion} is not a criterion of Match")
        return matches(values[criterion](), pattern.split(","), ignore_case=criterion in ("host", "originalhost"))

    def _exec(self, line: Line, command: str) -> bool:
        self.ran_command = True
        try:
            status = subprocess.run(
                ["/bin/sh", "-c", expand(command, self._tokens(), line)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_EXEC_SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            raise line.error(f"exec did not end within {_EXEC_SECONDS} s: {command}") from None
        except OSError as error:
            raise line.error(f"exec cannot be run: {error.strerror}") from error
        return status == 0

    def _hostname(self) -> str:
        line = self.values.first.get("hostname")
        return expand(line.args[0], {"%": "%", "h": self._host}, line) if line else self._host

    def _tokens(self) -> dict[str, str]:
        return host_tokens(
            host=self._host,
            hostname=self._hostname(),
            port=self._port or int(self.values.word("port", "22")),
            user=self._user or self.values.word("user", local_user()),
            alias=self.values.word("hostkeyalias", ""),
            jump=self.values.proxy.args[0] if self.values.proxy and self.values.proxy.keyword == "proxyjump" else "",
        )
