"""A real mongod 2.6.10: figures, logins, locks, ends."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from pymongo.errors import OperationFailure

from aen_tui.model.facts import StoreState
from aen_tui.model.severity import Severity
from aen_tui.model.stores import MongoFigures, MongoOptions
from tests.integration.stores.conftest import Person
from tests.lab.waiting import until
from tests.support import stores
from tests.support.mongod import Mongod, running

TRIED = 'user: "monitor"'
"""What mongod writes down of each login."""


def figures(state: StoreState) -> MongoFigures:
    assert isinstance(state.figures, MongoFigures)
    return state.figures


def threads_of_ours() -> int:
    return sum(1 for one in threading.enumerate() if one.name.startswith("mongod"))


def ids(looking: stores.Looking) -> list[str]:
    return [one.check for one in looking.findings() if "mongo" in one.check]


async def test_figures_are_live(mongod: Mongod) -> None:
    async with stores.mongo(mongod.port) as looking:
        with mongod.client() as client:
            client.wakari.projects.insert_many([{"n": n} for n in range(50)])
            client.wakari["a.dotted.name"].insert_one({})
            await looking.look()
            client.wakari.projects.insert_many([{"n": n} for n in range(200)])
            state = await looking.look(contents=True)
    assert (state.state, state.version, state.severity, state.error) == ("up", "2.6.10", Severity.OK, None)
    found = figures(state)
    server, contents = found.server.value, found.contents.value
    assert server is not None and contents is not None
    assert found.hello.role == "standalone"
    assert server.ops_per_second["insert"] > 0
    assert server.connections is not None and server.connections >= 2
    assert server.resident_bytes is not None and server.resident_bytes > 10 * 1024 * 1024
    assert server.locked_percent is not None and server.flushes is not None
    wakari = {one.name: one for one in contents.collections if one.database == "wakari"}
    assert wakari["projects"].count == 250 and wakari["projects"].indexes == 1
    assert "a.dotted.name" in wakari
    assert {one.name for one in contents.databases} >= {"wakari", "local"}
    assert ids(looking) == []


async def test_no_thread_and_no_connection_is_left_idle(mongod: Mongod) -> None:
    async with stores.mongo(mongod.port) as looking:
        await looking.look()
        await looking.look()
        assert threads_of_ours() == 1
        with mongod.client() as client:
            status = client.admin.command("serverStatus")
            created = status["connections"]["totalCreated"]
            await looking.look()
            assert client.admin.command("serverStatus")["connections"]["totalCreated"] == created


async def test_a_lock_with_a_waiting_writer_is_told_and_does_not_hang(mongod: Mongod) -> None:
    async with stores.mongo(mongod.port) as looking:
        with mongod.client() as client:
            client.wakari.projects.insert_one({})
            await looking.look()
            client.admin.command("fsync", lock=True)
            mongod.write_in_background()

            def is_waiting() -> bool:
                found = client.admin["$cmd.sys.inprog"].find_one()
                return any(one["waitingForLock"] for one in found["inprog"])

            until(is_waiting, "a writer that waits")
            state = await looking.look(contents=True)
            locks = figures(state).locks.value
            assert state.state == "up" and locks is not None
            assert locks.is_fsync_locked and locks.waiting
            assert figures(state).server.error == "not asked: it is locked by fsyncLock"
            assert figures(state).server.value is not None, "what was known stays, with its age"
            assert ids(looking) == ["mongo-fsync-locked"]
            async with stores.mongo(mongod.port) as newcomer:
                await newcomer.look()
                assert ids(newcomer) == ["mongo-fsync-locked"], "seen by who comes while it is locked, too"
            client.admin["$cmd.sys.unlock"].find_one()
        state = await looking.look()
        assert (state.error, ids(looking)) == (None, [])


async def test_a_stopped_one_is_down_and_comes_back(mongod: Mongod) -> None:
    async with stores.mongo(mongod.port, root=mongod.root) as looking:
        await looking.look()
        mongod.signal(signal.SIGTERM)
        mongod.wait_ended()
        state = await looking.look()
        assert (state.state, state.severity) == ("down", Severity.CRITICAL)
        assert state.error is not None and f"nothing listens on 127.0.0.1:{mongod.port}" in state.error
        assert state.answered_at is not None and state.last_words is None
        assert ids(looking) == ["mongod-answers"]
        mongod.start()
        state = await looking.look()
        assert (state.state, ids(looking)) == ("up", [])


async def test_what_it_was_started_with_is_of_this_start(mongod: Mongod) -> None:
    async with stores.mongo(mongod.port, root=mongod.root) as looking:

        async def options() -> MongoOptions:
            found = figures(await looking.look()).options
            assert found is not None
            return found

        assert (await options()).journal_bytes == 0
        mongod.restart("--journal", "--syncdelay", "50")
        await looking.look()  # which meets the connections of before
        assert (await options()).has_journal


async def test_a_file_that_was_written_after_the_end_says_how_it_starts(mongod: Mongod) -> None:
    file = mongod.root / "etc/mongod.conf"
    file.parent.mkdir()
    file.write_text(f"dbpath = {mongod.data}\nlogpath = {mongod.log}\n")
    async with stores.mongo(mongod.port, root=mongod.root) as looking:
        await looking.look()
        mongod.signal(signal.SIGTERM)
        mongod.wait_ended()
        ended = mongod.log.stat().st_mtime
        for written, is_small in ((ended - 5, True), (ended + 5, False)):
            os.utime(file, (written, written))
            looking.asker.ask_again()
            found = figures(await looking.look()).options
            assert found is not None and found.small_files is is_small


async def test_one_that_hangs_costs_a_thread_and_says_since_when(
    mongod: Mongod, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stores.mongo(mongod.port) as looking:
        await looking.look()
        monkeypatch.setattr("aen_tui.runtime.stores.mongo_questions.FIRST_SECONDS", 0.3)
        mongod.freeze()
        for _ in range(3):
            state = await looking.look()
            assert state.state == "down"
            assert state.error is not None and "hangs" in state.error and "the last was" in state.error
        assert threads_of_ours() == 1
        assert ids(looking) == ["mongod-answers"]
        mongod.signal(signal.SIGCONT)
        monkeypatch.undo()
        assert (await looking.look()).state == "up"


def end_uncleanly(mongod: Mongod) -> None:
    mongod.signal(signal.SIGKILL)
    mongod.wait_ended()
    mongod.spawn()
    mongod.wait_ended()


async def test_an_unclean_lock_file_is_named_at_every_end(mongod: Mongod) -> None:
    end_uncleanly(mongod)
    async with stores.mongo(mongod.port, root=mongod.root) as looking:
        for _ in range(2):
            state = await looking.look()
            assert state.last_words is not None and state.last_words.startswith("12596")
            assert sorted(ids(looking)) == ["mongo-unclean-lock", "mongod-answers"]
            assert (mongod.data / "mongod.lock").exists()
            (mongod.data / "mongod.lock").unlink()
            mongod.start()
            assert (await looking.look()).last_words is None
            end_uncleanly(mongod)


@pytest.fixture
def guarded(mongod_program: Path, tmp_path: Path) -> object:
    """With --auth: `monitor` may look, `wakari` may use its own database only."""
    with running(tmp_path / "node", "--auth") as daemon:
        with daemon.client() as client:
            client.admin.command("createUser", "root", pwd="r", roles=["root"])
        with daemon.client(username="root", password="r") as client:
            roles = ["clusterMonitor", "readAnyDatabase"]
            client.admin.command("createUser", "monitor", pwd="öffne dich", roles=roles)
            client.wakari.command("createUser", "wakari", pwd="w", roles=["readWrite"])
            client.wakari.projects.insert_one({})
        yield daemon


async def test_without_a_login_the_version_is_known_and_the_rest_is_said_to_be_hidden(guarded: Mongod) -> None:
    async with stores.mongo(guarded.port) as looking:
        state = await looking.look(contents=True)
        assert (state.state, state.version, state.needs_login) == ("up", "2.6.10", True)
        assert state.severity is Severity.UNKNOWN
        assert ids(looking) == ["mongo-login"]


async def test_a_password_from_a_private_file_logs_in_by_mongodb_cr(guarded: Mongod, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("öffne dich\n")
    file.chmod(0o600)
    async with stores.mongo(guarded.port, user="monitor", password_file=file) as looking:
        state = await looking.look(contents=True)
        assert (state.error, ids(looking)) == (None, [])
        contents = figures(state).contents.value
        assert contents is not None and "wakari" in {one.name for one in contents.databases}
    assert TRIED in guarded.log.read_text()


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        ("öffne dich\n", 0o644, "0600"),
        ("öffne dich\n", 0o640, "0600"),
        ("\nöffne dich\n", 0o600, "first line is empty"),
    ],
    ids=["others read it", "the group reads it", "it is empty"],
)
async def test_a_file_that_is_no_secret_is_not_used(
    text: str, mode: int, why: str, guarded: Mongod, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text(text)
    file.chmod(mode)
    async with stores.mongo(guarded.port, user="monitor", password_file=file) as looking:
        state = await looking.look()
        assert state.error is not None and why in state.error and "dich" not in state.error
        assert (state.needs_login, ids(looking)) == (True, ["mongo-login"])
    assert TRIED not in guarded.log.read_text()


async def test_a_pipe_in_the_place_of_the_file_holds_up_nothing(guarded: Mongod, tmp_path: Path) -> None:
    pipe = tmp_path / "password"
    os.mkfifo(pipe, 0o600)
    async with stores.mongo(guarded.port, user="monitor", password_file=pipe) as looking:
        state = await looking.look()
        assert (state.needs_login, state.error) == (True, f"{pipe} is no file")


async def test_a_typed_password_is_asked_for_once_and_a_wrong_one_is_not_sent_again(guarded: Mongod) -> None:
    right, wrong = Person("öffne dich"), Person("wrong")
    async with stores.mongo(guarded.port, user="monitor", prompter=right) as looking:
        await looking.look()
        state = await looking.look()
        assert (state.error, len(right.asked)) == (None, 1)
    async with stores.mongo(guarded.port, user="monitor", prompter=wrong) as looking:
        for _ in range(3):
            state = await looking.look()
            assert state.needs_login and state.error is not None and "auth" in state.error
        assert len(wrong.asked) == 1
        assert guarded.log.read_text().count("Failed to authenticate monitor") == 1
        wrong.text = "öffne dich"
        looking.asker.ask_again()
        state = await looking.look()
        assert (state.error, len(wrong.asked)) == (None, 2)


async def test_a_user_who_may_not_look_is_said_until_he_may(guarded: Mongod, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("w")
    file.chmod(0o600)
    async with stores.mongo(guarded.port, user="wakari", database="wakari", password_file=file) as looking:
        await looking.look()
        assert ids(looking) == ["mongo-login"]
        with guarded.client(username="root", password="r") as client:
            client.wakari.command("grantRolesToUser", "wakari", roles=[{"role": "clusterMonitor", "db": "admin"}])
        state = await looking.look()
        assert (state.error, ids(looking)) == (None, [])


async def test_a_folder_in_the_place_of_the_file_is_closed_again(guarded: Mongod, tmp_path: Path) -> None:
    async with stores.mongo(guarded.port, user="monitor", password_file=tmp_path) as looking:
        await looking.look()
        before = psutil.Process().num_fds()
        for _ in range(3):
            assert (await looking.look()).error == f"{tmp_path}: is a directory"
        assert psutil.Process().num_fds() == before


async def test_a_member_of_a_set_is_asked_itself(mongod_program: Path, tmp_path: Path) -> None:
    with running(tmp_path / "node", "--replSet", "rs0", "--oplogSize", "50") as daemon:
        async with stores.mongo(daemon.port) as looking:
            state = await looking.look()
            assert figures(state).hello.role == "starting"
            with daemon.client() as client:
                members = [{"_id": 0, "host": f"127.0.0.1:{daemon.port}"}]

                def is_initiated() -> bool:
                    with suppress(OperationFailure):  # it does not reach itself yet
                        client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
                        return True
                    return False

                until(is_initiated, "a set", seconds=60)

                def is_primary() -> bool:
                    return bool(client.admin.command("ismaster")["ismaster"])

                until(is_primary, "a primary", seconds=60)
            state = await looking.look()
            server = figures(state).server.value
            assert figures(state).hello.role == "primary" and figures(state).hello.set_name == "rs0"
            assert server is not None and [one.state for one in server.members] == ["PRIMARY"]
