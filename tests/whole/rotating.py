"""A log on a node of the lab that is written and rotated in every manner there is, with a copy of all that went in."""

from __future__ import annotations

import gzip
import os
import random
import shutil
from pathlib import Path
from typing import BinaryIO


class RotatingLog:
    """Numbered lines, in pieces that end anywhere.

    Args:
        path: the log.
        copy: gets the same bytes; never rotated.
        dice: decides sizes of pieces.
    """

    def __init__(self, path: Path, copy: Path, dice: random.Random) -> None:
        self.path = path
        self.written = 0
        """Bytes so far."""
        self.lines = 0
        """Lines so far."""
        self._copy = copy.open("wb")
        self._dice = dice
        self._dates = 20161001
        self._file = self._open()

    def _open(self) -> BinaryIO:
        return self.path.open("ab", buffering=0)

    def close(self) -> None:
        """End of writing."""
        self._file.close()
        self._copy.close()

    def write(self, lines: int) -> None:
        """Write some lines."""
        first, self.lines = self.lines, self.lines + lines
        data = b"".join(
            b"%09d a line of the usual length, with its number before it\n" % n for n in range(first, self.lines)
        )
        self._copy.write(data)
        self._copy.flush()
        self.written += len(data)
        begin = 0
        while begin < len(data):
            end = begin + self._dice.randrange(1, 30_000)
            self._file.write(data[begin:end])
            begin = end

    def _named(self, number: int) -> Path | None:
        for suffix in ("", ".gz"):
            path = self.path.with_name(f"{self.path.name}.{number}{suffix}")
            if path.exists():
                return path
        return None

    def _shift(self) -> Path:
        """Free the name `.1`; every other older file is packed, as `delaycompress` does."""
        last = 1
        while self._named(last):
            last += 1
        for number in range(last - 1, 0, -1):
            path = self._named(number)
            assert path is not None
            suffix = ".gz" if path.suffix == ".gz" else ""
            moved = path.rename(self.path.with_name(f"{self.path.name}.{number + 1}{suffix}"))
            if not suffix and number % 2:
                with moved.open("rb") as source, gzip.open(f"{moved}.gz", "wb", compresslevel=1) as packed:
                    shutil.copyfileobj(source, packed)
                times = moved.stat()
                os.utime(f"{moved}.gz", ns=(times.st_atime_ns, times.st_mtime_ns))
                moved.unlink()
        return self.path.with_name(f"{self.path.name}.1")

    def rename(self) -> None:
        """Renamed, a new one made."""
        self._file.close()
        self.path.rename(self._shift())
        self._file = self._open()

    def rename_by_date(self) -> None:
        """Renamed as logrotate's `dateext` does, a new one made."""
        self._file.close()
        self._dates += 1
        self.path.rename(self.path.with_name(f"{self.path.name}-{self._dates}"))
        self._file = self._open()

    def copy_and_truncate(self) -> None:
        """`copytruncate`; nothing is written meanwhile."""
        shutil.copyfile(self.path, self._shift())
        self._file.truncate(0)

    def remove(self) -> None:
        """Deleted and made again: only who has read it all, or holds it open, loses nothing."""
        self._file.close()
        self.path.unlink()
        self._file = self._open()
