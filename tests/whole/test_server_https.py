"""The server's https URL, with real nginx and an authority that only `tls_ca` names: its pages are told apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from aen_tui.model.facts import NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime import https, server_page
from aen_tui.runtime.cluster import Runtime
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.support.certificates import Signed, signed_for
from tests.whole.conftest import Watching
from tests.whole.test_check import license_expired, wk_server_stopped

SERVER = NodeName("aen-server")
SITE = "/etc/nginx/conf.d/www.enterprise.conf"
TLS_SITE = "/etc/nginx/conf.d/tls.conf"


@pytest.fixture
def node(lab: Lab) -> LabNode:
    return lab.nodes[SERVER]


@pytest.fixture
def signed(node: LabNode, tmp_path: Path) -> Iterator[Signed]:
    """The site behind TLS too, where a server that does not answer is a 504 after a second."""
    made = signed_for(tmp_path, node.address)
    node.path("/etc/nginx/server.crt").write_bytes(made.certificate.read_bytes())
    node.path("/etc/nginx/server.key").write_bytes(made.key.read_bytes())
    site = "server {" + node.path(SITE).read_text().partition("server {\n    listen")[2].replace(
        " 80;",
        " listen 443 ssl; proxy_read_timeout 1s; ssl_certificate /etc/nginx/server.crt;"
        " ssl_certificate_key /etc/nginx/server.key;",
        1,
    )
    node.path(TLS_SITE).write_text(site)
    assert node.service("nginx", "reload").returncode == 0
    yield made
    node.path(TLS_SITE).unlink()
    node.service("nginx", "reload")


def inventory(lab: Lab, folder: Path, authority: Path | None) -> Path:
    url = f"https://{lab.nodes[SERVER].address}"
    named = {"tls_ca": str(authority)} if authority is not None else {}
    return lab.write_inventory(folder / "https.toml", server={"url": url}, node={SERVER: named})


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked as often as somebody who waits would like."""
    monkeypatch.setattr(server_page, "EVERY_SECONDS", 0.5)
    monkeypatch.setattr(server_page, "AGAIN_SECONDS", 0.5)
    monkeypatch.setattr(https, "HTTP_SECONDS", 0.5)


@pytest.fixture
async def runtime(lab: Lab, signed: Signed, tmp_path: Path, watching: Watching, soon: None) -> AsyncIterator[Runtime]:
    async with watching(inventory(lab, tmp_path, signed.authority)) as running:
        await until(running, lambda server: kind(server) == "login" and code(server) == 200)
        yield running


async def until(runtime: Runtime, true: Callable[[NodeState], bool]) -> NodeState:
    async with asyncio.timeout(60):
        return (await runtime.store.wait_for(lambda state: true(state.nodes[SERVER]))).nodes[SERVER]


def kind(server: NodeState) -> str | None:
    return None if server.page.value is None or server.page.error else server.page.value.kind


def code(server: NodeState) -> int | None:
    return next((one.status_code for one in server.http if one.name == "server"), None)


def not_ok(server: NodeState) -> dict[str, str]:
    return {one.check: one.message for one in server.findings if one.severity is not Severity.OK}


@contextmanager
def wk_server_hangs(node: LabNode) -> Iterator[None]:
    pid = str(node.supervisor_pid("wk-server"))
    node.run(["kill", "-STOP", pid])
    try:
        yield
    finally:
        node.run(["kill", "-CONT", pid])


@dataclass(frozen=True)
class Case:
    """What is done to the server, and what its URL is said to show."""

    done: Callable[[LabNode], AbstractContextManager[None]]
    check: str
    says: str


CASES = [
    Case(license_expired, "license", "shows the page that wants a license"),
    Case(wk_server_stopped, "server-page", "answers 502: nginx finds no wk-server"),
    Case(wk_server_hangs, "server-page", "answers 504: wk-server does not answer in time"),
]


@pytest.mark.parametrize("case", CASES, ids=["license", "502", "504"])
async def test_pages_are_told_apart(runtime: Runtime, node: LabNode, case: Case) -> None:
    assert not not_ok(runtime.store.node(SERVER)).keys() & {"license", "server-page"}
    with case.done(node):
        server = await until(runtime, lambda server: case.check in not_ok(server))
        assert not_ok(server)[case.check].startswith(f"https://{node.address}")
        assert case.says in not_ok(server)[case.check]
        assert not not_ok(server).keys() & ({"license", "server-page"} - {case.check})
    await until(runtime, lambda server: kind(server) == "login" and case.check not in not_ok(server))


@pytest.mark.parametrize("is_named", [False, True], ids=["none", "not-there"])
async def test_without_its_authority_nothing_is_believed(
    lab: Lab, signed: Signed, tmp_path: Path, watching: Watching, soon: None, is_named: bool
) -> None:
    authority = tmp_path / "gone.crt" if is_named else None
    async with watching(inventory(lab, tmp_path, authority)) as runtime:
        server = await until(
            runtime,
            lambda server: bool((server.page.error or server.page.value) and any(one.error for one in server.http)),
        )
        assert kind(server) is None
        answer = next(one for one in server.http if one.name == "server")
        assert (answer.status_code, "certificate" in (answer.error or "")) == (None, True), answer
        assert ("gone.crt: No such file" in (answer.error or "")) == is_named
