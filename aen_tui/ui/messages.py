"""What panels ask for; the app answers. A panel knows neither its neighbours nor the app."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from aen_tui.model.inventory import RollingSettings
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Target

if TYPE_CHECKING:
    from aen_tui.config.targets import Target as PlaceTarget
    from aen_tui.state.node_patterns import NodePattern


class OpenNode(Message):
    """Show the node page of `node`."""

    def __init__(self, node: NodeName) -> None:
        self.node = node
        super().__init__()


class CompareNodes(Message):
    """Show who of some computes differs from the others."""

    def __init__(self, nodes: Sequence[NodeName]) -> None:
        self.nodes = tuple(nodes)
        super().__init__()


class OpenLogs(Message):
    """Show view 2 on logs.

    Args:
        keys: exactly these logs, where any are given.
        nodes: else the default logs of these nodes; with neither, the default logs of all.
        moment: go to this time, epoch seconds.
    """

    def __init__(
        self, keys: Sequence[LogKey] = (), *, nodes: Sequence[NodeName] = (), moment: float | None = None
    ) -> None:
        self.keys = tuple(keys)
        self.nodes = tuple(nodes)
        self.moment = moment
        super().__init__()


class SearchLogs(Message):
    """Search logs on their nodes.

    Args:
        pattern: what is looked for; None = show the last search again.
        keys: in which logs.
        since: nothing written before, epoch seconds; None = all that is there.
    """

    def __init__(
        self, pattern: NodePattern | None = None, keys: Sequence[LogKey] = (), since: float | None = None
    ) -> None:
        self.pattern = pattern
        self.keys = tuple(keys)
        self.since = since
        super().__init__()


class ActionRequested(Message):
    """Open a card; nothing is done yet.

    Args:
        action: what to do; None opens the action menu first.
        targets: the services; empty opens a picker of the services of `nodes` first.
        nodes: the nodes under the cursor or marked, as they stood when the key was pressed.
        rolling: the rolling plan instead of the card.
        everything: all services of AEN's own on `nodes`, in the order of dependence; `targets` are the stores beside
            them.
        sizes: of a rolling plan; None: as the inventory says.
    """

    def __init__(
        self,
        action: ActionName | None,
        targets: Sequence[Target] = (),
        *,
        nodes: Sequence[NodeName] = (),
        rolling: bool = False,
        everything: bool = False,
        sizes: RollingSettings | None = None,
    ) -> None:
        self.action = action
        self.targets = tuple(targets)
        self.nodes = tuple(nodes)
        self.rolling = rolling
        self.everything = everything
        self.sizes = sizes
        super().__init__()


class OpenJob(Message):
    """Show view 7 on a job."""

    def __init__(self, job: str) -> None:
        self.job = job
        super().__init__()


class JobResumed(Message):
    """Open the card that goes on with what a job has left; nothing is done yet."""

    def __init__(self, job: str) -> None:
        self.job = job
        super().__init__()


class ShellRequested(Message):
    """Leave the screen for an ssh shell on `node`; refused under --read-only."""

    def __init__(self, node: NodeName) -> None:
        self.node = node
        super().__init__()


class ChipChanged(Message):
    """The panel's active filter, for the footer; empty where there is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()


class FullScreenRequested(Message):
    """Header and footer away, or back."""


class TimeChosen(Message):
    """Somebody went to a moment; whoever shows something over time goes there too.

    Args:
        moment: epoch seconds; None = back to the present.
        teller: who is there already.
    """

    def __init__(self, moment: float | None, *, teller: object = None) -> None:
        self.moment = moment
        self.teller = teller
        super().__init__()


class SaveRequested(Message):
    """Write what the view shows to a file that is not there yet."""

    def __init__(self, file: Path) -> None:
        self.file = file
        super().__init__()


class OpenMetrics(Message):
    """Show view 3 on nodes.

    Args:
        nodes: the first is charted, the others over it.
        series: the series that is looked for; None: whatever is charted.
        moment: mark this time, epoch seconds.
    """

    def __init__(self, nodes: Sequence[NodeName], *, series: str | None = None, moment: float | None = None) -> None:
        self.nodes = tuple(nodes)
        self.series = series
        self.moment = moment
        super().__init__()


class MaintenanceRequested(Message):
    """Announce a maintenance, or end one; nothing on a node changes.

    Args:
        targets: nodes and services.
        seconds: how long; None: end it.
        reason: for the record.
    """

    def __init__(self, targets: Sequence[PlaceTarget], seconds: float | None, reason: str = "") -> None:
        self.targets = tuple(targets)
        self.seconds = seconds
        self.reason = reason
        super().__init__()


class OpenProjects(Message):
    """Show what runs in the projects of some computes; of all, where none is named."""

    def __init__(self, nodes: Sequence[NodeName] = ()) -> None:
        self.nodes = tuple(nodes)
        super().__init__()


class OpenProject(Message):
    """Show the processes of one project on a node."""

    def __init__(self, node: NodeName, project: str) -> None:
        self.node = node
        self.project = project
        super().__init__()


class WhyRequested(Message):
    """Ask computes why a project does not start; all computes, where none is named."""

    def __init__(self, project: str, nodes: Sequence[NodeName] = ()) -> None:
        self.project = project
        self.nodes = tuple(nodes)
        super().__init__()


class UsageRequested(Message):
    """Walk filesystems.

    Args:
        wanted: (node, path); empty: show the last walk again.
    """

    def __init__(self, wanted: Sequence[tuple[NodeName, str]] = ()) -> None:
        self.wanted = tuple(wanted)
        super().__init__()
