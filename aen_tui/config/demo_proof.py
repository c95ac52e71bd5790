"""`root =` is honoured only in an inventory that a running demo of this user wrote (ops 1).

Proof: the inventory lies in a 0700 folder of this user beside `demo.lock`, which the demo holds locked
for its life; every host resolves to loopback in the demo's ssh config; no node uses sudo.
"""

from __future__ import annotations

import fcntl
import ipaddress
import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from aen_tui.errors import ConfigError
from aen_tui.model.node import Become, NodeSpec

LOCK_NAME = "demo.lock"


def refuse_unless_demo(file: Path, nodes: Iterable[NodeSpec], ssh_configs: Sequence[Path]) -> None:
    """Check the proof.

    Raises:
        ConfigError: `root` is used and the proof does not hold.
    """

    def refuse(why: str) -> ConfigError:
        return ConfigError(
            why, file=str(file), key="node.root", hint="`root` belongs to a running `aen-tui demo` alone"
        )

    folder = file.resolve().parent
    info = folder.stat()
    if info.st_uid != os.geteuid() or stat.S_IMODE(info.st_mode) != 0o700:
        raise refuse("its folder is not private to this user")
    if not _is_locked(folder / LOCK_NAME):
        raise refuse("no running demo wrote this inventory")
    addresses = _addresses(ssh_configs)
    for node in nodes:
        if node.is_local or not _is_loopback(addresses.get(node.host, "")):
            raise refuse(f"`{node.host}` is not on loopback")
        if node.become is not Become.NEVER:
            raise refuse(f"`{node.host}` may use sudo, which no path under `root` is for")
        if not node.root.startswith(str(folder) + "/"):
            raise refuse(f"`root` of `{node.host}` is outside the demo's folder")


def _is_locked(lock: Path) -> bool:
    try:
        with lock.open("rb") as file:
            if os.fstat(file.fileno()).st_uid != os.geteuid():
                return False
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _addresses(ssh_configs: Sequence[Path]) -> dict[str, str]:
    """Host -> HostName of the demo's own config (plain `Host` blocks, as the demo writes them)."""
    found: dict[str, str] = {}
    hosts: list[str] = []
    for line in ssh_configs[0].read_text(encoding="utf-8").splitlines() if ssh_configs else []:
        word, _, rest = line.strip().partition(" ")
        if word.lower() == "host":
            hosts = rest.split()
        elif word.lower() == "hostname":
            found.update(dict.fromkeys(hosts, rest.strip()))
    return found


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
