"""Starting the probe on a node and speaking with it.

The bootstrap is the command, the source follows on standard input (`payload.py`), then lines of
JSON; frames come back (`frames.py`). Nothing is written to the node's disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from aen_tui.errors import ConnectionLostError, NoPythonError, ProbeError, RemoteError
from aen_tui.model.node import NodeSpec
from aen_tui.model.text import visible, visible_line
from aen_tui.transports import ByteChannel, Link
from aen_tui.transports.frames import NOISE_LIMIT_BYTES, FrameSplitter, OnFrame
from aen_tui.transports.payload import (
    NO_PYTHON_STATUS,
    READY,
    REFUSED_STATUS,
    probe_command,
    probe_joined,
    probe_source,
)

START_SECONDS = 20.0
OnLost = Callable[[str | None], None]
_encode = msgspec.json.Encoder().encode


class _ErrorFrame(msgspec.Struct):
    message: str = "the probe failed"
    traceback: str | None = None


class ProbeChannel:
    """A probe that runs.

    Args:
        node: the node's name, for errors.
        on_frame: called with each frame's type and payload.
        on_lost: called once, when the channel is gone: why, or None where we closed it.
    """

    def __init__(self, node: str, on_frame: OnFrame, on_lost: OnLost) -> None:
        self._node = node
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._channel: ByteChannel | None = None
        self._splitter = FrameSplitter(self._frame, self._started)
        self._starting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._before: bytearray | None = None
        self._ready = asyncio.Event()
        self._closed_here = False
        self._ended = False
        self.failure: RemoteError | None = None
        """Why it is no use any more, with the remote traceback where one came home."""

    async def start(
        self, link: Link, command: str, source: bytes, config: Mapping[str, Any], *, raw_pty: bool, seconds: float
    ) -> None:
        """Start it; returns when the sync header has come.

        Raises:
            NoPythonError: the node has no interpreter that will do.
            ProbeError: it ended, or gave no sign in time.
            TransportError: the channel was not opened.
        """
        if raw_pty:
            self._before = bytearray()
        channel = self._channel = await link.open(command, self._received, raw_pty=raw_pty)
        channel.on_closed(self._over)
        try:
            async with asyncio.timeout(seconds):
                if raw_pty:
                    # Before the pty is raw it would cut lines at 4095 bytes and echo the source.
                    await self._ready.wait()
                if not self._starting.done():
                    channel.write(b"%d\n" % len(source) + source)
                    self.send(config)
                await self._starting
        except (TimeoutError, ConnectionLostError) as error:
            self._closed_here = True
            channel.close()
            raise self.failure or self._silence(seconds) from error
        except BaseException:
            self._closed_here = True
            channel.close()
            raise

    def _silence(self, seconds: float) -> ProbeError:
        said = " ".join(filter(None, (self._splitter.seen, self._stderr())))
        tail = f"; it said: {visible_line(said, 300)}" if said else ""
        return ProbeError(f"the probe gave no sign within {seconds:g} s{tail}", node=self._node)

    # From the node.

    def _received(self, data: bytes) -> None:
        if self._before is not None:
            self._before += data
            at = self._before.find(READY)
            end = self._before.find(b"\n", at) if at >= 0 else -1
            if end < 0:
                del self._before[:-NOISE_LIMIT_BYTES]
                return
            data, self._before = bytes(self._before[end + 1 :]), None
            self._ready.set()
        if self.failure is not None or self._closed_here:
            return
        try:
            self._splitter.feed(data)
        except ProbeError as error:
            error.node = self._node
            self._fail(error)

    def _started(self) -> None:
        if not self._starting.done():
            self._starting.set_result(None)

    def _frame(self, kind: str, payload: memoryview) -> None:
        if kind == "E":
            self._fail(self._remote_failure(payload))
        elif self.failure is None:
            self._on_frame(kind, payload)

    def _remote_failure(self, payload: memoryview) -> ProbeError:
        try:
            error = msgspec.json.decode(payload, type=_ErrorFrame)
        except (msgspec.DecodeError, UnicodeDecodeError):
            error = _ErrorFrame()
        traceback = visible(error.traceback) if error.traceback else None
        return ProbeError(
            f"the probe failed: {visible_line(error.message, 300)}", node=self._node, remote_traceback=traceback
        )

    def _fail(self, error: RemoteError) -> None:
        if self.failure is None:
            self.failure = error
            if self._channel is not None:
                self._channel.close()

    def _over(self) -> None:
        if self._ended:
            return
        self._ended = True
        self._ready.set()
        if self.failure is None and not self._closed_here:
            self.failure = self._ending()
        if not self._starting.done():
            if self.failure is not None:
                self._starting.set_exception(self.failure)
            else:
                self._starting.cancel()
        elif not self._starting.cancelled() and self._starting.exception() is None:
            self._on_lost(self.failure.message if self.failure else None)

    def _ending(self) -> RemoteError:
        """What an end means that neither side announced."""
        channel = self._channel
        status = channel.exit_status if channel is not None else None
        said = " ".join(
            filter(None, ((visible(bytes(self._before)).strip() if self._before else ""), self._splitter.seen))
        )
        stderr = self._stderr()
        if status == NO_PYTHON_STATUS:
            return NoPythonError(
                "no Python from 2.6 on was found",
                node=self._node,
                hint='Name one in the inventory: [node."…"] python = "/path/to/python".',
            )
        if status == REFUSED_STATUS:
            return ProbeError("the source of the probe was changed on its way", node=self._node)
        words = visible_line((stderr or said)[-400:], 400)
        traceback = stderr if "Traceback" in stderr else None
        if status is None and not words:
            return ProbeError("the connection of the probe was lost", node=self._node)
        ended = f"the probe ended with status {status}" if status is not None else "the probe's channel was closed"
        return ProbeError(f"{ended}: {words or 'it said nothing'}", node=self._node, remote_traceback=traceback)

    def _stderr(self) -> str:
        return self._channel.stderr.strip() if self._channel is not None else ""

    # To the node.

    def send(self, operation: Mapping[str, Any]) -> None:
        """Send one operation.

        Raises:
            ConnectionLostError: the channel is gone.
        """
        self._write(_encode(operation) + b"\n")

    def heartbeat(self) -> None:
        """Say that we are there: the probe leaves 15 s after the last sign. Silent where the channel is gone."""
        if not self._ended and self._channel is not None:
            try:
                self._channel.write(b"\n")
            except ConnectionLostError:
                return

    def _write(self, data: bytes) -> None:
        if self._channel is None or self._ended:
            raise ConnectionLostError("the probe is gone", node=self._node)
        self._channel.write(data)

    def pause(self) -> None:
        """Take no more frames: log files are then not read, samples replace each other on the node."""
        if self._channel is not None:
            self._channel.pause()

    def resume(self) -> None:
        """Take frames again."""
        if self._channel is not None:
            self._channel.resume()

    def close(self) -> None:
        """End it; idempotent. `on_lost` is called with None."""
        self._closed_here = True
        if self._channel is not None:
            self._channel.close()


async def start_probe(
    link: Link,
    spec: NodeSpec,
    on_frame: OnFrame,
    on_lost: OnLost,
    *,
    config: Mapping[str, Any],
    sudo_user: str | None = None,
    raw_pty: bool = False,
    seconds: float = START_SECONDS,
) -> ProbeChannel:
    """Start a probe on a node.

    Args:
        link: the node's connection.
        spec: the node.
        on_frame: called with H, S or L and the payload; the view stays valid.
        on_lost: called once if the probe goes after it had started: why, or None where we closed it.
        config: the `start` operation.
        sudo_user: run it as this user by sudo.
        raw_pty: on a pty, for a sudo with requiretty.
        seconds: until the sync header must have come.

    Raises:
        NoPythonError: the node has no interpreter that will do.
        ProbeError: it ended, spoke nonsense, or gave no sign in time.
        TransportError: the channel was not opened.
    """
    probe = ProbeChannel(spec.name, on_frame, on_lost)
    await probe_joined()
    command = probe_command(spec.python, sudo_user, raw_pty)
    await probe.start(link, command, probe_source(), config, raw_pty=raw_pty, seconds=seconds)
    return probe
