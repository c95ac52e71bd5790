"""Keys, ssh_config and known_hosts of a lab; made anew for each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import asyncssh

from tests.lab.topology import Place

OLD_HOST_OPTIONS = """    HostKeyAlgorithms +ssh-rsa
    PubkeyAcceptedAlgorithms +ssh-rsa
"""
"""What a modern OpenSSH client needs for a sshd with 5.3's algorithms."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key in OpenSSH's format and the public key's line."""

    private: str
    public: str


def make_key(kind: str = "ssh-ed25519") -> KeyPair:
    """A new key; `ssh-rsa` is of 2048 bits and in PEM, as OpenSSH 5.3 reads it."""
    if kind == "ssh-rsa":
        key = asyncssh.generate_private_key(kind, comment="aen-lab", key_size=2048)
        return KeyPair(key.export_private_key("pkcs1-pem").decode(), key.export_public_key().decode().strip())
    key = asyncssh.generate_private_key(kind, comment="aen-lab")
    return KeyPair(key.export_private_key().decode(), key.export_public_key().decode().strip())


def write_private(path: Path, pair: KeyPair) -> Path:
    """Writes the private key, 0600, and the public one beside it."""
    path.touch(mode=0o600)
    path.write_text(pair.private)
    path.with_name(f"{path.name}.pub").write_text(f"{pair.public}\n")
    return path


def known_hosts(places: tuple[Place, ...], host_keys: dict[str, KeyPair]) -> str:
    """One line a node, by name and by address."""
    return "".join(f"{place.name},{place.address} {host_keys[place.name].public}\n" for place in places)


def config(
    places: tuple[Place, ...], *, user: str, identities: list[Path], known: Path, proxy_jump: bool, old: frozenset[str]
) -> str:
    """An ssh_config for the nodes' names.

    Args:
        places: all nodes.
        user: the login.
        identities: private keys, offered in this order.
        known: the known_hosts file, strict.
        proxy_jump: computes get a ProxyJump, and nodes in `old` what OpenSSH's own client needs for them.
        old: names of nodes with OpenSSH 5.3's algorithms.
    """
    blocks = []
    for place in places:
        block = f"Host {place.name}\n    HostName {place.address}\n"
        if proxy_jump and place.gateway is not None:
            block += f"    ProxyJump {place.gateway}\n"
        if proxy_jump and place.name in old:
            block += OLD_HOST_OPTIONS
        blocks.append(block)
    names = " ".join(place.name for place in places)
    keys = "".join(f"    IdentityFile {path}\n" for path in identities)
    blocks.append(
        f"Host {names}\n    User {user}\n{keys}    IdentitiesOnly yes\n    UserKnownHostsFile {known}\n"
        "    GlobalKnownHostsFile /dev/null\n    StrictHostKeyChecking yes\n"
    )
    return "\n".join(blocks)
