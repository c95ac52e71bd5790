"""The program's own log: a rotating file in the state folder (`aen-tui info` shows where), without secrets.

"log" alone always means the cluster's; this one is the diagnostics.
"""

from __future__ import annotations

import ctypes
import logging
import logging.handlers
import os
import resource
from io import TextIOWrapper
from pathlib import Path

from platformdirs import PlatformDirs

MAX_BYTES = 1_000_000
BACKUPS = 3


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """Opened 0600; a link in its place is not followed."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        return TextIOWrapper(
            os.fdopen(os.open(self.baseFilename, flags, 0o600), "ab"), encoding="utf-8", write_through=True
        )


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


_PR_SET_DUMPABLE = 4


def harden_process() -> None:
    """Secrets stay in this process: no core dump, not readable by others of the same user, files 0600 (ops 39)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    os.umask(0o077)
