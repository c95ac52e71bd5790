"""37: our requests carry our name, and no proxy of the environment gets them."""

from __future__ import annotations

import asyncio
import re
import ssl
import subprocess
from pathlib import Path

import pytest

from aen_tui import __version__
from aen_tui.model.node import NodeName
from tests.lab.lab import Lab
from tests.lab.waiting import until
from tests.support.certificates import signed_for
from tests.whole.conftest import Watching
from tests.whole.test_status import command

LOG = "/opt/wakari/wakari-gateway/var/log/wakari/gateway.application.log"
BODY = b'{"status": "ok", "messages": []}'


def test_the_name_stands_in_the_gateways_own_log_and_one_path_is_asked(
    lab: Lab, watcher: subprocess.Popen[bytes]
) -> None:
    log = lab.nodes["gateway1"].path(LOG)
    until(lambda: f"aen-tui/{__version__}" in log.read_text(), "a request of ours")
    paths = re.findall(rf'"GET (\S+)" \d+ "aen-tui/{re.escape(__version__)}"', log.read_text())
    assert set(paths) == {"/status"}


def test_they_are_not_shown(lab: Lab, watcher: subprocess.Popen[bytes], inventory_file: Path) -> None:
    log = lab.nodes["gateway1"].path(LOG)
    until(lambda: f"aen-tui/{__version__}" in log.read_text(), "a request of ours")
    lab.nodes["gateway1"].append(LOG, b'2026-11-21T10:00:00.000Z - info: 10.0.0.1 "GET /status" 200 "curl/7"\n')
    shown = command(inventory_file, "logs", f"gateway1:{LOG}", "-n", "1000").stdout
    assert "curl/7" in shown
    assert "aen-tui/" not in shown


async def test_https_goes_through_the_node_and_past_every_proxy(
    lab: Lab, tmp_path: Path, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    address = lab.topology.jump_address
    signed = signed_for(tmp_path, address)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed.certificate, signed.key)
    heads: list[bytes] = []
    peers: set[str] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        peers.add(writer.get_extra_info("peername")[0])
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, address, 0, ssl=context)
    url = f"https://{address}:{server.sockets[0].getsockname()[1]}"
    centers = [{"name": "dc1", "gateway": "gateway1", "gateway_url": url, "computes": []}]
    file = lab.write_inventory(
        tmp_path / "inventory.toml", data_center=centers, node={"gateway1": {"tls_ca": str(signed.authority)}}
    )
    name = NodeName("gateway1")
    async with server, watching(file) as runtime, asyncio.timeout(60):
        state = await runtime.store.wait_for(
            lambda state: any(answer.document is not None for answer in state.nodes[name].http)
        )
    (answer,) = state.nodes[name].http
    assert answer.url.startswith(url) and answer.error is None
    assert f"User-Agent: aen-tui/{__version__}".encode().lower() in heads[0].lower()
    assert peers == {lab.nodes["gateway1"].address}
