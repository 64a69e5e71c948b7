"""Outlets: what the topics `boards`, `obligations` and `restatements` say, and of what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Protocol

from projections.board_worker import Ready
from projections.boards import Boards
from projections.life import Life, Phase
from projections.published import boards_of
from projections.readmodel import Outgoing
from schemas.board import Board
from schemas.obligation_state import ObligationState, Ower, Remark
from schemas.restatement import Restatement
from schemas.times import Instant, day_of

ROUND_MS = 1_000
"""Boards published within this time and without a change between bear one instant."""
WAITING = "waiting"


class Lives(Protocol):
    """Where the outlet finds an obligation."""

    def life(self, obligation: str, known: Instant | None = None) -> Life | None: ...


BoardOutlet = Callable[[Boards, Iterable[str]], Mapping[str, Ready | None]]
ObligationOutlet = Callable[[Lives, bytes, int], Outgoing | None]
RestatementOutlet = Callable[[Restatement], Outgoing]


def boards_outlet(topic: str, clock: Callable[[], Instant]) -> BoardOutlet:
    """(boards, units) -> by unit its board of now for the topic, as a message at a version.

    Of the first units, as many as are made in one go; None for no unit.
    """
    last = (-1, Instant(0))

    def messages(boards: Boards, units: Iterable[str]) -> Mapping[str, Ready | None]:
        nonlocal last
        now = clock()
        fresh = boards.changes != last[0] or day_of(now) != day_of(last[1])
        if fresh or not 0 <= now - last[1] < ROUND_MS:
            last = (boards.changes, now)
        made = boards_of(boards, units, last[1])
        return {
            unit: None if board is None else partial(_message, topic, board)
            for unit, board in made.items()
        }

    return messages


def _message(topic: str, board: Board, version: int) -> Outgoing:
    headers = () if board.positions is None else (board.positions.header(),)
    return Outgoing(topic, board.unit.encode(), replace(board, version=version).encode(), headers)


def obligations_outlet(topic: str) -> ObligationOutlet:
    """(lives, obligation id, version) -> its state for the topic; None for no obligation."""

    def message(lives: Lives, key: bytes, version: int) -> Outgoing | None:
        life = lives.life(key.decode())
        if life is None:
            return None
        return Outgoing(topic, key, state_of(key.decode(), life, version).encode())

    return message


def restatements_outlet(topic: str) -> RestatementOutlet:
    """(restatement) -> its message.

    Told again, a record has the same bytes: readers know it by event, unit, scope and measure.
    """

    def message(record: Restatement) -> Outgoing:
        return Outgoing(topic, record.unit.encode(), record.encode())

    return message


def state_of(obligation: str, life: Life, version: int) -> ObligationState:
    """A life as the topic tells it, with facts that lie ahead: `owers` says since when."""
    opening, last = life.opening, life.last
    sent = life.submissions
    done = last is not None and last.phase is Phase.DONE and sent
    # A document counts once, however often it is told.
    notes = [note for note, _ in {(told.note, told.document) for told in life.ladder}]
    return ObligationState(
        obligation=obligation,
        version=version,
        phase=WAITING if last is None else last.phase.name.lower(),
        unit=last and last.ower,
        kind=opening and opening.kind,
        item=opening and opening.item,
        area=last and last.area,
        programme=opening and opening.programme,
        period=opening and opening.period,
        issuer=opening and opening.issuer,
        done_when=opening and opening.done_when,
        opened_at=life.turns[0].at if life.turns else None,
        due_before=last and last.due,
        original_due_before=last and last.original_due,
        extended=bool(last and last.extended),
        revise_before=last and last.revise,
        completed_at=sent[-1].at if done else None,
        on_time=last.on_time if last and sent else None,
        submissions=len(sent),
        urged=notes.count("urged"),
        reminded=notes.count("reminded"),
        criticised=notes.count("criticised"),
        owers=tuple(Ower(unit, since) for since, unit in life.owers),
        remarks=tuple(Remark(n.event_id, n.what.value, n.sentence) for n in life.notes),
        imported=life.imported,
    )
