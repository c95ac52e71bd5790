"""What a page of the installation is: the login, the page that wants a license, or another."""

from __future__ import annotations

import re

_LICENSE = re.compile(
    r"licen[cs]e[\s_-]+(?:has\s+|is\s+)?expired|expired\s+licen[cs]e|upload\s+(?:a|your)\s+licen[cs]e", re.IGNORECASE
)
_LOGIN = re.compile(r"type=[\"']?password|/login\b|log ?in|sign ?in", re.IGNORECASE)


def kind_of(body: str) -> str:
    """`license`, `login` or `other`, by the words of the page (seed 004 names both pages, and shows neither)."""
    return "license" if _LICENSE.search(body) else "login" if _LOGIN.search(body) else "other"
