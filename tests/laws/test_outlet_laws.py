"""Laws of the obligations outlet: written fast, it says what the plain way says, byte for byte."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.facts import fact_of_value
from projections.life import Life, Phase
from projections.obligation import derive
from projections.outlets import state_of
from schemas.avro import encode_record
from schemas.board_schema import LADDER
from schemas.obligation_state import NAME, PHASES, ObligationState, Ower, Remark
from tests.worlds_of_events import events, record

VERSION = 5 << 33 | 7

texts = st.text(max_size=200)
ints = st.integers(-(1 << 31), (1 << 31) - 1)
longs = st.integers(-(1 << 63), (1 << 63) - 1)
TYPES: dict[str, st.SearchStrategy[Any]] = {
    "str": texts,
    "int": ints,
    "bool": st.booleans(),
    "str | None": st.none() | texts,
    "int | None": st.none() | ints,
    "bool | None": st.none() | st.booleans(),
    "tuple[Ower, ...]": st.lists(st.builds(Ower, texts, longs), max_size=3).map(tuple),
    "tuple[Remark, ...]": st.lists(
        st.builds(Remark, st.binary(max_size=16), texts, texts), max_size=3
    ).map(tuple),
}


def kind_of(kind: Any) -> str:
    """A field's type as it is written."""
    return kind.__forward_arg__ if hasattr(kind, "__forward_arg__") else str(kind)


LONGS = {"version": longs, "opened_at": st.none() | longs, "completed_at": st.none() | longs}
states = st.builds(
    ObligationState,
    **{
        name: LONGS.get(name, TYPES[kind_of(kind)])
        for name, kind in ObligationState.__annotations__.items()
    },
)


def plainly_encoded(state: ObligationState) -> bytes:
    """By the library, asking nothing of how the record is made."""
    fields = state._asdict()
    fields["owers"] = [ower._asdict() for ower in state.owers]
    fields["remarks"] = [remark._asdict() for remark in state.remarks]
    return encode_record(NAME, fields)


def plainly_told(obligation: str, life: Life, version: int) -> dict[str, Any]:
    """Some of what is told, said at length."""
    documents = Counter(
        {name: len({d.document for d in life.ladder if d.note == name}) for name in LADDER}
    )
    done = life.last is not None and life.last.phase is Phase.DONE
    return {
        "obligation": obligation,
        "version": version,
        "phase": PHASES[0] if life.last is None else life.last.phase.name.lower(),
        **{name: documents[name] for name in LADDER},
        "submissions": len(life.submissions),
        "completed_at": life.submissions[-1].at if done and life.submissions else None,
        "on_time": life.last.on_time if life.last and life.submissions else None,
        "owers": tuple((unit, since) for since, unit in life.owers),
        "remarks": tuple((n.event_id, n.what.value, n.sentence) for n in life.notes),
    }


@settings(max_examples=300, deadline=None)
@given(states)
def test_what_is_written_fast_is_what_the_library_writes(state: ObligationState) -> None:
    value = state.encode()

    assert value == plainly_encoded(state)
    assert ObligationState.decode(value) == state


@settings(max_examples=200, deadline=None)
@given(events())
def test_what_is_told_of_a_life(world: list[Any]) -> None:
    facts = [fact_of_value(record(0, event).value or b"") for event in world]
    for obligation in {fact.obligation or "" for fact in facts}:
        life = derive([fact for fact in facts if fact.obligation == obligation])
        state = state_of(obligation, life, VERSION)
        told = plainly_told(obligation, life, VERSION)

        assert {name: getattr(state, name) for name in told} == told
        assert state.encode() == plainly_encoded(state)
