"""The odd lab: a node for every variant, all in one installation, and what else can be wrong in an inventory.

Five gateways, each with a status URL that somebody else answers; computes that differ from the ordinary one; and
hosts beside the lab that cannot be logged in to.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from aen_tui.model.node import NodeName
from aen_tui.model.text import visible_line
from tests.lab import fetched
from tests.lab.errors import LabError
from tests.lab.lab import Lab
from tests.lab.sshfiles import make_key
from tests.lab.variants import SupervisorVersion, Variant

GATEWAYS = 5
OLD_SUPERVISORS: dict[str, SupervisorVersion] = {
    "supervisor-3.0": "3.0",
    "supervisor-3.1.3": "3.1.3",
    "supervisor-3.4.0": "3.4.0",
}
KINDS: dict[str, Variant] = {
    "openssh-5.3": Variant(openssh_53=True),
    "requiretty": Variant(requiretty=True, root_only_logs=True),
    "sudo-password": Variant(sudo="password"),
    "sudo-refused": Variant(sudo="refused"),
    "sudo-absent": Variant(sudo="absent", noisy_shell=True),
    "sudo-exact": Variant(sudo="exact"),
    "noisy": Variant(noisy_shell=True),
    "root-logs": Variant(root_only_logs=True),
    "root-logs-never": Variant(root_only_logs=True),
    "no-python": Variant(python=False),
    "no-tree": Variant(aen_tree=False),
    "no-log": Variant(),
}
NOT_YET = "/var/log/not-yet.log"
SUDO_LOG = "/var/log/sudo.log"
DUMB_SUDO = ("sudo-password", "sudo-refused", "sudo-absent", "sudo-exact")
"""Kinds whose sudo lets no probe in."""


def kinds() -> dict[str, Variant]:
    """Every kind that can be had here: old supervisors need a Python 2.7 and, once, a network."""
    found = dict(KINDS)
    for kind, version in OLD_SUPERVISORS.items():
        with suppress(LabError):
            fetched.supervisor_3(version)
            found[kind] = Variant(supervisor=version)
    return found


def node_names() -> dict[str, str]:
    """Kind -> the compute that is of it, as the topology deals them out."""
    return {
        kind: f"compute{index % GATEWAYS + 1}-{index // GATEWAYS + 1}"
        for index, kind in enumerate([*KINDS, *OLD_SUPERVISORS])
    }


NODES = node_names()


def start() -> Lab:
    """The odd lab, started."""
    found = kinds()
    variants = {NODES[kind]: variant for kind, variant in found.items()}
    variants["aen-server"] = Variant(worker_processes=2)
    lab = Lab.start(gateways=GATEWAYS, computes=len(NODES), variants=variants)
    for node in lab.nodes.values():
        sudoers = node.path("/etc/sudoers")
        # sudo's own diary tells how often it was tried.
        sudoers.write_text(f"Defaults logfile={SUDO_LOG}\n" + sudoers.read_text())
    return lab


def sudo_tries(lab: Lab, kind: str) -> list[str]:
    """What sudo has noted on a node, one entry a try."""
    log = lab.nodes[NODES[kind]].path(SUDO_LOG)
    text = log.read_text() if log.exists() else ""
    return [entry for entry in text.replace("\n    ", " ").splitlines() if entry]


# Status URLs that answer otherwise than documented.

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _html(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    body = b"<html><body>\x1b]0;owned\x07Please log in</body></html>"
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


async def _unauthorized(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")


async def _nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def _huge(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n")
    block = b'{"status": "ok", ' + b" " * 65519
    for _ in range(1600):
        writer.write(block)
        await writer.drain()


async def _slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\n{")
    await reader.read()


URLS: dict[str, Answer] = {
    "html": _html,
    "401": _unauthorized,
    "nothing": _nothing,
    "100 MB": _huge,
    "one byte a minute": _slow,
}
GATEWAY_OF = {kind: f"gateway{number}" for number, kind in enumerate(URLS, 1)}


open_requests: dict[str, object] = {}
"""Kind -> the request that is being answered, where there is one."""


async def _serve(kind: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n")
        open_requests[kind] = writer
        await URLS[kind](reader, writer)
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        open_requests.pop(kind, None)
        writer.close()


@asynccontextmanager
async def odd_urls(address: str) -> AsyncIterator[dict[str, str]]:
    """A server for each of `URLS` on an address of the jump host: gateway -> URL."""
    listeners = {kind: await asyncio.start_server(partial(_serve, kind), address, 0) for kind in URLS}
    try:
        yield {
            GATEWAY_OF[kind]: f"http://{address}:{listener.sockets[0].getsockname()[1]}"
            for kind, listener in listeners.items()
        }
    finally:
        for listener in listeners.values():
            listener.close()
            listener.abort_clients() if hasattr(listener, "abort_clients") else None


# Hosts that cannot be logged in to.

UNREACHABLE = ("no-such-host.invalid", "refuses", "hangs", "keyless", "stranger", "changed")


@asynccontextmanager
async def odd_hosts(lab: Lab, folder: Path) -> AsyncIterator[Path]:
    """An ssh configuration of the lab and of `UNREACHABLE`."""
    silent, closed = socket.socket(), socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen(8)
    closed.bind(("127.0.0.1", 0))  # bound, not listening: nobody else takes the port
    empty, wrong = folder / "known_none", folder / "known_wrong"
    empty.write_text("")
    address = lab.nodes["aen-server"].address
    wrong.write_text(f"{address} {make_key().public}\nchanged {make_key().public}\n")
    login = f"  HostName {address}\n  User operator\n  IdentitiesOnly yes\n  GlobalKnownHostsFile /dev/null\n"
    known, key = f"  UserKnownHostsFile {lab.known_hosts}\n", f"  IdentityFile {lab.identity}\n"
    text = f"Host refuses\n  HostName 127.0.0.1\n  Port {closed.getsockname()[1]}\n"
    text += f"Host hangs\n  HostName 127.0.0.1\n  Port {silent.getsockname()[1]}\n"
    text += f"Host keyless\n{login}{known}  IdentityFile {folder}/no-such-key\n"
    text += f"Host stranger\n{login}{key}  UserKnownHostsFile {empty}\n"
    text += f"Host changed\n{login}{key}  UserKnownHostsFile {wrong}\n"
    config = folder / "ssh_config"
    config.touch(mode=0o600)
    config.write_text(text + lab.ssh_config.read_text())
    try:
        yield config
    finally:
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        silent.close()
        closed.close()


def write_inventory(
    lab: Lab, path: Path, *, ssh_config: Path | None = None, urls: Mapping[str, str] | None = None, **overrides: Any
) -> Path:
    """The odd lab's inventory, computes behind their gateways; with `ssh_config`, `UNREACHABLE` in a center more."""
    names = [node.name for node in lab.nodes.values() if node.role == "compute"]
    centers: list[dict[str, Any]] = [
        {
            "name": f"dc{number}",
            "gateway": f"gateway{number}",
            "computes": [name for name in names if name.startswith(f"compute{number}-")],
        }
        for number in range(1, GATEWAYS + 1)
    ]
    for center in centers:
        if urls and center["gateway"] in urls:
            center["gateway_url"] = urls[center["gateway"]]
    node: dict[str, Any] = {
        NODES["root-logs-never"]: {"become": "never"},
        NODES["no-log"]: {"logs": [NOT_YET]},
    }
    if ssh_config is not None:
        centers[0]["computes"] += UNREACHABLE
        node |= {name: {"jump": "none"} for name in UNREACHABLE}
        overrides["ssh"] = {"config": str(ssh_config)}
    return lab.write_inventory(path, data_center=centers, node=node | overrides.pop("node", {}), **overrides)


def node_of(kind: str) -> NodeName:
    """The compute of a kind."""
    return NodeName(NODES[kind])


def is_clean(text: str | None) -> bool:
    """Whether a text can be printed as it is."""
    return text is None or visible_line(text, 10_000) == text
