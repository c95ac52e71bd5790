"""Keys, agent, forwards and old algorithms against real OpenSSH servers."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from asyncssh.kex import get_kex

from aen_tui.errors import AuthError, RefusedError
from tests.integration.transports.support import ScriptedPrompter, pool_of, spec
from tests.support.sshd import SshFiles, need_sshd, openssh_node

OLD = (
    "KexAlgorithms diffie-hellman-group-exchange-sha256,diffie-hellman-group-exchange-sha1,"
    "diffie-hellman-group14-sha1,diffie-hellman-group1-sha1\n"
    "Ciphers aes128-ctr,aes192-ctr,aes256-ctr,aes128-cbc,3des-cbc\n"
    "MACs hmac-md5,hmac-sha1,hmac-ripemd160@openssh.com,hmac-sha1-96,hmac-md5-96\n"
    "HostKeyAlgorithms ssh-rsa\nPubkeyAcceptedAlgorithms ssh-rsa,ssh-dss\n"
)


def old_settings() -> str:
    """5.3's algorithms, as far as this OpenSSH still has them."""
    ciphers, macs = (
        subprocess.run(["ssh", "-Q", what], capture_output=True, text=True).stdout for what in ("cipher", "mac")
    )
    lines = OLD.splitlines()
    for position, known in ((1, ciphers), (2, macs)):
        keyword, names = lines[position].split()
        lines[position] = f"{keyword} {','.join(n for n in names.split(',') if n in known.split())}"
    return "\n".join(lines).replace(",ssh-dss", "")


@contextmanager
def agent(*keys: Path) -> Iterator[Path]:
    """A real ssh-agent with some keys."""
    if shutil.which("ssh-agent") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs ssh-agent")
        pytest.skip("needs ssh-agent (package openssh-client)")
    folder = keys[0].parent / "agent"
    folder.mkdir(mode=0o700)
    sock = folder / "sock"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", sock], stdout=subprocess.DEVNULL)
    try:
        environment = {**os.environ, "SSH_AUTH_SOCK": str(sock)}
        for _ in range(2000):
            if subprocess.run(["ssh-add", "-l"], env=environment, capture_output=True).returncode != 2:
                break
        subprocess.run(["ssh-add", "-q", *keys], env=environment, check=True, stdin=subprocess.DEVNULL)
        yield sock
    finally:
        process.terminate()
        process.wait(60)


def make_key(path: Path, *, passphrase: str = "", kind: str = "ed25519", form: str = "") -> Path:
    more = ["-m", form] if form else []
    subprocess.run(["ssh-keygen", "-q", "-t", kind, *more, "-N", passphrase, "-f", path], check=True)
    return path


async def user_of(files: SshFiles, name: str = "n1", prompter: ScriptedPrompter | None = None) -> str:
    async with pool_of(files, name, prompter=prompter) as pool:
        link = await pool.connect(spec(name))
        return (await link.run(["id", "-un"], timeout_seconds=60)).output.strip()


async def test_a_missing_identity_file_is_skipped(tmp_path: Path):
    with openssh_node(tmp_path, "n1") as node:
        node.files.config.write_text(f"IdentityFile {tmp_path}/missing\n" + node.files.config.read_text())
        assert await user_of(node.files) == "root"


async def test_a_key_that_others_can_read_is_not_used_and_the_link_says_so(tmp_path: Path):
    with openssh_node(tmp_path, "n1") as node:
        loose = Path(shutil.copy(node.files.key, tmp_path / "loose"))
        loose.chmod(0o644)
        node.files.config.write_text(f"IdentityFile {loose}\n" + node.files.config.read_text())
        async with pool_of(node.files, "n1") as pool:
            link = await pool.connect(spec("n1"))
            assert any("others can read it" in note for note in link.notes)
        node.files.key.chmod(0o644)
        with pytest.raises(AuthError):
            await user_of(node.files)


@pytest.mark.parametrize("form", ["", "PEM"])
async def test_an_encrypted_identity_file_is_asked_for_once_a_run(tmp_path: Path, form: str):
    key = make_key(tmp_path / "enc", passphrase="open sesame", kind="rsa" if form else "ed25519", form=form)
    files = SshFiles(tmp_path / "ssh")
    with (
        openssh_node(tmp_path, "n1", files=files, config={"IdentityFile": str(key)}) as one,
        openssh_node(tmp_path, "n2", "127.0.0.5", files=files, config={"IdentityFile": str(key)}) as two,
    ):
        for node in (one, two):
            (node.folder / "authorized_keys").write_text(Path(f"{key}.pub").read_text())
        with pytest.raises(AuthError):
            await user_of(files)
        answers = iter(["wrong", "open sesame"])
        prompter = ScriptedPrompter(lambda _node, _text: next(answers))
        async with pool_of(files, "n1", "n2", prompter=prompter) as pool:
            for name in ("n1", "n2"):
                await pool.connect(spec(name))
        assert [text for _node, text, _secret in prompter.asked] == [f"Passphrase for the key {key}"] * 2


async def test_a_passphrase_is_not_asked_for_a_key_that_the_server_does_not_take(tmp_path: Path):
    key = make_key(tmp_path / "enc", passphrase="x")
    with openssh_node(tmp_path, "n1") as node:
        node.files.config.write_text(f"Host n1\n IdentityFile {key}\n" + node.files.config.read_text())
        prompter = ScriptedPrompter(lambda _node, _text: "x")
        assert await user_of(node.files, prompter=prompter) == "root"
        assert prompter.asked == []


async def test_the_agent_holds_the_key(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    files.key.rename(tmp_path / "key")
    with (
        agent(tmp_path / "key") as sock,
        openssh_node(tmp_path, "n1", files=files, config={"IdentityAgent": str(sock)}),
    ):
        assert await user_of(files) == "root"


async def test_named_keys_of_a_full_agent_come_first(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    files.key.rename(tmp_path / "key")
    others = [make_key(tmp_path / f"other{n}") for n in range(8)]
    with (
        agent(*others, tmp_path / "key") as sock,
        openssh_node(tmp_path, "n1", files=files, settings="MaxAuthTries 3", config={"IdentityAgent": str(sock)}),
    ):
        # IdentityFile names a key of which only the public half is here: the agent has the other.
        assert await user_of(files) == "root"


async def test_too_many_keys_is_a_matter_of_the_login(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    others = [make_key(tmp_path / f"other{n}") for n in range(4)]
    config = {"IdentityFile": str(tmp_path / "none-such")}
    with (
        agent(*others) as sock,
        openssh_node(
            tmp_path, "n1", files=files, settings="MaxAuthTries 2", config={**config, "IdentityAgent": str(sock)}
        ),
    ):
        with pytest.raises(AuthError, match="Too many authentication failures"):
            await user_of(files)


async def test_identities_only_keeps_the_agents_other_keys_back(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    files.key.rename(tmp_path / "key")
    config = {"IdentitiesOnly": "yes", "IdentityFile": str(tmp_path / "none-such")}
    with (
        agent(tmp_path / "key") as sock,
        openssh_node(tmp_path, "n1", files=files, config={**config, "IdentityAgent": str(sock)}),
    ):
        with pytest.raises(AuthError):
            await user_of(files)


async def test_a_user_certificate_is_offered(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    authority = make_key(tmp_path / "ca")
    subprocess.run(
        ["ssh-keygen", "-q", "-s", authority, "-I", "me", "-n", "root", f"{files.key}.pub"],
        check=True,
    )
    with openssh_node(tmp_path, "n1", files=files, settings=f"TrustedUserCAKeys {authority}.pub") as node:
        (node.folder / "authorized_keys").write_text("")
        assert await user_of(files) == "root"


async def test_the_agent_is_never_forwarded(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    shutil.copy(files.key, tmp_path / "key")
    more = {"ForwardAgent": "yes", "ForwardX11": "yes"}
    with (
        agent(tmp_path / "key") as sock,
        openssh_node(tmp_path, "n1", files=files, config={**more, "IdentityAgent": str(sock)}),
    ):
        truth = subprocess.run(
            ["ssh", "-F", files.config, "n1", "echo ${SSH_AUTH_SOCK:-no agent}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        assert truth != "no agent", "the trap is not armed: OpenSSH itself would not forward here"
        async with pool_of(files, "n1") as pool:
            link = await pool.connect(spec("n1"))
            result = await link.run(
                ["sh", "-c", "echo ${SSH_AUTH_SOCK:-no agent} ${DISPLAY:-no x}"], timeout_seconds=60
            )
            assert result.output.strip() == "no agent no x"
            assert any(note.startswith("ForwardAgent yes") for note in link.notes)


async def test_the_algorithms_of_openssh_5_3(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    key = make_key(tmp_path / "rsa", kind="rsa")
    # A modern sshd so limited still announces rsa-sha2, which 5.3 does not: only this rig needs the line.
    config = {"IdentityFile": str(key), "PubkeyAcceptedAlgorithms": "ssh-rsa"}
    with openssh_node(tmp_path, "n1", files=files, settings=old_settings(), key_type="rsa", config=config) as node:
        (node.folder / "authorized_keys").write_text(Path(f"{key}.pub").read_text())
        async with pool_of(files, "n1") as pool:
            link = await pool.connect(spec("n1"))
            assert "aes128-ctr" in link.peer
            assert (await link.run(["id", "-un"], timeout_seconds=60)).output == "root\n"


async def test_group_exchange_is_the_last_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    chosen: list[bytes] = []

    def noted(conn: Any, algorithm: bytes) -> Any:
        chosen.append(algorithm)
        return get_kex(conn, algorithm)

    monkeypatch.setattr("asyncssh.connection.get_kex", noted)
    settings = "KexAlgorithms diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha1"
    with openssh_node(tmp_path, "n1", settings=settings) as node:
        assert await user_of(node.files) == "root"
    assert chosen == [b"diffie-hellman-group14-sha1"]


async def test_a_raw_pty_gives_bytes_as_they_are(tmp_path: Path):
    with openssh_node(tmp_path, "n1") as node:
        async with pool_of(node.files, "n1") as pool:
            link = await pool.connect(spec("n1"))
            got = bytearray()
            ready = asyncio.Event()
            payload = bytes(range(256)) * 79

            def received(data: bytes) -> None:
                got.extend(data)
                ready.set()

            channel = await link.open("stty raw -echo; printf READY; exec head -c 20000", received, raw_pty=True)
            await asyncio.wait_for(ready.wait(), 60)
            channel.write(payload)
            assert await channel.wait_closed() == 0
            assert bytes(got) == b"READY" + payload[:20000]
            assert (await link.run(["tty"], timeout_seconds=60, pty=True)).output.startswith("/dev/pts/")


async def test_further_channels_are_refused_and_the_link_lives(tmp_path: Path):
    with openssh_node(tmp_path, "n1", settings="MaxSessions 2") as node:
        async with pool_of(node.files, "n1") as pool:
            link = await pool.connect(spec("n1"))
            held = [await link.open("cat", lambda _data: None) for _ in range(2)]
            with pytest.raises(RefusedError, match="no further channel") as caught:
                await link.run(["true"], timeout_seconds=60)
            assert "MaxSessions" in str(caught.value.hint)
            held[0].close()
            await held[0].wait_closed()
            assert (await link.run(["true"], timeout_seconds=60)).exit_status == 0


async def test_twenty_five_nodes_behind_one_sshd_that_takes_ten_at_a_time(tmp_path: Path):
    need_sshd()
    files = SshFiles(tmp_path / "ssh")
    names = [f"n{number}" for number in range(25)]
    with openssh_node(tmp_path, "one", files=files, settings="MaxStartups 10") as node:
        for name in names:
            files.add_host(name, node.address, node.port)
        async with pool_of(files, *names, handshakes_at_once=64) as pool:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(pool.connect(spec(name))) for name in names]
            assert len({id(task.result()) for task in tasks}) == 25


async def test_fifty_three_nodes_under_1024_open_files(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    names = [f"n{number}" for number in range(53)]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with openssh_node(tmp_path, "one", files=files, settings="MaxStartups 100") as node:
        for name in names:
            files.add_host(name, node.address, node.port)
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
        try:
            async with pool_of(files, *names) as pool:
                async with asyncio.TaskGroup() as group:
                    for name in names:
                        group.create_task(pool.connect(spec(name)))
                used = len(list(Path("/proc/self/fd").iterdir()))
                assert used < 500
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
