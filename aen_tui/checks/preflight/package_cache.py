"""The package cache belongs to root or the service account and may be read by all: projects are linked from it.

A project that the service account starts resets its permissions, which breaks conda for every other user.
"""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role

_NAMED = 3


def _evaluate(look: Look) -> Iterable[Verdict]:
    install, account = look.install, look.spec.service_account
    path = f"{look.spec.install_prefix}/anaconda"
    top = install.paths.get(path) if install else None
    if install is None or top is None or top.kind != "folder":
        yield unknown(f"to whom {path} belongs is not known: {(install and install.error) or 'it was not seen'}")
        return
    if install.account_uid is None:
        yield unknown(f"whether {path} is {account}'s is not known: the node knows no such account")
        return
    give_back = f"`chown -R {account} {path}`"
    if top.uid not in (0, install.account_uid):
        yield warning(f"{path} belongs to {top.owner}, neither to root nor to {account}", give_back)
    else:
        yield ok(f"{path} belongs to {top.owner}")
    cache = install.cache
    if cache is None:
        return
    for count, names, what, remedy in (
        (cache.foreign_count, cache.foreign, f"belong neither to root nor to {account}", give_back),
        (cache.closed_count, cache.closed, "may not be read by others", f"`chmod -R o+rX {cache.path}`"),
    ):
        if count:
            more = f" and {count - _NAMED} more" if count > _NAMED else ""
            yield warning(f"{count} packages in {cache.path} {what}: {', '.join(names[:_NAMED])}{more}", remedy)
    if not cache.foreign_count + cache.closed_count:
        yield ok(f"{cache.count} packages in {cache.path} may be read by all")


REQUIREMENT = Requirement(
    "package-cache",
    "package cache",
    "002",
    _evaluate,
    (Role.COMPUTE,),
    ("requirement:package-cache", "file:/opt/wakari/anaconda"),
)
