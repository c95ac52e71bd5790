"""Who is told of events outside the screen, of which, how often, and with what words."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from aen_tui.model.node import NodeName
from aen_tui.model.notify import NotifySettings
from aen_tui.model.secret import Secret
from aen_tui.model.severity import Severity
from aen_tui.runtime import hooks as hooks_module
from aen_tui.runtime.hooks import Hooks
from aen_tui.runtime.telling import SETTLE_SECONDS
from aen_tui.state.alerts import Alerts
from aen_tui.state.events import Event, Events
from tests.support.states import StoppedClock

COMPUTES = tuple(NodeName(f"compute1-{n}") for n in range(1, 26))
EVIL = "$(touch /tmp/x); `id`\x1b]9;pwned\x07"


class Stage:
    def __init__(self, **settings: Any) -> None:
        self.clock, self.events, self.alerts = StoppedClock(), Events(), Alerts()
        self.hooks = Hooks(NotifySettings(**settings), "aen-prod", self.events, self.alerts, self.clock)

    def happen(self, node: NodeName, *, severity: Severity = Severity.CRITICAL, **more: Any) -> None:
        fields: dict[str, Any] = {"kind": "finding", "text": EVIL, "source": "disk-free", "check": "disk-free"} | more
        self.events.add(Event(self.clock.wall(), node, severity=severity, **fields))

    def look(self, seconds: float = SETTLE_SECONDS) -> None:
        self.hooks.look()
        self.clock.advance(seconds)
        self.hooks.look()

    @property
    def notifications(self) -> list[str]:
        return [alert.notification for alert in self.alerts.take()]


def test_nodes_that_go_together_are_told_of_together_with_check_and_nodes_only() -> None:
    stage = Stage(osc9=Severity.WARNING, bell=Severity.CRITICAL)
    for node in COMPUTES[:13]:
        stage.happen(node)
    stage.look(1.0)
    for node in COMPUTES[13:]:
        stage.happen(node)
    assert stage.alerts.take() == ()
    stage.look()
    (alert,) = stage.alerts.take()
    assert alert.bell and alert.notification == "disk-free compute1-[1-25]"
    for node in COMPUTES:
        stage.happen(node)
    stage.look()
    assert stage.alerts.take() == (), "a row is told once"


def test_below_its_severity_nothing_is_told() -> None:
    stage = Stage(bell=Severity.CRITICAL, osc9=Severity.WARNING)
    stage.happen(COMPUTES[0], severity=Severity.WARNING)
    stage.happen(COMPUTES[0], severity=Severity.OK)
    stage.look()
    assert [(one.bell, bool(one.notification)) for one in stage.alerts.take()] == [(False, True)]


@pytest.mark.parametrize("how", ["planned", "read", "a mark only", "our own failure"])
def test_who_need_not_be_told_is_not(how: str) -> None:
    stage = Stage(osc9=Severity.WARNING)
    kinds = {"a mark only": "new-message", "our own failure": "notify"}
    stage.happen(COMPUTES[0], is_planned=how == "planned", kind=kinds.get(how, "finding"))
    if how == "read":
        stage.events.timeline.acknowledge([0])
    stage.look()
    assert stage.notifications == []


def test_so_many_a_minute_and_the_rest_is_counted() -> None:
    stage = Stage(osc9=Severity.WARNING, most_per_minute=3)
    for number in range(10):
        stage.happen(COMPUTES[0], source=f"x{number}")
    stage.look()
    assert len(stage.notifications) == 3
    stage.clock.advance(60.0)
    stage.happen(COMPUTES[0], source="later")
    stage.look()
    assert len(stage.notifications) == 1


@asynccontextmanager
async def delivering(stage: Stage) -> AsyncIterator[None]:
    task = asyncio.create_task(stage.hooks.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Any) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


def script(folder: Path, body: str, mode: int = 0o700) -> str:
    file = folder / "hook"
    file.write_text(f"#!{sys.executable}\n{body}")
    file.chmod(mode)
    return str(file)


async def test_a_command_gets_json_and_nothing_of_a_node_in_words_or_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AEN_SECRET", "x")
    out = tmp_path / "out"
    saves = "import json,os,sys; data = json.load(sys.stdin)\n"
    saves += f"open({str(out)!r} + 'n', 'w').write(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd(), data]))\n"
    saves += f"os.rename({str(out)!r} + 'n', {str(out)!r})\n"
    stage = Stage(commands={Severity.CRITICAL: (script(tmp_path, saves), "--aen")})
    async with delivering(stage):
        stage.happen(COMPUTES[0])
        stage.happen(COMPUTES[1], severity=Severity.WARNING)
        stage.look()
        await until(out.exists)
    words, environment, folder, told = json.loads(out.read_text())
    assert words == ["--aen"] and folder == "/"
    assert set(environment) - {"LC_CTYPE"} <= set(hooks_module.PASSED_ON)
    assert told["nodes"] == ["compute1-1"] and told["check"] == "disk-free" and told["severity"] == "critical"
    assert told["cluster"] == "aen-prod" and "\x1b" not in told["text"] and "touch" in told["text"]


@pytest.mark.parametrize(
    ("body", "mode", "why"),
    [
        ("raise SystemExit(3)", 0o700, "exit status 3"),
        ("import time; time.sleep(600)", 0o700, "did not end within"),
        ("raise SystemExit(0)", 0o722, "writable by others"),
    ],
)
async def test_a_command_that_fails_is_an_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, mode: int, why: str
) -> None:
    monkeypatch.setattr(hooks_module, "COMMAND_SECONDS", 1.0 if "sleep" in body else 60.0)
    stage = Stage(commands={Severity.CRITICAL: (script(tmp_path, body, mode),)})
    async with delivering(stage):
        stage.happen(COMPUTES[0])
        stage.look()
        await until(lambda: any(event.kind == "notify" for event in stage.events))
    (event,) = [event for event in stage.events if event.kind == "notify"]
    assert why in event.text


async def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[asyncio.Timeout] = []
    timeout = asyncio.timeout

    def limited(seconds: float) -> asyncio.Timeout:
        made = timeout(seconds)
        limits.extend([made] if seconds == hooks_module.COMMAND_SECONDS else [])
        return made

    monkeypatch.setattr(asyncio, "timeout", limited)
    monkeypatch.setattr(hooks_module, "COMMAND_SECONDS", 1000.0)
    pids = tmp_path / "pids"
    body = "import os, time\nchild = os.fork()\n"
    body += f"if child: open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child}}')\ntime.sleep(600)"
    stage = Stage(commands={Severity.CRITICAL: (script(tmp_path, body),)})
    is_left: list[bool] = []
    add = stage.events.add

    def told(event: Event) -> None:
        if event.kind == "notify":
            is_left.append(Path(f"/proc/{pids.read_text().split()[0]}").exists())
        add(event)

    monkeypatch.setattr(stage.events, "add", told)
    async with delivering(stage):
        stage.happen(COMPUTES[0])
        stage.look()
        await until(lambda: pids.exists() and pids.read_text())
        limits[0].reschedule(asyncio.get_running_loop().time())
        await until(lambda: any(event.kind == "notify" for event in stage.events))
    assert is_left == [False], "what is left of it when its end is told outlives the loop, and warns in another test"
    for pid in pids.read_text().split():
        await until(lambda pid=pid: not _runs(int(pid)))


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def test_a_webhook_that_points_elsewhere_is_not_followed_and_no_proxy_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import httpx

    seen: list[httpx.Request] = []
    made: list[dict[str, Any]] = []
    plain = httpx.AsyncClient

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(307, headers={"Location": "http://169.254.169.254/latest"})

    def client(**options: Any) -> httpx.AsyncClient:
        made.append(options)
        return plain(**{**options, "transport": httpx.MockTransport(answer)})

    monkeypatch.setattr(httpx, "AsyncClient", client)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    stage = Stage(webhooks={Severity.CRITICAL: Secret("https://hooks.example.com/services/T0KEN")})
    async with delivering(stage):
        stage.happen(COMPUTES[0])
        stage.look()
        await until(lambda: any(event.kind == "notify" for event in stage.events))
    assert len(seen) == 1 and seen[0].method == "POST" and json.loads(seen[0].content)["check"] == "disk-free"
    assert made[0]["trust_env"] is False and made[0]["follow_redirects"] is False
    (event,) = [event for event in stage.events if event.kind == "notify"]
    assert "hooks.example.com" in event.text and "307" in event.text and "T0KEN" not in event.text


async def test_what_waits_for_a_hook_that_hangs_is_told_later_the_worst_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks_module, "WAITING", 2)
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(Hooks, "_command", _written(told))
    commands = {Severity.CRITICAL: ("/bin/true",), Severity.WARNING: ("/bin/true",)}
    stage = Stage(commands=commands, most_per_minute=60)
    for number in range(6):
        stage.happen(COMPUTES[number], source=f"w{number}", severity=Severity.WARNING)
    stage.look()
    stage.happen(COMPUTES[6])
    stage.look()
    async with delivering(stage):
        await until(lambda: len(told) == 3)
        stage.look(1.0)
        await until(lambda: len(told) == 4)
    assert [one["severity"] for one in told] == ["critical", "warning", "warning", "warning"]
    assert [one["left_out"] for one in told] == [0, 0, 0, 4]
    assert [node for one in told[1:] for node in one["nodes"]] == list(COMPUTES[:6])
    assert told[-1]["kind"] == "summary" and told[-1]["check"] == "disk-free"


def _written(told: list[dict[str, Any]]) -> Any:
    async def command(self: Hooks, argv: tuple[str, ...], body: bytes) -> None:
        told.append(json.loads(body))

    return command


async def test_hooks_that_hang_hold_up_nothing() -> None:
    stage = Stage(commands={Severity.CRITICAL: ("/bin/true",)}, most_per_minute=60)
    for number in range(60):  # nobody delivers
        stage.happen(COMPUTES[0], source=f"x{number}")
    stage.look()
    assert stage.hooks._work.qsize() == hooks_module.WAITING
