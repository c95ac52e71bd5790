"""Frames out of any chunks, and what is said when they are none."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aen_tui.errors import ProbeError
from aen_tui.transports.frames import FRAME_LIMIT_BYTES, SYNC, FrameSplitter

frames_strategy = st.lists(st.tuples(st.sampled_from("HSLE"), st.binary(max_size=400)), max_size=20)


def wire(frames: list[tuple[str, bytes]]) -> bytes:
    return b"".join(kind.encode() + len(body).to_bytes(4, "big") + body for kind, body in frames)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(places)]


@given(frames_strategy, st.binary(max_size=3000), st.lists(st.integers(min_value=0), max_size=40))
def test_frames_survive_any_split_and_any_noise(frames: list[tuple[str, bytes]], noise: bytes, cuts: list[int]):
    got: list[tuple[str, memoryview]] = []
    splitter = FrameSplitter(lambda kind, body: got.append((kind, body)))
    for piece in pieces(noise.replace(SYNC, b"") + SYNC + wire(frames), cuts):
        splitter.feed(piece)
    # Compared at the end: views stay valid.
    assert [(kind, bytes(body)) for kind, body in got] == frames


def test_a_large_frame_in_small_pieces_is_linear():
    body = bytes(FRAME_LIMIT_BYTES)
    stream = SYNC + wire([("L", body)] * 8)
    got = 0

    def count(_kind: str, payload: memoryview) -> None:
        nonlocal got
        got += len(payload)

    splitter = FrameSplitter(count)
    begin = time.thread_time()  # not what others take of this machine
    for at in range(0, len(stream), 512):
        splitter.feed(stream[at : at + 512])
    assert got == 8 * FRAME_LIMIT_BYTES
    assert time.thread_time() - begin < 1.0


def test_noise_without_end_is_named():
    splitter = FrameSplitter(lambda _kind, _body: None)
    with pytest.raises(ProbeError, match=r"64 KiB.*fortune␛") as caught:
        for _ in range(20000):
            splitter.feed(b"fortune\x1b ")
    assert caught.value.hint


@pytest.mark.parametrize("broken", [b"X\0\0\0\1a", b"S\0\x20\0\0", b"S\xff\xff\xff\xff"])
def test_what_is_no_frame_is_an_error(broken: bytes):
    splitter = FrameSplitter(lambda _kind, _body: None)
    splitter.feed(SYNC + wire([("H", b"{}")]))
    with pytest.raises(ProbeError, match="is no frame"):
        splitter.feed(broken)
