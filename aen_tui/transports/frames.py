"""The probe's frames out of a stream of bytes (format: aen_tui/probe/__init__.py).

A login shell may write anything before the sync header; after it, one type byte, four bytes
big-endian length, payload. A payload is copied at most once: a frame that lies within one chunk is
handed on as a view of it.
"""

from __future__ import annotations

from collections.abc import Callable

from aen_tui.errors import ProbeError
from aen_tui.model.text import visible

SYNC = b"\0\0AEN-TUI-PROBE 1\n"
NOISE_LIMIT_BYTES = 64 * 1024
FRAME_LIMIT_BYTES = 1024 * 1024
_HEAD = 5
_KINDS = {ord(kind): kind for kind in "HSLRAE"}
_SHOWN = 600

OnFrame = Callable[[str, memoryview], None]


class FrameSplitter:
    """Cuts what a probe writes into frames; linear in the bytes, whatever the chunks are.

    Args:
        on_frame: called with the type (H, S, L, R, A, E) and the payload; the view stays valid.
        on_sync: called once, when the header has come.
    """

    def __init__(self, on_frame: OnFrame, on_sync: Callable[[], None] = lambda: None) -> None:
        self._on_frame = on_frame
        self._on_sync = on_sync
        self._synced = False
        self._rest = bytearray()
        self._need = len(SYNC)
        self._noise = 0

    @property
    def synced(self) -> bool:
        """Whether the header has come."""
        return self._synced

    @property
    def seen(self) -> str:
        """The end of what came before the header, sanitised: what the login shell, sudo or ssh said."""
        return "" if self._synced else visible(bytes(self._rest[-_SHOWN:])).strip()

    def feed(self, data: bytes) -> None:
        """Take a chunk.

        Raises:
            ProbeError: no header within 64 KiB, an unknown type, or a frame of more than 1 MiB.
        """
        if not self._synced:
            self._rest += data
            if not self._synchronise():
                return
            data = bytes(self._rest)
            self._rest = bytearray()
        elif self._rest:
            self._rest += data
            if len(self._rest) < self._need:
                return
            data = bytes(self._rest)
            self._rest = bytearray()
        self._cut(data)

    def _synchronise(self) -> bool:
        at = self._rest.find(SYNC)
        if at < 0:
            # What cannot be part of a header any more is dropped but for what a message shows.
            if len(self._rest) > 2 * _SHOWN:
                self._noise += len(self._rest) - _SHOWN
                del self._rest[:-_SHOWN]
            if self._noise + len(self._rest) > NOISE_LIMIT_BYTES:
                raise ProbeError(
                    f"no sign of the probe in the first {NOISE_LIMIT_BYTES // 1024} KiB; the last was: {self.seen}",
                    hint="A login file of the user writes without end: see what `ssh HOST true` prints.",
                )
            return False
        del self._rest[: at + len(SYNC)]
        self._synced = True
        self._on_sync()
        return True

    def _cut(self, data: bytes) -> None:
        view = memoryview(data)
        at, end = 0, len(data)
        while end - at >= _HEAD:
            kind = _KINDS.get(data[at])
            size = int.from_bytes(view[at + 1 : at + _HEAD], "big")
            if kind is None or size > FRAME_LIMIT_BYTES:
                shown = visible(data[at : at + 80])
                raise ProbeError(f"the probe's stream is broken: {shown!r} is no frame")
            if end - at - _HEAD < size:
                self._need = _HEAD + size
                break
            body = at + _HEAD
            at = body + size
            self._on_frame(kind, view[body:at])
        else:
            self._need = _HEAD
        if at < end:
            self._rest += view[at:]
