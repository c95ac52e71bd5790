"""The program's own log: a rotating file in the state folder (`aen-tui info` shows where), without secrets.

"log" alone always means the cluster's; this one is the diagnostics.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
from io import TextIOWrapper
from pathlib import Path

from platformdirs import PlatformDirs

MAX_BYTES = 1_000_000
BACKUPS = 3


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """Opened 0600; a link in its place is not followed."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        return TextIOWrapper(os.fdopen(os.open(self.baseFilename, flags, 0o600), "ab"), encoding="utf-8", write_through=True)


def diagnostics_file() -> Path:
    """Where the program's own log is."""
    return Path(PlatformDirs("aen-tui", appauthor=False).user_state_dir) / "aen-tui.log"


def start_diagnostics() -> None:
    """Write our own loggers' warnings and above to the file; never to the terminal. Unwritable = none."""
    file = diagnostics_file()
    root = logging.getLogger()
    if any(isinstance(handler, _PrivateFile) for handler in root.handlers):
        return
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler: logging.Handler = _PrivateFile(file, maxBytes=MAX_BYTES, backupCount=BACKUPS, delay=True)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root.addHandler(handler)
    logging.getLogger("asyncssh").setLevel(logging.ERROR)
