"""Log lines out of the program: clipboard, files, a pager. Everything made visible, every file 0600."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from time import perf_counter
from typing import Any

from textual.app import App, SuspendNotSupported

from aen_tui.config.paths import make_private_folder, state_folder
from aen_tui.model.text import visible_line
from aen_tui.state.groups import Group, Part
from aen_tui.state.lines import DrawnLine
from aen_tui.state.merge import Stream
from aen_tui.ui.presentation.format import bytes_short
from aen_tui.ui.presentation.log_text import seam_words

COPY_LIMIT_BYTES = 64 * 1024
"""What is copied at most: terminals drop longer OSC 52 sequences. More goes to a file."""
_SCREEN_PIECE = 512
"""GNU screen passes strings of at most 768 bytes."""
_SLICE_SECONDS = 0.004
_LINE_CHARACTERS = 1024 * 1024


def line_text(line: DrawnLine, *, named: bool) -> str:
    """A line as it is written anywhere outside: made visible, its log before it where that is not plain."""
    if line.seam is not None:
        text = f"-- {seam_words(line.seam)} --"
    else:
        text = visible_line(line.text, _LINE_CHARACTERS).replace("\t", "    ")
    return f"{visible_line(str(line.key))}| {text}" if named else text


def lines_text(lines: Iterable[DrawnLine]) -> str:
    """Lines as they are copied: without their logs where all are of one."""
    lines = list(lines)
    named = len({line.key for line in lines}) > 1
    return "\n".join(line_text(line, named=named) for line in lines)


# -- clipboard ----------------------------------------------------------------------------------


def passed_through(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """OSC 52 wrapped for the multiplexer that stands between, which eats it bare; empty where there is none."""
    bare = f"\x1b]52;c;{b64encode(text.encode('utf-8', 'replace')).decode('ascii')}\x07"
    if environment.get("TMUX"):
        return f"\x1bPtmux;{bare.replace(chr(27), chr(27) * 2)}\x1b\\"
    if environment.get("STY"):
        pieces = (bare[at : at + _SCREEN_PIECE] for at in range(0, len(bare), _SCREEN_PIECE))
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return ""


def copy_out(app: App[Any], text: str, *, of_lines: int = 0) -> str:
    """Copy a text, or where it is too long write it to a file; what to say of it.

    Args:
        app: the dashboard.
        text: what is copied.
        of_lines: how many lines were wanted, where the text has not all of them.

    Raises:
        OSError: the file cannot be written.
    """
    size = len(text.encode("utf-8", "replace"))
    part = f"the first {text.count(chr(10)) + 1:,} of {of_lines:,} lines: " if of_lines else ""
    if size > COPY_LIMIT_BYTES:
        file = new_file("copied")
        with private(file) as out:
            out.write(text.encode("utf-8", "replace") + b"\n")
        return f"{part}too long for the clipboard ({size:,} bytes): written to {place_words(file)}"
    app.copy_to_clipboard(text)
    if wrapped := passed_through(text):
        driver = getattr(app, "_driver", None)  # Textual writes the bare sequence only
        if driver is not None:
            driver.write(wrapped)
    count = text.count("\n") + 1
    return f"{part}{count:,} {'line' if count == 1 else 'lines'} copied, {len(text):,} characters"


def copy_and_tell(app: App[Any], text: str, *, of_lines: int = 0) -> None:
    """Copy a text, and say what became of it, and where it is not all that was wanted."""
    try:
        words = copy_out(app, text, of_lines=of_lines)
        app.notify(words, severity="warning" if of_lines else "information", timeout=6, markup=False)
    except OSError as error:
        app.notify(f"not copied: {error}", severity="error", markup=False)


# -- files --------------------------------------------------------------------------------------


def new_file(word: str, folder: Path | None = None) -> Path:
    """A name that is not taken, in a folder of our own."""
    folder = make_private_folder(folder or state_folder() / "saved")
    stem = f"{word}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names: Iterator[str] = (f"{stem}.log" if not n else f"{stem}-{n}.log" for n in range(1000))
    return next(folder / name for name in names if not (folder / name).exists())


class private:  # noqa: N801 - reads like open()
    """A new file that nobody else can read; taken away again where writing it fails.

    Raises:
        OSError: it is there already, or the disk is full.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> private:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self._handle = os.open(self._file, flags, 0o600)
        return self

    def write(self, data: bytes) -> None:
        """All of it."""
        while data:
            data = data[os.write(self._handle, data) :]

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        os.close(self._handle)
        if kind is not None:
            with suppress(OSError):
                self._file.unlink()


@dataclass(slots=True)
class Walk:
    """How far the lines of a stream have been written."""

    size: int = 0
    """Bytes."""
    gone: int = 0
    """Lines that were shown when it began, and left memory before their turn."""

    @property
    def words(self) -> str:
        """What is missing, to be said after what was done; empty where nothing is."""
        return f"; {self.gone:,} lines left memory meanwhile and are not in it" if self.gone else ""


async def pieces(stream: Stream, walk: Walk) -> AsyncIterator[bytes]:
    """The lines that a stream shows at this moment as text, a few milliseconds' worth at a time.

    Where lines left memory before their turn a line says so, and `walk` counts them.
    """
    groups = [
        Group([Part(part.source, part.lines, part.low, part.high) for part in one.parts]) for one in stream.groups
    ]
    books = enumerate(source.book for source in stream.sources)
    marks = {(at, book.first_line) for at, book in books if book.chunks and book.chunks[0].seam is not None}
    named = len(stream.sources) > 1
    out: list[str] = []
    gone = 0
    begun = perf_counter()
    for group in groups:
        for index in range(group.count):
            ref = group.ref(index, stream.sources)
            line = stream.sources[ref[0]].drawn(ref[1])
            if line is None or (line.seam is not None and line.seam.reason == "dropped" and ref not in marks):
                gone += 1
            else:
                _note_gone(out, gone, walk)
                gone = 0
                out.append(line_text(line, named=named))
            if perf_counter() - begun > _SLICE_SECONDS:
                yield _encoded(out, walk)
                out = []
                await asyncio.sleep(0)
                begun = perf_counter()
    _note_gone(out, gone, walk)
    yield _encoded(out, walk)


def _note_gone(out: list[str], gone: int, walk: Walk) -> None:
    if gone:
        walk.gone += gone
        out.append(f"-- {gone:,} lines left memory here before they were written --")


def _encoded(lines: Sequence[str], walk: Walk) -> bytes:
    data = "".join(f"{text}\n" for text in lines).encode("utf-8", "replace")
    walk.size += len(data)
    return data


async def save_shown(stream: Stream, file: Path) -> Walk:
    """Write all that a stream shows to a new file; how much.

    Raises:
        OSError: the file cannot be written; nothing of it is left.
    """
    walk = Walk()
    with private(file) as out:
        async for piece in pieces(stream, walk):
            out.write(piece)
    return walk


async def save_and_tell(app: App[Any], stream: Stream, chosen: Path | None = None) -> None:
    """Save what a stream shows, to a file that is not there yet or to one of our own folder, and say where."""
    try:
        file = chosen or new_file("logs")
        walk = await save_shown(stream, file)
    except FileExistsError as error:
        app.notify(f"not saved: {place_words(Path(error.filename))} is there already", severity="error", markup=False)
    except OSError as error:
        app.notify(f"not saved: {error}", severity="error", markup=False)
    else:
        words = f"{bytes_short(walk.size)} saved to {place_words(file)}{walk.words}"
        app.notify(words, severity="warning" if walk.gone else "information", markup=False, timeout=8)


def place_words(file: Path) -> str:
    """A file for a narrow notice: the home as `~`, and a line of its own for the name."""
    with suppress(ValueError, RuntimeError):
        return f"~/{file.parent.relative_to(Path.home())}/\n{file.name}"
    return f"{file.parent}/\n{file.name}"


# -- pager --------------------------------------------------------------------------------------


def pager_argv(environment: Mapping[str, str] = os.environ) -> tuple[str, ...] | None:
    """`$PAGER`, else lnav, less or more, whichever is there; None where there is none."""
    chosen = shlex.split(environment.get("PAGER", ""))
    if chosen and shutil.which(chosen[0], path=environment.get("PATH")):
        return tuple(chosen)
    found = (shutil.which(name, path=environment.get("PATH")) for name in ("lnav", "less", "more"))
    return next(((path,) for path in found if path), None)


async def page_shown(app: App[Any], stream: Stream) -> str | None:
    """Read what a stream shows in the pager, while the screen is away; what went wrong or was left out, or None.

    The pager gets a file that is taken away when it ends, and is asked to run no commands.
    """
    argv = pager_argv()
    if argv is None:
        return "no pager: $PAGER, lnav, less and more are not there"
    folder = Path(mkdtemp(prefix="aen-tui-"))
    try:
        file = new_file("logs", folder)
        walk = await save_shown(stream, file)
        secure = {**os.environ, "LESSSECURE": "1", "LNAVSECURE": "1"}
        with app.batch_update(), app.suspend():
            process = await asyncio.create_subprocess_exec(*argv, str(file), env=secure)
            await process.wait()
    except (OSError, SuspendNotSupported) as error:
        return str(error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if process.returncode:
        return f"{argv[0]} ended with {process.returncode}"
    return walk.words.removeprefix("; ") or None


async def page_and_tell(app: App[Any], stream: Stream) -> None:
    """Read what a stream shows in the pager, and say what went wrong or was left out, if anything."""
    if problem := await page_shown(app, stream):
        app.notify(problem, severity="error", markup=False)
