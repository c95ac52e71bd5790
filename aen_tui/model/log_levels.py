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
    rb"|\[(?:warn|err|crit|alert|emerg|fatal|panic|severe)|(?:Error|Exception)(?:: |$)"
    rb"|(?:panic|fatal|error|warning|warn): |Traceback \("
    rb"|not expected\)|gave up: |spawnerr: |entered FATAL"
    rb"|Out of memory|I/O error|filesystem read-only|oom-killer"
    rb'|(?:level|levelname|severity|lvl)"[\t-\r ]*:[\t-\r ]*'
    rb'(?:"(?i:warn|err|crit|fatal|severe|emerg|alert|panic)|0{0,5}[456][0-9])'
    rb'|\[[EWC] (?:[0-9]{6}|[0-9]{4}-[0-9]{2}-[0-9]{2}) |" [5-9][0-9][0-9] | [WEF][1-5]? +[A-Z-]+ +\['
)
"""What may stand in a line that is a warning or worse, as one RE2 of lines: a superset, found in bulk over bytes.

No `.`: RE2 reads UTF-8, and a line may hold anything.
"""

_WORD = re.compile(rb"(?<![A-Za-z_\-/.])(" + b"|".join(sorted(LEVELS, reverse=True)) + rb")(?![A-Za-z_\-/])")
_RAISED = re.compile(rb"\s*(?:[\w.]*(?:Error|Exception)\b(?:: |$)|Traceback \(most recent call last\))")
_LOWER = re.compile(rb"(?:^|[\s\]])(warning|warn|error|fatal|panic|info|verbose|debug): ")
_FIELD = re.compile(rb'"(?:level|levelname|severity|lvl)"\s*:\s*(?:"(\w+)"|(\d{1,6}))')
_NUMBERS = {1: Level.DEBUG, 2: Level.DEBUG, 3: Level.INFO, 4: Level.WARNING, 5: Level.ERROR, 6: Level.CRITICAL}
"""bunyan's and pino's levels, by tens."""
_JSON_LOOKED_AT_BYTES = 4096
_LOOKED_AT_BYTES = 200
"""A level stands at the beginning of a line; further on it is somebody's words."""


def level_of_text(text: bytes) -> Level:
    """The level of a line, or of the rest of one, whose format names none."""
    head = text[:_LOOKED_AT_BYTES]
    if head[:1] == b"{":
        return level_of_json(text)
    found = _WORD.search(head)
    if found:
        return LEVELS[found.group(1)]
    raised = _RAISED.match(head)
    if raised and (raised.end() < len(head) or len(text) == len(head)):  # else it ends where the look does
        return Level.ERROR
    found = _LOWER.search(head)
    return LEVELS[found.group(1).upper()] if found else Level.NONE


def level_of_json(line: bytes) -> Level:
    """The level that a JSON object names: a word, or bunyan's 10 to 60."""
    found = _FIELD.search(line, 0, _JSON_LOOKED_AT_BYTES)
    if found is None:
        return Level.NONE
    word, number = found.groups()
    return LEVELS.get(word.upper(), Level.NONE) if word else _NUMBERS.get(int(number) // 10, Level.NONE)
