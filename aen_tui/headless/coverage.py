"""`aen-tui info --coverage`: what the seeds name, and what looks after it. Made from the shelves' own declarations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TextIO

from aen_tui.actions import try_acl, try_clone
from aen_tui.checks import checks
from aen_tui.checks.preflight import requirements
from aen_tui.services import services

SCHEMA = 1
SAME_PAGE = {"000": "001"}
"""Seeds that are one page: what the first names stands in the second too."""
NO_SEED = "-"
"""Of what is looked after and no seed names."""


@dataclass(frozen=True, slots=True, order=True)
class Covered:
    """Something that a seed names, and what looks after it."""

    kind: str
    """service | process | log | port | socket | file | account | package | requirement."""
    name: str
    seed: str
    by: str
    """`service nginx`, `check selinux-mode`, `action try-acl`."""


def coverage() -> tuple[Covered, ...]:
    """Everything that is looked after, sorted, each once for every part that looks after it."""
    found = {*_services(), *_checks(), *_trials()}
    twins = {replace(one, seed=SAME_PAGE[one.seed]) for one in found if one.seed in SAME_PAGE}
    return tuple(sorted(found | twins))


def _services() -> Iterator[Covered]:
    for service in services():
        by = f"service {service.name}"
        yield Covered("service", service.name, service.seed, by)
        for log in service.logs:
            seed = service.seed if log.is_named else NO_SEED
            yield Covered("log", log.path.format(prefix="/opt/wakari"), seed, by)
        for _, port in service.program_ports.values():
            yield Covered("port", str(port), service.seed, by)
        for mount in service.mounts:
            if mount == "/projects":
                yield Covered("file", mount, service.seed, by)
        yield from _words(service.covers, service.seed, by)


def _checks() -> Iterator[Covered]:
    for check in checks():
        yield from _words(check.covers, check.seed or NO_SEED, f"check {check.id}")
    for requirement in requirements():
        yield from _words(requirement.covers, requirement.seed or NO_SEED, f"check {requirement.id}")


def _trials() -> Iterator[Covered]:
    for action in (try_acl.ACTION, try_clone.ACTION):
        yield from _words(action.covers, action.seed, f"action {action.name}")


def _words(words: Iterable[str], seed: str, by: str) -> Iterator[Covered]:
    for word in words:
        front, _, rest = word.partition(" ")
        own, named = (front, rest) if rest and front.isdigit() else (seed, word)
        kind, _, name = named.partition(":")
        yield Covered(kind, name, own, by)


def write_coverage(stdout: TextIO, *, as_json: bool) -> None:
    """A line each, or one JSON document."""
    rows = coverage()
    if as_json:
        entries = [{"kind": row.kind, "name": row.name, "seed": row.seed, "by": row.by} for row in rows]
        stdout.write(json.dumps({"schema": SCHEMA, "covered": entries}, indent=2) + "\n")
        return
    stdout.writelines(f"{row.seed:<3}  {row.kind:<12} {row.name:<82} {row.by}\n" for row in rows)
