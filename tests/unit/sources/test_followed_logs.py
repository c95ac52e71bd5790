"""Which logs are followed, and whose disks are measured for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.model.facts import LogPath
from aen_tui.model.node import NodeName, Role
from aen_tui.services.elasticsearch import log_of
from aen_tui.sources import host_metrics
from aen_tui.sources.frames import DiskRow
from aen_tui.sources.log_files import default_logs
from tests.support.states import inventory

SPEC = inventory().nodes[NodeName("aen-server")]
GIB = 2**30
MONGOD, SEARCH = LogPath("/var/log/mongodb/mongod.log"), LogPath("/var/log/elasticsearch/elasticsearch.log")


@pytest.mark.parametrize("role", [Role.SERVER, Role.STORE], ids=str)
def test_the_stores_logs_are_followed_and_merged(role: Role) -> None:
    logs = default_logs(replace(SPEC, roles=(role,)))
    assert (logs[MONGOD], logs[SEARCH]) == ("text", "text")


@pytest.mark.parametrize(
    ("cluster", "path"),
    [
        ("aen", "/var/log/elasticsearch/aen.log"),
        ("elasticsearch-4.1_x", "/var/log/elasticsearch/elasticsearch-4.1_x.log"),
        ("../../../etc/shadow", None),
        ("..", None),
        ("a/b", None),
        ("a b", None),
        ("", None),
        ("a\n", None),
        ("x" * 200, None),
    ],
)
def test_a_cluster_s_name_makes_no_other_path(cluster: str, path: str | None) -> None:
    assert log_of(cluster) == path


def row(mount: str, used: int, total: int = 20 * GIB, error: str | None = None) -> DiskRow:
    return DiskRow(mount, "xfs", used, total - used, total, 1.0, read_only=False, error=error)


def test_folders_of_followed_logs_are_measured() -> None:
    asked = host_metrics.request(replace(SPEC, extra_logs=("/srv/logs/app.log", "/top.log")))["mounts"]
    assert {"/var/log/mongodb", "/var/log/elasticsearch", "/var/log/nginx", "/srv/logs"} <= set(asked)
    assert "/opt/wakari/wakari-server/var/log/wakari" in asked
    assert len(set(asked)) == len(asked)
    assert "/" not in host_metrics.log_folders(replace(SPEC, extra_logs=("/top.log",))), "it is a mount already"


def test_a_log_folder_is_told_where_it_is_on_a_filesystem_of_its_own() -> None:
    folders = host_metrics.log_folders(SPEC)
    rows = [
        row("/var/log/mongodb", 19 * GIB),
        row("/", 5 * GIB),
        row("/var/log", 5 * GIB),
        row("/var/log/nginx", 5 * GIB + 4096),
        row("/var/log/elasticsearch", 0, error="absent"),
    ]
    told = host_metrics.decode(None, rows, None, folders).disks
    assert [one.mount for one in told] == ["/", "/var/log", "/var/log/mongodb"]


def test_one_hung_mount_is_told_once() -> None:
    folders = host_metrics.log_folders(SPEC)
    rows = [row("/opt/wakari", 0, error="hung"), row("/opt/wakari/wakari-server/var/log", 0, error="hung")]
    assert [one.mount for one in host_metrics.decode(None, rows, None, folders).disks] == ["/opt/wakari"]
