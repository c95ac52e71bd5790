"""What a logs view remembers from run to run: filters, level, context, bookmarks. One small file an installation.

It holds what was typed and where marked lines stand, nothing of the lines themselves.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import msgspec

from aen_tui.config.paths import refuse_if_writable_by_others, state_folder, write_private
from aen_tui.errors import ConfigError
from aen_tui.model.logs import Level
from aen_tui.state.bookmarks import KEPT_BOOKMARKS, Bookmark

LIMIT_BYTES = 512 * 1024
KEPT_FILTERS = 20
_FILTER_CHARACTERS = 1000


class LogMemory(msgspec.Struct, frozen=True):
    """What is remembered."""

    filters: tuple[str, ...] = ()
    """As they were typed, `!` first where they leave out."""
    level: str = Level.NONE.name
    context: int = 0
    bookmarks: tuple[Bookmark, ...] = ()
    schema: int = 1

    def bounded(self) -> LogMemory:
        """Without what nobody can have typed."""
        kept = tuple(text for text in self.filters if len(text) <= _FILTER_CHARACTERS)[-KEPT_FILTERS:]
        return msgspec.structs.replace(self, filters=kept, bookmarks=self.bookmarks[-KEPT_BOOKMARKS:])


def memory_file(installation: str) -> Path:
    """Where the view of an installation is remembered; its name may hold anything, so the file has a digest of it."""
    return state_folder() / f"logs-{sha256(installation.encode()).hexdigest()[:12]}.json"


def recall(file: Path) -> tuple[LogMemory, str | None]:
    """What was remembered, and what is wrong with the file, where something is: then nothing is remembered."""
    try:
        refuse_if_writable_by_others(file)
        if file.stat().st_size > LIMIT_BYTES:
            return LogMemory(), f"{file} is too large to be ours: filters and bookmarks start empty"
        found = msgspec.json.decode(file.read_bytes(), type=LogMemory)
    except FileNotFoundError:
        return LogMemory(), None
    except ConfigError as error:
        return LogMemory(), str(error)
    except (OSError, msgspec.MsgspecError, RecursionError) as error:
        return LogMemory(), f"{file} cannot be read ({error}): filters and bookmarks start empty"
    if found.schema != 1 or found.level not in Level.__members__:
        return LogMemory(), f"{file} is of another version: filters and bookmarks start empty"
    return found.bounded(), None


def remember(file: Path, memory: LogMemory) -> None:
    """Write the file anew, mode 0600; the old one stays where that fails.

    Raises:
        OSError: the disk is full, or the folder may not be written.
    """
    write_private(file, msgspec.json.encode(memory.bounded()), synced=False)
