"""listDatabases, dbStats, collStats of MongoDB -> what lies in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aen_tui.model.stores import MongoCollection, MongoDatabase
from aen_tui.sources.documents import number, rows, text, whole


def names(answer: Mapping[str, Any]) -> list[str]:
    """The databases that hold something, as MongoDB writes them: for questions, not for the screen."""
    return [
        one["name"]
        for one in rows(answer, "databases")
        if isinstance(one.get("name"), str) and one.get("empty") is not True
    ]


def database(stats: Mapping[str, Any]) -> MongoDatabase:
    """`dbStats`."""
    return MongoDatabase(
        name=text(stats, "db") or "?",
        collections=whole(stats, "collections") or 0,
        objects=whole(stats, "objects") or 0,
        data_bytes=whole(stats, "dataSize") or 0,
        file_bytes=whole(stats, "fileSize") or whole(stats, "storageSize") or 0,
        index_bytes=whole(stats, "indexSize") or 0,
    )


def collection(database_name: str, stats: Mapping[str, Any]) -> MongoCollection:
    """`collStats`; `ns` is `DATABASE.COLLECTION`, and the collection's own name may hold dots."""
    namespace = text(stats, "ns", limit=400) or "?"
    return MongoCollection(
        database=text({"name": database_name}, "name") or "?",
        name=namespace.partition(".")[2] or namespace,
        count=whole(stats, "count") or 0,
        data_bytes=whole(stats, "size") or 0,
        storage_bytes=whole(stats, "storageSize") or 0,
        index_bytes=whole(stats, "totalIndexSize") or 0,
        indexes=int(number(stats, "nindexes") or 0),
    )


def collection_names(entries: list[Mapping[str, Any]], database_name: str) -> list[str]:
    """From `system.namespaces` (2.6 has no listCollections): `$` stands in names of indexes, not of collections."""
    found = [one["name"] for one in entries if isinstance(one.get("name"), str)]
    start = f"{database_name}."
    return [name[len(start) :] for name in found if name.startswith(start) and "$" not in name]
