"""Certificates on disk and as served: their dates, and whether what is served is what lies there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning
from aen_tui.model.node import Role
from aen_tui.model.node_facts import Certificate
from aen_tui.model.urls import place_of

_DAY = 86_400.0
_HTTPS_PORT = 443
_SOON_DAYS, _VERY_SOON_DAYS, _NOW_DAYS = 30, 7, 1


def _evaluate(look: Look) -> Iterable[Verdict]:
    on_disk = look.settings.certificates if look.settings else ()
    served = look.reach.served if look.reach else ()
    for certificate in (*on_disk, *served):
        yield _dates(certificate, look.now)
    known = {one.fingerprint: one for one in on_disk if one.fingerprint}
    places = [place_of(target.url) for target in look.spec.http]
    own = {f"{one.host}:{one.port or _HTTPS_PORT}" for one in places if one is not None and one.scheme == "https"}
    for one in served:  # a directory server's certificate lies on its own disk
        if one.place in own and one.fingerprint and known and one.fingerprint not in known:
            others = ", ".join(_named(other) for other in known.values())
            message = f"{one.place} serves another certificate than lies on disk: {_named(one)}; on disk {others}"
            yield warning(message, "reload the service that serves")
    if look.settings is None or look.reach is None:
        yield unknown("certificates were not looked at")
    elif not on_disk and not served:
        yield ok("no certificate is used")


def _named(one: Certificate) -> str:
    """Its names and last day."""
    until = "" if one.not_after is None else f" until {datetime.fromtimestamp(one.not_after, UTC):%Y-%m-%d}"
    return f"{' '.join(one.names[:3]) or one.place}{until}"


def _dates(one: Certificate, now: float) -> Verdict:
    if one.not_after is None or one.not_before is None:
        return unknown(f"{one.place}: {one.error}")
    days = (one.not_after - now) / _DAY
    remedy = "put a new certificate there, and reload the service"
    if days < 0:
        return critical(f"{one.place}: expired {-days:.0f} days ago", remedy)
    if one.not_before > now:
        return critical(f"{one.place}: not valid for another {(one.not_before - now) / _DAY:.0f} days", remedy)
    if days < _NOW_DAYS:
        return critical(f"{one.place}: expires within a day", remedy)
    if days < _VERY_SOON_DAYS:
        return warning(f"{one.place}: expires within {days:.0f} days: very soon", remedy)
    if days < _SOON_DAYS:
        return warning(f"{one.place}: expires in {days:.0f} days", remedy)
    return ok(f"{one.place}: {days:.0f} days left ({' '.join(one.names[:3])})")


REQUIREMENT = Requirement(
    "certificate-dates",
    "certificates",
    None,
    _evaluate,
    (Role.SERVER, Role.GATEWAY),
    ("000 requirement:https", "002 port:443"),
)
