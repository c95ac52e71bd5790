"""Logs whose places a node's own configuration tells: read as the login user, in a channel of their own."""

from __future__ import annotations

from collections.abc import Sequence

from aen_tui.errors import AenError
from aen_tui.model.facts import LogPath
from aen_tui.model.node import NodeSpec
from aen_tui.services import elasticsearch, services_of
from aen_tui.sources import elasticsearch_conf
from aen_tui.transports import Link

_BYTES = "65536"
_DEADLINE_SECONDS = 3.0


def tells_logs(spec: NodeSpec) -> bool:
    """Whether a node has a service whose log is called as its configuration says."""
    return elasticsearch.SERVICE in services_of(spec)


async def discovered_logs(link: Link, spec: NodeSpec) -> Sequence[LogPath] | None:
    """What a node's configuration says; nothing where it does not say, None where it was not read.

    Such a path is the node's word and none of the roles': it is not read under sudo (runtime/raised.py).
    """
    if not tells_logs(spec):
        return []
    argv = ["head", "-c", _BYTES, f"{spec.root}{elasticsearch.CONFIGURATION}"]
    try:
        done = await link.run(argv, timeout_seconds=_DEADLINE_SECONDS)
    except AenError:
        return None
    if done.exit_status != 0:
        return None
    path = elasticsearch_conf.log_path(done.output)
    is_ours = path is not None and not path.startswith(f"{spec.projects_root}/")
    return [path] if path is not None and is_ours else []
