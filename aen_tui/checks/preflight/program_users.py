"""wk-server, the worker, wk-gateway and wk-compute run as the service account; with PAM root runs wk-server."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import LOOK_AS_ROOT, Look, Requirement, Verdict, critical, ok, unknown
from aen_tui.model.install_facts import AenProcess
from aen_tui.model.node import Role

_AS_ROOT = "wakari-server-root"


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.install is None:
        yield unknown("who runs AEN's programs was not looked at")
        return
    names = {one.pid: one.name for one in look.node.services if one.supervisor is not None and one.pid}
    started = [one for one in look.install.processes if one.supervisor is not None and one.name != "supervisord"]
    for one in started:
        yield _judge(look, one, names.get(one.pid, one.name), is_known=look.install.account_uid is not None)
    by_root = any(one.name == _AS_ROOT and one.state == "RUNNING" for one in look.node.services)
    for one in look.install.processes:
        if by_root and one.supervisor is None and one.user == "root":
            yield ok(f"wk-server (pid {one.pid}) runs as root, by {_AS_ROOT}")
    if not started and look.blind:
        yield unknown(f"who runs AEN's programs is not seen: {look.blind}", LOOK_AS_ROOT)
    elif not started:
        yield ok("no process that supervisor has started is seen here")


def _judge(look: Look, one: AenProcess, name: str, *, is_known: bool) -> Verdict:
    account = look.spec.service_account
    if one.user == account:
        return ok(f"{name} runs as {account}")
    if not is_known and one.user.isdigit():
        return unknown(f"{name} runs as uid {one.user}: whether that is {account} could not be told")
    return critical(
        f"{name} (pid {one.pid}) runs as {one.user}, not as {account}",
        f"take `user=` out of its file in {look.spec.install_prefix}/{one.supervisor}/etc/supervisord/conf.d, "
        f"then `supervisorctl update`",
    )


REQUIREMENT = Requirement(
    "program-users",
    "programs' users",
    "002",
    _evaluate,
    (Role.SERVER, Role.GATEWAY, Role.COMPUTE),
    ("requirement:program-users", "file:/opt/wakari/wakari-server/bin/wk-server"),
)
