"""Where Elasticsearch's configuration says that its log is."""

from __future__ import annotations

import pytest

from aen_tui.sources.elasticsearch_conf import log_path

LOGS = "/var/log/elasticsearch"


def test_a_long_line_is_gone_through_once() -> None:
    """Square, it would be hours."""
    assert log_path(f"cluster.name: aen  \nnode.name: a{' ' * 2_000_000}b\n") == f"{LOGS}/aen.log"


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("cluster.name: aen\n", f"{LOGS}/aen.log"),
        ("cluster.name: 'aen'  # ours\npath.logs: /srv/es/logs/\n", "/srv/es/logs/aen.log"),
        ("cluster:\n  name: aen\npath:\n  data: /x\n  logs: /srv/logs\n", "/srv/logs/aen.log"),
        ("path.logs: /srv/logs\n", "/srv/logs/elasticsearch.log"),
        ("# cluster.name: elasticsearch\n#path.logs: /path/to/logs\nnode.name: a\n", None),
        ("cluster.name: ../../etc/shadow\n", None),
        ("cluster.name: aen\npath.logs: logs\n", None),
        ("cluster.name: aen\npath.logs: ${LOGS}\n", None),
        ("cluster.name: aen\npath.logs: /srv/$X\n", None),
        ("cluster.name: aen\npath.logs: /srv/../etc\n", None),
        ("cluster.name: aen\npath.logs: //srv\n", None),
        ("cluster.name: aen\npath.logs: /srv/\x1b[2J\n", None),
        ("cluster.name: aen\npath.logs: /\n", None),
        ("", None),
        ("\x00\xff{[", None),
    ],
)
def test_where_the_log_is(words: str, path: str | None) -> None:
    assert log_path(words) == path
