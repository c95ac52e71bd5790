"""The probe's JSON frames as typed values (their meaning: aen_tui/probe/__init__.py)."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec

from aen_tui.errors import ProbeError
from aen_tui.model.text import visible_line

T = TypeVar("T")


class Hello(msgspec.Struct):
    """The first frame."""

    version: str
    python: str
    pid: int
    uid: int
    user: str
    host: str
    time: float
    zone: str = "+0000"
    boot_id: str | None = None
    cores: int | None = None
    kernel: str = ""
    executable: str = ""
    inotify: bool = False


class MetricsSection(msgspec.Struct):
    """`metrics`."""

    cpu: float | None = None
    load: tuple[float, float, float] | None = None
    mem: Annotated[list[int | bool], msgspec.Meta(min_length=3)] | None = None
    net: tuple[float, float] | None = None
    cores: int | None = None
    wait: float | None = None
    steal: float | None = None
    per: list[float] = []
    swap: tuple[float, float] | None = None
    nets: list[tuple[str, float, float]] = []


class DiskRow(msgspec.Struct, array_like=True):
    """One of `disks`."""

    mount: str
    filesystem: str
    used: int | None
    available: int | None
    total: int | None
    inodes_used_percent: float | None
    read_only: bool
    error: str | None = None


class ProgramRow(msgspec.Struct, array_like=True):
    """One of a supervisor's `programs`."""

    name: str
    state: str
    pid: int | None = None
    started: float | None = None
    description: str = ""
    stdout_logfile: str | None = None
    stderr_logfile: str | None = None
    startsecs: float | None = None
    stopwaitsecs: float | None = None


class SupervisorEntry(msgspec.Struct):
    """One of `supervisors`."""

    name: str
    error: str | None = None
    via: str | None = None
    now: float | None = None
    programs: list[ProgramRow] = []


class ServiceEntry(msgspec.Struct):
    """One of `services`."""

    name: str
    state: str
    pid: int | None = None
    started: float | None = None
    text: str | None = None
    error: str | None = None


class HttpEntry(msgspec.Struct):
    """One of `http`."""

    id: int
    url: str
    code: int | None = None
    ms: float | None = None
    document: dict[str, Any] | None = None
    error: str | None = None


class LogEntry(msgspec.Struct):
    """One of `logs`."""

    id: int
    path: str
    state: str
    size: int | None = None
    error: str | None = None


class Cost(msgspec.Struct):
    """`cost`: what the probe itself took since the last frame."""

    cpu_ms: float | None = None
    rss: int | None = None


class Sample(msgspec.Struct):
    """A sample frame."""

    n: int
    time: float
    metrics: MetricsSection | None = None
    disks: list[DiskRow] | None = None
    supervisors: list[SupervisorEntry] | None = None
    services: list[ServiceEntry] | None = None
    http: list[HttpEntry] | None = None
    ports: dict[str, bool] | None = None
    logs: list[LogEntry] | None = None
    cost: Cost | None = None
    others: int | None = None
    same: list[str] = []


class CursorEntry(msgspec.Struct):
    """Where a file was read to."""

    dev: int
    ino: int
    off: int
    head: str
    head_n: int
    tail: str
    tail_n: int
    time: float | None = None


class SeamEntry(msgspec.Struct):
    """Where the stream is not simply the file."""

    reason: str
    message: str
    lost: int | None = None


class LogHeader(msgspec.Struct):
    """The line of JSON before the bytes of a log frame."""

    id: int
    cursor: CursorEntry | None = None
    at: int = 0
    seam: SeamEntry | None = None
    eof: bool = False
    mtime: float | None = None


class OlderFile(msgspec.Struct):
    """The place where older bytes begin."""

    dev: int
    ino: int
    off: int
    head: str
    head_n: int


class OlderHeader(msgspec.Struct):
    """The line of JSON before the bytes of an answer to a `read`."""

    rid: int
    at: int = 0
    file: OlderFile | None = None
    name: str = ""
    end: bool = False
    earlier: bool = False
    error: str | None = None


class ErrandHeader(msgspec.Struct):
    """The line of JSON before the rows of an errand."""

    rid: int
    end: bool = False
    error: str | None = None


class ErrorFrame(msgspec.Struct):
    """The last frame of a probe that failed."""

    message: str
    traceback: str = ""


_DECODERS: dict[type, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(kind) for kind in (Hello, Sample, LogHeader, OlderHeader, ErrandHeader, ErrorFrame)
}


def decode(kind: type[T], payload: bytes | memoryview) -> T:
    """A frame's payload as `kind`.

    Raises:
        ProbeError: it is not one; a node may send anything.
    """
    try:
        value: T = _DECODERS[kind].decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProbeError(f"the probe spoke nonsense: {visible_line(str(error), 200)}") from None
    return value
