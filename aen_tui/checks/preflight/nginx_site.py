"""nginx reads the site file that AEN brought: the copy in /etc/nginx/conf.d is the one in the server's etc/conf.d."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.settings is None:
        yield unknown("nginx's site files were not compared")
        return
    for one in look.settings.copies:
        if one.same:
            yield ok(f"{one.theirs} is AEN's")
        elif one.same is False:
            yield warning(f"{one.theirs} differs from {one.ours}", "carry the change over, then reload nginx")
        elif one.problem and one.problem.endswith("absent"):
            yield warning(f"{one.problem}: only one of the two site files is there", "copy it, then reload nginx")
        else:
            yield unknown(f"{one.problem}")
    if not look.settings.copies:
        yield critical("there is no site file of AEN's for nginx", "copy www.enterprise.conf to /etc/nginx/conf.d")


REQUIREMENT = Requirement(
    "nginx-site",
    "nginx site file",
    "002",
    _evaluate,
    (Role.SERVER,),
    ("file:/opt/wakari/wakari-server/etc/conf.d/www.enterprise.conf", "file:/etc/nginx/nginx.conf"),
)
