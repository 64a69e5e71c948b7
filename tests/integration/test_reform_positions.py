"""Every board of a running home is what the log says at the positions that the board names."""

from __future__ import annotations

import pytest

from ops.settings import Settings
from ops.snapshots import compared
from ops.soak_reform import Seen, checks, run_reform


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """One reform of one province under load, on the log in SQLite."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings.load({}, home=home, log="sqlite", port=0)
    return run_reform(settings, provinces=["06"], obligations=400, rate=100, seconds=2.0)


def test_every_board_shown_through_a_reform_is_what_the_log_says_at_its_positions(
    seen: Seen,
) -> None:
    found = checks(seen)

    assert [check.differences for check in found] == [(), (), ()]
    assert found[0].compared == len(seen.published) > 500
    assert found[1].compared == len(seen.looks) > 10


def test_a_board_that_names_other_positions_than_its_own_is_found(seen: Seen) -> None:
    first, last = seen.looks[0], seen.looks[-1]
    assert first.positions is not None
    assert last.positions is not None
    [(name, offsets)] = last.positions.events.items()
    less = last.positions._replace(events={name: (0, *offsets[1:])})
    older = last.positions._replace(units=first.positions.units)

    assert compared("as told", [last], seen.log).holds
    assert not compared("a partition less", [last._replace(positions=less)], seen.log).holds
    assert not compared("an older tree", [last._replace(positions=older)], seen.log).holds
    assert not compared("not told", [last._replace(positions=None)], seen.log).holds
