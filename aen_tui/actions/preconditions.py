"""What must be so on a node before a plan is carried out there: its configuration is JSON, mongod will start again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from aen_tui.actions.resolve import SUPERVISOR
from aen_tui.model.facts import NodeState
from aen_tui.model.journal_space import free_for_journal
from aen_tui.model.node import NodeName
from aen_tui.model.node_facts import ConfigFile
from aen_tui.model.plans import ActionName, Plan, Step
from aen_tui.model.stores import MIB, SMALL_JOURNAL_BYTES, MongoFigures, MongoOptions
from aen_tui.model.text import visible_line
from aen_tui.services import services

_READS_ITS_FILES = frozenset({ActionName.RESTART, ActionName.START, ActionName.RELOAD, ActionName.UPDATE})
_ENDS_IT = frozenset({ActionName.RESTART, ActionName.STOP})
_SYNTAX = "syntax"
_UNREADABLE = "unreadable"


def component_of(step: Step) -> str | None:
    """Server | gateway | compute: whose configuration a step's service reads when it starts; None: nobody's, or not."""
    if step.action not in _READS_ITS_FILES or (step.action is ActionName.UPDATE and not _begins(step.applies)):
        return None
    for service in services():
        own = service.sysv if step.target.manager != SUPERVISOR else service.supervisor
        named = step.target.service if step.target.manager != SUPERVISOR else step.target.supervisor
        if own is not None and own == named and service.name.startswith("wakari-"):
            return service.roles[0].value
    return None


def _begins(applies: tuple[str, ...]) -> bool:
    """Whether applying this begins any program."""
    return any(not line.endswith(": disappeared") for line in applies)


def with_configuration(plan: Plan, files: Mapping[NodeName, Iterable[ConfigFile]]) -> Plan:
    """The plan with what the nodes' JSON files say against it.

    Args:
        plan: as made.
        files: node -> its configuration as read just now; a node that was not asked is missing.
    """

    def judged(step: Step) -> Step:
        component = component_of(step)
        own = [file for file in files.get(step.target.node, ()) if file.component == component]
        for file in own:
            if file.state == _SYNTAX:
                where = f", line {file.line}" if file.line else ""
                why = f"{file.path}{where}: {file.problem}: it would not start"
                return replace(step, blocked=visible_line(why, 300))
        closed = [file for file in own if file.state == _UNREADABLE]
        if not closed:
            return step
        why = f"configuration not checked: {closed[0].path}: {closed[0].problem}"
        return replace(step, note="; ".join(filter(None, (step.note, visible_line(why, 300)))))

    return replace(plan, steps=tuple(judged(step) for step in plan.steps))


def with_journal_space(plan: Plan, nodes: Mapping[NodeName, NodeState]) -> Plan:
    """The plan with what mongod's journal says against it: 2.6 does not start without room for it (tried)."""

    def judged(step: Step) -> Step:
        node = nodes.get(step.target.node)
        if step.target.service != "mongod" or step.action not in _ENDS_IT or node is None:
            return step
        store = node.stores.get("mongodb")
        known = store.figures.options if store is not None and isinstance(store.figures, MongoFigures) else None
        options = known or MongoOptions()
        free, why = free_for_journal(node, options)
        needed = options.journal_bytes
        if free is None and needed:
            return replace(step, note=_joined(step, f"the free space of {options.data_path} is not known: {why}"))
        if free is None or free >= needed:
            return step
        words = f"{free // MIB} MB are free in {options.data_path}: mongod needs {needed // MIB} MB for its journal"
        if known is None and free >= SMALL_JOURNAL_BYTES:
            return replace(step, note=_joined(step, f"{words}, unless it is set to smallfiles"))
        return replace(step, blocked=f"{words}, or it does not start again")

    return replace(plan, steps=tuple(judged(step) for step in plan.steps))


def _joined(step: Step, why: str) -> str:
    return "; ".join(filter(None, (step.note, visible_line(why, 300))))
