"""17: where a jump host forwards no TCP, `jump_command` leads on."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.errors import TransportError
from aen_tui.model.node import NodeName
from tests.integration.transports.support import pool_of, spec
from tests.support.sshd import SshFiles, openssh_node

RELAY = """
import os, select, socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
while True:
    for ready in select.select([0, s], [], [])[0]:
        data = os.read(0, 65536) if ready == 0 else s.recv(65536)
        if not data: sys.exit(0)
        s.sendall(data) if ready == 0 else os.write(1, data)
"""


async def test_it_carries_links_commands_and_bytes(tmp_path: Path) -> None:
    files = SshFiles(tmp_path / "ssh")
    relay = tmp_path / "relay.py"
    relay.write_text(RELAY)
    with (
        openssh_node(tmp_path, "gw", "127.0.0.2", files=files, settings="AllowTcpForwarding no"),
        openssh_node(tmp_path, "c1", "127.0.0.3", files=files),
        openssh_node(tmp_path, "c2", "127.0.0.4", files=files),
    ):
        plain = spec("c1", jump="gw")
        ways = [replace(spec(name, jump="gw"), jump_command=f"{sys.executable} {relay} %h %p") for name in ("c1", "c2")]
        async with pool_of(files, "gw", plain) as pool:
            with pytest.raises(TransportError, match="forwards nothing") as caught:
                await pool.connect(plain)
            assert "jump_command" in str(caught.value.hint)
        async with pool_of(files, "gw", *ways) as pool:
            for node in ways:
                link = await pool.connect(node)
                done = await link.run(["head", "-c", "300000", "/dev/zero"], timeout_seconds=60)
                assert done.exit_status == 0
                assert (await link.run(["echo", "here"], timeout_seconds=60)).output == "here\n"
            gateway = await pool.connect(spec("gw"))
            gateway.close()
            await link.wait_closed()


async def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    files = SshFiles(tmp_path / "ssh")
    with (
        openssh_node(tmp_path, "gw", "127.0.0.2", files=files, settings="AllowTcpForwarding no"),
        openssh_node(tmp_path, "c1", "127.0.0.3", files=files),
    ):
        node = replace(spec("c1", jump="gw"), jump_command="no-such-relay %h %p")
        async with pool_of(files, "gw", node) as pool:
            with pytest.raises(TransportError) as caught:
                await pool.connect(node)
            assert caught.value.hint is not None and "jump_command says:" in caught.value.hint
            assert "no-such-relay" in caught.value.hint


def test_it_stands_in_the_inventory_for_all_and_for_one(tmp_path: Path) -> None:
    file = tmp_path / "inventory.toml"
    file.write_text(
        'name = "x"\n[defaults]\njump_command = "nc %h %p"\n[[data_center]]\nname = "a"\ngateway = "g"\n'
        'computes = ["c1", "c2"]\n[node."c2"]\njump_command = "socat - TCP:%h:%p"\n'
    )
    file.chmod(0o600)
    nodes = load_inventory(file).nodes
    assert nodes[NodeName("c1")].jump_command == "nc %h %p"
    assert nodes[NodeName("c2")].jump_command == "socat - TCP:%h:%p"
