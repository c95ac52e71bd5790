"""Stands in for MongoDB 2.6 or Elasticsearch 1.7, by the name it is called: answers what is asked of it, logs nothing.

Usage: mongod|elasticsearch ROOT ADDRESS:PORT. Standard library only. It leaves on SIGTERM and when its standard input,
a pipe that its parent holds, ends.

MongoDB's answers are OP_REPLYs to OP_QUERYs in a BSON of the few types that they need. Counters grow with a small
installation's pace, so that rates, histories and sizes are alive.
"""
# ruff: noqa: PTH118, PTH119, PTH123

from __future__ import annotations

import json
import math
import os
import socketserver
import struct
import sys
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STARTED = time.monotonic()
MIB = 1024 * 1024
COLLECTIONS = {
    "projects": (214, 2_100), "users": (38, 900), "teams": (9, 400), "sessions": (160, 700), "events": (52_000, 310),
    "system.indexes": (9, 100),
}  # fmt: skip
"""Name -> documents, bytes of each."""
INDICES = {"projects": (4_821, 118 * MIB, 5), "users": (38, 90_000, 5)}
"""Name -> documents, bytes, shards."""
OK = {"ok": 1.0}
ROOT = sys.argv[1] if __name__ == "__main__" else "/"
"""The node's root folder: its disk is that of this machine."""


def running() -> float:
    """Seconds since the start."""
    return time.monotonic() - STARTED


def counter(pace: float) -> int:
    """Something that has grown at a pace a second, quicker and slower."""
    now = running()
    return int(pace * (now + 20 * math.sin(now / 30)))


def bson(document: dict[str, Any]) -> bytes:
    """Floats, ints, texts, booleans, None, documents and lists."""
    body = b"".join(element(key, value) for key, value in document.items())
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def element(key: str, value: Any) -> bytes:
    """A key and its value."""
    name = key.encode() + b"\0"
    if isinstance(value, bool):
        return b"\x08" + name + bytes([value])
    if isinstance(value, float):
        return b"\x01" + name + struct.pack("<d", value)
    if isinstance(value, int):
        return b"\x12" + name + struct.pack("<q", value)
    if isinstance(value, str):
        text = value.encode() + b"\0"
        return b"\x02" + name + struct.pack("<i", len(text)) + text
    if isinstance(value, list):
        return b"\x04" + name + bson({str(index): one for index, one in enumerate(value)})
    if isinstance(value, dict):
        return b"\x03" + name + bson(value)
    return b"\x0a" + name


def asked(data: bytes) -> tuple[str, str, str]:
    """Namespace, first key and, where that is a text, its value, of an OP_QUERY's body."""
    end = data.index(b"\0", 4)
    at = end + 1 + 8 + 4
    if at >= len(data) or data[at] == 0:
        return data[4:end].decode(), "", ""
    kind, key_end = data[at], data.index(b"\0", at + 1)
    value = ""
    if kind == 2:
        size = struct.unpack_from("<i", data, key_end + 1)[0]
        value = data[key_end + 5 : key_end + 4 + size].decode("utf-8", "replace")
    return data[4:end].decode(), data[at + 1 : key_end].decode().lower(), value


def in_progress() -> dict[str, Any]:
    """A count over the events that takes a while, now and then."""
    seconds = running() % 120
    if seconds > 9:
        return {"inprog": []}
    operation = {
        "opid": 4711, "active": True, "secs_running": int(seconds), "microsecs_running": int(seconds * 1e6),
        "op": "query", "ns": "wakari.events", "query": {"count": "events", "query": {"kind": "login"}},
        "client": "127.0.0.1:51022", "desc": "conn12", "connectionId": 12, "locks": {"^": "r", "^wakari": "R"},
        "waitingForLock": False, "numYields": 3,
    }  # fmt: skip
    return {"inprog": [operation]}


def server_status() -> dict[str, Any]:
    """What the figures are made of."""
    now = running()
    locked = {"timeLockedMicros": {"r": counter(9_000), "w": counter(4_000)}, "timeAcquiringMicros": {"r": 1, "w": 1}}
    paces = {"insert": 0.8, "query": 21.0, "update": 3.5, "delete": 0.1, "getmore": 0.4, "command": 11.0}
    return {
        "host": "aen-server", "version": "2.6.10", "process": "mongod", "pid": os.getpid(), "uptime": now,
        "uptimeMillis": int(now * 1000),
        "backgroundFlushing": {"flushes": int(now / 60), "total_ms": int(now / 6), "average_ms": 9.5,
                               "last_ms": int(9 + 5 * math.sin(now / 60))},
        "connections": {"current": int(34 + 6 * math.sin(now / 45)), "available": 15_966,
                        "totalCreated": 40 + counter(0.01)},
        "extra_info": {"note": "fields vary by platform", "heap_usage_bytes": 29 * MIB, "page_faults": counter(0.02)},
        "globalLock": {"totalTime": int(now * 1e6), "lockTime": counter(900),
                       "currentQueue": {"total": 0, "readers": 0, "writers": 0}},
        "locks": {".": {"timeLockedMicros": {"R": 0, "W": counter(900)},
                        "timeAcquiringMicros": {"R": 0, "W": 1}}, "wakari": locked},
        "network": {"bytesIn": counter(9_000), "bytesOut": counter(40_000), "numRequests": counter(40)},
        "opcounters": {kind: counter(pace) for kind, pace in paces.items()},
        "mem": {"bits": 64, "resident": int(212 + 8 * math.sin(now / 90)), "virtual": 1_240, "supported": True,
                "mapped": 480},
        **OK,
    }  # fmt: skip


def collection_stats(name: str) -> dict[str, Any]:
    """collStats; events come all the time."""
    count, size = COLLECTIONS[name]
    count += counter(0.05) if name == "events" else 0
    return {
        "ns": f"wakari.{name}", "count": count, "size": count * size, "avgObjSize": size,
        "storageSize": int(count * size * 1.3) + 8192, "numExtents": 4, "nindexes": 2,
        "totalIndexSize": count * 60 + 8176, **OK,
    }  # fmt: skip


def mongo_answer(namespace: str, command: str, value: str) -> list[dict[str, Any]]:
    """The documents of a reply."""
    database, _, collection = namespace.partition(".")
    if collection == "$cmd.sys.inprog":
        return [in_progress()]
    if collection == "system.namespaces":
        return [{"name": f"wakari.{name}"} for name in COLLECTIONS if database == "wakari"]
    stats = [collection_stats(name) for name in COLLECTIONS]
    data = sum(one["size"] for one in stats)
    answers: dict[str, dict[str, Any]] = {
        "ismaster": {"ismaster": True, "maxBsonObjectSize": 16 * MIB, "maxMessageSizeBytes": 48_000_000,
                     "maxWriteBatchSize": 1000, "maxWireVersion": 2, "minWireVersion": 0, **OK},
        "ping": OK,
        "buildinfo": {"version": "2.6.10", "gitVersion": "stand-in", "bits": 64, "debug": False, **OK},
        "serverstatus": server_status(),
        "getcmdlineopts": {"argv": ["mongod"], "parsed": {"storage": {"dbPath": "/var/lib/mongo",
                           "journal": {"enabled": False}, "smallFiles": True}}, **OK},
        "listdatabases": {"databases": [{"name": "wakari", "sizeOnDisk": 208.0 * MIB, "empty": False},
                                        {"name": "admin", "sizeOnDisk": 1.0, "empty": True}],
                          "totalSize": 208.0 * MIB, **OK},
        "dbstats": {"db": database, "collections": len(stats), "objects": sum(one["count"] for one in stats),
                    "dataSize": data, "storageSize": int(data * 1.3), "indexes": 11,
                    "indexSize": sum(one["totalIndexSize"] for one in stats), "fileSize": 208 * MIB, **OK},
    }  # fmt: skip
    if command == "collstats" and value in COLLECTIONS:
        return [collection_stats(value)]
    return [answers.get(command, {"ok": 0.0, "errmsg": f"no such cmd: {command}", "code": 59})]


class MongoHandler(socketserver.StreamRequestHandler):
    """One client of MongoDB's."""

    def handle(self) -> None:
        """Answer OP_QUERYs until it goes."""
        while len(header := self.rfile.read(16)) == 16:
            size, request, _, kind = struct.unpack("<iiii", header)
            if kind != 2004 or not 16 < size < MIB:
                return
            documents = mongo_answer(*asked(self.rfile.read(size - 16)))
            body = struct.pack("<iqii", 8, 0, 0, len(documents)) + b"".join(bson(one) for one in documents)
            self.wfile.write(struct.pack("<iiii", 16 + len(body), request + 1, request, 1) + body)


def search_answer(path: str) -> dict[str, Any] | None:
    """Elasticsearch's documents; None where it has none."""
    now = running()
    used = int(MIB * (420 + 160 * ((now / 70) % 1)))
    disk = os.statvfs(ROOT)
    states = {name: {"status": "yellow", "number_of_shards": shards} for name, (_, _, shards) in INDICES.items()}
    shards = sum(many for _, _, many in INDICES.values())
    node = {
        "name": "Darkoth", "transport_address": "inet[/127.0.0.1:9300]", "host": "aen-server",
        "jvm": {"uptime_in_millis": int(now * 1000),
                "mem": {"heap_used_in_bytes": used, "heap_used_percent": int(100 * used / (990 * MIB)),
                        "heap_max_in_bytes": 990 * MIB}},
        "fs": {"total": {"total_in_bytes": disk.f_blocks * disk.f_frsize, "free_in_bytes": disk.f_bfree * disk.f_frsize,
                         "available_in_bytes": disk.f_bavail * disk.f_frsize}},
    }  # fmt: skip
    figures = {
        name: {part: {"docs": {"count": count}, "store": {"size_in_bytes": size}} for part in ("primaries", "total")}
        for name, (count, size, _) in INDICES.items()
    }
    version = {"number": "1.7.2", "build_snapshot": False, "lucene_version": "4.10.4"}
    answers: dict[str, dict[str, Any]] = {
        "/": {"status": 200, "name": "Darkoth", "cluster_name": "elasticsearch", "version": version,
              "tagline": "You Know, for Search"},
        "/_cluster/health": {"cluster_name": "elasticsearch", "status": "yellow", "timed_out": False,
                             "number_of_nodes": 1, "number_of_data_nodes": 1, "active_shards": shards,
                             "unassigned_shards": shards, "number_of_pending_tasks": 0, "indices": states},
        "/_nodes/stats/jvm,fs": {"cluster_name": "elasticsearch", "nodes": {"uz9p5NiuT1CRXYznp1VvLQ": node}},
        "/_cluster/settings": {"persistent": {}, "transient": {}},
        "/_nodes/settings": {"cluster_name": "elasticsearch", "nodes": {}},
        "/_stats/docs,store": {"indices": figures},
    }  # fmt: skip
    return answers.get(path)


class SearchHandler(socketserver.StreamRequestHandler):
    """One client of Elasticsearch's."""

    def handle(self) -> None:
        """Answer GETs until it goes."""
        while (first := self.rfile.readline(8192).split())[1:]:
            while self.rfile.readline(8192).strip():
                pass
            found = search_answer(first[1].decode("latin-1").partition("?")[0])
            body = json.dumps(found or {"error": "no handler found", "status": 400}).encode()
            status = "200 OK" if found else "400 Bad Request"
            head = f"HTTP/1.1 {status}\r\nContent-Type: application/json; charset=UTF-8\r\n"
            self.wfile.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


class Server(socketserver.ThreadingTCPServer):
    """A thread a client: there are two."""

    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went in the middle."""


def main() -> int:
    """Serve until standard input ends."""
    name = os.path.basename(sys.argv[0])
    host, _, port = sys.argv[2].rpartition(":")
    server = Server((host, int(port)), {"mongod": MongoHandler, "elasticsearch": SearchHandler}[name])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(os.path.join(ROOT, "var/run", f"{name}.pid"), "w") as file:
        file.write(f"{os.getpid()}\n")
    while os.read(0, 4096):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
