"""How bad a log line says it is: words, and the bytes worth looking for in bulk."""

from __future__ import annotations

import re

from aen_tui.model.logs import Level

LEVELS: dict[bytes, Level] = {
    word: level
    for level, words in {
        Level.DEBUG: b"DEBUG DEBG TRAC TRACE BLAT FINE VERBOSE",
        Level.INFO: b"INFO NOTICE LOG",
        Level.WARNING: b"WARNING WARN",
        Level.ERROR: b"ERROR ERRO ERR SEVERE",
        Level.CRITICAL: b"CRITICAL CRIT FATAL EMERG ALERT PANIC",
    }.items()
    for word in words.split()
}
"""Upper case words; formats that write lower case look up `word.upper()`."""

CANDIDATE = (
    rb"ERR|CRIT|FATAL|SEVERE|EMERG|ALERT|PANIC|WARN"
    rb"|\[(?:warn|error|crit|alert|emerg)\]|(?:Error|Exception|panic|fatal|error|warning): |Traceback \("
    rb"|not expected\)|gave up: |spawnerr: |entered FATAL"
    rb'|level"?[:=] ?"?(?i:warn|err|fatal|crit|[456]0)|" 5[0-9][0-9] | [WEF] [A-Z-]+ +\['
)
"""What may stand in a line that is a warning or worse, as one RE2: a superset, found in bulk over bytes."""

_WORD = re.compile(rb"(?<![A-Za-z_\-/.])(" + b"|".join(sorted(LEVELS, reverse=True)) + rb")(?![A-Za-z_\-/])")
_RAISED = re.compile(rb"\s*(?:[\w.]*(?:Error|Exception)\b(?:: |$)|Traceback \(most recent call last\))")
_LOWER = re.compile(rb"(?:^|[\s\]])(warning|error|fatal|panic): ")
_LOOKED_AT_BYTES = 200
"""A level stands at the beginning of a line; further on it is somebody's words."""


def level_of_text(text: bytes) -> Level:
    """The level of a line, or of the rest of one, whose format names none."""
    head = text[:_LOOKED_AT_BYTES]
    found = _WORD.search(head)
    if found:
        return LEVELS[found.group(1)]
    if _RAISED.match(head):
        return Level.ERROR
    found = _LOWER.search(head)
    return LEVELS[found.group(1).upper()] if found else Level.NONE
