"""One contract for both read models: what commits together, who owns what, what comes back."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.readmodel import (
    Change,
    Claim,
    ModelMissing,
    ModelUnusable,
    Outgoing,
    PartitionLost,
    ReadModel,
    generation_at,
    pack,
    version_of,
)
from projections.readmodel_postgres import PostgresModel
from projections.readmodel_sqlite import SqliteModel
from schemas.quarantine import Place, Quarantined, quarantined
from schemas.refusal import Reason, Refused
from schemas.times import Instant

Opener = Callable[..., ReadModel]
TOPIC = "t.events"
KINDS = ("sqlite", "postgres")


@pytest.fixture(params=KINDS)
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens the same place again and again; what was opened is closed at the end."""
    opened: list[ReadModel] = []
    schema = f"t{uuid.uuid4().hex[:12]}"

    def open_again(generation: int | None = 7) -> ReadModel:
        if request.param == "sqlite":
            opened.append(SqliteModel(tmp_path / "model.sqlite", generation=generation))
        else:
            url = request.getfixturevalue("postgres")
            opened.append(PostgresModel(url, generation=generation, schema=schema))
        return opened[-1]

    yield open_again
    for model in opened:
        model.close()


def change(claim: Claim, next_offset: int, **more: object) -> Change:
    """The first change after a claim."""
    at = claim.position
    basis = {"seq": at.seq + 1, "expected": at.next_offset, "epoch": at.owner_epoch}
    given = {"topic": at.topic, "partition": at.partition, "next_offset": next_offset}
    return Change(**{**basis, **given, **more})  # type: ignore[arg-type]


def refused(offset: int) -> Quarantined:
    return quarantined(
        Refused(Reason.NOT_AVRO, "no Avro"), Place(TOPIC, "A", 0, offset), b"x", Instant(5)
    )


def test_everything_of_a_commit_comes_back_at_the_next_claim(opener: Opener) -> None:
    model = opener()
    claim = model.claim(TOPIC, 3, "A")
    message = Outgoing("t.frames", b"k", b"\x00v", (("h", b"\xff"),), 0)
    model.commit(
        [
            change(
                claim,
                10,
                journal=pack([(b"a", b"1"), (b"b", b"\x00\xff")]),
                outgoing=[message],
                quarantined=[refused(4)],
            )
        ]
    )

    again = opener().claim(TOPIC, 3, "A")

    assert again.fresh is False
    assert again.position.next_offset == 10
    assert again.position.owner_epoch == claim.position.owner_epoch + 1
    assert dict(again.states) == {b"a": b"1", b"b": b"\x00\xff"}
    assert list(again.pending) == [(1, message)]
    assert [(n, record.offset) for n, record in model.quarantined()] == [(1, 4)]
    assert model.quarantined()[0][1] == refused(4)
    assert model.quarantine_counts() == {"not_avro": 1}


def test_a_commit_that_loses_the_swap_keeps_nothing_of_any_partition(opener: Opener) -> None:
    first, second = opener(), opener()
    mine, other = first.claim(TOPIC, 0, "A"), first.claim(TOPIC, 1, "A")
    second.claim(TOPIC, 1, "A")

    with pytest.raises(PartitionLost) as lost:
        first.commit(
            [
                change(mine, 5, journal=pack([(b"a", b"1")])),
                change(other, 5, journal=pack([(b"b", b"1")])),
            ]
        )

    assert lost.value.partitions == ((TOPIC, 1),)
    assert [p.next_offset for p in first.positions()] == [0, 0]
    assert dict(first.states(TOPIC, 0)) == {}
    first.commit([change(mine, 5, journal=pack([(b"a", b"1")]))])
    assert dict(first.states(TOPIC, 0)) == {b"a": b"1"}


def test_a_commit_from_another_offset_is_lost_too(opener: Opener) -> None:
    model = opener()
    claim = model.claim(TOPIC, 0, "A")
    model.commit([change(claim, 5)])

    with pytest.raises(PartitionLost):
        model.commit([change(claim, 9)])

    assert model.positions()[0].next_offset == 5


def test_flushed_rows_leave_the_journal_only_when_they_are_published_too(opener: Opener) -> None:
    model = opener()
    claim = model.claim(TOPIC, 0, "A")
    model.commit([change(claim, 5, journal=pack([(b"a", b"1")]))])
    model.commit([change(claim, 9, seq=2, expected=5, journal=pack([(b"a", b"2")]))])

    model.commit([change(claim, 9, seq=2, expected=9, flushed=2, rows=[(b"a", b"12")])])
    kept = [row.seq for row in model.journal(TOPIC, 0)]
    model.commit([change(claim, 9, seq=2, expected=9, published=1)])
    left = [row.seq for row in model.journal(TOPIC, 0)]

    assert kept == [1, 2]
    assert left == [2]
    assert dict(model.states(TOPIC, 0)) == {b"a": b"12"}
    assert model.state(TOPIC, 0, b"a") == b"12"
    assert model.state(TOPIC, 0, b"none") == b""


def test_acknowledged_messages_are_not_sent_again(opener: Opener) -> None:
    model = opener()
    claim = model.claim(TOPIC, 0, "A")
    messages = [Outgoing("o", b"k", None), Outgoing("o", b"k", b"2")]
    model.commit([change(claim, 5, outgoing=messages)])
    model.commit([change(claim, 6, seq=2, expected=5, outgoing=messages[:1])])

    model.commit([change(claim, 6, seq=2, expected=6, sent=1)])

    assert list(model.claim(TOPIC, 0, "A").pending) == [(2, messages[0])]


def test_snapshots_replace_each_other_by_name(opener: Opener) -> None:
    model = opener()
    claim = model.claim("t.frames", 0, "B")
    model.commit([change(claim, 3, snapshots=[(b"p0", b"old"), (b"p1", b"one")])])
    model.commit([change(claim, 4, seq=2, expected=3, snapshots=[(b"p0", b"new")])])

    assert model.claim("t.frames", 0, "B").snapshots == [(b"p0", b"new"), (b"p1", b"one")]


def test_what_was_told_of_one_name_is_its_snapshot_and_then_the_journal(opener: Opener) -> None:
    model = opener()
    claim = model.claim("t.frames", 0, "B")
    model.commit([change(claim, 3, snapshots=[(b"p0", b"old"), (b"p1", b"one")])])
    more = {"seq": 2, "expected": 3, "journal": pack([(b"p1", b"two"), (b"p0", b"new")])}
    model.commit([change(claim, 4, **more)])

    assert [b"one", b"two", b"new"] == list(model.told_of("t.frames", 0, b"p1"))
    assert [3, 0] == [model.snapshot_bytes("t.frames", 0, name) for name in (b"p1", b"p2")]


def test_what_is_pending_is_known_of_all_partitions_and_of_one(opener: Opener) -> None:
    model = opener()
    messages = [Outgoing("o", b"k", b"1"), Outgoing("o", b"k", b"2")]
    for partition, message in enumerate(messages):
        claim = model.claim(TOPIC, partition, "A")
        model.commit([change(claim, 5, outgoing=[message])])

    assert [(1, messages[1])] == model.pending(TOPIC, 1)
    assert [(1, one) for one in messages] == model.pending(TOPIC)


def test_a_topic_made_anew_stops_the_claim(opener: Opener) -> None:
    model = opener()
    model.claim(TOPIC, 0, "A")

    with pytest.raises(ModelUnusable, match="made anew"):
        model.claim(TOPIC, 0, "B")

    assert model.owner_epoch(TOPIC, 0) == 1


def test_reading_never_makes_a_model(opener: Opener) -> None:
    with pytest.raises(ModelMissing):
        opener(None)

    written = opener()
    written.claim(TOPIC, 0, "A")
    written.close()

    assert opener(None).positions()[0].topic == TOPIC


def test_the_first_generation_stays_and_the_id_too(opener: Opener) -> None:
    first, second = opener(7), opener(9)

    assert (first.generation, first.id) == (second.generation, second.id)
    assert version_of(7, 0) < version_of(7, 1) < version_of(8, 0) < 1 << 63
    assert generation_at(Instant(1_760_000_000_000)) < 1 << 30


def test_context_records_are_kept_once_and_never_mixed_with_another_topic(opener: Opener) -> None:
    model = opener()
    message = Outgoing("t.quarantine", b"k", b"v")
    model.note("t.units", "U", [(0, b"a"), (1, b"b")])
    model.note("t.units", "U", [(1, b"b"), (3, b"c")], [(refused(2), message)])
    model.note("t.units", "U", [(3, b"c")], [(refused(2), message)])

    assert model.noted("t.units") == [(0, b"a"), (1, b"b"), (3, b"c")]
    assert model.noted("t.programmes") == []
    assert model.positions()[0].next_offset == 4
    assert model.quarantine_counts() == {"not_avro": 1}
    assert model.pending("t.units") == [(2, message)]
    model.forget("t.units", 2)
    assert model.pending("t.units") == []
    with pytest.raises(ModelUnusable):
        model.note("t.units", "V", [(3, b"d")])


BATCH = st.lists(st.tuples(st.binary(min_size=1, max_size=3), st.binary(max_size=5)), max_size=5)
STEP = st.one_of(st.just("flush"), st.just("crash"), st.just("publish"), BATCH)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=st.lists(STEP, max_size=12))
def test_the_journal_replays_to_what_was_appended_wherever_a_crash_falls(
    plan: list[object], kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    name = uuid.uuid4().hex[:12]

    def reopen() -> ReadModel:
        if kind == "sqlite":
            return SqliteModel(tmp_path / name, generation=1)
        url = request.getfixturevalue("postgres")
        return PostgresModel(url, generation=1, schema=f"t{name}")

    model = reopen()
    at = model.claim(TOPIC, 0, "A").position
    expected: dict[bytes, bytes] = {}
    unflushed: dict[bytes, bytes] = {}
    for step in plan:
        basis = {"topic": TOPIC, "partition": 0, "epoch": at.owner_epoch}
        offset = at.next_offset
        if step == "crash":
            model.close()
            model = reopen()
            claim = model.claim(TOPIC, 0, "A")
            at = claim.position
            assert dict(claim.states) == expected
        elif step == "flush":
            rows = list(unflushed.items())
            move = {"expected": offset, "next_offset": offset, "seq": at.seq}
            model.commit([Change(**basis, **move, rows=rows, flushed=at.seq)])  # type: ignore[arg-type]
            unflushed = {}
        elif step == "publish":
            move = {"expected": offset, "next_offset": offset, "seq": at.seq}
            model.commit([Change(**basis, **move, published=at.seq)])  # type: ignore[arg-type]
        else:
            assert isinstance(step, list)
            move = {"expected": offset, "next_offset": offset + 1, "seq": at.seq + 1}
            model.commit([Change(**basis, **move, journal=pack(step))])  # type: ignore[arg-type]
            at = at._replace(next_offset=offset + 1, seq=at.seq + 1)
            for key, value in step:
                expected[key] = expected.get(key, b"") + value
                unflushed[key] = unflushed.get(key, b"") + value
    found = dict(model.states(TOPIC, 0))
    model.close()

    assert found == expected


def test_a_model_that_tells_again_has_a_newer_generation_and_keeps_it(opener: Opener) -> None:
    model = opener(7)
    model.renew(9)

    assert (9, 9) == (model.generation, opener(None).generation)
