"""Whether the audit is as it was written: the chain, its head, and what syslog knows of it.

The chain shows every edit of a line, every line put in, taken out or moved. The head shows an end that was
cut off. Who rewrites a record and all that follow, and the head, is found by syslog alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aen_tui.errors import AuditError
from aen_tui.model.text import visible_line
from aen_tui.runtime.audit import FIRST, head_file, record_hash
from aen_tui.runtime.syslog import Testimony, Witnessed, file_word

_SHORT = 12
"""Characters of a hash that are shown."""
_NAMED = 5
"""Lines that are named one by one."""
_UNSEEN_END = "somebody took it away, and a cut end before that would not be seen here"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that nobody but an editor does."""

    line: int | None
    """Counted from 1; None where it concerns no line that is there."""
    why: str

    def __str__(self) -> str:
        return self.why if self.line is None else f"line {self.line} {self.why}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found."""

    records: int
    faults: tuple[Fault, ...] = ()
    """The first bad line first."""
    doubts: tuple[str, ...] = ()
    """What an editor may have done, or a syslog that was not listening."""
    notes: tuple[str, ...] = ()
    """What is as it should be after a crash, and what could not be compared."""
    syslog: str = ""
    """What the comparison with syslog says, in words."""

    @property
    def is_whole(self) -> bool:
        """Whether no edit was found."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    raw: bytes
    fields: dict[str, Any] | None
    """None where the line is no record as this program writes them."""


def verify(path: Path, testimony: Testimony | None = None) -> Verdict:
    """Read the whole audit and judge it; blocks, so call it in a thread.

    Args:
        path: the file.
        testimony: what syslog holds; None: it is not compared.

    Raises:
        AuditError: it is there and cannot be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        data = b""
    except OSError as error:
        raise AuditError(f"the audit {path} cannot be read: {error.strerror}") from error
    *whole, rest = data.split(b"\n")
    lines = [_parsed(number, raw) for number, raw in enumerate(whole, 1)]
    fault, records, notes = _chain(lines, rest)
    faults = [fault] if fault is not None else []
    doubts = [
        f"line {line.number} was written when there was no head beside the records: {_UNSEEN_END}"
        for line in records
        if line.fields is not None and line.fields.get("no_head")
    ]
    if fault is None:
        head_faults, head_doubts, head_notes = _head(path, records)
        faults += head_faults
        doubts += head_doubts
        notes += head_notes
    said = ""
    if testimony is not None:
        missing, strange, said = _compare(path, records, lines, testimony)
        faults += missing
        doubts += strange
    notes += _open_ends(records)
    return Verdict(len(records), tuple(faults), tuple(doubts), tuple(notes), said)


def _parsed(number: int, raw: bytes) -> _Line:
    try:
        fields = json.loads(raw)
    except ValueError:
        return _Line(number, raw, None)
    # the same bytes again: blanks, a key twice or another escape would hash alike
    is_ours = isinstance(fields, dict) and json.dumps(fields, ensure_ascii=True).encode("ascii") == raw
    return _Line(number, raw, fields if is_ours and isinstance(fields.get("hash"), str) else None)


def _chain(lines: list[_Line], rest: bytes) -> tuple[Fault | None, list[_Line], list[str]]:
    """The first line that does not fit, the records before it, and what crashes left."""
    records: list[_Line] = []
    notes: list[str] = []
    prev, torn = FIRST, None
    for line, after in _with_next(lines):
        left_over = hashlib.sha256(line.raw).hexdigest()
        if after is not None and after.fields is not None and after.fields.get("torn") == left_over:
            torn = left_over
            notes.append(f"line {line.number} is unfinished: a crash left it, and the next record says so")
            continue
        if line.fields is None:
            return Fault(line.number, "is no record as this program writes them: it was changed"), records, notes
        fault = _misfit(line.fields, prev, torn)
        if fault is not None:
            return Fault(line.number, fault), records, notes
        prev, torn = str(line.fields["hash"]), None
        records.append(line)
    if rest:
        notes.append(f"line {len(lines) + 1}, the last, is unfinished: a crash left it")
    return None, records, notes


def _with_next(lines: list[_Line]) -> Iterator[tuple[_Line, _Line | None]]:
    for index, line in enumerate(lines):
        yield line, lines[index + 1] if index + 1 < len(lines) else None


def _misfit(fields: dict[str, Any], prev: str, torn: str | None) -> str | None:
    if fields["hash"] != record_hash(fields):
        return "was changed: its hash is another's"
    if fields.get("prev") != prev:
        return "does not follow the record before it: one was taken out, put in or moved"
    if fields.get("torn") != torn:
        return "speaks of an unfinished line before it that is not there"
    if fields.get("lost"):
        gone = visible_line(str(fields["lost"])[:_SHORT])
        return f"was written after the end before it had been cut off: {gone}… is gone"
    return None


def _head(path: Path, records: list[_Line]) -> tuple[list[Fault], list[str], list[str]]:
    """Faults, doubts and notes from comparing the head with the records."""
    try:
        head = head_file(path).read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        head = ""
    except OSError as error:
        raise AuditError(f"{head_file(path)} cannot be read: {error.strerror}") from error
    if not head:
        return [], [f"there is no head beside the records: {_UNSEEN_END}"] if records else [], []
    hashes = [str(line.fields["hash"]) for line in records if line.fields is not None]
    last = hashes[-1] if hashes else FIRST
    if head == last:
        return [], [], []
    if head == FIRST or head in hashes:
        behind = len(hashes) - (0 if head == FIRST else hashes.index(head) + 1)
        if behind == 1:
            return [], [], ["the head is one record behind: a crash came between them"]
        fault = Fault(records[len(hashes) - behind + 1].number, "and what follows was not written by this program")
        return [fault], [], []
    what = visible_line(head[:_SHORT])
    return [Fault(None, f"the end is cut off: the last record written was {what}…, and it is not there")], [], []


def _compare(
    path: Path, records: list[_Line], lines: list[_Line], testimony: Testimony
) -> tuple[list[Fault], list[str], str]:
    """Records that syslog knows and the file does not; records that syslog should know; the verdict in words."""
    ours = [one for one in testimony.lines if one.file == file_word(path)]
    if not ours:
        where = testimony.where if not testimony.could_read else f"{testimony.where} holds nothing of this file"
        return [], [], f"not compared with syslog: {where}"
    held = {str(line.fields["hash"]) for line in lines if line.fields is not None}
    lost = [one for one in ours if not one.is_only and one.hash not in held]
    faults = [Fault(None, f"syslog knows a record that is not there: {_words(one)}") for one in lost[:_NAMED]]
    if len(lost) > _NAMED:
        faults.append(Fault(None, f"and {len(lost) - _NAMED} more"))
    known, first = {one.hash for one in ours}, min(one.at for one in ours)
    strange = [
        line.number
        for line in records
        if line.fields is not None
        and line.fields.get("syslog")
        and str(line.fields.get("at")) >= first
        and line.fields["hash"] not in known
    ]
    doubts = []
    if strange:
        named = ", ".join(str(number) for number in strange[:_NAMED]) + (" …" if len(strange) > _NAMED else "")
        doubts.append(f"syslog should know {len(strange)} of the records and does not: line {named}")
    only = sum(one.is_only for one in ours)
    alone = f", {only} of them there alone (SYSLOG-ONLY)" if only else ""
    verdict = "disagrees" if faults or doubts else "agrees"
    return faults, doubts, f"{testimony.where} {verdict}: {len(ours)} records{alone}"


def _words(one: Witnessed) -> str:
    return visible_line(f"{one.kind} {one.id} of {one.at}, {one.hash[:_SHORT]}…")


def _open_ends(records: list[_Line]) -> list[str]:
    """Steps of which no outcome was recorded."""
    waiting: dict[str, int] = {}
    for line in records:
        fields = line.fields or {}
        if fields.get("kind") == "intent":
            waiting[str(fields.get("id"))] = line.number
        else:
            waiting.pop(str(fields.get("id")), None)
    return [
        f"line {number}: step {visible_line(name, 100)} has no outcome: it is being carried out, or was broken off"
        for name, number in list(waiting.items())[-_NAMED:]
    ]
