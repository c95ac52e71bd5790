"""The one place where text from a node is made safe to show.

Remote text is data: whatever comes from a node passes `visible` before it reaches a screen, a file,
a terminal or a message. Made visible (ops 12): C0 but newline and tab, DEL, C1 (U+0080-9F: Textual
passes C2 9B to the terminal, where it is CSI), bidi controls, zero-width and line separators,
unassigned and private code points, lone surrogates, and more than four combining marks in a row.
"""

from __future__ import annotations

import re
import unicodedata

LINE_LIMIT_CHARACTERS = 16_384
"""Longer lines are cut for display and marked with an ellipsis."""

_HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_PLAIN = re.compile(r"[\t\n\x20-\x7e]*\Z")
_MAX_COMBINING = 4


def _picture(match: re.Match[str]) -> str:
    point = ord(match.group())
    if point < 0x20:
        return chr(0x2400 + point)
    if point == 0x7F:
        return "\u2421"
    return f"<{point:02X}>" if point < 0x100 else f"<{point:04X}>"


def _rare(text: str) -> str:
    out: list[str] = []
    combining = 0
    for char in text:
        if char < "\u0300":
            combining = 0
            out.append(char)
            continue
        category = unicodedata.category(char)
        if category in ("Cn", "Co", "Cf", "Zl", "Zp"):
            combining = 0
            out.append(f"<{ord(char):04X}>")
        elif category in ("Mn", "Me"):
            combining += 1
            if combining <= _MAX_COMBINING:
                out.append(char)
            elif combining == _MAX_COMBINING + 1:
                out.append("\u2026")
        else:
            combining = 0
            out.append(char)
    return "".join(out)


def visible(text: str | bytes) -> str:
    """Text from a node with everything that could act on a terminal made visible.

    Newline and tab stay. Bytes are read as UTF-8; what is not UTF-8 becomes U+FFFD.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if _PLAIN.match(text):
        return text
    text = _HOSTILE.sub(_picture, text)
    return text if text.isascii() else _rare(text)


def visible_line(text: str | bytes, limit: int = LINE_LIMIT_CHARACTERS) -> str:
    """`visible` for what must stay one line: newlines are shown too, and the length is capped."""
    if len(text) > limit:
        text = text[:limit] + (b"..." if isinstance(text, bytes) else "\u2026")  # type: ignore[operator]
    if isinstance(text, str) and text.isascii() and text.isprintable():  # nearly always, and no newline
        return text
    return visible(text).replace("\n", "\u240a")
