"""What a log line may hold to act on the terminal that shows it: a corpus, each with a word to find it by."""

from __future__ import annotations

import base64
import re
import unicodedata
from dataclasses import dataclass

ESC, BEL, ST = "\x1b", "\x07", "\x1b\\"


@dataclass(frozen=True, slots=True)
class Payload:
    """Bytes that must not come out, and a word in them that must be seen."""

    name: str
    word: str
    raw: bytes

    @property
    def line(self) -> bytes:
        """A whole log line."""
        return b"2026-11-21 10:00:00,000 INFO before " + self.raw + b" after\n"


def _texts() -> dict[str, str]:
    """By name, the payload; `@` is where the word stands."""
    clip = base64.b64encode(b"rm -rf /").decode()
    found = {f"C0 {point:02x}": f"{chr(point)}@" for point in (*range(9), *range(11, 32), 127)}
    found |= {f"C1 {point:02x}": f"{chr(point)}@" for point in range(0x80, 0xA0)}
    found |= {
        "CSI clear": f"{ESC}[2J{ESC}[H@",
        "CSI colour": f"{ESC}[31m@",
        "CSI alternate screen": f"{ESC}[?1049l@",
        "CSI mouse": f"{ESC}[?1003h@",
        "CSI window report": f"{ESC}[21t@",
        "CSI cursor report": f"{ESC}[6n@",
        "CSI device": f"{ESC}[c@",
        "CSI insert": f"{ESC}[4h@",
        "CSI 8 bit": "\x9b2J@",
        "CSI unfinished": f"@{ESC}[",
        "OSC 0": f"{ESC}]0;@{BEL}",
        "OSC 2": f"{ESC}]2;@{ST}",
        "OSC 4 query": f"{ESC}]4;1;?{BEL}@",
        "OSC 8": f"{ESC}]8;;http://evil.example/{ST}@{ESC}]8;;{ST}",
        "OSC 9": f"{ESC}]9;@{BEL}",
        "OSC 52": f"{ESC}]52;c;{clip}{BEL}@",
        "OSC 52 query": f"{ESC}]52;c;?{BEL}@",
        "OSC 1337": f"{ESC}]1337;File=inline=1:@{BEL}",
        "OSC 8 bit": "\x9d0;@\x9c",
        "OSC unfinished": f"@{ESC}]0;",
        "DCS": f"{ESC}P+q@{ST}",
        "DCS tmux": f"{ESC}Ptmux;{ESC}{ESC}]52;c;{clip}{BEL}{ST}@",
        "DCS sixel": f"{ESC}Pq#0;2;0;0;0@{ST}",
        "DCS 8 bit": "\x90$q@\x9c",
        "APC": f"{ESC}_G@{ST}",
        "PM": f"{ESC}^@{ST}",
        "SOS": f"{ESC}X@{ST}",
        "screen title": f"{ESC}k@{ST}",
        "RIS": f"{ESC}c@",
        "character set": f"{ESC}(0@",
        "double height": f"{ESC}#3@",
        "carriage return": "safe\r@",
        "backspaces": "safe\b\b\b\b@",
        "bidi override": "\u202e@\u202c",
        "bidi isolate": "\u2067@\u2069",
        "bidi marks": "\u200e@\u200f\u061c",
        "zero width": "\u200b@\u200c\u200d\ufeff",
        "separators": "\u2028@\u2029",
        "soft hyphen": "\xad@",
        "invisible times": "\u2062@",
        "tags": "\U000e0041@",
        "private": "\ue000@",
        "unassigned": "\u0378@",
        "interlinear": "\ufff9@\ufffb",
        "combining": "@" + "\u0301" * 50,
        "enclosing": "@" + "\u20dd" * 20,
    }
    return found


def corpus() -> tuple[Payload, ...]:
    """Every payload; words are of letters alone, so that none is broken by a search or a wrap of words."""
    found = []
    for number, (name, text) in enumerate(_texts().items()):
        word = "hq" + "".join("bcdfghjklm"[int(digit)] for digit in f"{number:03d}") + "z"
        found.append(Payload(name, word, text.replace("@", word).encode("utf-8")))
    bare = {
        "surrogate": b"\xed\xa0\x80@",
        "surrogate pair": b"\xed\xa0\xbd\xed\xb8\x80@",
        "C1 bare": b"\x9b31m@\x9d0;x\x9c",
        "overlong ESC": b"\xc0\x9b[2J@",
        "overlong ESC of three": b"\xe0\x80\x9b[2J@",
        "cut in a character": b"@\xe2\x80",
        "beyond": b"\xf4\x90\x80\x80@",
    }
    for number, (name, raw) in enumerate(bare.items(), len(found)):
        word = "hq" + "".join("bcdfghjklm"[int(digit)] for digit in f"{number:03d}") + "z"
        found.append(Payload(name, word, raw.replace(b"@", word.encode())))
    return tuple(found)


OURS = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[=>78]"  # keypad, cursor
    r"|\x1b\][0-9]+;[^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
)


def harm_in(text: str, *, allowed: str = "\n\t") -> str | None:
    """The first character that acts on a terminal, with what stands around it; None where there is none."""
    combining = 0
    for at, char in enumerate(text):
        combining = combining + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        bad = char not in allowed and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp")
        if bad or combining > 4:
            return ascii(text[max(0, at - 40) : at + 20])
    return None
