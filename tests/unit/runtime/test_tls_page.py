"""Where an https page leads on to: on the same origin it is followed, elsewhere it is said and not asked."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from aen_tui.model.node import HttpTarget, NodeName, Role
from aen_tui.runtime.tls_page import page_behind_tls
from aen_tui.transports import Link
from tests.support.certificates import Signed, signed_for
from tests.support.nodes import node_spec

SERVER = NodeName("aen-server")
LEADS = {
    b"/": "login",
    b"/same/": "https://127.0.0.1:443/login#top",
    b"/plain/": "http://127.0.0.1/login?session=this-is-secret",
    b"/port/": "https://127.0.0.1:8443/",
    b"/away/": "//aen.example.com/x",
    b"/circle/": "/circle/",
    b"/bad/": "https://127.0.0.1:x/",
}


class Forwarding:
    """A connection whose every way leads to one socket."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def open_unix_forward(self, _host: str, _port: int) -> str:
        return str(self._socket)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request, one answer: where it leads, or the login page."""
    path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
    body = "<input type=password>" if path == b"/login" else ""
    head = f"Location: {LEADS[path]}\r\n" if path in LEADS else ""
    code = "302 Found" if path in LEADS else "200 OK"
    writer.write(f"HTTP/1.1 {code}\r\n{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
    await writer.drain()
    writer.close()


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    return signed_for(tmp_path_factory.mktemp("tls"), "127.0.0.1")


@pytest.mark.parametrize(
    ("path", "code", "kind", "onward"),
    [
        ("", 200, "login", None),
        ("/same", 200, "login", None),
        ("/plain", 302, "other", "http://127.0.0.1/login"),
        ("/port", 302, "other", "https://127.0.0.1:8443/"),
        ("/away", 302, "other", "https://aen.example.com/x"),
        ("/circle", 302, "other", "https://127.0.0.1/circle/"),
        ("/bad", None, None, None),
    ],
)
async def test_a_page_is_followed_on_its_own_origin_alone(
    signed: Signed, tmp_path: Path, path: str, code: int | None, kind: str | None, onward: str | None
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed.certificate, signed.key)
    spec = replace(node_spec(SERVER, Role.SERVER), tls_ca=str(signed.authority))
    target = HttpTarget("server", f"https://127.0.0.1{path}", ("/",), SERVER, SERVER, wants_document=True)
    async with await asyncio.start_unix_server(answer, tmp_path / "s", ssl=context):
        page = await page_behind_tls(cast(Link, cast(Any, Forwarding(tmp_path / "s"))), spec, target)
    assert (page.code, page.kind, page.onward) == (code, kind, onward)
    assert bool(page.error) is (code is None)
