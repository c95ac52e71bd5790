"""Who runs what: supervisord the service account, nginx's master root and its workers nginx."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from aen_tui.checks.preflight import LOOK_AS_ROOT, Look, Requirement, Verdict, critical, ok, unknown, warning
from aen_tui.model.node import Role
from aen_tui.model.node_facts import RunningProcess

_SUSPENDED, _AS_ROOT = "wk-server.conf.SUSPEND", "wakari-server-root"


def _evaluate(look: Look) -> Iterable[Verdict]:
    apps = look.apps
    if apps is None:
        yield unknown("processes could not be looked at")
        return
    account = look.spec.service_account
    if apps.blind and not apps.processes:
        yield unknown(f"who runs supervisord is not seen: {apps.blind}", LOOK_AS_ROOT)
    for one in apps.processes:
        if one.name != "supervisord" or one.supervisor is None:
            continue  # other software has a supervisord of its own, as whom it likes
        if one.user == account:
            yield ok(f"{one.supervisor} runs as {one.user}")
        elif apps.account_uid is None and one.user.isdigit():
            yield unknown(f"{one.supervisor} runs as uid {one.user}: whether that is {account} could not be told")
        else:
            yield critical(
                f"{one.supervisor}'s supervisord (pid {one.pid}) runs as {one.user}, not as {account}",
                f"stop it, give files below {look.spec.install_prefix} back to {account}, "
                f"`service {one.supervisor} start`",
            )
    if Role.SERVER in look.spec.roles:
        yield from _suspended(look)
        yield from _nginx([one for one in apps.processes if one.name == "nginx"])


def _suspended(look: Look) -> Iterator[Verdict]:
    """PAM variant of 4.0: wk-server's file is put aside, and root runs it from wakari-server-root (seed 004)."""
    found = [path for path in look.host.suspended if path.endswith(f"/{_SUSPENDED}")] if look.host else []
    services = look.node.services
    supervised = [one for one in services if one.manager == "supervisor" and one.name.startswith("wk-server")]
    if not found or any(one.state == "RUNNING" for one in supervised):
        return
    states = [one.state for one in services if (one.manager, one.name) == ("sysv", _AS_ROOT)]
    if look.is_planned(_AS_ROOT, "wk-server"):
        yield ok(f"{found[0]}: {_AS_ROOT}, which runs wk-server instead, is under maintenance")
    elif "RUNNING" in states:
        yield ok(f"{found[0]}: wk-server runs as root for PAM, and is rightly not in supervisor")
    elif not states or "unknown" in states:
        yield unknown(f"{found[0]}: whether {_AS_ROOT} runs wk-server instead could not be seen")
    else:
        yield critical(
            f"{found[0]}: supervisor does not run wk-server, and {_AS_ROOT} is {states[0].lower()}",
            f"`service {_AS_ROOT} start`; without PAM rename the file to wk-server.conf, `supervisorctl update`",
        )


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
