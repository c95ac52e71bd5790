"""What `do` says: results to stdout, as text or as lines of JSON; everything else to stderr."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TextIO

from aen_tui.actions.card_text import step_name, step_words
from aen_tui.model.command import environment_of
from aen_tui.model.plans import HEARD, PlanEvent, Result
from aen_tui.model.text import visible_line
from aen_tui.runtime.cluster import Runtime

EXIT_REFUSED = 2
EXITS = {
    Result.VERIFIED: 0,
    Result.PLANNED: 0,
    Result.FAILED: 1,
    Result.REFUSED: EXIT_REFUSED,
    Result.UNVERIFIED: 3,
}


class Output:
    """Results to stdout, everything else to stderr."""

    def __init__(self, runtime: Runtime, stdout: TextIO, stderr: TextIO, *, as_json: bool) -> None:
        self.stderr = stderr
        self._runtime = runtime
        self._as_json = as_json
        self._stdout = stdout
        self._is_read = True
        self._has_begun = False
        """Some step was begun."""
        self._ended: Result | None = None

    def say(self, text: str) -> None:
        """A line that is no result."""
        self.stderr.write(text + "\n")
        self.stderr.flush()

    def refused(self, why: str) -> None:
        """Nothing is or was done."""
        self.event(PlanEvent("finished", Result.REFUSED, error=why))

    @property
    def has_ended(self) -> bool:
        """Whether the end was told."""
        return self._ended is not None

    def has_only_looked(self) -> None:
        """What was begun has ended and changed nothing; something may follow."""
        self._has_begun = False

    def cut_off(self) -> int:
        """A signal has ended it: the exit code of how far it came, which is said unless it was."""
        if not self.has_ended and self._has_begun:
            self.event(PlanEvent("finished", Result.UNVERIFIED, error="interrupted: how it ended is not known"))
        elif not self.has_ended:
            self.refused("interrupted: nothing was done")
        return EXITS[self._ended or Result.UNVERIFIED]

    def planned(self, planned: Sequence[PlanEvent], card: Sequence[str]) -> None:
        """What a dry run shows."""
        if not self._as_json:
            self._stdout.write("\n".join(card) + "\n")
            return
        for event in planned:
            self.event(event)
        self.event(PlanEvent("finished", Result.PLANNED))

    def event(self, event: PlanEvent, **more: object) -> None:
        """One event as it happens; `more` are further keys of its JSON."""
        self._has_begun |= event.event == "step-started"
        if event.event == "finished":
            self._ended = event.result
        if self._as_json:
            self._put(json.dumps({**self._fields(event), **more}, ensure_ascii=False))
            return
        text = _words(event)
        if text is None:
            return
        if is_spoken(event):
            self._put("\n".join(f"  | {visible_line(line)}" for line in event.lines))
        if event.event in ("verified", "finished") and event.result is not Result.REFUSED:
            self._put(text)
        else:
            self.say(text)

    def result(self, text: str) -> None:
        """A line of what came of it, where it is not said in JSON."""
        if not self._as_json:
            self._put(text)

    def _put(self, line: str) -> None:
        """A line to stdout; a reader that is gone stops nothing that is being done."""
        if self._is_read:
            try:
                self._stdout.write(line + "\n")
                self._stdout.flush()
            except BrokenPipeError:
                self._is_read = False
                os.dup2(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC), self._stdout.fileno())

    def _fields(self, event: PlanEvent) -> dict[str, object]:
        step = event.step
        more: dict[str, object] = {"proof": list(step.proof_argv)} if step is not None and step.proof_argv else {}
        if step is not None and (environment := environment_of(step.argv)):
            more["environment"] = list(environment)
        if step is not None and step.does:
            more |= {"step": step.does, "clean_up": bool(step.removes)}
        if event.event == "planned" and step is not None and step.met is not None:
            more["sudo"] = step.met.words
        if (place := event.place) is not None:
            more |= {"job": place.job, "batch": place.batch, "batches": place.batches}
            more |= {"member": place.member, "members": place.members, "skipped": place.is_skipped}
        if is_spoken(event):
            more["output"] = list(event.lines)
        if event.event in ("step-started", "verified"):
            more |= {key: list(values) for key, values in event.detail.items() if values}
        user = None if step is None else step.user
        if step is not None and user == "login":
            user = self._runtime.store.node(step.target.node).connection.user or user
        return {
            "event": event.event,
            "node": None if step is None else step.target.node,
            "service": None if step is None else step.target.service,
            "argv": None if step is None else list(step.argv),
            "user": user,
            "pid_before": None if step is None else step.before.pid,
            "pid_after": event.pid_after,
            "result": None if event.result is None else event.result.value,
            "error": event.error,
            **more,
        }


def is_spoken(event: PlanEvent) -> bool:
    """Whether what a command printed is what it was run for."""
    return bool(event.lines) and event.step is not None and event.step.proof in HEARD


def _words(event: PlanEvent) -> str | None:
    tail = f": {visible_line(event.error)}" if event.error else ""
    if event.event == "finished" or event.step is None:
        return f"{event.result.value if event.result else event.event}{tail}"
    target = step_name(event.step)
    if (place := event.place) is not None:
        target = f"{place.batch}/{place.batches}  {place.member}/{place.members}  {target}"
        if place.is_skipped:
            return f"{target}  SKIPPED{tail}"
    if event.event == "step-started":
        notes = "".join(f"\n  lease {visible_line(str(one))}" for one in event.detail.get("lease", ()))
        word = f"  {step_words(event.step)}"
        return f"{target.removesuffix(word)}{word} ...{notes}"
    if event.event == "step-finished":
        return f"{target}  {event.result.value if event.result else ''}{tail}"
    if event.event == "verified" and event.result is not None:
        pids = (event.step.before.pid, event.pid_after)
        shown = f"  pid {pids[0] or 'none'} -> {pids[1] or 'none'}" if any(pids) else ""
        return f"{target}  {event.result.value.upper()}{shown}{tail}{_proof(event)}"
    return None


def _proof(event: PlanEvent) -> str:
    """What it rests on, and what differs from before, each on a line of its own."""
    found = []
    for key, words in (("rests_on", "rests on"), ("differs", "differs from before:")):
        if event.detail.get(key):
            found.append(f"\n  {words} {visible_line('; '.join(map(str, event.detail[key])))}")
    return "".join(found)
