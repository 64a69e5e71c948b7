"""Comparing: one board after the other against the batch, and against what no board may be."""

from __future__ import annotations

from ops.tree_worlds.batch import NOTES, NOTHING, Batch, Figure, added
from projections.ask import Ask
from projections.boards import Boards
from schemas.board import Board, Figures
from schemas.board_schema import RATES
from schemas.measures import MEASURES
from schemas.times import Instant, day_of, end_of_day, format_instant


class Broken(Exception):
    """A law does not hold in this world."""


def compare(boards: Boards, batch: Batch, ask: Ask, now: Instant) -> None:
    """Raises Broken unless the board of every unit that ever stood says what the batch says.

    What stands nowhere waits, and the root has what all units together have, each once.
    """
    on = now if ask.on is None else ask.on
    expected = batch.expected(on, day_of(now if ask.tree == "now" else on))
    shown = {unit: boards.board(unit, ask, now) for unit in batch.histories}
    for unit, board in shown.items():
        if board.closed != (unit in expected.closed):
            raise Broken(f"{unit} {at(ask)}: closed is wrongly {board.closed}")
        _same(unit, "own", board.own, expected.own.get(unit), ask)
        _same(unit, "subtree", board.subtree, expected.subtree.get(unit), ask)
        is_right(board, ask)
    if batch.root in expected.parent:
        total = shown[batch.root or ""].subtree.counts.values
        together = added(board.own.counts.values for board in shown.values())
        if total != together:
            raise Broken(f"{at(ask)}: the root has {total}, its units together {together}")
    if ask.tree == "then" and ask.known is None and on == end_of_day(day_of(on)):
        waiting = {ower: row.values for ower, row in boards.waiting(on).items()}
        if waiting != expected.waiting:
            raise Broken(f"{at(ask)}: {waiting} wait for their units, {expected.waiting} should")


def _same(unit: str, group: str, shown: Figures, wanted: Figure | None, ask: Ask) -> None:
    counts = wanted.counts if wanted else NOTHING
    if shown.counts.values != counts:
        differing = "; ".join(
            f"{measure} {ours}, should be {theirs}"
            for measure, ours, theirs in zip(MEASURES, shown.counts.values, counts, strict=True)
            if ours != theirs
        )
        raise Broken(f"{unit} {at(ask)}, {group}: {differing}")
    ladder = wanted.ladder if wanted else (0,) * len(NOTES)
    if shown.ladder is None or tuple(shown.ladder) != ladder:
        raise Broken(f"{unit} {at(ask)}, {group}: {shown.ladder}, should be {ladder}")


def is_right(board: Board, ask: Ask) -> None:
    """Raises Broken unless identities hold, no rate is above 100 % and the groups add up."""
    for figures in board.figures():
        for counts in (figures.counts, figures.due_this_year, figures.carried_over):
            if counts is None or not counts:
                continue
            if broken := counts.broken_identities():
                text = f"{broken[0]} does not hold in {counts.values}"
                raise Broken(f"{board.unit} {at(ask)}: {text}")
            for rate in RATES:
                shown = getattr(counts, rate)
                if shown is not None and not 0 <= shown <= 1:
                    text = f"{rate} is {shown:.0%} of {counts.values}"
                    raise Broken(f"{board.unit} {at(ask)}: {text}")
    for groups in (board.by_level, board.by_unit_kind):
        parts = added(part.counts.values for part in groups.values())
        if groups and parts != board.subtree.counts.values:
            raise Broken(f"{board.unit} {at(ask)}: its groups add up to {parts}")


def at(ask: Ask) -> str:
    """What was asked, for people."""
    on = format_instant(ask.on or Instant(0))
    known = "" if ask.known is None else f" as known at {format_instant(ask.known)}"
    return f"at {on}{known} by the tree of {ask.tree}"
