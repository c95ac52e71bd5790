"""Computes behind gateways: shared connections, chains of hops, what happens when a gateway goes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from aen_tui.errors import ConfigError, JumpError, RefusedError, ResolveError
from tests.integration.transports.support import DEADLINES, pool_of, spec, until
from tests.support.sshd import SshFiles, SshNode, openssh_node, ssh_node


@asynccontextmanager
async def data_center(
    tmp_path: Path, computes: int = 3, **more: dict[str, str]
) -> AsyncIterator[tuple[SshFiles, SshNode, list[SshNode]]]:
    files = SshFiles(tmp_path / "ssh")
    async with ssh_node(tmp_path, "gw", "127.0.0.2", files=files) as gateway:
        async with AsyncExitStack() as stack:
            yield (
                files,
                gateway,
                [
                    await stack.enter_async_context(
                        ssh_node(tmp_path, f"c{n}", f"127.0.1.{n}", files=files, config=more.get("config"))
                    )
                    for n in range(1, computes + 1)
                ],
            )


async def test_computes_share_one_connection_of_their_gateway(tmp_path: Path):
    async with data_center(tmp_path, 5) as (files, gateway, computes):
        specs = [spec("gw"), *(spec(node.name, jump="gw") for node in computes)]
        async with pool_of(files, *specs) as pool:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(pool.connect(node)) for node in specs]
            for task in tasks:
                assert (await task.result().run(["echo", "here"], timeout_seconds=60)).output == "here\n"
            assert gateway.connected == 1
            assert [node.connected for node in computes] == [1] * 5
            assert sorted(gateway.forwarded) == sorted((node.address, node.port) for node in computes)
            assert pool.via(specs[1].name) == "gw"


async def test_several_who_ask_share_one_attempt(tmp_path: Path):
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1") as pool:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(pool.connect(spec("n1"))) for _ in range(10)]
        assert len({id(task.result()) for task in tasks}) == 1
        assert node.connected == 1


async def test_one_who_gives_up_does_not_spoil_it_for_the_others(tmp_path: Path):
    async with ssh_node(tmp_path, "n1") as node, pool_of(node.files, "n1") as pool:
        async with asyncio.TaskGroup() as group:
            first = group.create_task(pool.connect(spec("n1")))
            second = group.create_task(pool.connect(spec("n1")))
            await asyncio.sleep(0)
            first.cancel()
        assert second.result().user == "root"
        assert node.connected == 1


@pytest.mark.parametrize("jump", ["gw", "root@gw", "gw:{port}"])
async def test_proxy_jump_of_the_ssh_configuration_wins_over_the_inventory(tmp_path: Path, jump: str):
    async with data_center(tmp_path, 2) as (files, gateway, computes):
        word = jump.replace("{port}", str(gateway.port))
        files.config.write_text(f"Match host 127.0.1.*\n ProxyJump {word}\n" + files.config.read_text())
        # Match host looks at HostName, which must stand before it.
        files.config.write_text(
            "".join(f"Host {node.name}\n HostName {node.address}\n" for node in computes) + files.config.read_text()
        )
        specs = [spec("gw"), *(spec(node.name, jump="nowhere.invalid") for node in computes)]
        async with pool_of(files, *specs) as pool:
            for node in specs:
                await pool.connect(node)
            assert gateway.connected == (1 if jump == "gw" else 2)


async def test_proxy_jump_none_goes_directly(tmp_path: Path):
    async with data_center(tmp_path, 1, config={"ProxyJump": "none"}) as (files, gateway, computes):
        async with pool_of(files, "gw", spec("c1", jump="gw")) as pool:
            await pool.connect(spec("c1", jump="gw"))
            assert gateway.connected == 0
            assert computes[0].connected == 1


async def test_a_chain_of_hops_each_one_shared_connection(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    async with (
        ssh_node(tmp_path, "edge", "127.0.0.2", files=files) as edge,
        ssh_node(tmp_path, "inner", "127.0.0.3", files=files) as inner,
        data_center(tmp_path, 2, config={"ProxyJump": "edge,inner"}) as (_, _gateway, computes),
        pool_of(files, *(spec(node.name) for node in computes)) as pool,
    ):
        for node in computes:
            await pool.connect(spec(node.name))
        assert (edge.connected, inner.connected) == (1, 1)
        assert edge.forwarded == [(inner.address, inner.port)]
        assert [where[0] for where in inner.forwarded] == [node.address for node in computes]


async def test_the_jumps_own_configuration_applies(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    async with (
        ssh_node(tmp_path, "edge", "127.0.0.2", files=files) as edge,
        ssh_node(tmp_path, "inner", "127.0.0.3", files=files, config={"ProxyJump": "edge"}),
        data_center(tmp_path, 1) as (_, _gateway, computes),
        pool_of(files, spec("c1", jump="inner")) as pool,
    ):
        await pool.connect(spec("c1", jump="inner"))
        assert len(edge.forwarded) == 1
        assert computes[0].connected == 1


async def test_a_way_that_leads_through_itself_is_refused(tmp_path: Path):
    async with data_center(tmp_path, 1) as (files, _gateway, _computes):
        files.config.write_text("Host *\n ProxyJump gw\n" + files.config.read_text())
        async with pool_of(files, "gw", spec("c1")) as pool:
            with pytest.raises(JumpError, match="through itself"):
                await pool.connect(spec("gw"))
            with pytest.raises(JumpError):
                await pool.connect(spec("c1"))


async def test_computes_of_a_dead_gateway_know_at_once(tmp_path: Path):
    async with data_center(tmp_path, 3) as (files, gateway, computes):
        specs = [spec(node.name, jump="gw") for node in computes]
        await gateway.stop()
        async with pool_of(files, "gw", *specs) as pool:
            for node in specs:
                with pytest.raises(JumpError, match=r"gw is not up: .*refused") as caught:
                    async with asyncio.timeout(DEADLINES.tcp):
                        await pool.connect(node)
                assert caught.value.state == "via"
            assert [node.connected for node in computes] == [0] * 3
            back = asyncio.timeout(60)
            async with asyncio.TaskGroup() as group, back:
                waiting = group.create_task(pool.wait_via_up(specs[0].name))
                await gateway.start()
                await pool.connect(spec("gw"))
                await waiting
            await pool.connect(specs[0])


async def test_links_end_with_the_gateway_that_carries_them(tmp_path: Path):
    async with data_center(tmp_path, 3) as (files, gateway, computes):
        specs = [spec(node.name, jump="gw") for node in computes]
        async with pool_of(files, "gw", *specs) as pool:
            links = [await pool.connect(node) for node in specs]
            gateway.drop()
            async with asyncio.timeout(60):
                reasons = [await link.wait_closed() for link in links]
            assert all(reason is not None and reason.startswith("gw was lost") for reason in reasons)
            assert [pool.link(node.name) for node in specs] == [None] * 3
            for node in specs:
                await pool.connect(node)
            assert gateway.connected == 2


async def test_what_a_gateway_cannot_reach_is_the_computes_trouble(tmp_path: Path):
    async with data_center(tmp_path, 2) as (files, gateway, computes):
        await computes[0].stop()
        files.add_host("lost", "no-such-host.invalid", 22)
        specs = [spec("c1", jump="gw"), spec("lost", jump="gw"), spec("c2", jump="gw")]
        async with pool_of(files, "gw", *specs) as pool:
            with pytest.raises(RefusedError, match=r"gw cannot reach 127.0.1.1"):
                await pool.connect(specs[0])
            with pytest.raises(ResolveError, match="gw does not know the name no-such-host"):
                await pool.connect(specs[1])
            gateway.forwards = False
            with pytest.raises(RefusedError, match="forwards nothing") as caught:
                await pool.connect(specs[2])
            assert "AllowTcpForwarding" in str(caught.value.hint)


async def test_two_hops_over_real_sshds(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    with (
        openssh_node(tmp_path, "gw", "127.0.0.2", files=files, settings="LogLevel VERBOSE") as gateway,
        openssh_node(tmp_path, "c1", "127.0.0.3", files=files),
        openssh_node(tmp_path, "c2", "127.0.0.4", files=files),
    ):
        specs = [spec("c1", jump="gw"), spec("c2", jump="gw")]
        async with pool_of(files, "gw", *specs) as pool:
            for node in specs:
                link = await pool.connect(node)
                assert (await link.run(["id", "-un"], timeout_seconds=60)).output == "root\n"
        assert gateway.log.count("Accepted publickey") == 1


RELAY = """
import os, select, socket, sys
far = socket.create_connection((sys.argv[1], int(sys.argv[2])))
print('relay runs', file=sys.stderr)
while True:
    for source in select.select([0, far], [], [])[0]:
        data = os.read(0, 65536) if source == 0 else far.recv(65536)
        if not data:
            sys.exit()
        far.sendall(data) if source == 0 else os.write(1, data)
"""


async def test_a_proxy_command_runs_in_a_shell(tmp_path: Path):
    relay = tmp_path / "relay.py"
    relay.write_text(RELAY)
    marker = tmp_path / "ran as"
    command = f"{sys.executable} {relay} %h %p 2>&2 # ' not split"
    async with ssh_node(tmp_path, "n1", config={"ProxyCommand": command}) as node:
        node.files.config.write_text(node.files.config.read_text().replace("2>&2", f"2> '{marker}'"))
        async with pool_of(node.files, "n1") as pool:
            link = await pool.connect(spec("n1"))
            assert (await link.run(["echo", "through"], timeout_seconds=60)).output == "through\n"
            got = 0

            def received(data: bytes) -> None:
                nonlocal got
                got += len(data)

            channel = await link.open("head -c 3000000 /dev/zero", received)
            await channel.wait_closed()
            assert got == 3_000_000
        assert marker.read_text() == "relay runs\n"


async def test_a_proxy_command_that_fails_says_why(tmp_path: Path):
    async with ssh_node(tmp_path, "n1", config={"ProxyCommand": "sh -c 'echo no way there >&2; exit 1'"}) as node:
        async with pool_of(node.files, "n1") as pool:
            with pytest.raises(RefusedError) as caught:
                await pool.connect(spec("n1"))
            assert "no way there" in str(caught.value.hint)


async def test_a_proxy_command_ends_with_its_link(tmp_path: Path):
    pid_file = tmp_path / "pid"
    relay = tmp_path / "relay.py"
    relay.write_text(RELAY)
    command = f"sh -c 'echo $$ > {pid_file}; exec {sys.executable} {relay} %h %p'"
    async with ssh_node(tmp_path, "n1", config={"ProxyCommand": command}) as node:
        async with pool_of(node.files, "n1") as pool:
            link = await pool.connect(spec("n1"))
            process = Path(f"/proc/{pid_file.read_text().strip()}")
            assert process.exists()
            link.close()
            await until(lambda: not process.exists())


async def test_match_exec_decides_in_a_thread(tmp_path: Path):
    async with ssh_node(tmp_path, "n1", config={"HostName": ""}) as node:
        text = f'Match originalhost n1 exec "test %n = n1"\n HostName {node.address}\n'
        node.files.config.write_text(text + node.files.config.read_text())
        async with pool_of(node.files, "n1") as pool:
            await pool.connect(spec("n1"))
        node.files.config.write_text("Bad\n")
        async with pool_of(node.files, "n1") as pool:
            with pytest.raises(ConfigError):
                await pool.connect(spec("n1"))
