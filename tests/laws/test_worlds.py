"""Worlds with faults of delivery give the figures of the same world without them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ops.replay import Cells, Logged
from ops.worlds import failure_of, failures, plain, world
from schemas.checks import check


@pytest.mark.parametrize("seed", range(40))
def test_faults_of_delivery_change_no_figure(seed: int) -> None:
    assert failure_of(seed) is None


def test_a_world_follows_from_its_seed_and_is_lawful() -> None:
    for event in world(3):
        check(event)

    assert world(3) == world(3)
    assert world(3) != world(4)


def test_a_witness_that_miscounts_is_told_with_the_seed() -> None:
    def counts_arrivals(records: Sequence[Logged]) -> Cells:
        """A fold that lets the last one to arrive win."""
        return plain(records[:-1])

    found = [failure for failure in failures(1, 3, counts_arrivals) if failure is not None]

    assert found
    assert {failure.seed for failure in found} <= {1, 2, 3}
    assert str(found[0]).startswith(f"seed {found[0].seed}: ")
