"""sudo as it is met: what the preflight says of each node, and what becomes of an action there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from aen_tui.config.load import load_inventory
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, PlanEvent, Result, Target
from aen_tui.model.secret import Secret
from aen_tui.runtime.cluster import Runtime
from aen_tui.ui.app import AenApp
from aen_tui.ui.prompter import ScreenPrompter
from aen_tui.ui.screens.card import CardScreen
from aen_tui.ui.screens.secret import SecretScreen
from tests.lab.fixtures import need_lab
from tests.lab.lab import Lab
from tests.lab.variants import PASSWORD, Variant
from tests.support.screen import screen_text, until
from tests.whole.test_status import command

SUDO_LOG = "/var/log/sudo.log"
DIARY = f"Defaults logfile={SUDO_LOG}"
GERMAN = "export LC_ALL=C.UTF-8 LANGUAGE=de\n"
LOCKED = "auth sufficient pam_permit.so\naccount required pam_deny.so\nsession required pam_permit.so\n"
KINDS: dict[str, Variant] = {
    "nopasswd": Variant(),
    "password": Variant(sudo="password"),
    "requiretty": Variant(sudo="password", requiretty=True),
    "requiretty, no password": Variant(
        requiretty=True, sudoers_lines=("operator ALL=(root) /sbin/service nginx restart, /sbin/service nginx stop",)
    ),
    "use_pty": Variant(sudo="password", sudoers_lines=("Defaults use_pty",)),
    "lecture": Variant(sudo="password", sudoers_lines=("Defaults lecture=always",)),
    "german": Variant(
        sudo="password",
        sudoers_lines=('Defaults passprompt="Kennwort von %p: "', "Defaults passprompt_override"),
        files={"/home/operator/.bashrc": GERMAN},
    ),
    "refused": Variant(sudo="own", files={"/home/operator/.bashrc": GERMAN}),
    "absent": Variant(sudo="absent"),
    "locked": Variant(files={"/etc/pam.d/sudo": LOCKED}),
    "other commands": Variant(sudo="own", sudoers_lines=("operator ALL=(root) NOPASSWD: /bin/true",)),
    "restart with, status without": Variant(
        sudo="own",
        sudoers_lines=(
            "operator ALL=(wakari) /opt/wakari/wakari-compute/bin/supervisorctl",
            "operator ALL=(wakari) NOPASSWD: /opt/wakari/wakari-compute/bin/supervisorctl status *",
        ),
    ),
}
NODES = {kind: NodeName(f"compute1-{number}") for number, kind in enumerate(KINDS, 1)}
COMPUTE = Target(NodeName(""), "wk-compute", "supervisor", "wakari-compute")


@pytest.fixture(scope="module")
def sudo_lab() -> Iterator[Lab]:
    """A compute of each kind; sudo keeps a diary on each."""
    need_lab()
    variants = {
        str(NODES[kind]): replace(variant, sudoers_lines=(DIARY, *variant.sudoers_lines))
        for kind, variant in KINDS.items()
    }
    with Lab.start(gateways=1, computes=len(KINDS), variants=variants) as started:
        yield started


class Terminal:
    """`aen-tui do`, or another command, on a terminal of its own."""

    def __init__(self, inventory: Path, *words: str, command: str = "do") -> None:
        self.handle, slave = os.openpty()
        self.seen = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "aen_tui", "--inventory", str(inventory), command, *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    def until(self, text: str, seconds: float = 60.0) -> None:
        """Read until a text has come."""
        deadline = time.monotonic() + seconds
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            if select.select([self.handle], [], [], 1.0)[0]:
                self.seen += os.read(self.handle, 65536).decode()

    def type(self, text: str) -> None:
        os.write(self.handle, text.encode())

    def ended(self) -> int:
        """Its exit status, all it wrote read."""
        with contextlib.suppress(OSError):
            while data := os.read(self.handle, 65536):
                self.seen += data.decode()
        os.close(self.handle)
        return self.process.wait(60)


class Typist:
    """Somebody at the keyboard, who types what a test says."""

    def __init__(self, text: str | None) -> None:
        self.text = text
        self.asked: list[tuple[str, str, bool]] = []

    async def ask(self, node: str, text: str, *, secret: bool = True) -> Secret | None:
        self.asked.append((node, text, secret))
        await asyncio.sleep(0)
        return None if self.text is None else Secret(self.text)


@asynccontextmanager
async def watching(lab: Lab, folder: Path, typist: Typist, *kinds: str) -> AsyncIterator[Runtime]:
    """A runtime in which the nodes of these kinds are up and read."""
    file = lab.write_inventory(folder / "inventory.toml", defaults={"become": "actions"})
    runtime = Runtime(load_inventory(file), prompter=typist)
    async with runtime.running():
        async with asyncio.timeout(60):
            await runtime.store.wait_for(lambda state: all(state.nodes[NODES[kind]].complete for kind in kinds))
        yield runtime


def planned(runtime: Runtime, *kinds: str, action: ActionName = ActionName.RESTART) -> Plan:
    return runtime.plan(action, [replace(COMPUTE, node=NODES[kind]) for kind in kinds])


async def carried_out(runtime: Runtime, plan: Plan) -> tuple[Result, list[PlanEvent]]:
    events: list[PlanEvent] = []
    async with asyncio.timeout(120):
        return await runtime.execute(plan, events.append), events


def diary(lab: Lab, kind: str) -> list[str]:
    """What sudo noted on a node, an entry a use."""
    log = lab.nodes[NODES[kind]].path(SUDO_LOG)
    return (log.read_text() if log.exists() else "").replace("\n    ", " ").splitlines()


def incorrect(lab: Lab, *kinds: str) -> int:
    return sum("incorrect password" in entry for kind in kinds for entry in diary(lab, kind))


@pytest.mark.parametrize(
    ("kind", "words", "wants_password", "refusal"),
    [
        ("nopasswd", "asks for no password", False, ""),
        ("password", "asks for the password of operator", True, ""),
        ("requiretty", "asks for the password of operator, on a terminal (requiretty)", True, ""),
        ("requiretty, no password", "asks for no password, on a terminal (requiretty)", False, ""),
        ("use_pty", "asks for the password of operator", True, ""),
        ("german", "asks for the password of operator", True, ""),
        ("refused", "asks for the password of operator", True, ""),
        ("absent", "there is no sudo on the node", False, "sudo: there is no sudo on the node"),
        ("other commands", "does not allow it to operator", False, "sudo: does not allow it to operator"),
        (
            "restart with, status without",
            "asks for the password of operator, for the proof: asks for no password",
            True,
            "",
        ),
    ],
)
async def test_the_preflight_says_what_an_action_would_meet(
    sudo_lab: Lab, tmp_path: Path, kind: str, words: str, wants_password: bool, refusal: str
) -> None:
    async with watching(sudo_lab, tmp_path, Typist(None), kind) as runtime:
        step = (await runtime.preflight(planned(runtime, kind))).steps[0]
        assert step.met is not None
        assert (step.met.words, step.met.wants_password, step.met.refusal) == (words, wants_password, refusal)
        assert (step.argv[:3] == ("/usr/bin/sudo", "-S", "-p")) is wants_password
        before = len(diary(sudo_lab, kind))
        again = (await runtime.preflight(planned(runtime, kind))).steps[0]
        assert again.met == step.met
        assert len(diary(sudo_lab, kind)) == before, "asked once a node, not once a card"


async def test_a_locked_account_is_refused(sudo_lab: Lab, tmp_path: Path) -> None:
    async with watching(sudo_lab, tmp_path, Typist(None), "locked") as runtime:
        plan = await runtime.preflight(planned(runtime, "locked"))
        result, events = await carried_out(runtime, plan)
        assert result is Result.REFUSED
        assert "account" in (events[-1].error or "")


@pytest.mark.parametrize(
    "kind", ["password", "requiretty", "use_pty", "lecture", "german", "restart with, status without"]
)
async def test_a_password_is_typed_once_and_the_restart_is_verified(
    sudo_lab: Lab, tmp_path: Path, own_state: Path, kind: str
) -> None:
    typist = Typist(PASSWORD)
    async with watching(sudo_lab, tmp_path, typist, kind) as runtime:
        result, events = await carried_out(runtime, await runtime.preflight(planned(runtime, kind)))
        assert result is Result.VERIFIED, events[-1].error
        assert typist.asked == [(NODES[kind], "sudo asks for the password of operator", True)]
        result, events = await carried_out(runtime, await runtime.preflight(planned(runtime, kind)))
        assert result is Result.VERIFIED, events[-1].error
        assert len(typist.asked) == 1, "remembered for fifteen minutes"
    audit = (own_state / "aen-tui" / "audit.jsonl").read_text()
    assert json.loads(audit.splitlines()[0])["argv"][:3] == ["/usr/bin/sudo", "-S", "-p"]
    for file in own_state.rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes()
    assert not any(PASSWORD in entry for entry in diary(sudo_lab, kind))


async def test_a_wrong_password_with_many_nodes_is_one_attempt(sudo_lab: Lab, tmp_path: Path) -> None:
    kinds = ("password", "use_pty", "lecture")
    before = incorrect(sudo_lab, *kinds)
    typist = Typist("not it")
    async with watching(sudo_lab, tmp_path, typist, *kinds) as runtime:
        plans = [await runtime.preflight(planned(runtime, kind)) for kind in kinds]
        ended = await asyncio.gather(*(carried_out(runtime, plan) for plan in plans))
    assert {result for result, _ in ended} == {Result.REFUSED}
    assert incorrect(sudo_lab, *kinds) - before == 1
    assert sum("not tried elsewhere" in str(events[-1].error) for _, events in ended) == 2


async def test_three_wrong_ones_and_it_is_not_asked_again(sudo_lab: Lab, tmp_path: Path) -> None:
    before = incorrect(sudo_lab, "requiretty")
    typist = Typist("not it")
    async with watching(sudo_lab, tmp_path, typist, "requiretty") as runtime:
        for _ in range(4):
            result, events = await carried_out(runtime, await runtime.preflight(planned(runtime, "requiretty")))
            assert result is Result.REFUSED
    assert "not asked again" in (events[-1].error or "")
    assert len(typist.asked) == 3
    assert incorrect(sudo_lab, "requiretty") - before <= 3


async def test_who_is_not_in_sudoers_hears_it_after_the_password(sudo_lab: Lab, tmp_path: Path) -> None:
    async with watching(sudo_lab, tmp_path, Typist(PASSWORD), "refused") as runtime:
        result, events = await carried_out(runtime, await runtime.preflight(planned(runtime, "refused")))
        assert result is Result.REFUSED
        assert "not in the sudoers file" in (events[-1].error or "")


def test_do_asks_on_the_terminal_and_shows_nothing_of_it(sudo_lab: Lab, tmp_path: Path) -> None:
    file = sudo_lab.write_inventory(tmp_path / "inventory.toml", defaults={"become": "actions"})
    terminal = Terminal(file, "restart", f"{NODES['password']}/wk-compute")
    terminal.until("restart? [y/N] ")
    assert "sudo: asks for the password of operator" in terminal.seen
    terminal.type("y\n")
    terminal.until("sudo asks for the password of operator: ")
    terminal.type(f"{PASSWORD}\n")
    assert terminal.ended() == 0, terminal.seen
    assert "VERIFIED" in terminal.seen
    assert PASSWORD not in terminal.seen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("words", [(), ("--rolling",)], ids=["plain", "rolling"])
def test_an_interrupt_at_the_password_ends_it_at_once_with_the_echo_restored(
    sudo_lab: Lab, tmp_path: Path, own_state: Path, words: tuple[str, ...], number: signal.Signals
) -> None:
    file = sudo_lab.write_inventory(tmp_path / "inventory.toml", defaults={"become": "actions"})
    before = len(diary(sudo_lab, "password"))
    terminal = Terminal(file, "restart", f"{NODES['password']}/wk-compute", "--yes", *words)
    terminal.until("sudo asks for the password of operator: ")
    assert not termios.tcgetattr(terminal.handle)[3] & termios.ECHO
    terminal.process.send_signal(number)
    terminal.process.wait(60)
    assert termios.tcgetattr(terminal.handle)[3] & termios.ECHO
    assert terminal.ended() == 2, terminal.seen
    assert "Traceback" not in terminal.seen
    assert not (own_state / "aen-tui" / "audit.jsonl").exists()
    assert not any(
        "supervisorctl" in entry and "COMMAND=list" not in entry for entry in diary(sudo_lab, "password")[before:]
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_at_the_rolling_question_is_a_refusal(
    sudo_lab: Lab, tmp_path: Path, own_state: Path, number: signal.Signals
) -> None:
    file = sudo_lab.write_inventory(tmp_path / "inventory.toml", defaults={"become": "actions"})
    terminal = Terminal(file, "restart", f"{NODES['nopasswd']}/wk-compute", "--rolling")
    terminal.until("restart? [y/N] ")
    terminal.process.send_signal(number)
    assert terminal.ended() == 2, terminal.seen
    assert "refused: interrupted: nothing was done" in terminal.seen
    assert "Traceback" not in terminal.seen
    assert not (own_state / "aen-tui" / "audit.jsonl").exists()


def test_do_without_a_terminal_is_refused(sudo_lab: Lab, tmp_path: Path, own_state: Path) -> None:
    file = sudo_lab.write_inventory(tmp_path / "inventory.toml", defaults={"become": "actions"})
    words = ["do", "restart", f"{NODES['password']}/wk-compute", "--yes", "--json"]
    done = command(file, *words, seconds=100)
    assert done.returncode == 2
    assert "no terminal to ask on" in json.loads(done.stdout.splitlines()[-1])["error"]
    assert not (own_state / "aen-tui" / "audit.jsonl").exists()


async def test_nobody_who_types_is_a_refusal_before_anything(sudo_lab: Lab, tmp_path: Path, own_state: Path) -> None:
    async with watching(sudo_lab, tmp_path, Typist(None), "password") as runtime:
        tries = len(diary(sudo_lab, "password"))
        plan = await runtime.preflight(planned(runtime, "password"))
        asked = len(diary(sudo_lab, "password"))
        result, _ = await carried_out(runtime, plan)
        assert result is Result.REFUSED
        assert asked - tries <= 1
        assert len(diary(sudo_lab, "password")) == asked
    assert not (own_state / "aen-tui" / "audit.jsonl").exists()


async def test_the_dashboard_asks_in_a_masked_dialog_after_y(sudo_lab: Lab, tmp_path: Path) -> None:
    file = sudo_lab.write_inventory(tmp_path / "inventory.toml", defaults={"become": "actions"})
    prompter = ScreenPrompter()
    runtime = Runtime(load_inventory(file), prompter=prompter)
    app = AenApp(runtime)
    app.when_ready(lambda: prompter.attach(app))
    async with runtime.running(), app.run_test(size=(120, 40)) as pilot, asyncio.timeout(90):
        await runtime.store.wait_for(lambda state: state.nodes[NODES["requiretty"]].complete)
        card = CardScreen(runtime, planned(runtime, "requiretty"))
        await app.push_screen(card)
        await until(pilot, lambda: card.takes_keys, seconds=60)
        text = screen_text(app)
        assert "sudo: asks for the password of operator" in text
        assert "/usr/bin/sudo -S -p" in text
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, SecretScreen) and app.screen.hears)
        await pilot.press(*("space" if letter == " " else letter for letter in PASSWORD))
        await until(pilot, lambda: len(app.screen.query_one(Input).value) == len(PASSWORD))
        assert PASSWORD not in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: card.result is not None, seconds=60)
        assert card.result is Result.VERIFIED
        assert PASSWORD not in screen_text(app)
