"""nginx reads the site file that AEN brought: the copy in /etc/nginx/conf.d is the one in the server's etc/conf.d.

There are two, one of them for TLS (docs: config-ssl); nginx is to have one, and does well not to have both.
"""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning
from aen_tui.model.node import Role
from aen_tui.model.node_facts import Copies


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.settings is None:
        yield unknown("nginx's site files were not compared")
        return
    copies = look.settings.copies
    missing = [one for one in copies if one.problem == f"{one.theirs}: absent"]
    verdicts = [_verdict(one) for one in copies if one not in missing]
    yield from verdicts
    if not verdicts:
        yield critical(
            "there is no site file of AEN's in /etc/nginx/conf.d",
            "copy www.enterprise.conf there, or www.enterprise.https.conf for TLS, then reload nginx",
        )


def _verdict(one: Copies) -> Verdict:
    """Of a site that nginx has, or of which that could not be seen."""
    if one.same:
        return ok(f"{one.theirs} is AEN's")
    if one.same is False:
        return warning(f"{one.theirs} differs from {one.ours}", "carry the change over, then reload nginx")
    if one.problem == f"{one.ours}: absent":
        return ok(f"{one.theirs} is there; AEN has none of that name to compare it with")
    return unknown(f"{one.problem}")


REQUIREMENT = Requirement(
    "nginx-site",
    "nginx site file",
    "002",
    _evaluate,
    (Role.SERVER,),
    ("file:/opt/wakari/wakari-server/etc/conf.d/www.enterprise.conf", "file:/etc/nginx/nginx.conf"),
)
