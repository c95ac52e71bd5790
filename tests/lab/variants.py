"""How a node of the lab may differ from the ordinary one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SudoRights = Literal["all", "exact", "password", "refused", "absent", "own"]
"""all: every command, no password. exact: only supervisorctl as wakari and `service` as root.
own: nothing but `sudoers_lines`.
password: every command, with PASSWORD. refused: not in sudoers. absent: no sudo on the machine."""
SupervisorVersion = Literal["4", "3.4.0", "3.1.3", "3.0"]
PASSWORD = "bridge over still water"
"""operator's password, where a node takes one."""
PASSWORD_HASH = "$6$aenlab$qZppp7MVEMbC4Qza7w.vjcZVyul2uSjoV6W8PDq.OGx6d60wYfa38tEVq05T8FMC7u50PtGyWiJh1OwvjVKd2/"
"""PASSWORD by `openssl passwd -6`."""


@dataclass(frozen=True, slots=True)
class Variant:
    """The ordinary node, unless a field says otherwise."""

    openssh_53: bool = False
    """sshd with OpenSSH 5.3's algorithms, greeting and limits, and without EXT_INFO: RSA user keys with SHA-1 only."""
    requiretty: bool = False
    """`Defaults requiretty` in sudoers."""
    sudo: SudoRights = "all"
    """What operator and wakari may do with sudo."""
    sudoers_lines: tuple[str, ...] = ()
    """Further lines for /etc/sudoers, after those of `sudo`."""
    noisy_shell: bool = False
    """operator's .bashrc prints to standard output and error, without a last newline too."""
    root_only_logs: bool = False
    """Logs of the AEN tree and of nginx are readable by root alone (the programs may still append)."""
    supervisor: SupervisorVersion = "4"
    """"4": the release in this virtual environment, on the distribution's Python; 3.x: that release on Python 2.7."""
    mongodb: bool = False
    """A real mongod 2.6.10 on port 27017 with /etc/init.d/mongod."""
    worker_processes: int = 0
    """0: one program `worker`; n: a group, `worker:worker_00` …"""
    ssh_password: bool = False
    """sshd takes operator's PASSWORD."""
    python: bool = True
    """False: no `python` or `python3` is found on the PATH or in the tree."""
    aen_tree: bool = True
    """False: /opt/wakari is not there; sshd is the only service."""
    sshd_lines: tuple[str, ...] = ()
    """Further lines for sshd_config; the first word of two equal ones wins, and these come first."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Path → text of further files, owned by root, 0644."""


ORDINARY = Variant()
