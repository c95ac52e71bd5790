"""/etc/elasticsearch/elasticsearch.yml -> where Elasticsearch writes its log."""

from __future__ import annotations

import posixpath

from aen_tui.model.facts import LogPath
from aen_tui.model.text import visible_line
from aen_tui.services import elasticsearch
from aen_tui.sources.conf_entries import entries


def log_path(words: str) -> LogPath | None:
    """`<path.logs>/<cluster.name>.log`, the package's where one is not said; None where it says neither, or nonsense.

    It is the node's word: a folder is a whole path, a name is one for a file, and nobody is root who reads it.
    """
    found = entries(words)
    cluster, folder = found.get("cluster.name"), found.get("path.logs")
    if not cluster and not folder:
        return None
    place = (folder or elasticsearch.LOGS).rstrip("/")
    is_whole = place.startswith("/") and posixpath.normpath(place) == place and "$" not in place
    if not is_whole or place.startswith("//") or visible_line(place, 1000) != place:
        return None
    path = elasticsearch.log_of(cluster or elasticsearch.CLUSTER, place)
    return LogPath(path) if path is not None else None
