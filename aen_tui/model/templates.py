"""What a log line says, without what changes from one time to the next: its template.

Quoted strings, URLs, paths, ids, addresses and numbers are taken out, so that the same message from
many nodes, users and processes is one. Pure and over bytes. A template is compared and counted,
never shown: people see a line of those that have it.
"""

from __future__ import annotations

import re

LOOKED_AT_BYTES = 400
"""What is looked at of a line; where messages agree so far, they are the same message."""

_JSON_TEXT = re.compile(rb'"(?:msg|message|event|error|err)"\s*:\s*"((?:[^"\\]|\\.){1,400})')
"""What a line of JSON says; its other fields are quoted strings like any other."""
_JSON_LOOKED_AT_BYTES = 4096

# Each is linear: no part can match what the part after it matches too.
_QUOTED = re.compile(rb"""(?<![\w])[bu]?(?:"[^"\n]*"|'[^'\n]*')""")
_PLACE = re.compile(rb"""(?:\b[a-z][a-z0-9+.-]{1,12}:/|(?<![\w.*]))/[^\s"'<>,;()\[\]{}|]*""")
_PROJECT = re.compile(rb"(?<![\w/.-])[A-Za-z][\w.-]{2,}/[A-Za-z][\w.-]{2,}")
"""OWNER/PROJECT, as AEN's services write it; what else looks so (`input/output error`) differs by its other words."""
_ADDRESS = re.compile(rb"(?<![\w:])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){3,7}(?![\w:])")
"""IPv6 and MAC."""
_WITH_FIGURE = re.compile(rb"(?<![\w-])[A-Za-z_-]*[0-9][\w-]*")
"""A word that holds a figure; hex digits without one are a word (`added`)."""
_HEX_DIGITS = b"0123456789abcdefABCDEF"
_HEX_LENGTH = 7
_KEY_LENGTH = 22
"""Words with figures from this length on are keys, session ids, UUIDs, base64."""
_NUMBER = re.compile(rb"[0-9]+(?:[., :;/_+-]{1,2}[0-9]+)*")
_BLANKS = re.compile(rb"\s+")


def name_pattern(node: str) -> re.Pattern[bytes]:
    """A node's name where it stands as a word, for `template_of`."""
    return re.compile(rb"(?<![\w.-])" + re.escape(node.encode("utf-8", "surrogateescape")) + rb"(?![\w-])")


def message_of(line: bytes, begin: int = 0) -> bytes:
    """What a line says, without its time; of a line of JSON its message.

    Args:
        line: as it stands in the file.
        begin: where its message begins.
    """
    said = _JSON_TEXT.search(line[:_JSON_LOOKED_AT_BYTES]) if line.lstrip()[:1] == b"{" else None
    return said.group(1) if said is not None else line[begin:]


def template_of(line: bytes, begin: int = 0, *, own_name: re.Pattern[bytes] | None = None) -> bytes:
    """The template of a line; lines that say the same have the same one.

    Args:
        line: as it stands in the file.
        begin: where its message begins: what is before it (a time) is left out.
        own_name: the node's name, which syslog writes into each line (`name_pattern`); taken out too.
    """
    text = message_of(line, begin)[:LOOKED_AT_BYTES]
    if own_name is not None:
        text = own_name.sub(b"@", text)
    if b'"' in text or b"'" in text:
        text = _QUOTED.sub(b'"*"', text)
    if b"/" in text:
        text = _PROJECT.sub(b"/*", _PLACE.sub(b"/*", text))
    if text.count(b":") > 2:
        text = _ADDRESS.sub(b"#", text)
    text = _WITH_FIGURE.sub(_identity, text)
    text = _NUMBER.sub(b"#", text)
    return _BLANKS.sub(b" ", text).strip()


def _identity(match: re.Match[bytes]) -> bytes:
    word = match.group()
    if len(word) >= _KEY_LENGTH or word[:2] == b"0x" or (len(word) >= _HEX_LENGTH and not word.strip(_HEX_DIGITS)):
        return b"#"
    return word
