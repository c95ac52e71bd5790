"""`python -m tests.bench.handshakes FOLDER INVENTORY`: asyncssh to all nodes, nothing else; prints seconds."""

from __future__ import annotations

import asyncio
import sys
import time
import tomllib
from pathlib import Path

import asyncssh
from ClusterShell.NodeSet import NodeSet

KEX = ("curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256")
AT_ONCE = 16
AT_ONCE_BEHIND_A_GATEWAY = 8


async def main(folder: Path, inventory: Path) -> None:
    """Gateways first, computes through them, as many at a time as the product does."""
    content = tomllib.loads(inventory.read_text())
    key = asyncssh.read_private_key(str(folder / "id_ed25519"))
    shared = asyncio.Semaphore(AT_ONCE)

    async def connect(host: str, behind: asyncssh.SSHClientConnection | None = None) -> asyncssh.SSHClientConnection:
        async with shared, asyncio.timeout(30):
            return await asyncssh.connect(
                host, config=[str(folder / "ssh_config")], client_keys=[key], kex_algs=KEX, tunnel=behind or ()
            )

    async def center(gateway: str, computes: list[str]) -> None:
        limit = asyncio.Semaphore(AT_ONCE_BEHIND_A_GATEWAY)
        tunnel = await connect(gateway)

        async def compute(host: str) -> None:
            async with limit:
                await connect(host, tunnel)

        async with asyncio.TaskGroup() as tasks:
            for host in computes:
                tasks.create_task(compute(host))

    began = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(connect(content["server"]["host"]))
        for one in content["data_center"]:
            tasks.create_task(center(one["gateway"], list(NodeSet.fromlist(one["computes"]))))
    print(time.monotonic() - began, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
