"""The ssh configuration, held against OpenSSH's own reading of it (`ssh -G`)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from aen_tui.errors import ConfigError
from aen_tui.transports.host_config import HostConfig
from aen_tui.transports.ssh_config import SshConfig
from tests.integration.transports.support import pool_of, spec
from tests.support.sshd import SshFiles


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def resolve(path: Path, host: str) -> HostConfig:
    return SshConfig([path], system=None).resolve(host)


def openssh(path: Path, host: str) -> dict[str, list[str]]:
    if shutil.which("ssh") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs the ssh client")
        pytest.skip("needs the ssh client (package openssh-client)")
    out = subprocess.run(["ssh", "-F", path, "-G", host], capture_output=True, text=True, check=True).stdout
    found: dict[str, list[str]] = defaultdict(list)
    for line in out.splitlines():
        keyword, _, value = line.partition(" ")
        found[keyword].append(value)
    return found


CONFIGS = {
    "first value wins": "Host a\n Port 23\n User x\nHost *\n Port 24\n User y\n HostName %h.example.com\n",
    "negation": "Host * !web\n User all\nHost web\n User web\n",
    "patterns": "Host w?b *.lan,never\n User wild\nHost *.lan\n Port 99\n",
    "equals and quotes": 'Host = web\n User="q u"\n Port = 2022 # why\n HostName\tweb.example\n',
    "match": "Match host web user root\n Port 1\nMatch originalhost web\n Port 2\nMatch all\n IdentitiesOnly yes\n",
    "match on what HostName says": "Host web\n HostName w.lan\nMatch host *.lan\n User l\nMatch !host *.lan\n User x\n",
    "match exec with tokens": 'Match exec "test %h = web -a %p = 22"\n User yes\nMatch exec false\n Port 77\n',
    "match exec is not run for nothing": 'Match host nobody exec "touch {tmp}/ran"\n User no\n',
    "match final": "Match final host *.lan\n User final\nHost web\n HostName x.lan\n",
    "proxy jump first": "Host web\n ProxyJump gw:2222\nHost *\n ProxyCommand nc %h %p\n",
    "proxy command first": "Host web\n ProxyCommand nc -x '%h' %p | cat\nHost *\n ProxyJump gw\n",
    "proxy none wins": "Host web\n ProxyJump none\nHost *\n ProxyJump gw\n",
    "identity files add up": "Host web\n IdentityFile ~/a\n IdentityFile %d/%h\nHost *\n IdentityFile ~/a\n",
    "known hosts": "Host web\n UserKnownHostsFile /k/%k /l\n GlobalKnownHostsFile /g\n HostKeyAlias ali\n",
    "include": "Include {tmp}/inc/*.conf\nHost web\n Port 1\n",
    "include in a host block": "Host nobody\n Include {tmp}/inc/*.conf\nHost web\n Port 1\n",
    "switches": "PasswordAuthentication no\nKbdInteractiveAuthentication no\nCompression yes\nBatchMode yes\n",
    "address": "AddressFamily inet6\nBindAddress 127.0.0.1\nTCPKeepAlive no\nRekeyLimit 1G 1h\n",
}


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("host", ["web", "a", "b.lan", "WEB"])
def test_it_is_read_as_openssh_reads_it(tmp_path: Path, name: str, host: str):
    (tmp_path / "inc").mkdir()
    write(tmp_path / "inc" / "20.conf", "Host web\n Port 20\n User twenty\n")
    write(tmp_path / "inc" / "10.conf", "Host web\n Port 10\n")
    write(tmp_path / "inc" / ".hidden.conf", "Host web\n Port 5\n")
    file = write(tmp_path / "config", CONFIGS[name].replace("{tmp}", str(tmp_path)))
    truth, ours = openssh(file, host), resolve(file, host)
    assert ours.hostname.lower() == truth["hostname"][0].lower()
    assert str(ours.port) == truth["port"][0]
    assert ours.user == truth["user"][0]
    assert (ours.proxy_jump or "none") == truth.get("proxyjump", ["none"])[0]
    if "proxycommand" in truth:
        assert ours.proxy_command is not None
        assert _same_command(ours.proxy_command, truth["proxycommand"][0], ours)
    assert [str(f) for f in ours.user_known_hosts] == _paths(truth["userknownhostsfile"][0], ours)
    assert [str(f) for f in ours.global_known_hosts] == _paths(truth["globalknownhostsfile"][0], ours)
    if ours.identity_files_named:
        assert [str(f) for f in ours.identity_files] == [_path(word, ours) for word in truth["identityfile"]]
    assert ours.identities_only == (truth["identitiesonly"][0] == "yes")
    assert ours.password == (truth["passwordauthentication"][0] == "yes")
    assert ours.keyboard_interactive == (truth["kbdinteractiveauthentication"][0] == "yes")
    assert ours.compression == (truth["compression"][0] == "yes")
    assert ours.batch == (truth["batchmode"][0] == "yes")
    assert ours.family == truth["addressfamily"][0]
    assert ours.tcp_keepalive == (truth["tcpkeepalive"][0] == "yes")
    assert not (tmp_path / "ran").exists()


def _path(text: str, config: HostConfig) -> str:
    """What ssh -G leaves unexpanded in some versions."""
    for token, value in {"%d": str(Path.home()), "%r": config.user, "%h": config.hostname}.items():
        text = text.replace(token, value)
    return str(Path(text.replace("%k", config.host_key_alias or config.host)).expanduser())


def _paths(text: str, config: HostConfig) -> list[str]:
    return [_path(word, config) for word in text.split()]


def _same_command(ours: str, theirs: str, config: HostConfig) -> bool:
    return ours == theirs.replace("%h", config.hostname).replace("%p", str(config.port))


def test_match_tagged(tmp_path: Path):
    # OpenSSH 9.2 has no Tag yet, so it cannot be asked.
    file = write(tmp_path / "config", "Host web\n Tag blue\nMatch tagged blue\n User blue\n")
    assert resolve(file, "web").user == "blue"
    assert resolve(file, "other").user != "blue"


def test_a_changed_file_is_read_again(tmp_path: Path):
    file = write(tmp_path / "config", "Host web\n Port 1\n")
    config = SshConfig([file], system=None)
    assert config.resolve("web").port == 1
    write(file, "Host web\n Port 22022\n")
    assert config.resolve("web").port == 22022


def test_the_systems_file_comes_last_and_includes_beside_itself(tmp_path: Path):
    user = write(tmp_path / "config", "Host web\n Port 1\n")
    system = write(tmp_path / "system", "Include extra.conf\nPort 2\nUser sys\n")
    write(tmp_path / "extra.conf", "HostName from-extra\n")
    config = SshConfig([user, tmp_path / "missing"], system=system).resolve("web")
    assert (config.port, config.user, config.hostname) == (1, "sys", "from-extra")


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_refused(tmp_path: Path, mode: int):
    file = write(tmp_path / "config", "Host web\n")
    file.chmod(mode)
    with pytest.raises(ConfigError, match="written by others"):
        resolve(file, "web")


def test_an_include_of_somebody_else_is_refused(tmp_path: Path):
    if os.geteuid() != 0:
        pytest.skip("needs root to give a file away")
    theirs = write(tmp_path / "theirs", "ProxyCommand evil\n")
    os.chown(theirs, 12345, -1)
    with pytest.raises(ConfigError, match="uid 12345"):
        resolve(write(tmp_path / "config", f"Include {theirs}\n"), "web")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Port many\n", "line 1, Port: many makes no sense"),
        ('Host "web\n', "line 1, Host: a quote is not closed"),
        ("Match host\n", "host has no pattern"),
        ("Match weather sunny\n", "weather is not a criterion"),
        ("User\n", "has no value"),
        ("IdentityFile %z\n", "%z is not a token"),
        ("BatchMode perhaps\n", "neither yes nor no"),
    ],
)
def test_an_error_names_file_line_and_keyword(tmp_path: Path, text: str, says: str):
    file = write(tmp_path / "config", text)
    with pytest.raises(ConfigError) as caught:
        resolve(file, "web")
    assert str(file) in str(caught.value)
    assert says in str(caught.value)


def test_what_is_not_honoured_is_named(tmp_path: Path):
    text = "ForwardAgent yes\nForwardX11 no\nStrictHostKeyChecking no\nControlMaster auto\nUser x\nLocalForward 1 h:2\n"
    notes = "\n".join(resolve(write(tmp_path / "config", text), "web").notes)
    assert "ForwardAgent yes: the agent is never forwarded" in notes
    assert "StrictHostKeyChecking no: host keys are always checked" in notes
    assert "ControlMaster" in notes
    assert "LocalForward" in notes
    assert "ForwardX11" not in notes
    assert "User" not in notes.replace("UserKnownHosts", "")


def test_what_asks_for_what_is_done_anyway_is_no_note(tmp_path: Path):
    text = "Host *\n ControlPath none\n ControlMaster no\n UpdateHostKeys no\n"
    assert resolve(write(tmp_path / "config", text), "web").notes == ()
    text = "Host *\n ControlPath /x/%h\n UpdateHostKeys yes\n"
    assert len(resolve(write(tmp_path / "other", text), "web").notes) == 2


async def test_a_refused_configuration_is_an_error_of_the_node(tmp_path: Path):
    files = SshFiles(tmp_path / "ssh")
    files.config.chmod(0o666)
    async with pool_of(files, "n1") as pool:
        with pytest.raises(ConfigError, match="written by others"):
            await pool.connect(spec("n1"))
