"""The server shows browsers the page that wants a license: nobody can log in (seed 004)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.node import Role
from aen_tui.model.severity import Severity

_REMEDY = "upload a license file on that page, or in Admin > Site Admin > License"


def _evaluate(node: NodeState) -> Iterable[Finding]:
    page = node.page.value
    if page is not None and page.kind == "license":
        message = f"{page.url} shows the page that wants a license"
        yield Finding("license", Severity.CRITICAL, message, _REMEDY, "004")


CHECK = Check("license", _evaluate, passed="the server shows no license page", seed="004", roles=(Role.SERVER,))
