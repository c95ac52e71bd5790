"""Strict host keys against real OpenSSH servers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import asyncssh
import pytest

from aen_tui.errors import HostKeyError
from tests.integration.transports.support import pool_of, spec
from tests.support.sshd import OpenSsh, SshFiles, openssh_node, ssh_node


def fingerprint(public: Path) -> str:
    return subprocess.run(["ssh-keygen", "-lf", public], capture_output=True, text=True, check=True).stdout.split()[1]


async def refusal(files: SshFiles, name: str = "n1") -> HostKeyError:
    async with pool_of(files, name) as pool:
        with pytest.raises(HostKeyError) as caught:
            await pool.connect(spec(name))
        return caught.value


async def connects(files: SshFiles, name: str = "n1") -> bool:
    async with pool_of(files, name) as pool:
        link = await pool.connect(spec(name))
        return (await link.run(["true"], timeout_seconds=60)).exit_status == 0


async def test_a_known_key_is_accepted(tmp_path: Path):
    with openssh_node(tmp_path, "n1") as node:
        assert await connects(node.files)


async def test_an_unknown_key_is_refused_and_the_way_out_works(tmp_path: Path):
    with openssh_node(tmp_path, "n1", known=False) as node:
        error = await refusal(node.files)
        assert "is unknown" in error.message
        assert fingerprint(Path(f"{node.host_key}.pub")) in error.message
        assert "CHANGED" not in error.message
        assert error.hint is not None
        command = error.hint[error.hint.index("ssh-keyscan") :]
        assert str(node.files.known_hosts) in command
        subprocess.run(["/bin/sh", "-c", command], check=True, capture_output=True)
        assert await connects(node.files)


async def test_a_changed_key_is_refused_with_both_fingerprints_and_the_way_out_works(tmp_path: Path):
    with openssh_node(tmp_path, "n1", known=False) as node:
        other = asyncssh.generate_private_key("ssh-ed25519")
        node.files.know("127.0.0.99", 22, other.export_public_key().decode())
        node.files.know(node.address, node.port, other.export_public_key().decode())
        error = await refusal(node.files)
        assert "HAS CHANGED" in error.message
        assert fingerprint(Path(f"{node.host_key}.pub")) in error.message
        assert other.get_fingerprint() in error.message
        assert f"{node.files.known_hosts}:2" in error.message
        assert error.hint is not None
        command = error.hint[error.hint.index("ssh-keygen -R") :]
        subprocess.run(["/bin/sh", "-c", command], check=True, capture_output=True)
        assert await connects(node.files)
        assert "127.0.0.99" in node.files.known_hosts.read_text()


async def test_a_host_known_by_a_key_of_another_kind_is_changed_not_unknown(tmp_path: Path):
    with openssh_node(tmp_path, "n1", known=False, key_type="ecdsa") as node:
        other = asyncssh.generate_private_key("ssh-ed25519")
        node.files.know(node.address, node.port, other.export_public_key().decode())
        assert "HAS CHANGED" in (await refusal(node.files)).message


async def test_of_several_host_keys_the_known_one_is_asked_for(tmp_path: Path):
    rsa = tmp_path / "rsa"
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", rsa], check=True)
    with openssh_node(tmp_path, "n1", known=False, settings=f"HostKey {rsa}") as node:
        node.files.know(node.address, node.port, Path(f"{rsa}.pub").read_text())
        assert await connects(node.files)


async def test_a_revoked_key_is_refused(tmp_path: Path):
    with openssh_node(tmp_path, "n1") as node:
        public = Path(f"{node.host_key}.pub").read_text()
        with node.files.known_hosts.open("a") as file:
            file.write(f"@revoked * {public}")
        error = await refusal(node.files)
        assert "is revoked" in error.message
        assert fingerprint(Path(f"{node.host_key}.pub")) in error.message
        assert f"{node.files.known_hosts}:2" in error.message


async def test_hashed_hosts_and_lines_that_make_no_sense(tmp_path: Path):
    with openssh_node(tmp_path, "n1") as node:
        subprocess.run(["ssh-keygen", "-H", "-f", node.files.known_hosts], check=True, capture_output=True)
        text = node.files.known_hosts.read_text()
        assert text.startswith("|1|")
        node.files.known_hosts.write_text("# why\n\nrubbish\n|1|x|y ssh-rsa AAAA\n@odd h ssh-rsa AAAA\n" + text)
        assert await connects(node.files)


async def test_an_entry_without_a_port_holds_for_every_port(tmp_path: Path):
    with openssh_node(tmp_path, "n1", known=False) as node:
        node.files.know(node.address, 22, Path(f"{node.host_key}.pub").read_text())
        assert await connects(node.files)


async def test_an_entry_for_the_address_does_not_vouch_for_a_name(tmp_path: Path):
    with openssh_node(tmp_path, "n1", config={"HostName": "localhost"}) as node:
        assert "is unknown" in (await refusal(node.files)).message


async def test_an_alias_is_what_known_hosts_calls_the_host(tmp_path: Path):
    with openssh_node(tmp_path, "n1", known=False, config={"HostKeyAlias": "gold"}) as node:
        error = await refusal(node.files)
        assert error.hint is not None
        command = error.hint[error.hint.index("ssh-keyscan") :]
        subprocess.run(["/bin/sh", "-c", command], check=True, capture_output=True)
        assert node.files.known_hosts.read_text().startswith("gold ssh-")
        assert await connects(node.files)


@pytest.mark.parametrize("word", ["none", "/dev/null", "/no/such/file"])
async def test_no_list_of_known_hosts_trusts_nobody(tmp_path: Path, word: str):
    with openssh_node(tmp_path, "n1", config={"UserKnownHostsFile": word, "StrictHostKeyChecking": "no"}) as node:
        assert "is unknown" in (await refusal(node.files)).message


async def test_the_global_file_counts(tmp_path: Path):
    with openssh_node(tmp_path, "n1") as node:
        moved = node.files.known_hosts.rename(tmp_path / "global")
        node.files.config.write_text(f"GlobalKnownHostsFile {moved}\n" + node.files.config.read_text())
        assert await connects(node.files)


def certified(node: OpenSsh, authority: Path, principals: str, *more: str) -> None:
    if not authority.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", authority], check=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-s", authority, "-I", "node", "-h", "-n", principals, *more, f"{node.host_key}.pub"],
        check=True,
    )


@pytest.mark.parametrize(
    ("principals", "more", "says"),
    [
        ("127.0.0.1", (), None),
        ("other.host", (), "is not valid"),
        ("127.0.0.1", ("-V", "20200101:20200102"), "is not valid"),
    ],
)
async def test_a_host_certificate(tmp_path: Path, principals: str, more: tuple[str, ...], says: str | None):
    authority = tmp_path / "ca"
    with openssh_node(tmp_path, "n1", known=False) as first:
        certified(first, authority, principals, *more)
    files = first.files
    files.known_hosts.write_text(f"@cert-authority * {Path(f'{authority}.pub').read_text()}")
    settings = f"HostCertificate {first.host_key}-cert.pub"
    with openssh_node(tmp_path, "n1", files=files, known=False, settings=settings, port=first.port):
        if says is None:
            assert await connects(files)
        else:
            assert says in (await refusal(files)).message


async def test_a_certificate_of_an_unknown_authority_leaves_the_plain_key_to_decide(tmp_path: Path):
    authority, stranger = tmp_path / "ca", tmp_path / "stranger"
    with openssh_node(tmp_path, "n1", known=False) as first:
        certified(first, stranger, "127.0.0.1")
        certified(first, authority, "127.0.0.1")
    files = first.files
    settings = f"HostCertificate {first.host_key}-cert.pub"
    with openssh_node(tmp_path, "n1", files=files, known=False, settings=settings, port=first.port):
        files.known_hosts.write_text(f"@cert-authority * {Path(f'{stranger}.pub').read_text()}")
        assert "unknown authority" in (await refusal(files)).message
        files.forget()
        files.know(first.address, first.port, Path(f"{first.host_key}.pub").read_text())
        assert await connects(files)


async def test_the_hint_for_a_compute_goes_through_its_gateway(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    async with (
        ssh_node(tmp_path, "gw", "127.0.0.2", files=files),
        ssh_node(tmp_path, "c1", "127.0.0.3", files=files, known=False) as compute,
        pool_of(files, "gw", spec("c1", jump="gw")) as pool,
    ):
        with pytest.raises(HostKeyError) as caught:
            await pool.connect(spec("c1", jump="gw"))
        assert f"ssh gw 'ssh-keyscan -p {compute.port} 127.0.0.3' >> " in str(caught.value.hint)
