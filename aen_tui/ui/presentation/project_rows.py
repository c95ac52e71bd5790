"""Projects as rows: what runs in them, whose it is, what it costs; one process in full."""

from __future__ import annotations

from collections.abc import Sequence

from aen_tui.model.facts import LinkState, NodeState
from aen_tui.model.projects import InFull, InProject, ProjectLoad
from aen_tui.model.text import visible_line
from aen_tui.ui.presentation.fields import Field, Span
from aen_tui.ui.presentation.format import age_text, bytes_short, percent_text
from aen_tui.ui.presentation.severity import Glyphs

Line = list[Span]

_COST_CELLS = 21
_USER_CELLS = 16
_NODE_CELLS, _NAME_CELLS = 14, 48
_BUSY_PERCENT = 90.0
"""Of one core."""


def project_widths(width: int, *, has_node: bool) -> tuple[int, int]:
    """Cells of a project's name and of what runs in it."""
    left = max(24, width - _COST_CELLS - _USER_CELLS - 3 - (_NODE_CELLS + 1 if has_node else 0))
    kinds = min(28, left * 2 // 5)
    return min(_NAME_CELLS, left - kinds - 1), kinds


def heading(width: int, *, has_node: bool) -> Line:
    """The titles over `project_row`."""
    name, kinds = project_widths(width, has_node=has_node)
    node = f"{'node':<{_NODE_CELLS}} " if has_node else ""
    text = f"{'cpu':>5} {'mem':>5} {'age':>4} {'n':>3} {node}{'project':<{name}} {'what runs':<{kinds}} user"
    return [(text, "faint")]


def project_row(
    load: ProjectLoad, node_wall: float, width: int, glyphs: Glyphs, *, node: str | None = None, account: str = ""
) -> Line:
    """A project.

    Args:
        load: what runs in it.
        node_wall: the node's clock, epoch seconds.
        width: cells.
        glyphs: signs.
        node: its node, where rows of several stand together.
        account: the service account, whose processes are marked.
    """
    name, kinds = project_widths(width, has_node=node is not None)
    own = account in load.users
    words = ", ".join(_counted(load))
    where: Line = [(f"{_cut(node, _NODE_CELLS, glyphs):<{_NODE_CELLS}} ", "accent")] if node is not None else []
    users = load.users[0] + (f" +{len(load.users) - 1}" if len(load.users) > 1 else "")
    return [
        *_cost(load.cpu_percent, load.rss_bytes, node_wall - load.started),
        (f"{load.processes:>3} ", "muted"),
        *where,
        (f"{_cut(load.project, name, glyphs):<{name}} ", "text!" if load.apps else "text"),
        (f"{_cut(words, kinds, glyphs):<{kinds}} ", "text"),
        (f"{glyphs.warning} " if own else "", "warning"),
        (visible_line(users), "warning" if own else "muted"),
    ]


def _counted(load: ProjectLoad) -> list[str]:
    found = []
    for kind in load.kinds:
        count = sum(group.apps or group.processes for group in load.groups if group.kind == kind)
        found.append(kind if count == 1 else f"{count} {kind}")
    return found


def _cost(cpu: float | None, rss: int, age: float) -> Line:
    busy = cpu is not None and cpu >= _BUSY_PERCENT
    return [
        (f"{percent_text(cpu):>5} ", "warning" if busy else "text"),
        (f"{bytes_short(rss):>5} ", "text"),
        (f"{age_text(max(0.0, age)):>4} ", "muted"),
    ]


def note(node: NodeState, now: float) -> str:
    """What stands in the heading: how much runs, how old that is, what could not be seen."""
    reading = node.projects
    look = reading.value
    if look is None:
        return visible_line(reading.error, 200) if reading.error else "not looked at yet"
    words = [f"{look.apps} apps", f"{look.in_projects} of {look.processes} processes", f"{look.projects} projects"]
    fresh = node.connection.state is LinkState.UP and reading.error is None
    words.append(f"{'' if fresh else 'as of '}{age_text(reading.age_seconds(now))} ago")
    words += [text for text in (look.blind, reading.error) if text]
    if look.unread and look.blind is None:
        words.append(f"{look.unread} others' folders are not seen without sudo")
    if len(look.loads) < look.projects:
        words.append(f"the {len(look.loads)} heaviest are listed")
    return visible_line(", ".join(words), 300)


def process_row(process: InProject, node_wall: float, glyphs: Glyphs) -> Line:
    """A process of a project."""
    return [
        *_cost(process.cpu_percent, process.rss_bytes, node_wall - process.started),
        (f"{process.pid:>7} ", "muted"),
        (f"{_cut(process.kind, 16, glyphs):<16} ", "text!"),
        (visible_line(process.user), "text"),
    ]


PROCESS_HEADING: Line = [(f"{'cpu':>5} {'mem':>5} {'age':>4} {'pid':>7} {'kind':<16} user", "faint")]


def in_full(process: InFull) -> list[Field]:
    """A process as it was started: a line an argument."""
    fields = [Field("pid", ((str(process.pid), "text!"), (f"  {visible_line(process.user)}", "text")))]
    if process.folder:
        fields.append(Field("folder", ((visible_line(process.folder), "text"),)))
    for number, word in enumerate(process.words):
        fields.append(Field("argv" if not number else "", ((visible_line(word, 4096), "text"),)))
    return [*fields, Field("", (("secrets were masked on the node", "muted"),))]


def state_line(nodes: Sequence[NodeState], shown: int, now: float, glyphs: Glyphs) -> Line:
    """Over the list of all: apps, projects, how old, which nodes are not known."""
    known = [node for node in nodes if node.projects.value is not None]
    looks = [node.projects.value for node in known if node.projects.value is not None]
    line: Line = [(f" {sum(look.apps for look in looks)} apps", "text!")]
    line.append((f" in {sum(look.projects for look in looks)} projects on {len(known)} of {len(nodes)} nodes", "text"))
    ages = [age for node in known if (age := node.projects.age_seconds(now)) is not None]
    if ages:
        line.append((f"  {' to '.join(dict.fromkeys((age_text(min(ages)), age_text(max(ages)))))} old", "muted"))
    listed = sum(look.projects for look in looks)
    if shown < listed:
        line.append((f"  {shown} heaviest listed", "muted"))
    missing = [node for node in nodes if node.projects.value is None or node.projects.error]
    if missing:
        first = missing[0]
        why = first.projects.error or "not looked at yet"
        more = f" (+{len(missing) - 1})" if len(missing) > 1 else ""
        line.append((f"  {glyphs.unknown} {first.name}: {visible_line(why, 200)}{more}", "unknown"))
    return line


def _cut(text: str, cells: int, glyphs: Glyphs) -> str:
    text = visible_line(text)
    return text if len(text) <= cells else text[: cells - 1] + glyphs.ellipsis
