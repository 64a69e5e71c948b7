"""A frame comes back from its bytes as it was; broken bytes are refused with a reason."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from schemas import avro
from schemas.frame import FRAME, Frame, LadderEntry, Version, decode, encode
from schemas.measures import MEASURES, Slice
from schemas.refusal import Reason, Refused
from schemas.slices import Slices

VERSION = Version("home", 2, "topic-id", 3, 1_000)
CUT = Slice("report", "reporting", "p", "5.1", "2012-Q2", "2012-06")
BARE = Slice("task", None, None, "9", None, None)


def frame(cells: list[tuple[int, int, int, int]], **fields: object) -> Frame:
    """Cells as (ower, cut, day, count of every measure)."""
    columns = np.array(cells, np.int32).reshape(-1, 4)
    return Frame(
        version=VERSION,
        units=("66.a", "66.b"),
        slices=Slices.of((CUT, BARE)),
        ower=columns[:, 0],
        cut=columns[:, 1],
        day=columns[:, 2],
        counts=columns[:, 3:].repeat(len(MEASURES), axis=1),
        **fields,  # type: ignore[arg-type]
    )


cells = st.tuples(
    st.integers(0, 1), st.integers(0, 1), st.integers(-(2**31), 2**31 - 1), st.integers(-9, 70_000)
)


@given(st.lists(cells, max_size=400))
def test_a_frame_comes_back_as_it_was(given_cells: list[tuple[int, int, int, int]]) -> None:
    made = frame(given_cells, ladder=(LadderEntry("reminded", b"d" * 16, "66.a", 15_500, False),))
    back = decode(encode(made))

    assert (made.version, made.units) == (back.version, back.units)
    assert [CUT, BARE] == list(back.slices)
    assert made.ladder == back.ladder
    for name in ("ower", "cut", "day", "counts"):
        assert_array_equal(getattr(made, name), getattr(back, name))


def test_large_frames_are_deflated() -> None:
    many = frame([(0, 0, day, 1) for day in range(5_000)])

    assert len(encode(many)) < 5_000 * 8


def test_of_two_frames_the_greater_rank_is_newer() -> None:
    later = VERSION._replace(offset=2_000)
    made_anew = VERSION._replace(generation=3, offset=1)

    assert VERSION.source == later.source
    assert VERSION.rank < later.rank < made_anew.rank


def test_measures_of_a_newer_sender_are_left_out_and_missing_ones_are_zero() -> None:
    fields = avro.decode_record(FRAME, encode(frame([(0, 0, 15_500, 1)])))
    fields["measures"] = ["moon", *MEASURES[1:]]
    back = decode(avro.encode_record(FRAME, fields))

    assert [0, *[1] * (len(MEASURES) - 1)] == back.counts[0].tolist()


@pytest.mark.parametrize(
    "change",
    [
        {"ower": b"\x09\x00\x00\x00"},
        {"ower": b""},
        {"cut": b"\xff\xff\xff\xff"},
        {"counts": b""},
        {"count_bytes": 3},
        {"deflated": True},
        {"measures": ["m"] * 40},
    ],
    ids=lambda change: next(iter(change)),
)
def test_columns_that_do_not_agree_are_refused(change: dict[str, object]) -> None:
    fields = avro.decode_record(FRAME, encode(frame([(0, 0, 15_500, 1)])))
    value = avro.encode_record(FRAME, fields | change)
    with pytest.raises(Refused) as refused:
        decode(value)

    assert Reason.NOT_AVRO == refused.value.reason


def test_a_null_is_no_frame() -> None:
    with pytest.raises(Refused) as refused:
        decode(None)

    assert Reason.NULL_VALUE == refused.value.reason
