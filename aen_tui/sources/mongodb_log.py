"""The end of mongod's log -> what its last start was told, and why it gave up."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aen_tui.model.stores import MONGO_DATA_PATH, MongoOptions
from aen_tui.model.text import visible_line

UNCLEAN_LOCK = "12596"
"""`old lock file`: it was not shut down cleanly and keeps no journal (tried)."""
NO_JOURNAL_SPACE = "15926"
"""`Insufficient free space for journals` (tried)."""
_START = re.compile(r"MongoDB starting|\*\*\* SERVER RESTARTED \*\*\*")
_OPTIONS = re.compile(r"\] options: (\{.*)")
_REASON = re.compile(r"exception in initAndListen:? ?(?:std::exception: )?([^\r\n]{1,300})")
_PATH = re.compile(r'dbPath: "([^"]{1,1000})"')
_LOG_PATH = re.compile(r'systemLog: \{[^{}]*\bpath: "([^"]{1,1000})"')


@dataclass(frozen=True, slots=True)
class LastStart:
    """The last start that the log shows."""

    reason: str | None
    """`12596 old lock file, terminating`; None where it did start, or the log does not say."""
    options: MongoOptions | None


def decode(tail: str) -> LastStart:
    """What the last lines of the log say, each as 2.6 writes it."""
    starts = list(_START.finditer(tail))
    last = tail[starts[-1].start() :] if starts else tail
    reason = None if "waiting for connections on port" in last else _REASON.search(last)
    options = _OPTIONS.search(last)
    return LastStart(
        visible_line(reason.group(1).strip(), 300) if reason else None,
        _options(options.group(1)) if options else None,
    )


def _options(line: str) -> MongoOptions:
    path, log = _PATH.search(line), _LOG_PATH.search(line)
    return MongoOptions(
        visible_line(path.group(1), 1000) if path else MONGO_DATA_PATH,
        has_journal="journal: { enabled: false }" not in line,
        small_files="smallFiles: true" in line,
        log_path=visible_line(log.group(1), 1000) if log else None,
    )
