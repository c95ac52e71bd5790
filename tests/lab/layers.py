"""The prepared lower layer that all nodes of a lab share: accounts, sshd, sudo, what a machine's own folders hold.

What differs from node to node is written by the node's pid 1 into its own upper layer (see lab.py).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

NODE_FILES = Path(__file__).with_name("node")
Owner = tuple[int, int]
ROOT: Owner = (0, 0)
WAKARI: Owner = (7001, 7001)
OPERATOR: Owner = (7002, 7002)
NGINX: Owner = (7003, 7003)
MONGOD: Owner = (7004, 7004)
ADM_GROUP = 4
ACCOUNTS: dict[str, tuple[Owner, str, str]] = {
    "wakari": (WAKARI, "/home/wakari", "/bin/bash"),
    "operator": (OPERATOR, "/home/operator", "/bin/bash"),
    "nginx": (NGINX, "/var/lib/nginx", "/usr/sbin/nologin"),
    "mongod": (MONGOD, "/var/lib/mongo", "/usr/sbin/nologin"),
    "public": ((7005, 7005), "/home/public", "/bin/bash"),
    "alice": ((7010, 7010), "/home/alice", "/bin/bash"),
}
"""Account → ids, home, shell. `public` is AEN's ANON_USER, alice owns a project."""
LOGINS = ("operator", "wakari")
OPAQUE = "trusted.overlay.opaque"


@dataclass(frozen=True, slots=True)
class Layer:
    """A folder that becomes a lower layer; paths are the node's, absolute."""

    folder: Path

    def path(self, path: str) -> Path:
        """Where the node's `path` is in this layer."""
        return self.folder / path.lstrip("/")

    def directory(self, path: str, mode: int = 0o755, owner: Owner = ROOT, *, opaque: bool = False) -> None:
        """A folder, with its missing parents; opaque hides what `/` of this machine has there."""
        place = self.path(path)
        if not place.is_dir():
            if path != "/":
                self._parent(path)
            place.mkdir()
        place.chmod(mode)
        os.chown(place, *owner)
        if opaque:
            os.setxattr(place, OPAQUE, b"y")

    def write(self, path: str, content: str | bytes, mode: int = 0o644, owner: Owner = ROOT) -> None:
        """A file, with its missing parents."""
        self._parent(path)
        place = self.path(path)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        place.chmod(mode)
        os.chown(place, *owner)

    def link(self, path: str, target: str) -> None:
        """A symbolic link."""
        self._parent(path)
        self.path(path).symlink_to(target)

    def copy_tree(self, source: Path, path: str) -> None:
        """A copy of a folder of this machine, times kept (compiled modules stay valid)."""
        self._parent(path)
        shutil.copytree(source, self.path(path), ignore=shutil.ignore_patterns("tests"))

    def own(self, path: str, owner: Owner) -> None:
        """Gives a folder and all below it to `owner`."""
        for folder, _, names in os.walk(self.path(path)):
            os.chown(folder, *owner)
            for name in names:
                os.chown(Path(folder, name), *owner, follow_symlinks=False)

    def _parent(self, path: str) -> None:
        parent = str(Path(path).parent)
        if not self.path(parent).is_dir():
            self.directory(parent)


def template(name: str, **values: str) -> str:
    """A file of node/ with @NAME@ replaced."""
    text = (NODE_FILES / name).read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


def build_base(folder: Path, authorized_keys: Sequence[str]) -> Path:
    """Writes the layer that every node has; returns its folder."""
    folder.mkdir()
    layer = Layer(folder)
    layer.directory("/")
    _accounts(layer)
    for name in LOGINS:
        owner, home, _ = ACCOUNTS[name]
        layer.directory(f"{home}/.ssh", 0o700, owner)
        layer.write(f"{home}/.ssh/authorized_keys", "".join(f"{line}\n" for line in authorized_keys), 0o600, owner)
    layer.directory("/etc/ssh", opaque=True)
    moduli = Path("/etc/ssh/moduli")
    if moduli.exists():
        layer.write("/etc/ssh/moduli", moduli.read_bytes())
    layer.directory("/etc/sudoers.d", 0o750, opaque=True)
    layer.directory("/opt", opaque=True)
    # This machine's own secrets and logs are none of the nodes' business.
    layer.directory("/root", 0o700, opaque=True)
    layer.directory("/var/log", opaque=True)
    layer.directory("/projects")
    layer.write("/var/log/messages", "", 0o600)
    layer.write("/var/log/secure", "", 0o600)
    layer.directory("/var/log/nginx", opaque=True)
    layer.directory("/var/lib/nginx", 0o700, NGINX, opaque=True)
    return folder


def _accounts(layer: Layer) -> None:
    """This machine's passwd, group, shadow with the node's accounts; "*" is no password, but not locked for sshd."""
    passwd = _without(Path("/etc/passwd"), ACCOUNTS)
    group = _without(Path("/etc/group"), ACCOUNTS)
    for name, ((uid, gid), home, shell) in ACCOUNTS.items():
        passwd.append(f"{name}:x:{uid}:{gid}::{home}:{shell}")
        group.append(f"{name}:x:{gid}:")
        layer.directory(home, 0o700 if home.startswith("/home/") else 0o755, (uid, gid))
    group = [line.rstrip(":") + ":operator" if line.startswith("adm:") else line for line in group]
    layer.write("/etc/passwd", _lines(passwd))
    layer.write("/etc/group", _lines(group))
    layer.write("/etc/shadow", shadow(), 0o640, (0, 42))
    layer.write("/etc/gshadow", _lines([f"{line.split(':')[0]}:*::" for line in group]), 0o640, (0, 42))


def shadow(operator_hash: str = "*") -> str:
    """The nodes' /etc/shadow: nobody has a password, except operator where a hash is given."""
    names = [line.split(":")[0] for line in _without(Path("/etc/passwd"), ACCOUNTS)] + list(ACCOUNTS)
    return _lines([f"{name}:{operator_hash if name == 'operator' else '*'}:19000:0:99999:7:::" for name in names])


def _without(path: Path, names: dict[str, tuple[Owner, str, str]]) -> list[str]:
    return [line for line in path.read_text().splitlines() if line.split(":")[0] not in names]


def _lines(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
