"""What a job leaves, as words that can be run again."""

from __future__ import annotations

from collections.abc import Sequence

from aen_tui.actions.preflight import is_sudo
from aen_tui.actions.rolling_text import target_word
from aen_tui.config.paths import inventory_file
from aen_tui.model.command import shell_line
from aen_tui.model.inventory import Inventory
from aen_tui.model.plans import ActionName, Step
from aen_tui.model.rolling import RollingPlan
from aen_tui.model.text import visible_line


def is_same_command(fresh: Step, confirmed: Step) -> bool:
    """Whether a step planned again runs what was confirmed: the confirmed one may let sudo ask for a password."""
    if (fresh.action, fresh.user, fresh.target) != (confirmed.action, confirmed.user, confirmed.target):
        return False
    if confirmed.argv == fresh.argv or not is_sudo(fresh.argv) or not is_sudo(confirmed.argv):
        return confirmed.argv == fresh.argv
    tail = tuple(word for word in fresh.argv[1:] if word != "-n")
    return confirmed.argv[-len(tail) :] == tail


def commands_for(rolling: RollingPlan, left: Sequence[Step], inventory: Inventory) -> tuple[str, ...]:
    """Command lines, ready to be run: first the one that continues the job, then one an action.

    Stages follow from each other: only the first keeps their order.
    """
    where = [] if inventory.file == inventory_file() else ["--inventory", str(inventory.file)]
    found = [["aen-tui", *where, "do", "--resume", rolling.plan.id]]
    for action in () if rolling.is_in_stages else dict.fromkeys(step.action for step in left):
        words = [target_word(step.target) for step in left if step.action is action]
        if rolling.left_out and action is _last_action(rolling):
            words += rolling.left_out
        found.append(["aen-tui", *where, "do", action.value, *words, *_sizes(rolling)])
    return tuple(visible_line(shell_line(words)) for words in found)


def _last_action(rolling: RollingPlan) -> ActionName:
    return rolling.plan.steps[-1].action


def _sizes(rolling: RollingPlan) -> list[str]:
    one = rolling.settings
    return [
        "--rolling", "--canary", str(one.canary), "--batch", str(one.batch), "--max-failures", str(one.max_failures),
        *(["--idle-only"] if one.idle_only else []),
    ]  # fmt: skip
