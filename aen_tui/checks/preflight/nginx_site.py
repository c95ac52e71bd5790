"""nginx reads the site file that AEN brought: nginx.conf includes its copy in /etc/nginx/conf.d, or the file itself.

There are two, one of them for TLS (docs: config-ssl); nginx is to have one, and does well not to have both.
"""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning
from aen_tui.model.node import Role
from aen_tui.model.node_facts import Copies, NginxFiles

_INCLUDE = "write `include /etc/nginx/conf.d/*.conf;` into its http block, then reload nginx"


def _evaluate(look: Look) -> Iterable[Verdict]:
    nginx = look.settings.nginx if look.settings else None
    if look.settings is None or nginx is None:
        yield unknown("nginx's site files were not compared")
        return
    is_known = nginx.problem is None
    if nginx.problem == "absent":
        yield warning(f"there is no {nginx.path}", "if nginx reads another file, see that it includes AEN's site")
    elif nginx.problem is not None:
        yield unknown(f"{nginx.path}: {nginx.problem}")
    verdicts = []
    for one in look.settings.copies:
        if is_known and one.ours in nginx.files:
            verdicts.append(ok(f"nginx reads {one.ours} itself"))
        elif one.problem != f"{one.theirs}: absent":
            verdicts.append(_verdict(one, nginx))
    yield from verdicts
    if is_known and not verdicts:
        yield critical(
            f"nginx reads no site file of AEN's: none is in /etc/nginx/conf.d, {nginx.path} includes none",
            "copy www.enterprise.conf there, or www.enterprise.https.conf for TLS, then reload nginx",
        )


def _verdict(one: Copies, nginx: NginxFiles) -> Verdict:
    """Of a site that lies where nginx has its own, or of which that could not be seen."""
    if nginx.problem is None and one.theirs not in nginx.files:
        return warning(f"{one.theirs} is there, and {nginx.path} does not include it: nginx does not read it", _INCLUDE)
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
