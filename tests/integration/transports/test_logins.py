"""What a person types: to one node first, to the others only after its yes; one no stops all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from aen_tui.errors import AenError, AuthError
from aen_tui.transports.pool import LinkPool
from tests.integration.transports.support import ScriptedPrompter, pool_of, spec
from tests.support.sshd import SshFiles, SshNode, ssh_node


@asynccontextmanager
async def nodes_with_password(
    tmp_path: Path, count: int, password: str = "right"
) -> AsyncIterator[tuple[SshFiles, list[SshNode]]]:
    def prepare(node: SshNode) -> None:
        node.password, node.accept_key = password, None

    files = SshFiles(tmp_path / "ssh")
    async with AsyncExitStack() as stack:
        yield (
            files,
            [
                await stack.enter_async_context(
                    ssh_node(tmp_path, f"n{n}", f"127.0.0.{n + 10}", files=files, prepare=prepare)
                )
                for n in range(count)
            ],
        )


async def connect_all(pool: LinkPool, count: int) -> list[AenError | None]:
    async def one(name: str) -> AenError | None:
        try:
            await pool.connect(spec(name))
        except AenError as error:
            return error
        return None

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(f"n{n}")) for n in range(count)]
    return [task.result() for task in tasks]


async def test_a_wrong_password_reaches_one_node_once(tmp_path: Path):
    async with nodes_with_password(tmp_path, 10) as (files, nodes):
        prompter = ScriptedPrompter(lambda _node, _text: "wrong")
        async with pool_of(files, *(n.name for n in nodes), prompter=prompter) as pool:
            errors = await connect_all(pool, 10)
            assert all(isinstance(error, AuthError) for error in errors)
            assert sum(len(node.password_attempts) + len(node.kbdint_answers) for node in nodes) == 1
            assert len(prompter.asked) == 1
            await connect_all(pool, 10)
            assert sum(len(node.password_attempts) for node in nodes) == 1, "a retry must not send it again"


async def test_a_right_password_is_typed_once_for_all(tmp_path: Path):
    async with nodes_with_password(tmp_path, 10) as (files, nodes):
        prompter = ScriptedPrompter(lambda _node, _text: "right")
        async with pool_of(files, *(n.name for n in nodes), prompter=prompter) as pool:
            assert await connect_all(pool, 10) == [None] * 10
            assert len(prompter.asked) == 1
            assert prompter.asked[0][2] is True
            nodes[3].drop()
            link = pool.link(spec("n3").name)
            if link is not None:
                await link.wait_closed()
            await pool.connect(spec("n3"))
            assert len(prompter.asked) == 1


async def test_another_try_is_made_when_somebody_wants_it(tmp_path: Path):
    async with nodes_with_password(tmp_path, 3) as (files, nodes):
        answers = iter(["wrong", "right"])
        prompter = ScriptedPrompter(lambda _node, _text: next(answers))
        async with pool_of(files, *(n.name for n in nodes), prompter=prompter) as pool:
            await connect_all(pool, 3)
            pool.forget_refusals()
            assert await connect_all(pool, 3) == [None] * 3
            assert sum(len(node.password_attempts) for node in nodes) == 4


async def test_nobody_is_asked_where_nobody_is_there_or_batch_mode_says_so(tmp_path: Path):
    async with nodes_with_password(tmp_path, 2) as (files, nodes):
        async with pool_of(files, "n0", "n1") as pool:
            assert all(isinstance(error, AuthError) for error in await connect_all(pool, 2))
        prompter = ScriptedPrompter(lambda _node, _text: "right")
        files.config.write_text("BatchMode yes\n" + files.config.read_text())
        async with pool_of(files, "n0", "n1", prompter=prompter) as pool:
            assert all(isinstance(error, AuthError) for error in await connect_all(pool, 2))
        assert prompter.asked == []
        assert nodes[0].password_attempts == []


async def test_who_will_not_type_is_asked_once(tmp_path: Path):
    async with nodes_with_password(tmp_path, 5) as (files, _nodes):
        prompter = ScriptedPrompter(lambda _node, _text: None)
        async with pool_of(files, *(f"n{n}" for n in range(5)), prompter=prompter) as pool:
            assert all(isinstance(error, AuthError) for error in await connect_all(pool, 5))
        assert len(prompter.asked) == 1


def second_factor(node: SshNode) -> None:
    node.accept_key = None
    node.challenges = [("Password: ", False, "right"), ("Verification code: ", False, "123456")]


async def test_a_second_factor_is_asked_for_each_login(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    answers = {"Verification code:": "123456"}
    prompter = ScriptedPrompter(lambda _node, text: answers.get(text, "right"))
    async with (
        ssh_node(tmp_path, "n0", "127.0.0.10", files=files, prepare=second_factor) as one,
        ssh_node(tmp_path, "n1", "127.0.0.11", files=files, prepare=second_factor) as two,
        pool_of(files, "n0", "n1", prompter=prompter) as pool,
    ):
        assert await connect_all(pool, 2) == [None, None]
        assert one.kbdint_answers == two.kbdint_answers == ["right", "123456"]
        codes = [asked for asked in prompter.asked if "Verification" in asked[1]]
        assert sorted(node for node, _text, _secret in codes) == ["n0", "n1"]
        assert len(prompter.asked) == 3


async def test_a_wrong_code_is_not_sent_twice(tmp_path: Path):
    prompter = ScriptedPrompter(lambda _node, text: "000000" if "code" in text else "right")
    async with ssh_node(tmp_path, "n0", prepare=second_factor) as node:
        async with pool_of(node.files, "n0", prompter=prompter) as pool:
            with pytest.raises(AuthError):
                await pool.connect(spec("n0"))
        assert node.kbdint_answers == ["right", "000000"]


async def test_what_a_server_asks_is_sanitised(tmp_path: Path):
    def prepare(node: SshNode) -> None:
        node.accept_key = None
        node.challenges = [("\x1b]0;owned\x07Color? ", True, "blue")]

    prompter = ScriptedPrompter(lambda _node, _text: "blue")
    async with ssh_node(tmp_path, "n0", prepare=prepare) as node, pool_of(node.files, "n0", prompter=prompter) as pool:
        await pool.connect(spec("n0"))
        assert prompter.asked == [("n0", "\u241b]0;owned\u2407Color?", False)]


async def test_nothing_typed_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    async with nodes_with_password(tmp_path, 2, "sup3rs3cret") as (files, _nodes):
        prompter = ScriptedPrompter(lambda _node, _text: "sup3rs3cret")
        async with pool_of(files, "n0", "n1", prompter=prompter) as pool:
            assert await connect_all(pool, 2) == [None, None]
    assert "sup3rs3cret" not in caplog.text
