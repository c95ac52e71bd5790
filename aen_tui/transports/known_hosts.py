"""known_hosts files: lines, their host patterns, their keys; read once, again when a file changed."""

from __future__ import annotations

import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from aen_tui.transports.ssh_lines import Signature, signature
from aen_tui.transports.ssh_patterns import matches

_FILE_LIMIT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a known_hosts file."""

    file: Path
    number: int
    marker: str
    """cert-authority | revoked | empty."""
    hosts: str
    data: str
    """Type and base64 of the key; read only when the line is for the host in question."""

    @property
    def where(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.number}"

    def is_for(self, name: str) -> bool:
        """Whether the line is for a host.

        Args:
            name: lower case, `[name]:port` where the port is not 22.
        """
        if self.hosts.startswith("|1|"):
            return _hash_matches(self.hosts, name)
        return matches(name, self.hosts.split(","), ignore_case=True)

    def key(self) -> asyncssh.SSHKey | None:
        """The public key; None where it is of a kind that is not known here."""
        try:
            return asyncssh.import_public_key(self.data)
        except (asyncssh.KeyImportError, ValueError):
            return None


def _hash_matches(hosts: str, name: str) -> bool:
    try:
        _, _, salt, digest = hosts.split("|")
        expected = binascii.a2b_base64(digest)
        return hmac.compare_digest(hmac.digest(binascii.a2b_base64(salt), name.encode(), hashlib.sha1), expected)
    except (ValueError, binascii.Error):
        return False


class KnownHosts:
    """The known_hosts files of a run."""

    def __init__(self) -> None:
        self._files: dict[Path, tuple[Signature | None, tuple[Entry, ...]]] = {}

    def entries(self, files: Sequence[Path]) -> list[Entry]:
        """Every line of some files; files that are missing or cannot be read have none. Blocks."""
        found: list[Entry] = []
        for file in files:
            now = signature(file)
            known = self._files.get(file)
            if known is None or known[0] != now:
                known = self._files[file] = (now, _read(file))
            found += known[1]
        return found


def _read(file: Path) -> tuple[Entry, ...]:
    try:
        with file.open("rb") as stream:
            text = stream.read(_FILE_LIMIT_BYTES).decode("utf-8", "replace")
    except OSError:
        return ()
    entries: list[Entry] = []
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        marker = ""
        if words and words[0].startswith("@"):
            marker = words.pop(0)[1:]
        # As OpenSSH: a line that makes no sense vouches for nobody and hides nobody.
        if len(words) < 3 or words[0].startswith("#") or marker not in ("", "cert-authority", "revoked"):
            continue
        entries.append(Entry(file, number, marker, words[0], f"{words[1]} {words[2]}"))
    return tuple(entries)
