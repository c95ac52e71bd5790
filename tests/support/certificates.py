"""Certificates made for a test by openssl."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Signed:
    """A server's certificate and the authority that signed it; all are PEM files."""

    authority: Path
    certificate: Path
    key: Path


def signed_for(folder: Path, address: str) -> Signed:
    """A certificate for an IP address, two days long, by an authority of its own."""
    found = Signed(folder / "authority.crt", folder / "server.crt", folder / "server.key")
    authority_key = folder / "authority.key"
    _request("an authority", authority_key, found.authority)
    names = ["-addext", f"subjectAltName=IP:{address}", "-addext", "basicConstraints=critical,CA:FALSE"]
    by = ["-CA", str(found.authority), "-CAkey", str(authority_key)]
    _request(address, found.key, found.certificate, *names, *by)
    return found


def _request(name: str, key: Path, certificate: Path, *words: str) -> None:
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
    subprocess.run([*request, "-keyout", str(key), "-out", str(certificate), *words], check=True, capture_output=True)
