"""What books drop: the noisiest first, never the end of another; what is gone is said where it was."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.state.logbook import KEPT_BYTES, LogBooks
from tests.support.log_stage import Feeder

KEYS = [LogKey(NodeName("n"), LogPath(f"/{n}.log")) for n in range(4)]
APPENDS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([300, 20_000, 150_000]), st.sampled_from([30, 100, 3000])),
    min_size=25,
    max_size=60,
)
"""(book, about how many bytes, of lines so long)"""


def block(count: int, size: int, width: int) -> bytes:
    lines = max(1, size // width)
    return b"".join(b"%08d %08d".ljust(width - 1, b".") % (count, n) + b"\n" for n in range(lines))


@settings(max_examples=12)
@given(APPENDS, st.sets(st.integers(0, 3), min_size=1), st.integers(2, 4))
def test_every_book_keeps_its_end_whatever_the_others_do(
    appends: list[tuple[int, int, int]], loud: set[int], megabytes: int
) -> None:
    books = LogBooks(limit_bytes=megabytes * 1024 * 1024)
    feeder = Feeder(books, 0.0)
    written = {key: bytearray() for key in KEYS}
    for count, (which, size, width) in enumerate(appends):
        if count > len(appends) // 3 and which not in loud:
            which, size = min(loud), 150_000  # the others are silent from here on
        for _ in range(4):
            data = block(count, size, width)
            written[KEYS[which]] += data
            feeder.feed(KEYS[which], data, chunk=20_000)
        assert books.size_bytes <= books.limit_bytes
    for key, whole in written.items():
        data, lost = books.book(key).read(0)
        assert bytes(whole[lost:]) == data
        assert len(data) >= min(len(whole), KEPT_BYTES)
        assert not lost or len(whole) > KEPT_BYTES
        first = books.book(key).chunks[:1]
        seam = first[0].seam if first else None
        assert (seam.lost_bytes if seam is not None else 0) == lost
