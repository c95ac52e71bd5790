"""How a rolling card lays out what `actions.rolling_text` says: pure, from its lines to spans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aen_tui.actions.rolling_text import rolling_text
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName, Role
from aen_tui.model.rolling import RollingPlan
from aen_tui.model.text import visible_line
from aen_tui.ui.presentation.fields import Field, Span

_LABEL = 9
"""Where the text of a line begins, after its label."""
_ROLES: Mapping[str, str] = {"batch": "accent!", "against": "critical!", "note": "warning!", "left": "warning!"}
_FIRST = ("hits", "where", "left", "against", "note")
"""What is read before the long list of steps: what it does to people, and what is odd."""
_COUNTED = ((Role.SERVER, "server"), (Role.GATEWAY, "gateway"), (Role.COMPUTE, "compute"))


def fields(
    rolling: RollingPlan, inventory: Inventory, now: float, *, keys: Sequence[Span] = (), is_asking_sudo: bool = False
) -> list[Field]:
    """The whole card before it is confirmed.

    Args:
        rolling: what is asked.
        inventory: for what each data center loses meanwhile.
        now: monotonic seconds, for the ages.
        keys: the sizes with the keys that change them.
        is_asking_sudo: sudo is being asked what it would ask.
    """
    order: list[tuple[str, str]] = []
    first: list[tuple[str, str]] = []
    steps: list[tuple[str, str]] = []
    for line in rolling_text(rolling, now)[1:]:
        label, text = line[:_LABEL].strip(), line[_LABEL:]
        if label == "as" and is_asking_sudo:
            text = f"{text.partition('  sudo: ')[0]}  sudo: being asked what it wants"
        (order if label == "order" else first if label in _FIRST else steps).append((label, text))
    first += [("where", text) for text in places(rolling, inventory)]
    first.sort(key=lambda pair: _FIRST.index(pair[0]))
    return [*_rows(order), *([Field("sizes", tuple(keys))] if keys else []), *_rows(first), *_rows(steps)]


def _rows(lines: Sequence[tuple[str, str]]) -> list[Field]:
    rows: list[Field] = []
    before = ""
    for label, text in lines:
        shown = "" if label in (before, "target") else label
        words = text.removesuffix(", batch") if label == "batch" else text
        rows.append(Field(shown, _target(words) if label == "target" else ((words, _ROLES.get(label, "text")),)))
        before = label
    return rows


def _target(text: str) -> tuple[Span, ...]:
    number, _, rest = text.partition(" ")
    name, gap, known = rest.partition("  ")
    return ((f"{number:>3} ", "muted"), (name, "text!"), (f"{gap}{known}", "text"))


def places(rolling: RollingPlan, inventory: Inventory) -> list[str]:
    """`east: 1 of 1 gateway, 3 of 25 computes`, a sentence for each data center, the server's before them."""
    hit = {step.target.node for step in rolling.plan.steps}
    centers: dict[str | None, list[NodeName]] = {}
    for name, spec in inventory.nodes.items():
        centers.setdefault(spec.data_center, []).append(name)
    found: list[str] = []
    for center, nodes in centers.items():
        words = []
        for role, word in _COUNTED:
            all_ = [name for name in nodes if role in inventory.nodes[name].roles]
            count = sum(name in hit for name in all_)
            if count:
                words.append(f"{count} of {len(all_)} {word}{'s' if len(all_) > 1 else ''}")
        if words:
            found.append(f"{visible_line(center) + ': ' if center else ''}{', '.join(words)}")
    return found
