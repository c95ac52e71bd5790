"""33: a log that grows by our reading is detected and told; one that others write to is not."""

from __future__ import annotations

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.runtime.own_growth import LOOK_SECONDS, OwnGrowth
from aen_tui.state.logbook import LogBooks

OURS = b'10.0.0.1 - - [21/Nov/2026:11:00:00 +0000] "GET /status HTTP/1.0" 200 31 "-" "aen-tui/0.1.0"\n'
THEIRS = b'10.0.0.2 - - [21/Nov/2026:11:00:00 +0000] "GET /alice HTTP/1.1" 200 31 "-" "Mozilla/5.0"\n'
QUIET = LogKey(NodeName("gateway1"), LogPath("/var/log/nginx/quiet.log"))
BUSY = LogKey(NodeName("gateway1"), LogPath("/var/log/nginx/busy.log"))


def write(books: LogBooks, key: LogKey, data: bytes) -> None:
    at = books.book(key).end_position
    books.append(key, data, at=at, cursor=None, seam=None, monotonic=1.0, wall=1.0)


def test_only_a_log_of_ours_alone_is_told() -> None:
    books = LogBooks(limit_bytes=1 << 20)
    growth = OwnGrowth(books)
    for key in (QUIET, BUSY):
        write(books, key, OURS * 50)
    assert growth.look(0.0) == {"gateway1": ()}, "what was there before we looked says nothing"
    assert growth.look(1.0) is None
    write(books, QUIET, OURS * 6)
    write(books, BUSY, OURS * 6 + THEIRS * 2)
    found = growth.look(LOOK_SECONDS)
    assert found == {"gateway1": ("/var/log/nginx/quiet.log grows by our own requests: 6 of 6 new lines",)}
    write(books, QUIET, THEIRS * 20)
    assert growth.look(2 * LOOK_SECONDS) == {"gateway1": ()}
