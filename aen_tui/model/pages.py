"""What a page of the installation is: the login, the page that wants a license, or another.

Seed 004 names both pages and shows neither: a license page is known by what it says in words that a browser shows.
The errand `reach`, which looks at http pages on the node, is told the same `RULES`; so their patterns are such as
Python 2.6 knows, and each goes through a page once.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Rules(NamedTuple):
    """How pages are told apart; sent as it is."""

    blanked: tuple[tuple[str, str], ...]
    """Pattern and what stands there instead, one after the other: of markup the words are left that are shown."""
    kinds: tuple[tuple[str, str, bool], ...]
    """Kind, pattern, whether it is looked for in those words and not in the markup; the first that is found counts."""


_ATTRIBUTES = r"""(?:[^>=]+|=\s*(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z))|=)*(?:>|\Z)"""
_NOT_SHOWN = r"script|style|template|noscript"
_HIDDEN = r"(?=[^<>]{0,200}?(?:\shidden\b|display:\s?none))"
_INLINE = r"a|abbr|b|big|code|em|font|i|mark|small|span|strong|tt|u"

_LICENSE = r"\blicen[cs]e(?:s|[ -]?(?:file|key)s?)?\b"
_OTHER = r"session|password|passphrase|token|link|cookie|account|\b(?:not|never|will)\b"
"""What else is said to be expired, on login pages above all; and what is not said to be."""


def _near(start: str) -> str:
    """In the same sentence; not beyond another `start`, which would begin the same itself: no word is passed twice."""
    return rf"(?:(?!{_OTHER}|{start})(?:[^.!?]|[.](?=\S))){{0,60}}?"


_GONE = r"\b(?:expired|invalid|missing|lapsed|ran out|no longer|not (?:be )?(?:valid|found|installed|loaded))\b"
_NO = rf"\bno {_LICENSE}"
_BAD = (
    rf"(?i){_LICENSE}{_near(_LICENSE)}{_GONE}|{_LICENSE}[ .:]{{0,9}}expired\b"
    rf"|\b(?:expired|invalid|missing|no valid) {_LICENSE}|{_NO}{_near(_NO)}\b(?:found|installed|loaded|uploaded)\b"
)
_ASKS = r"\b(?:upload|submit|update|install|renew|provide|supply|enter|choose|select|import|add|requir|need)"
_WANTED = rf"(?i){_ASKS}{_near(_ASKS)}{_LICENSE}|{_LICENSE}{_near(_LICENSE)}{_ASKS}"

_MOST_WORDS = 8192
"""Characters of what is shown that are judged: neither of the two pages says more."""

RULES = Rules(
    (
        (r"<<+", "<"),
        (r"(?s)<!--.*?(?:-->|\Z)", " "),
        (rf"(?is)<({_NOT_SHOWN})(?=[\s/>]){_ATTRIBUTES}.*?(?:</\1\s*>|\Z)", " "),
        (rf"(?is)<(div|form|h\d|li|p|section|span)\b{_HIDDEN}{_ATTRIBUTES}.*?(?:</\1\s*>|\Z)", " "),
        (rf"(?i)</?(?:{_INLINE})(?=[\s/>]){_ATTRIBUTES}", " "),
        (rf"(?i)</?[a-z!?]{_ATTRIBUTES}", " . "),
        (r"(?i)&(?:[a-z]{1,31}|#\d{1,7}|#x[0-9a-f]{1,6});", " "),
        (r"[\s\xa0]+", " "),
        (rf"(?s)\A(.{{{_MOST_WORDS}}}).+", r"\1"),
    ),
    (
        ("license", _BAD, True),
        ("login", r"(?i)type=[\"']?password", False),
        ("license", _WANTED, True),
        ("login", r"(?i)/login\b|log ?in|sign ?in", False),
    ),
)


def kind_of(body: str) -> str:
    """`license`, `login` or `other`, by the words of the page."""
    words = body
    for pattern, instead in RULES.blanked:
        words = re.sub(pattern, instead, words)
    found = (kind for kind, pattern, in_words in RULES.kinds if re.search(pattern, words if in_words else body))
    return next(found, "other")
