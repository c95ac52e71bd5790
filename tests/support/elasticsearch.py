"""Stands in for an Elasticsearch 1.7.2: answers in its words (recorded shapes, shortened), as a test sets them."""

from __future__ import annotations

import copy
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MIB = 1024 * 1024
ANSWERS: dict[str, Any] = {
    "/": {
        "status": 200,
        "name": "Darkoth",
        "cluster_name": "elasticsearch",
        "version": {
            "number": "1.7.2",
            "build_hash": "e43676b1385b8125d647f593f7202acbd816e8ec",
            "build_timestamp": "2015-09-14T09:49:53Z",
            "build_snapshot": False,
            "lucene_version": "4.10.4",
        },
        "tagline": "You Know, for Search",
    },
    "/_cluster/health": {
        "cluster_name": "elasticsearch",
        "status": "yellow",
        "timed_out": False,
        "number_of_nodes": 1,
        "number_of_data_nodes": 1,
        "active_primary_shards": 10,
        "active_shards": 10,
        "relocating_shards": 0,
        "initializing_shards": 0,
        "unassigned_shards": 10,
        "delayed_unassigned_shards": 0,
        "number_of_pending_tasks": 0,
        "number_of_in_flight_fetch": 0,
        "indices": {
            "projects": {"status": "yellow", "number_of_shards": 5, "number_of_replicas": 1, "active_shards": 5},
            "users": {"status": "green", "number_of_shards": 5, "number_of_replicas": 0, "active_shards": 5},
        },
    },
    "/_nodes/stats/jvm,fs": {
        "cluster_name": "elasticsearch",
        "nodes": {
            "uz9p5NiuT1CRXYznp1VvLQ": {
                "timestamp": 1430813501430,
                "name": "Darkoth",
                "transport_address": "inet[/127.0.0.1:9300]",
                "host": "aen-server",
                "jvm": {
                    "uptime_in_millis": 84681165,
                    "mem": {
                        "heap_used_in_bytes": 310 * MIB,
                        "heap_used_percent": 31,
                        "heap_committed_in_bytes": 990 * MIB,
                        "heap_max_in_bytes": 990 * MIB,
                    },
                },
                "fs": {
                    "timestamp": 1430813501432,
                    "total": {
                        "total_in_bytes": 50_000 * MIB,
                        "free_in_bytes": 31_000 * MIB,
                        "available_in_bytes": 30_000 * MIB,
                    },
                },
            }
        },
    },
    "/_cluster/settings": {"persistent": {}, "transient": {}},
    "/_nodes/settings": {
        "cluster_name": "elasticsearch",
        "nodes": {"uz9p5NiuT1CRXYznp1VvLQ": {"name": "Darkoth", "settings": {"path.data": "/var/lib/elasticsearch"}}},
    },
    "/_stats/docs,store": {
        "_shards": {"total": 20, "successful": 10, "failed": 0},
        "indices": {
            "projects": {
                "primaries": {"docs": {"count": 4821, "deleted": 3}, "store": {"size_in_bytes": 120 * MIB}},
                "total": {"docs": {"count": 4821, "deleted": 3}, "store": {"size_in_bytes": 120 * MIB}},
            },
            "users": {
                "primaries": {"docs": {"count": 41, "deleted": 0}, "store": {"size_in_bytes": 77_000}},
                "total": {"docs": {"count": 41, "deleted": 0}, "store": {"size_in_bytes": 77_000}},
            },
        },
    },
}


class StandIn:
    """What it says can be changed while it runs."""

    def __init__(self) -> None:
        self.answers = copy.deepcopy(ANSWERS)
        self.status = 200
        self.body: bytes | None = None
        """Instead of everything."""
        self.kind = "application/json; charset=UTF-8"
        self.hold: threading.Event | None = None
        """Answers wait for it."""
        self.held: tuple[str, ...] = ()
        """Which ones; all where none is named."""
        self.agents: set[str] = set()
        self.asked: list[str] = []
        self.port = 0

    @property
    def node(self) -> dict[str, Any]:
        """The statistics of its one node."""
        (found,) = self.answers["/_nodes/stats/jvm,fs"]["nodes"].values()
        assert isinstance(found, dict)
        return found


@contextmanager
def running(
    change: Callable[[StandIn], None] = lambda _one: None, listener: socket.socket | None = None
) -> Iterator[StandIn]:
    """A stand-in on a port of its own, or on what listens already."""
    stand_in = StandIn()
    change(stand_in)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if stand_in.hold is not None and path in (stand_in.held or (path,)):
                stand_in.hold.wait(120)
            stand_in.agents.add(self.headers.get("User-Agent", ""))
            stand_in.asked.append(self.path)
            found = stand_in.answers.get(path)
            missing = {"error": f"no handler found for uri [{path}] and method [GET]"}
            body = stand_in.body if stand_in.body is not None else json.dumps(found or missing).encode()
            try:
                self.send_response(stand_in.status if found is not None else 400)
                self.send_header("Content-Type", stand_in.kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if listener is not None:
        server.socket.close()
        server.socket = listener
    stand_in.port = server.socket.getsockname()[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        if stand_in.hold is not None:
            stand_in.hold.set()
        server.shutdown()
        server.server_close()
        thread.join(60)
