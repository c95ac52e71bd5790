"""What a node's pid 1 is told: layers, files of its own, services to start, ports to wait for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.lab import fetched
from tests.lab.layers import NODE_FILES, OPERATOR, ROOT, WAKARI, Layer, Owner, shadow
from tests.lab.network import node_lines
from tests.lab.sshfiles import KeyPair
from tests.lab.topology import PORTS_OF, SERVICE_OF, Place, Topology
from tests.lab.tree import PYTHON27_MOUNT, build_mongodb, build_role, logs_of, prefix_of, running_texts
from tests.lab.variants import PASSWORD_HASH, Variant

START_SSHD = "/usr/sbin/sshd -E /var/log/secure || { cat /var/log/secure; exit 1; }"
SUDO_PROGRAM = "/usr/bin/sudo"
UNFOUND_PYTHON = "runtime"
"""The tree's interpreter by a name that nobody looks for: its programs run, and yet there is no Python to be found."""
SSHD_53 = """HostKeyAlgorithms ssh-rsa
PubkeyAcceptedAlgorithms ssh-rsa
KexAlgorithms diffie-hellman-group-exchange-sha256,diffie-hellman-group-exchange-sha1,\
diffie-hellman-group14-sha1,diffie-hellman-group1-sha1
Ciphers aes128-ctr,aes192-ctr,aes256-ctr,aes128-cbc,3des-cbc,aes192-cbc,aes256-cbc
MACs hmac-md5,hmac-sha1,umac-64@openssh.com,hmac-sha1-96,hmac-md5-96
AllowStreamLocalForwarding no
MaxStartups 10
"""
SSHD_PROGRAMS = ("/usr/sbin/sshd", "/usr/lib/openssh/sshd-session", "/usr/lib/openssh/sshd-auth")
"""OpenSSH splits its server since 9.8."""


class LayerShelf:
    """The lower layers of one lab, each built when the first node wants it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built: dict[str, Path] = {}

    def layers_of(self, place: Place, variant: Variant) -> list[str]:
        """Folders above the base layer, uppermost first."""
        found = [self._role(role, variant) for role in _aen_roles(place, variant)]
        if variant.mongodb:
            found.append(self._mongodb())
        if variant.openssh_53:
            found.append(self._sshd_53())
        return [str(path) for path in reversed(found)]

    def _role(self, role: str, variant: Variant) -> Path:
        workers = variant.worker_processes if role == "server" else 0
        interpreter = "python" if variant.python else UNFOUND_PYTHON
        key = f"{role}-{interpreter}-supervisor{variant.supervisor}-{workers}"
        if key not in self._built:
            supervisor_3 = fetched.supervisor_3(variant.supervisor) if variant.supervisor != "4" else None
            self._built[key] = build_role(
                self._folder / key,
                role,
                worker_processes=workers,
                supervisor_3=supervisor_3,
                interpreter=interpreter,
            )
        return self._built[key]

    def _mongodb(self) -> Path:
        if "mongodb" not in self._built:
            self._built["mongodb"] = build_mongodb(self._folder / "mongodb", fetched.mongod())
        return self._built["mongodb"]

    def _sshd_53(self) -> Path:
        if "sshd53" not in self._built:
            self._built["sshd53"] = build_sshd_53(self._folder / "sshd53")
        return self._built["sshd53"]


def build_sshd_53(folder: Path) -> Path:
    """Writes the layer with a sshd that greets as OpenSSH 5.3 and knows no EXT_INFO; returns its folder.

    A sshd limited to ssh-rsa user keys still says in EXT_INFO that it takes rsa-sha2 signatures, and refuses them; 5.3
    sends no EXT_INFO. It is sent to clients that ask by the pseudo algorithm "ext-info-c", so that word is spoilt here;
    its start, because the linker lets other words ("-c") share its end.
    """
    folder.mkdir()
    layer = Layer(folder)
    for path in SSHD_PROGRAMS:
        source = Path(path)
        if not source.exists():
            continue
        program = source.read_bytes().replace(b"ext-info-c", b"xxx-info-c")
        program = re.sub(rb"OpenSSH_[0-9]+\.[0-9]+p[0-9]+(?: Debian[^\0]*)?", _greeting, program)
        layer.write(path, program, 0o755)
    return folder


def _greeting(match: re.Match[bytes]) -> bytes:
    return b"OpenSSH_5.3".ljust(len(match.group(0)), b"\0")


def node_spec(place: Place, variant: Variant, topology: Topology, host_key: KeyPair) -> dict[str, Any]:
    """The specification of a node, without its layers."""
    files = [_file("/etc/hostname", f"{place.name}\n"), _file("/etc/hosts", _hosts(place, topology))]
    files += [_sshd_config(variant), *_host_key_files(variant, host_key), *_sudo_files(variant)]
    if variant.noisy_shell:
        files.append(_file("/home/operator/.bashrc", (NODE_FILES / "noisy.bashrc").read_text(), 0o644, OPERATOR))
    files += [_file(path, text) for path, text in variant.files.items()]
    boot = [["sh", "-c", START_SSHD]]
    ports, texts = [22], []
    if variant.mongodb:
        boot.append(["/etc/init.d/mongod", "start"])
        ports.append(27017)
    for role in _aen_roles(place, variant):
        boot += [
            [f"/etc/init.d/{SERVICE_OF[role]}", "start"],
            *([["/etc/init.d/nginx", "start"]] if role == "server" else []),
        ]
        ports += PORTS_OF[role]
        texts += running_texts(role, variant.worker_processes)
        files += _root_only_logs(role) if variant.root_only_logs else []
    if variant.root_only_logs:
        boot.insert(0, ["chmod", "700", "/var/log/nginx"])
    return {
        "name": place.name,
        "files": files,
        "remove": _removed(variant),
        "binds": _binds(variant),
        "network": node_lines(place),
        "boot": boot,
        "ports": ports,
        "wait_for": texts,
    }


def _aen_roles(place: Place, variant: Variant) -> list[str]:
    """The roles of which the node has a tree."""
    return [role for role in place.roles if role in SERVICE_OF] if variant.aen_tree else []


def _file(path: str, text: str, mode: int = 0o644, owner: Owner = ROOT) -> dict[str, Any]:
    return {"path": path, "text": text, "mode": mode, "owner": owner}


def _hosts(place: Place, topology: Topology) -> str:
    lines = [f"{address} {name}\n" for name, address in topology.hosts_of(place).items()]
    return "127.0.0.1 localhost\n" + "".join(lines)


def _sshd_config(variant: Variant) -> dict[str, Any]:
    lines = [f"{line}\n" for line in variant.sshd_lines]
    lines += ["PasswordAuthentication yes\n"] if variant.ssh_password else []
    lines += [SSHD_53] if variant.openssh_53 else []
    # Since 9.8 sshd shuts out an address whose logins fail or are cut: all of a test's.
    lines += ["PerSourcePenalties no\n"] if Path(SSHD_PROGRAMS[1]).exists() else []
    kind = "rsa" if variant.openssh_53 else "ed25519"
    text = "".join(lines) + f"HostKey /etc/ssh/ssh_host_{kind}_key\n" + (NODE_FILES / "sshd_config").read_text()
    return _file("/etc/ssh/sshd_config", text, 0o600)


def _host_key_files(variant: Variant, host_key: KeyPair) -> list[dict[str, Any]]:
    path = f"/etc/ssh/ssh_host_{'rsa' if variant.openssh_53 else 'ed25519'}_key"
    return [_file(path, host_key.private, 0o600), _file(f"{path}.pub", f"{host_key.public}\n")]


def _sudo_files(variant: Variant) -> list[dict[str, Any]]:
    text = (NODE_FILES / "sudoers").read_text()
    if variant.requiretty:
        text += "Defaults requiretty\n"
    for user in ("operator", "wakari"):
        if variant.sudo == "all":
            text += f"{user} ALL=(ALL) NOPASSWD: ALL\n"
        elif variant.sudo == "password" and user == "operator":
            text += f"{user} ALL=(ALL) ALL\n"
        elif variant.sudo == "exact":
            text += _exact_lines(user)
    text += "".join(f"{line}\n" for line in variant.sudoers_lines)
    files = [_file("/etc/sudoers", text, 0o440)]
    if variant.sudo in ("password", "own") or variant.ssh_password:
        files.append(_file("/etc/shadow", shadow(PASSWORD_HASH), 0o640, (0, 42)))
    return files


def _exact_lines(user: str) -> str:
    """No wildcards: one line for each command that an action runs."""
    programs = {"server": ("wk-server", "worker"), "gateway": ("wk-gateway",), "compute": ("wk-compute",)}
    verbs = ("restart", "start", "stop")
    supervisorctl = [
        f"{prefix_of(role)}/bin/supervisorctl {verb} {name}"
        for role, names in programs.items()
        for name in names
        for verb in verbs
    ]
    services = [f"{path} {name} {verb}" for path in ("/usr/sbin/service", "/sbin/service")
                for name in (*SERVICE_OF.values(), "nginx", "mongod") for verb in verbs]  # fmt: skip
    lines = [f"{user} ALL=(wakari) NOPASSWD: {command}\n" for command in supervisorctl]
    return "".join([*lines, *(f"{user} ALL=(root) NOPASSWD: {command}\n" for command in services)])


def _root_only_logs(role: str) -> list[dict[str, Any]]:
    """Files that exist before their writers: the service account may append to them, and only root read."""
    return [_file(path, "", 0o620, (ROOT[0], WAKARI[1])) for path in logs_of(role)]


def _removed(variant: Variant) -> list[str]:
    paths = [SUDO_PROGRAM] if variant.sudo == "absent" else []
    if not variant.python:
        names = ("python", "python2", "python3")
        paths += [f"{folder}/{name}" for folder in ("/usr/bin", "/usr/local/bin") for name in names]
        paths.append("/usr/libexec/platform-python")
    return paths


def _binds(variant: Variant) -> list[list[str]]:
    if variant.supervisor == "4":
        return []
    prefix = fetched.python27_prefix()
    assert prefix is not None, "supervisor_3 has found it"
    return [[str(prefix), PYTHON27_MOUNT]]
