"""PEM as the node sent it -> names and dates of a certificate (RFC 5280)."""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from aen_tui.model.node_facts import Certificate
from aen_tui.model.text import visible_line

_MOST_NAMES = 20


def certificates(rows: Any, *, is_served: bool) -> tuple[Certificate, ...]:
    """Rows `{"place", "pem", "error"}`; what cannot be read says why."""
    found = [row for row in rows or [] if isinstance(row, dict)]
    return tuple(_certificate(row, is_served=is_served) for row in found)


def _certificate(row: dict[str, Any], *, is_served: bool) -> Certificate:
    place, pem, error = str(row.get("place")), row.get("pem"), row.get("error")
    if not isinstance(pem, str):
        return Certificate(place, error=str(error or "no certificate"), is_served=is_served)
    try:
        read = x509.load_pem_x509_certificate(pem.replace("\u240a", "\n").encode("ascii", "replace"))
        names = _names(read)
    except ValueError as problem:
        return Certificate(place, error=f"not a certificate: {visible_line(str(problem), 200)}", is_served=is_served)
    return Certificate(
        place,
        not_before=read.not_valid_before_utc.timestamp(),
        not_after=read.not_valid_after_utc.timestamp(),
        names=names,
        fingerprint=read.fingerprint(SHA256()).hex(),
        is_served=is_served,
    )


def _names(read: x509.Certificate) -> tuple[str, ...]:
    found = [str(one.value) for one in read.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    try:
        alternative = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found += [str(word) for word in alternative.get_values_for_type(x509.DNSName)]
    except x509.ExtensionNotFound:
        pass
    return tuple(dict.fromkeys(visible_line(name, 300) for name in found))[:_MOST_NAMES]
