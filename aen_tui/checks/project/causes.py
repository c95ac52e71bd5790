"""Why a project does not start on a node: what was found, the likeliest first, then what could not be seen."""

from __future__ import annotations

from collections.abc import Iterator

from aen_tui.model.facts import LinkState, NodeState
from aen_tui.model.project_why import Cause, WhyFolder, WhyHost
from aen_tui.model.severity import Severity

_CRITICAL, _WARNING, _UNKNOWN = Severity.CRITICAL, Severity.WARNING, Severity.UNKNOWN
CLONED_BYTES = 1 << 30
"""An environment that is cloned where packages cannot be hard links takes more."""
_CLONED = ("projects", "packages")
LEAST_BYTES = 50 << 20
"""Of a home and /tmp, where sockets and settings lie."""
NEARLY = 0.9
_RESTART = "have the owner stop and start the project: start-project sets its permissions again"
_HOLDS_ALL = frozenset({"complete", "closed"})


def project_causes(node: NodeState, project: str, folder: WhyFolder | None, host: WhyHost | None) -> list[Cause]:
    """Causes, the likeliest first; empty where nothing speaks against a start there.

    Args:
        node: as it is watched.
        project: OWNER/PROJECT.
        folder: its folder; None where it could not be looked at.
        host: the rest; None where it could not be asked.
    """
    found = list(_launcher(node))
    if folder is not None:
        found += _space(folder)
        found += _account(project.partition("/")[0], folder)
        found += _folder(node, project, folder)
    if host is not None:
        found += _host(node, host)
    return sorted(found, key=lambda cause: (cause.severity is _UNKNOWN, -cause.likelihood))


def _launcher(node: NodeState) -> Iterator[Cause]:
    if node.connection.state is not LinkState.UP:
        yield Cause(100, _UNKNOWN, f"the node is not up: {node.connection.error or node.connection.state.value}")
        return
    for service in node.services:
        if service.supervisor == "wakari-compute" and service.state not in ("RUNNING", "STARTING"):
            if service.state == "unknown":
                yield Cause(95, _UNKNOWN, f"{service.name}: {service.error or 'its state is not known'}")
            else:
                yield Cause(100, _CRITICAL, f"{service.name} is {service.state}: nothing starts", "start it", "002")


def _space(folder: WhyFolder) -> Iterator[Cause]:
    """One cause a filesystem, whatever is needed of it."""
    for mount in dict.fromkeys(disk.mount for disk in folder.disks):
        disks = [disk for disk in folder.disks if disk.mount == mount]
        disk, where = disks[0], f"{mount} ({', '.join(disk.what for disk in disks)})"
        if disk.read_only:
            yield Cause(97, _CRITICAL, f"{where} is mounted read-only", "look for I/O errors in the kernel's messages")
        if disk.inodes_used_percent is not None and disk.inodes_used_percent >= 99:
            yield Cause(93, _CRITICAL, f"{where} has no inodes left", "remove environments that nobody needs")
        if disk.available_bytes < max(CLONED_BYTES if disk.what in _CLONED else LEAST_BYTES for disk in disks):
            free = disk.available_bytes >> 20
            yield Cause(92, _CRITICAL, f"{where} has {free} MB left", "make room: `:usage` says what is large")


def _account(owner: str, folder: WhyFolder) -> Iterator[Cause]:
    if folder.account is None:
        if folder.account_error:
            yield Cause(84, _UNKNOWN, f"whether {owner} has an account: {folder.account_error}")
        else:
            message = f"{owner} has no account on this node"
            yield Cause(86, _CRITICAL, message, "create it, or let AEN manage accounts (MANAGE_ACCOUNTS)")
        return
    home = folder.account.home
    if folder.home in ("absent", "file"):
        message = f"{owner}'s home {home} is not there: Jupyter reads $HOME"
        yield Cause(80, _CRITICAL, message, "create it, owned by the user", "000")
    elif folder.home_uid is not None and folder.account.uid not in (None, folder.home_uid):
        yield Cause(72, _WARNING, f"{owner}'s home {home} belongs to another uid, {folder.home_uid}", "give it back")
    elif folder.home_mode is not None and folder.home_mode & 0o700 != 0o700:
        yield Cause(71, _WARNING, f"{owner}'s home {home} has mode {folder.home_mode:o}", f"chmod u+rwx {home}")
    if folder.account.shell.rpartition("/")[2] in ("nologin", "false"):
        yield Cause(70, _WARNING, f"{owner}'s shell is {folder.account.shell}", "give the account bash or zsh", "000")


def _folder(node: NodeState, project: str, folder: WhyFolder) -> Iterator[Cause]:
    if folder.state == "absent":
        message = f"{folder.path} is not there: never started on this node, or it has another name"
        yield Cause(30, _WARNING, message, "the folder is made at the first start; see the other nodes", "002")
        return
    if folder.state == "closed":
        message = f"{folder.path} may not be looked at by {folder.looked_as}: {folder.problem or 'not allowed'}"
        yield Cause(60, _UNKNOWN, message)
        return
    if folder.state == "file":
        yield Cause(90, _CRITICAL, f"{folder.path} is no folder", "move it away, and start the project")
        return
    if folder.state == "link" and folder.problem is not None:
        yield Cause(90, _CRITICAL, f"{folder.path} leads to {folder.target}: {folder.problem}", "mend the link")
        return
    if folder.uid is not None and folder.mode is not None:
        yield from _rights(node, project.partition("/")[0], folder, folder.mode)
    if folder.acl_known is False:
        message = "its filesystem knows no ACLs: permissions of the team cannot be set"
        yield Cause(76, _CRITICAL, message, "mount it with ACL support", "000")
    for member, bits in folder.acl:
        if bits != "rwx":
            yield Cause(40, _WARNING, f"{member} of the team has {bits} by ACL, not rwx", _RESTART, "002")
    yield from _contents(folder)


def _contents(folder: WhyFolder) -> Iterator[Cause]:
    if folder.env not in _HOLDS_ALL:
        lacks = f" (no {', '.join(folder.missing)})" if folder.missing else ""
        message = f"envs/default is {folder.env}{lacks}: the clone of a first start was broken off"
        yield Cause(68, _CRITICAL, message, "move envs/default away; the next start clones it again", "002")
    if folder.metadata == "absent":
        yield Cause(
            50, _WARNING, ".metadata.json is not there", "a start writes it; look for what stopped the first one"
        )
    for lock in folder.locks:
        if not lock.alive:
            whose = f"process {lock.pid}, which is gone" if lock.pid else "nobody who can be named"
            yield Cause(62, _WARNING, f"a conda lock of {whose}: {lock.path}", f"remove {lock.path}")
    live = [lock for lock in folder.locks if lock.alive]
    if live:
        yield Cause(20, _WARNING, f"conda is at work (process {live[0].pid} holds {live[0].path})", "wait for its end")


def _rights(node: NodeState, owner: str, folder: WhyFolder, mode: int) -> Iterator[Cause]:
    account = node.spec.service_account
    if folder.user is None:
        yield Cause(79, _CRITICAL, f"{folder.path} belongs to uid {folder.uid}, which has no account", "restore it")
    elif folder.user in ("root", account) and folder.user != owner:
        message = f"{folder.path} belongs to {folder.user}: start-project leaves its permissions as they are"
        yield Cause(78, _CRITICAL, message, f"give it back to {owner}", "002")
    elif folder.user != owner:
        yield Cause(66, _WARNING, f"{folder.path} belongs to {folder.user}, not to {owner}", f"give it back to {owner}")
    if mode & 0o770 != 0o770:
        yield Cause(67, _WARNING, f"{folder.path} has mode {mode:o}, not rwx for owner and group", _RESTART, "002")
    if not mode & 0o001:
        yield Cause(25, _WARNING, f"{folder.path} lets nobody else pass: its public folder is closed", _RESTART, "002")


def _host(node: NodeState, host: WhyHost) -> Iterator[Cause]:
    if host.anon_user and host.anon_user != "disabled" and host.anon_exists is False:
        message = f"ANON_USER {host.anon_user} has no account: projects fail to start"
        yield Cause(90, _CRITICAL, message, f"create the account {host.anon_user}", "000")
    quota = host.quota
    if quota is not None:
        if quota.limit_bytes and quota.used_bytes >= quota.limit_bytes:
            yield Cause(91, _CRITICAL, "the owner's quota is used up", "raise it, or have the owner remove files")
        elif quota.limit_files and quota.used_files >= quota.limit_files:
            yield Cause(91, _CRITICAL, "the owner's quota of files is used up", "raise it, or have files removed")
    elif host.quota_error:
        yield Cause(35, _UNKNOWN, f"quota: {host.quota_error}")
    if host.nproc is not None and host.tasks is not None and host.tasks >= NEARLY * host.nproc:
        message = f"the owner has {host.tasks} tasks, and at most {host.nproc} are allowed (nproc)"
        yield Cause(75, _CRITICAL, message, "have old apps stopped, or raise nproc in /etc/security/limits.d")
    yield from _sudo(node.spec.service_account, host)
    words = ("error", "fail", "denied", "eacces", "enospc", "traceback", "not permitted", "no such", "exception")
    bad = [(log, line) for log, line in host.lines if any(word in line.lower() for word in words)]
    if bad:
        yield Cause(88, _WARNING, f"the launcher says: {bad[-1][1]}", f"see {bad[-1][0]}")
    for log, why in host.log_errors:
        yield Cause(30, _UNKNOWN, f"{log}: {why}")


def _sudo(account: str, host: WhyHost) -> Iterator[Cause]:
    name = "/etc/sudoers.d/wakari_sudo"
    if host.sudo_file == "absent":
        message = f"{name} is not there: {account} can start nothing as a user, unless sudoers says it elsewhere"
        yield Cause(58, _WARNING, message, "see the installation's sudo customizations")
    elif host.sudo_file == "closed":
        yield Cause(34, _UNKNOWN, f"{name} may not be read")
    elif host.sudo_names is False:
        yield Cause(74, _CRITICAL, f"{name} does not name {account}", "name the service account there")
    elif host.tty_free is False:
        message = f"{name} does not take requiretty away: sudo without a terminal may fail"
        yield Cause(45, _WARNING, message, f"Defaults:{account} !requiretty, visiblepw")
