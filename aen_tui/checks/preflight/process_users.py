"""Who runs what: supervisord the service account, nginx's master root and its workers nginx."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning
from aen_tui.model.node import Role
from aen_tui.model.node_facts import RunningProcess


def _evaluate(look: Look) -> Iterable[Verdict]:
    apps = look.apps
    if apps is None:
        yield unknown("processes could not be looked at")
        return
    account = look.spec.service_account
    for one in apps.processes:
        if one.name == "supervisord" and one.user != account:
            name = one.supervisor or "supervisord"
            yield critical(
                f"{name}'s supervisord (pid {one.pid}) runs as {one.user}, not as {account}",
                f"stop it, give files below {look.spec.install_prefix} back to {account}, `service {name} start`",
            )
        elif one.name == "supervisord":
            yield ok(f"{one.supervisor or 'supervisord'} runs as {one.user}")
    if look.host is not None and look.host.suspended:
        yield ok(f"{look.host.suspended[0]}: wk-server runs as root for PAM, and is rightly not in supervisor")
    if Role.SERVER in look.spec.roles:
        yield from _nginx([one for one in apps.processes if one.name == "nginx"])


def _nginx(found: Sequence[RunningProcess]) -> Iterator[Verdict]:
    pids = {one.pid for one in found}
    masters = [one for one in found if one.parent not in pids]
    workers = [one for one in found if one.parent in pids]
    if not masters:
        return  # that it does not run is said by its service
    if not workers:
        yield warning("nginx has no worker process", "`service nginx restart`, and look at woc-error.log")
    if masters[0].user != "root":
        yield warning(f"nginx's master runs as {masters[0].user}, not as root", "start it by `service nginx start`")
    wrong = [one.user for one in workers if one.user != "nginx"]
    if wrong:
        yield warning(f"nginx's workers run as {wrong[0]}", "write `user nginx;` into /etc/nginx/nginx.conf")
    elif workers and masters[0].user == "root":
        yield ok(f"nginx: its master as root, {len(workers)} workers as nginx")


REQUIREMENT = Requirement(
    "process-users",
    "who runs what",
    "002",
    _evaluate,
    (Role.SERVER, Role.GATEWAY, Role.COMPUTE),
    (
        "requirement:supervisord-user",
        "requirement:nginx-users",
        "004 requirement:pam-variant",
        "004 file:/opt/wakari/wakari-server/etc/supervisord/conf.d/wk-server.conf.SUSPEND",
    ),
)
