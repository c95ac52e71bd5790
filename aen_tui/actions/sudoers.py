"""The lines of sudoers that actions need: each command as it is run, no wildcard, no shell, nothing more.

A wildcard in sudoers matches blanks too, so `restart *` is every argument list; `supervisorctl` without arguments is
a prompt in which anything may be typed. What programs a node really has is its own affair: AEN documents no other
names than these (seeds 002, 004).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aen_tui.actions.scene import NGINX_PATH, SERVICE_PATH
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import Become, NodeName, NodeSpec
from aen_tui.services import Service, services_of

_OF_PROGRAMS = ("restart", "start", "stop", "status")
_OF_SUPERVISORD = ("reread", "update")
_OF_SERVICES = ("restart", "start", "stop")
_HEAD = """\
# {name}: what aen-tui runs by sudo, and nothing more. Install on every node, as root:
#   visudo -cf FILE && install -m 0440 FILE /etc/sudoers.d/aen-tui
# A program by another name (see `aen-tui status`) wants its own four lines; `worker:w_00` is written `worker\\:w_00`.
# `aen-tui do reload` wants its line too: SUPERVISORCTL reload, as the service account.
# `aen-tui do try-acl` and `do try-clone` write, so they have none here: `--dry-run` shows what they would run.
# nginx's logs are for group adm after their first rotation; as root, on the server:
#   usermod -a -G adm {login}
"""


def sudoers_text(inventory: Inventory, logins: Mapping[NodeName, str]) -> str:
    """A file for /etc/sudoers.d, the same for every node.

    Args:
        inventory: the installation.
        logins: node -> its login user; what is not there needs no sudo.
    """
    lines: dict[str, None] = {}
    users = [login for login in dict.fromkeys(logins.values()) if login != "root"]
    for login in users:
        lines[f"Defaults:{login} !requiretty"] = None
    for spec in inventory.nodes.values():
        own = logins.get(spec.name)
        if own in users and spec.become is not Become.NEVER and not spec.root:
            for user, command in _commands(spec):
                if user != own:
                    lines[f"{own} ALL=({user}) NOPASSWD: {command}"] = None
    head = _HEAD.format(name=inventory.name, login=" ".join(users) or "LOGIN")
    return head + "".join(f"{line}\n" for line in lines)


def _commands(spec: NodeSpec) -> Iterator[tuple[str, str]]:
    """(User, command) of all that may be done on a node."""
    for service in services_of(spec):
        if service.supervisor:
            for words in _supervisor_words(service):
                yield spec.service_account, f"{spec.install_prefix}/{service.supervisor}/bin/supervisorctl {words}"
        for verb in _OF_SERVICES:
            yield "root", f"{SERVICE_PATH} {service.sysv} {verb}"
        if service.sysv == "nginx":
            yield "root", f"{NGINX_PATH} -t"
            yield "root", f"{SERVICE_PATH} nginx reload"


def _supervisor_words(service: Service) -> Iterator[str]:
    for program in service.programs:
        yield from (f"{verb} {program}" for verb in _OF_PROGRAMS)
    yield from _OF_SUPERVISORD
