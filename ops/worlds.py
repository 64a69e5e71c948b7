"""Small worlds with faults: records doubled, shuffled, forged and broken must change no figure.

A world follows from its seed, so a failure is told by its seed and can be looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import NamedTuple

from ops.replay import Cells, Logged, derived, gather
from ops.simulate import generate, in_order_of_recording, simulate
from ops.simulate_desk import Habits
from ops.verify import identities
from schemas import avro
from schemas.event import Event, Opens
from schemas.events.report import ReportSubmitted
from schemas.times import Instant, day, midnight

END = midnight(day(2026, 1, 1))
UNRULY = Habits(
    silent=0.1,
    late=0.3,
    on_paper=0.4,
    returned=0.4,
    extended=0.25,
    cancelled=0.08,
    corrected=0.2,
    voided=0.1,
    urged=0.3,
)
"""Units that do everything that is hard to count."""

OBLIGATIONS_MAX = 40
FACTS_MAX = 8

Witness = Callable[[Sequence[Logged]], Cells]
"""Any way from records to counts by cell; the plain fold of ops.replay unless another is given."""


class Failure(NamedTuple):
    """What went wrong in the world of a seed."""

    seed: int
    sentence: str

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.sentence}"


def failures(seed: int, worlds: int, witness: Witness | None = None) -> Iterator[Failure | None]:
    """For each of the worlds seed, seed + 1, …: None where all is right, else what is not."""
    for one in range(seed, seed + worlds):
        yield failure_of(one, witness)


def failure_of(seed: int, witness: Witness | None = None) -> Failure | None:
    """The first thing that is wrong with the world of this seed.

    Its records as recorded, and the same with faults, must give the same counts; so must what is
    known at an instant and a log that ends there; and the identities must hold in every cell.
    """
    rng = Random(f"world:{seed}")
    counts = witness or plain
    events = world(seed)
    clean = [_logged(event) for event in events]
    expected = counts(clean)
    if counts(faulty(clean, events, rng)) != expected:
        return Failure(seed, "the same facts with faults of delivery give other figures")
    cut = rng.randrange(len(events))
    known = events[cut].recorded_at
    upto = [_logged(event) for event in events if event.recorded_at <= known]
    if derived(gather(clean), known).cells != counts(upto):
        return Failure(seed, "what was known at an instant differs from a log that ends there")
    check = identities(expected)
    if not check.holds:
        return Failure(seed, f"an identity does not hold: {check.differences[0]}")
    return None


def plain(records: Sequence[Logged]) -> Cells:
    """The counts by the plain fold."""
    return derived(gather(records)).cells


def world(seed: int) -> list[Event]:
    """The events of a world in the order of recording: simulated lives beside random ones."""
    rng = Random(f"world:{seed}:size")
    owers = [f"u{number}" for number in range(rng.randint(1, 5))]
    openings = (
        event
        for event in generate(seed, owers, rng.randint(1, OBLIGATIONS_MAX), 1)
        if isinstance(event, Opens)
    )
    lives = simulate(openings, seed=seed, until=END, habits=UNRULY)
    random = generate(seed + (1 << 40), owers, rng.randint(1, 20), rng.randint(1, FACTS_MAX))
    return in_order_of_recording([*lives, *random], END)


def faulty(records: Sequence[Logged], events: Sequence[Event], rng: Random) -> list[Logged]:
    """The records as a bad week delivers them: some twice, all shuffled, forgeries and rubbish.

    A forgery bears the id of a fact that is there and is recorded later, so that it never holds.
    """
    delivered = [*records, *(record for record in records if rng.random() < 0.3)]
    for event in events:
        if isinstance(event, ReportSubmitted) and rng.random() < 0.1:
            later = Instant(event.recorded_at + rng.randrange(1, 1_000_000))
            delivered.append(_logged(replace(event, recorded_at=later, text="giả")))
    for _ in range(rng.randint(0, 5)):
        delivered.append(rng.choice(records)._replace(value=rng.randbytes(rng.randint(0, 40))))
        delivered.append(rng.choice(records)._replace(value=None))
        delivered.append(rng.choice(records)._replace(key=b"elsewhere"))
    rng.shuffle(delivered)
    return delivered


def _logged(event: Event) -> Logged:
    return Logged(event.topic, event.key.encode(), avro.encode(event), str(event.obligation))
