"""Whether a host key is the one that we know. Strict: what is not known is refused, and nothing is learnt.

Three refusals that mean different things and are told apart: unknown (nobody vouches for it),
changed (known_hosts has another key for this host), revoked. Each names the fingerprint and the
command that mends it; none is ever run from here. No option of the ssh configuration weakens this.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import asyncssh

from aen_tui.errors import HostKeyError
from aen_tui.model.command import shell_line
from aen_tui.model.text import visible_line
from aen_tui.transports.host_config import HostConfig
from aen_tui.transports.known_hosts import Entry

_COMPARE = "Compare the fingerprint with one from the host's own console, then: "


class HostTrust:
    """What known_hosts says of one host, for one connection.

    Args:
        node: the node's name, for errors.
        config: the host's settings.
        entries: the lines of its known_hosts files.
        via: the ssh host that leads to it: ssh-keyscan must run there.
    """

    def __init__(self, node: str, config: HostConfig, entries: Sequence[Entry], *, via: str | None = None) -> None:
        self._node = node
        self._config = config
        self._via = via
        plain = (config.host_key_alias or config.hostname).lower()
        self.name = plain if config.host_key_alias or config.port == 22 else f"[{plain}]:{config.port}"
        """What the host is called in known_hosts."""
        self._entries = [entry for entry in entries if entry.is_for(self.name)]
        if not self._entries and self.name != plain:
            # As OpenSSH: a host known without its port is known on every port.
            self._entries = [entry for entry in entries if entry.is_for(plain)]
        self._keys = [(entry, key) for entry in self._entries if (key := entry.key())]
        self.refusal: HostKeyError | None = None
        """Why the key that was offered last was refused."""

    @property
    def algorithms(self) -> list[str]:
        """Signature algorithms of the plain keys that are known."""
        return [name.decode("ascii") for entry, key in self._keys if not entry.marker for name in key.sig_algorithms]

    @property
    def has_authority(self) -> bool:
        """Whether an authority may vouch for the host."""
        return any(entry.marker == "cert-authority" for entry, _ in self._keys)

    def lists(self, _host: str, _addr: str, _port: int | None) -> Sequence[Sequence[asyncssh.SSHKey]]:
        """Trusted keys, authorities and revoked keys, as asyncssh's `known_hosts` takes them.

        The first two are empty, so that every key comes to `accepts_key` or `accepts_authority`.
        """
        return [], [], [key for entry, key in self._keys if entry.marker == "revoked"]

    def accepts_key(self, key: asyncssh.SSHKey) -> bool:
        """Whether a plain host key is the one we know; else `refusal` says why not."""
        known = [(entry, other) for entry, other in self._keys if not entry.marker]
        if any(other == key for _, other in known):
            return True
        self.refusal = self._changed(key, known) if known else self._unknown(key)
        return False

    def accepts_authority(self, key: asyncssh.SSHKey) -> bool:
        """Whether the key that signed a host certificate is a known authority."""
        if any(entry.marker == "cert-authority" and other == key for entry, other in self._keys):
            return True
        self.refusal = HostKeyError(
            f"the host certificate of {self.name} is signed by an unknown authority, {describe(key)}",
            node=self._node,
            hint=f"Add the authority to {self._file()} as: @cert-authority {self.name} KEY",
        )
        return False

    def revoked(self) -> HostKeyError:
        """The error for a key that known_hosts marks as revoked."""
        marked = [f"{describe(key)} ({entry.where})" for entry, key in self._keys if entry.marker == "revoked"]
        return HostKeyError(
            f"the host key of {self.name} is revoked: {', '.join(marked)}",
            node=self._node,
            hint="The host still uses a key that was declared stolen: give it a new one before anybody logs in.",
        )

    def other(self, reason: str) -> HostKeyError:
        """The error for a certificate that is not valid (expired, for another host)."""
        return HostKeyError(
            f"the host certificate of {self.name} is not valid: {visible_line(reason, 200)}",
            node=self._node,
            hint="Look at it with ssh-keygen -L on the host, and sign the host key anew.",
        )

    def _unknown(self, key: asyncssh.SSHKey) -> HostKeyError:
        return HostKeyError(
            f"the host key of {self.name} is unknown: {describe(key)}",
            node=self._node,
            hint=f"{_COMPARE}{self._keyscan()}",
        )

    def _changed(self, key: asyncssh.SSHKey, known: Sequence[tuple[Entry, asyncssh.SSHKey]]) -> HostKeyError:
        entry, other = next(((e, k) for e, k in known if k.algorithm == key.algorithm), known[0])
        forget = shell_line(["ssh-keygen", "-R", self.name, "-f", str(entry.file)])
        return HostKeyError(
            f"the host key of {self.name} HAS CHANGED: it offers {describe(key)},"
            f" {entry.where} knows {describe(other)}",
            node=self._node,
            hint=f"Somebody may be in between. Only if you know why it changed: {forget} && {self._keyscan()}",
        )

    def _keyscan(self) -> str:
        config = self._config
        port = ["-p", str(config.port)] if config.port != 22 else []
        scan = shell_line(["ssh-keyscan", *port, config.hostname])
        if self._via:
            scan = shell_line(["ssh", self._via, scan])
        if config.host_key_alias:
            scan += " | " + shell_line(["sed", f"s|^[^ ]*|{self.name}|"])
        return f"{scan} >> {shell_line([str(self._file())])}"

    def _file(self) -> Path:
        files = [file for file in self._config.user_known_hosts if str(file) != "/dev/null"]
        return files[0] if files else Path("~/.ssh/known_hosts").expanduser()


def describe(key: asyncssh.SSHKey) -> str:
    """`ssh-ed25519 SHA256:…`."""
    return f"{key.get_algorithm()} {key.get_fingerprint()}"
