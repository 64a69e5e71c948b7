"""Boards: counts as a group, rates from counts, identities, JSON and Avro."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from schemas import avro
from schemas.board import ZERO, Board, Counts, Figures, Ladder, Row
from schemas.measures import MEASURES
from schemas.obligation_state import ObligationState, Ower, Remark
from schemas.times import Instant, day, end_of_day

counts = st.tuples(*[st.integers(-1000, 1000)] * len(MEASURES)).map(Counts)


@given(counts, counts, counts)
def test_counts_form_a_group(a: Counts, b: Counts, c: Counts) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + ZERO == a
    assert a + b == b + a
    assert a - a == ZERO
    assert -a == ZERO - a
    assert Counts.total([a, b, c]) == a + b + c


def test_rates_come_from_counts_and_are_null_without_a_denominator() -> None:
    some = Counts.of(assigned=4, due=4, completed=3, completed_of_due=3, on_time_of_due=2)

    assert some.completion_rate == 0.75
    assert some.due_completion_rate == 0.75
    assert some.on_time_rate == 0.5
    assert ZERO.completion_rate is None
    assert ZERO.due_completion_rate is None
    assert ZERO.on_time_rate is None


def test_broken_identities_are_named() -> None:
    right = Counts.of(
        assigned=4, due=3, completed=2, completed_of_due=2, overdue=1, on_time=1, late=1
    )
    wrong = right + Counts.of(late=1, cancelled=-1)

    assert right.broken_identities() == []
    assert wrong.broken_identities() == ["completed = on_time + late", "no count below 0"]


def board() -> Board:
    figures = Figures(
        counts=Counts.of(assigned=2, due=1, completed=1, completed_of_due=1, findings_open=3),
        ladder=Ladder(reminded=2),
        due_this_year=Counts.of(assigned=2),
        carried_over=ZERO,
    )
    return Board(
        unit="66",
        name="Đắk Lắk",
        level="province",
        closed=False,
        on=end_of_day(day(2012, 6, 8)),
        known=None,
        tree_version=7,
        position="home:12",
        version=99,
        own=figures,
        subtree=figures,
        by_level={"province": Figures(counts=ZERO, ladder=Ladder())},
        by_unit_kind={"department": Figures(counts=ZERO)},
    )


def test_a_board_is_the_json_of_the_contract() -> None:
    own = board().to_json()["own"]

    assert list(board().to_json()) == [
        "unit",
        "name",
        "level",
        "closed",
        "on",
        "known",
        "tree_version",
        "position",
        "version",
        "own",
        "subtree",
        "by_level",
        "by_unit_kind",
    ]
    assert board().to_json()["on"] == "2012-06-08"
    assert own["assigned"] == 2
    assert own["inspections"] == {"conducted": 0, "findings_open": 3, "findings_closed": 0}
    assert own["ladder"] == {"urged": 0, "reminded": 2, "criticised": 0}
    assert own["completion_rate"] == 0.5
    assert own["on_time_rate"] == 0.0
    assert own["due_this_year"]["assigned"] == 2
    assert own["due_this_year"]["due_completion_rate"] is None


def test_a_board_taken_apart_has_rows_and_an_inside_day_board_its_instant() -> None:
    apart = Board(
        **{
            **{name: getattr(board(), name) for name in board().__dataclass_fields__},
            "on": Instant(end_of_day(day(2012, 6, 8)) - 86_399_999 + 28_800_000),
            "by": "kind",
            "rows": (Row("report", None, Figures(counts=Counts.of(assigned=2))),),
        }
    ).to_json()

    assert apart["on"] == "2012-06-08T08:00:00+07:00"
    assert apart["by"] == "kind"
    assert apart["rows"][0]["key"] == "report"
    assert apart["rows"][0]["assigned"] == 2
    assert apart["rows"][0]["ladder"] is None


def test_a_board_goes_through_avro_unchanged() -> None:
    assert Board.decode(board().encode()) == board()


@given(
    st.builds(
        Figures,
        counts=counts,
        ladder=st.none() | st.builds(Ladder, *[st.integers(0, 10**6)] * 3),
        due_this_year=st.none() | counts,
        carried_over=st.none() | counts,
    ),
    st.none() | st.integers(0, 2**42).map(Instant),
)
def test_the_hand_written_encoding_is_that_of_any_avro_writer(
    figures: Figures, known: Instant | None
) -> None:
    made = replace(board(), own=figures, by_level={"xã": figures, "province": figures}, known=known)

    assert made.encode() == avro.encode_record("board.v1", made.plain())


def test_an_obligations_state_goes_through_avro_unchanged() -> None:
    state = ObligationState(
        obligation="p:1:66",
        version=5,
        phase="returned",
        unit="66",
        kind="report",
        item="1",
        area=None,
        programme="p",
        period="2012-Q2",
        issuer="centre",
        done_when="sent",
        opened_at=1,
        due_before=2,
        original_due_before=2,
        extended=False,
        revise_before=3,
        completed_at=None,
        on_time=True,
        submissions=1,
        urged=0,
        reminded=1,
        criticised=0,
        owers=(Ower("66", 1),),
        remarks=(Remark(b"x" * 16, "supplement", "came later"),),
        imported=True,
    )

    assert ObligationState.decode(state.encode()) == state
