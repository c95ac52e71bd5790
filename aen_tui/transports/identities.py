"""Private keys and the agent: loaded once a run, in a thread, shared by every connection.

Reading an RSA key costs 36 ms (its primes are tested), times 53 nodes without this.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from aen_tui.model.secret import Secret
from aen_tui.transports.host_config import HostConfig
from aen_tui.transports.ssh_lines import Signature, signature

_AGENT_SECONDS = 5.0
_PASSPHRASE_TRIES = 3

AskPassphrase = Callable[[Path], Awaitable[Secret | None]]


@dataclass(frozen=True, slots=True)
class Identity:
    """A key file as it was found."""

    path: Path
    key: asyncssh.SSHKey | None = None
    """The private key; None where it is encrypted."""
    public: asyncssh.SSHKey | None = None
    """The public key, from the file itself or from `.pub` beside it."""
    certificates: tuple[asyncssh.SSHCertificate, ...] = ()
    encrypted: bool = False
    note: str | None = None
    """Why the file is not used."""


class EncryptedKeyPair(asyncssh.SSHKeyPair):
    """A key whose passphrase is asked only when a server has said that it would take it."""

    _key_type = "local"

    def __init__(
        self,
        public: asyncssh.SSHKey,
        certificate: asyncssh.SSHCertificate | None,
        unlock: Callable[[], Awaitable[asyncssh.SSHKey | None]],
    ) -> None:
        algorithms = public.sig_algorithms
        super().__init__(
            public.algorithm, public.algorithm, algorithms, algorithms, public.public_data, None, certificate
        )
        self._unlock = unlock

    async def sign_async(self, data: bytes) -> bytes:
        """Sign; a ValueError makes the login go on with the next key."""
        key = await self._unlock()
        if key is None:
            raise ValueError("no passphrase")
        return key.sign(data, self.sig_algorithm)


class Identities:
    """The key files and agents of a run."""

    def __init__(self) -> None:
        self._files: dict[Path, tuple[Signature | None, Identity]] = {}
        self._unlocked: dict[Path, asyncssh.SSHKey | None] = {}
        self._agents: dict[str, asyncssh.SSHAgentClient] = {}
        self._loading = asyncio.Lock()
        self._unlocking = asyncio.Lock()

    async def files(self, config: HostConfig) -> list[Identity]:
        """The key files of a host that are there; a missing one is skipped, as OpenSSH does."""
        async with self._loading:
            if all(signature(path) == self._files.get(path, (0, 0))[0] for path in config.identity_files):
                found = [self._files[path][1] for path in config.identity_files]
            else:
                found = await asyncio.to_thread(self._load, config.identity_files)
        return [identity for identity in found if identity.public or identity.encrypted or identity.note]

    def _load(self, paths: tuple[Path, ...]) -> list[Identity]:
        for path in paths:
            now = signature(path)
            known = self._files.get(path)
            if known is None or known[0] != now:
                self._files[path] = (now, _read_identity(path) if now else Identity(path, public=_public(path)))
        return [self._files[path][1] for path in paths]

    async def agent_keys(self, path: str | None) -> list[asyncssh.SSHKeyPair]:
        """The keys that an agent holds; none where it does not answer.

        Fresh objects each time: a key pair remembers the signature algorithm of its connection.
        """
        if not path:
            return []
        agent = self._agents.get(path)
        if agent is None:
            agent = self._agents[path] = asyncssh.SSHAgentClient(path)
        try:
            async with asyncio.timeout(_AGENT_SECONDS):
                return list(await agent.get_keys())
        except (ValueError, OSError, TimeoutError, asyncssh.Error):
            del self._agents[path]
            return []

    async def unlock(self, identity: Identity, ask: AskPassphrase) -> asyncssh.SSHKey | None:
        """An encrypted key, its passphrase asked once a run; None where none was given.

        A wrong passphrase harms nobody (it goes to no host), so it may be given three times.
        """
        async with self._unlocking:
            if identity.path in self._unlocked:
                return self._unlocked[identity.path]
            key: asyncssh.SSHKey | None = None
            for _ in range(_PASSPHRASE_TRIES):
                secret = await ask(identity.path)
                if secret is None:
                    break
                try:
                    key = await asyncio.to_thread(asyncssh.read_private_key, identity.path, secret.reveal())
                    break
                except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, OSError):
                    continue
            self._unlocked[identity.path] = key
            return key

    def forget_refusals(self) -> None:
        """Let passphrases that were not given be asked again."""
        self._unlocked = {path: key for path, key in self._unlocked.items() if key}

    async def close(self) -> None:
        """Leave the agents."""
        for agent in self._agents.values():
            agent.close()
            await agent.wait_closed()
        self._agents.clear()


def _read_identity(path: Path) -> Identity:
    try:
        status = path.stat()
        if status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) & 0o077:
            return Identity(path, note=f"{path}: not used, others can read it (chmod 600)")
        data = path.read_bytes()
    except OSError as error:
        return Identity(path, note=f"{path}: {error.strerror}")
    public = _public(path)
    certificates = _certificates(Path(f"{path}-cert.pub"))
    try:
        key = asyncssh.import_private_key(data)
    except asyncssh.KeyImportError as error:
        if "assphrase" in str(error):
            return Identity(path, public=public, certificates=certificates, encrypted=True)
        if b"PRIVATE KEY" not in data:
            # A public key stands for the private one that the agent holds.
            return Identity(path, public=public)
        return Identity(path, note=f"{path}: {error}")
    except (ValueError, asyncssh.KeyEncryptionError) as error:
        return Identity(path, note=f"{path}: {error}")
    return Identity(path, key, key.convert_to_public(), certificates)


def _public(path: Path) -> asyncssh.SSHKey | None:
    for candidate in (Path(f"{path}.pub"), path):
        try:
            return asyncssh.read_public_key(candidate)
        except (OSError, ValueError):
            continue
    return None


def _certificates(path: Path) -> tuple[asyncssh.SSHCertificate, ...]:
    try:
        return (asyncssh.read_certificate(path),)
    except (OSError, ValueError):
        return ()


def read_certificates(paths: tuple[Path, ...]) -> tuple[asyncssh.SSHCertificate, ...]:
    """User certificates of CertificateFile lines; missing ones are skipped."""
    return tuple(certificate for path in paths for certificate in _certificates(path))
