"""Actions before, while and after they are carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aen_tui.model.node import NodeName


class ActionName(StrEnum):
    """What can be done (design 4)."""

    RESTART = "restart"
    START = "start"
    STOP = "stop"
    RELOAD_NGINX = "reload-nginx"
    REREAD = "reread"
    UPDATE = "update"
    RELOAD = "reload"
    TRY_ACL = "try-acl"
    TRY_CLONE = "try-clone"


class Proof(StrEnum):
    """What shows that a step did what it should; an exit status alone never does."""

    NEW_PID = "new-pid"
    """A new pid, RUNNING for `hold_seconds`, its URL answers."""
    PID_GONE = "pid-gone"
    """The process is gone and none took its place."""
    NEW_WORKERS = "new-workers"
    """The same master process with at least one new child."""
    ALL_NEW = "all-new"
    """Every program of a supervisord that ran is RUNNING again as another process."""
    APPLIED = "applied"
    """What a supervisord announced is so: what is new or changed runs where it begins by itself."""
    OUTPUT = "output"
    """What the command printed: it asks or announces, and changes no process."""
    NOTHING_LEFT = "nothing-left"
    """The command prints that nothing is left to apply."""


SPOKEN = frozenset({Proof.OUTPUT, Proof.NOTHING_LEFT})
"""Steps that are run for what they print."""
HEARD = SPOKEN | {Proof.APPLIED}
"""Steps of which what they print is shown."""


class Risk(StrEnum):
    """What the card wants before it acts."""

    KEY = "key"
    """One supervisor program on one node: `y`."""
    WORD = "word"
    """A SysV service, a whole supervisord, several nodes: the typed word."""


class Result(StrEnum):
    """How a step or a plan ended. *claimed* is on the way: the command returned, nothing is proved yet."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    VERIFIED = "verified"
    FAILED = "failed"
    UNVERIFIED = "unverified"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Target:
    """A service on a node, as the user named it."""

    node: NodeName
    service: str
    """Program (`wk-server`, `worker:w_00`) or SysV service."""
    manager: str
    """supervisor | sysv."""
    supervisor: str | None = None
    """`wakari-server` … where manager is supervisor."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What was known of a target when the plan was made; compared before it is carried out."""

    state: str
    pid: int | None
    started_at: float | None
    uptime_seconds: float | None
    seen_at: float | None
    """Monotonic seconds."""


@dataclass(frozen=True, slots=True)
class SudoMet:
    """What a step's commands meet at sudo, as sudo said when it was asked without running anything."""

    words: str
    """For the card: "no password", "asks for the password of ops, on a terminal (requiretty)" …"""
    wants_password: bool = False
    """Of the command, or of its proof."""
    on_terminal: bool = False
    """`requiretty`."""
    refusal: str = ""
    """Why sudo would not run the command; empty where it would, or does not say."""
    proof_refusal: str = ""
    """Why sudo would not run the proof's command; then it is not tried."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One command on one node."""

    action: ActionName
    target: Target
    argv: tuple[str, ...]
    """Exactly what is executed, `root` included."""
    user: str
    """The user that the command runs as on the node (`login` = the login user)."""
    sudo: str
    """none | nopasswd-expected: what sudo is expected to ask, before it was asked (`met`)."""
    before: Known
    expect: str
    """What must be true after it, in words: "a new pid, RUNNING for 3 s, port 5000 answers"."""
    port: int | None = None
    """The port that must answer, asked on the node; None where none is known or none ever answered."""
    deadline_seconds: float = 120.0
    """How long the command itself may take."""
    proof: Proof = Proof.NEW_PID
    hold_seconds: float = 3.0
    """How long the new process must be seen RUNNING: startsecs, 3 s at least."""
    answers: str | None = None
    """Name of the node's `http` entry that must answer after the act (`wk-server`, `gateway`, …)."""
    answers_url: str | None = None
    """Its URL, for the card."""
    asked_on: NodeName | None = None
    """The node whose probe asks it."""
    listens: int | None = None
    """The node's own port on which something must listen after the act, as before; None where nothing did."""
    store: str | None = None
    """`mongodb` or `elasticsearch`, which must answer after the act, as before; None where `listens` says as much."""
    document: str | None = None
    """Name of the node's `http` entry whose status document was ok before, and must be after."""
    not_asked: tuple[str, ...] = ()
    """Checks that never held here before and so prove nothing: left out, and said."""
    proof_argv: tuple[str, ...] = ()
    """Where the probe may not see the state: the command, run as `user` before and after, that says it."""
    programs: tuple[tuple[str, int], ...] = ()
    """Name and pid of each program of a supervisord that ran before, where all of them are to be new."""
    met: SudoMet | None = None
    """What sudo said beforehand; None where it was not asked, or is not needed."""
    note: str = ""
    """What is odd about the command, in words for the card: why it is another than was asked for."""
    is_hollow: bool = False
    """Active to systemd and without a process: `unknown` before does not mean that it may not be seen."""
    announced: tuple[str, ...] = ()
    """What the command must print again, as it was shown; where it prints something else, the plan ends there."""
    applies: tuple[str, ...] = ()
    """What the command applies, as it was announced: `NAME: available | changed | disappeared`."""
    blocked: str = ""
    """Why it may not be done, by what was read on the node; empty where nothing is against it."""
    does: str = ""
    """What it does, in words, where an action is several steps on one target and no name of a program says it."""
    makes: str = ""
    """The path that it makes on the node, and may leave half made."""
    makes_at_once: bool = False
    """What it makes is there as a whole, or not at all where it says that it failed."""
    removes: str = ""
    """A clean-up of that path, as another step `makes` it: carried out once that one was begun, whatever came of it."""
    says: str = ""
    """How a line begins that it must print; empty where its exit status says all."""
    good_statuses: tuple[int, ...] = (0,)
    """Exit statuses of a command that no service's script or supervisorctl words."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A pure function of state and targets; shown on the card, then carried out as it is."""

    id: str
    action: ActionName
    cluster: str
    steps: tuple[Step, ...]
    risk: Risk
    word: str
    """The word to type where risk is WORD: the node's name if one, the installation's if several."""
    blast_radius: tuple[str, ...] = ()
    """Sentences for the card."""
    made_at: float = 0.0
    """Monotonic seconds."""
    is_demo: bool = False
    """The card says DEMO."""
    first: int = 1
    """The number of its first step: a rolling job carries its steps out as plans of one, under one id."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step stands in a rolling job."""

    job: str
    batch: int
    """From 1."""
    batches: int
    member: int
    """From 1."""
    members: int
    is_skipped: bool = False
    """Whether the step was passed over; the event is then `verified` with the result refused, and says why."""


@dataclass(frozen=True, slots=True, eq=False)
class PlanEvent:
    """What happens while a plan is carried out; one JSON line of `do --json`."""

    event: str
    """planned | step-started | step-finished | verified | finished."""
    result: Result | None = None
    step: Step | None = None
    pid_after: int | None = None
    error: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None
    """None where the plan is not carried out in batches."""
    lines: tuple[str, ...] = ()
    """With `step-finished`: what the command printed. Sanitised, capped."""


@dataclass(frozen=True, slots=True, eq=False)
class AuditRecord:
    """One line of audit.jsonl; two records a step."""

    id: str
    kind: str
    """intent | outcome."""
    at: str
    """UTC, ISO 8601."""
    user: str
    cluster: str
    node: str
    argv: tuple[str, ...]
    reason: str | None
    result: str | None
    prev: str
    hash: str
    service: str = ""
    action: str = ""
    run_as: str = ""
    """The user that the command runs as on the node."""
    pid_before: int | None = None
    pid_after: int | None = None
    claimed: bool | None = None
    """Whether the command's own words were of success; None where it was not run or nothing is known."""
    error: str | None = None
    is_demo: bool = False
    proof: tuple[str, ...] = ()
    """The command that was run as `run_as`, before and after, to see what became of it; often none."""
    torn: str | None = None
    """SHA-256 of an unfinished line that a crash left before this record."""
    plan: str = ""
    """Id of the plan that the step belongs to."""
    uid: int | None = None
    login_uid: int | None = None
    """The kernel's word for who logged in, through su and sudo; None where nobody did."""
    claimed_origin: Mapping[str, str] = field(default_factory=dict)
    """`sudo_user`, `ssh`, `tty`: what the process was told, and anybody can tell it."""
    syslog: bool = False
    """Whether syslog listened when this was written."""
    rests_on: tuple[str, ...] = ()
    """What was seen that proves the result, what was not asked, and what differs, in words; outcomes only."""
    lost: str | None = None
    """Hash of the record that should have stood before this one: the file's end was cut off."""
    environment: tuple[str, ...] = ()
    """What env(1) put before `argv`, as `NAME=value`."""
    no_head: bool = False
    """There were records and no head beside them when this was written: whether their end was cut off is not known."""
