"""/etc/mongod.conf -> where mongod keeps data and log; in 2.6's YAML, or in the older lines of `key = value`."""

from __future__ import annotations

from aen_tui.model.stores import MONGO_DATA_PATH, MongoOptions
from aen_tui.model.text import visible_line
from aen_tui.sources.conf_entries import entries

_YES = ("true", "yes", "1", "on")


def decode(words: str) -> MongoOptions | None:
    """What it says; None where it says nothing of either folder."""
    found = entries(words)
    data = found.get("storage.dbpath") or found.get("dbpath")
    log = found.get("systemlog.path") or found.get("logpath")
    if data is None and log is None:
        return None
    journal = found.get("storage.journal.enabled") or found.get("journal") or "true"
    return MongoOptions(
        data_path=visible_line(data or MONGO_DATA_PATH, 1000),
        has_journal=journal.lower() in _YES and found.get("nojournal", "").lower() not in _YES,
        small_files=(found.get("storage.smallfiles") or found.get("smallfiles") or "").lower() in _YES,
        log_path=visible_line(log, 1000) if log else None,
    )
