"""What the bulk scan passes over is no warning: nobody would ever look at it again."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aen_tui.model.log_formats import SAMPLE_NEAR, Recogniser, formats
from aen_tui.model.log_levels import CANDIDATE, LEVELS
from aen_tui.model.logs import Level
from aen_tui.state.patterns import compile_bytes

HEADS = [b"", b"  ", b"{", b'{"a":1,', b"\xff\xfe "]
for _format in formats():
    for _sample in _format.samples:
        _match = _format.pattern.match(_sample.line)
        assert _match is not None
        HEADS += [_sample.line[: _match.end()], _sample.line[: _match.end("time")]]
WORDS = [cased for word in LEVELS for cased in (word, word.lower(), word.title())]
TOKENS = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from([b"java.lang.NullPointerException", b"AssertionError", b"Traceback (most recent call last)",
                     b"exited: x (exit status 1; not expected)", b"gave up: x", b"spawnerr: x", b"entered FATAL state",
                     b"kernel: ", b"Out of memory", b"Remounting filesystem read-only", b"oom-killer", b"I/O error",
                     b'"level"', b'"lvl"', b'"severity" ', b'"levelname"', b'" 502 ', b'" 200 ', b'" 999 ']),
    st.sampled_from([b":", b": ", b" ", b"  ", b"\t", b'"', b"{", b"}", b"[", b"] ", b"] [", b",", b"\x80", b"\r",
                     b"x" * 90, b"E STORAGE  [", b"W2 -  [", b"F "]),
    st.integers(0, 70).map(b"%d".__mod__),
    st.binary(max_size=4).map(lambda data: data.replace(b"\n", b"")),
)  # fmt: skip
LINES = st.tuples(st.sampled_from(HEADS), st.lists(TOKENS, max_size=7).map(b"".join)).map(b"".join)
_CANDIDATE = compile_bytes(CANDIDATE)


def is_passed_over(line: bytes) -> bool:
    """Whether the bulk scan does not see a line among others that are fine."""
    return _CANDIDATE.search(b"fine\n" + line + b"\nfine\n") is None


@settings(max_examples=1500)
@given(LINES)
@example(b"a" * 195 + b"Error and more")
@example(b'{"level":5000}')
def test_what_is_passed_over_is_no_warning(line: bytes) -> None:
    if is_passed_over(line):
        assert Recogniser().parse(line, SAMPLE_NEAR).level < Level.WARNING


@pytest.mark.parametrize(
    ("line", "level"),
    [
        (b"java.lang.NullPointerException", Level.ERROR),
        (b"AssertionError", Level.ERROR),
        (b'{"level":"panic"}', Level.CRITICAL),
        (b'{"level":"severe"}', Level.ERROR),
        (b'{"level":42,"msg":"x"}', Level.WARNING),
        (b'{"level":55}', Level.ERROR),
        (b'{"level":  61}', Level.CRITICAL),
        (b'{"level":  "warn"}', Level.WARNING),
        (b"2016/10/19 14:03:22 [panic] 1#1: x", Level.CRITICAL),
        (b"2016-12-06T17:24:06.268+0800 W2  STORAGE  [conn7] slow", Level.WARNING),
        (b"Nov  4 09:00:01 compute1 kernel: \xff\xfe Out of memory: Kill process 1", Level.ERROR),
    ],
)
def test_what_is_a_warning_is_seen(line: bytes, level: Level) -> None:
    assert Recogniser().parse(line, SAMPLE_NEAR).level is level
    assert not is_passed_over(line)


def test_a_word_that_is_cut_where_the_look_ends_raises_nothing() -> None:
    assert Recogniser().parse(b"a" * 195 + b"Error and more", SAMPLE_NEAR).level is Level.NONE
    assert Recogniser().parse(b"a" * 195 + b"Error", SAMPLE_NEAR).level is Level.ERROR
