"""How bad, how connected, how a service does: a glyph, a word, the name of a colour role. Never colour alone."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from aen_tui.model.facts import LinkState
from aen_tui.model.severity import Severity


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The signs of one mode; every one is a single cell wide."""

    ok: str
    unknown: str
    warning: str
    critical: str
    connecting: str
    stale: str
    starting: str
    stopped: str
    absent: str
    mark: str
    planned: str
    """Under maintenance."""
    bar: str
    """The edge of a pane, in the colour of its severity."""
    rule: str
    ellipsis: str
    dot: str
    """Between facts of one line."""
    right: str
    levels: str
    """Fill levels of one cell, empty first."""
    is_ascii: bool = False


UNICODE = Glyphs(
    ok="●",
    unknown="?",
    warning="▲",
    critical="✖",
    connecting="◌",
    stale="≈",
    starting="◐",
    stopped="■",
    absent="·",
    mark="◆",
    planned="◷",
    bar="▌",
    rule="─",
    ellipsis="…",
    dot="·",
    right="›",
    levels=" ▁▂▃▄▅▆▇█",
)

ASCII = Glyphs(
    ok="+",
    unknown="?",
    warning="!",
    critical="X",
    connecting="o",
    stale="~",
    starting="*",
    stopped="#",
    absent=".",
    mark="*",
    planned="%",
    bar="|",
    rule="-",
    ellipsis="~",
    dot=",",
    right=">",
    levels=" .:-=+*#@",
    is_ascii=True,
)


def glyphs_for(environment: Mapping[str, str] = os.environ, *, is_coerced: bool = bool(sys.flags.utf8_mode)) -> Glyphs:
    """ASCII where the locale is not UTF-8 (`C` and `POSIX` are not), or `AEN_TUI_ASCII` is set.

    Args:
        environment: of the process.
        is_coerced: whether Python found the locale C and took UTF-8 in its place: LC_CTYPE is then its own (PEP 538).
    """
    if environment.get("AEN_TUI_ASCII"):
        return ASCII
    names = ("LC_ALL", "LANG") if is_coerced else ("LC_ALL", "LC_CTYPE", "LANG")
    chosen = next((environment[name] for name in names if environment.get(name)), "")
    if chosen in ("C", "POSIX"):
        return ASCII
    encoding = chosen if "." in chosen else locale.getpreferredencoding(do_setlocale=False)
    return UNICODE if "utf8" in encoding.lower().replace("-", "") else ASCII


_IN_ASCII = str.maketrans({"…": ASCII.ellipsis, "→": "->", "·": "-", "×": "x", "‹": "<", "›": ASCII.right})
"""Signs that words of ours hold, whoever has made them."""


def plain(text: str, glyphs: Glyphs) -> str:
    """Words in the signs of this terminal."""
    return text.translate(_IN_ASCII) if glyphs.is_ascii and not text.isascii() else text


@dataclass(frozen=True, slots=True)
class Sign:
    """What stands for a state."""

    glyph: str
    word: str
    role: str
    """A colour role: ok | unknown | warning | critical | stale | muted | faint."""


def severity_sign(severity: Severity, glyphs: Glyphs = UNICODE) -> Sign:
    """`● ok`, `? unknown`, `▲ warning`, `✖ critical`."""
    return Sign(getattr(glyphs, severity.word), severity.word, severity.word)


def link_sign(state: LinkState, glyphs: Glyphs = UNICODE) -> Sign:
    """A connection's state; stale is never ok."""
    if state is LinkState.UP:
        return Sign(glyphs.ok, "up", "ok")
    if state is LinkState.CONNECTING:
        return Sign(glyphs.connecting, "connecting", "unknown")
    if state is LinkState.STALE:
        return Sign(glyphs.stale, "stale", "stale")
    return Sign(glyphs.critical, state.value, "critical")


def service_sign(state: str, glyphs: Glyphs = UNICODE) -> Sign:
    """A service's state in supervisor's words."""
    if state == "RUNNING":
        return Sign(glyphs.ok, state, "ok")
    if state in ("STARTING", "STOPPING"):
        return Sign(glyphs.starting, state, "unknown")
    if state in ("FATAL", "BACKOFF"):
        return Sign(glyphs.critical, state, "critical")
    if state in ("STOPPED", "EXITED"):
        return Sign(glyphs.stopped, state, "warning")
    if state == "absent":
        return Sign(glyphs.absent, state, "faint")
    return Sign(glyphs.unknown, state, "unknown")


def level_role(percent: float | None, limits: tuple[float, float]) -> str:
    """The colour role of a per cent against (warning, critical) limits."""
    if percent is None:
        return "unknown"
    warning, critical = limits
    return "critical" if percent >= critical else "warning" if percent >= warning else "text"
