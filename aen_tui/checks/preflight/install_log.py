"""Logs that the installers left: the server's holds the first admin password in clear."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.settings is None:
        yield unknown("the installers' logs were not looked for")
        return
    for log in look.settings.logs:
        remedy = f"note what you need, change the password, then `shred -u {log.path}`"
        holds = log.holds_password or (log.holds_password is None and log.path.endswith("wakari_server.log"))
        if holds and log.mode & 0o044:
            yield critical(f"{log.path} holds the admin password, and others may read it ({log.mode:04o})", remedy)
        elif holds:
            yield warning(f"{log.path} holds the admin password ({log.owner}, {log.mode:04o})", remedy)
        else:
            yield ok(f"{log.path} is left and holds no password")
    if not look.settings.logs:
        yield ok("no installer's log is left in /tmp")


REQUIREMENT = Requirement(
    "install-log",
    "install logs",
    "004",
    _evaluate,
    covers=("log:/tmp/wakari_server.log", "log:/tmp/wakari_gateway.log", "log:/tmp/wakari_compute.log"),
)
