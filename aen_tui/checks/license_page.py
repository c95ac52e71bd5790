"""The server shows browsers the page that wants a license: nobody can log in (seed 004)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.node import Role
from aen_tui.model.node_facts import Page
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity

LICENSE_REMEDY = "upload a license file on that page, or in Admin > Site Admin > License"


def said_of(seen: Reading[Page]) -> Finding:
    """What a look at the server's page tells of its license; only the login page, seen, tells that there is one."""
    page = seen.value
    if page is not None and page.kind == "license":
        return _found(Severity.CRITICAL, f"{page.url} shows the page that wants a license", LICENSE_REMEDY)
    if page is None or seen.error is not None:
        return _found(Severity.UNKNOWN, f"the server's page was not seen: {seen.error or 'not asked yet'}")
    if page.onward is not None and not page.error:
        message = f"{page.url} leads to {page.onward}, which was not looked at"
        return _found(Severity.UNKNOWN, message, "if that is AEN, write its address as `url` under [server]")
    if page.error or not 200 <= (page.code or 0) < 300:
        return _found(Severity.UNKNOWN, f"{page.url} shows no page: {page.error or f'answer {page.code}'}")
    if page.kind != "login":
        message = f"{page.url} is neither the login page nor the one that wants a license"
        return _found(Severity.UNKNOWN, message, "look at it in a browser: another site may answer there")
    return _found(Severity.OK, f"{page.url} shows the login page")


def _found(severity: Severity, message: str, remedy: str = "") -> Finding:
    return Finding("license", severity, message, remedy, "004")


def _evaluate(node: NodeState) -> Iterable[Finding]:
    found = said_of(node.page)
    if found.severity is Severity.CRITICAL:
        yield found


CHECK = Check("license", _evaluate, passed=lambda node: said_of(node.page), seed="004", roles=(Role.SERVER,))
