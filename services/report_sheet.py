"""Many reports sent at once, as a sheet filled in by hand tells of them: all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemas.event import Event
from schemas.refusal import Reason, Refused
from schemas.times import Instant, day_of, format_day
from services.command import Command, Seen, broken
from services.owed import owed_of
from services.report import SubmitReport


class RowsRefused(Refused):
    """What is refused of a sheet: the place of each submission in it, from 0, and why."""

    def __init__(self, rows: Sequence[tuple[int, Refused]]) -> None:
        self.rows = tuple(rows)
        first = rows[0][1]
        super().__init__(first.reason, f"{len(rows)} rows are refused; {first.sentence}")


@dataclass(frozen=True, kw_only=True)
class SubmitSheet(Command):
    """The submissions of one sheet, each for one obligation and with a day of its own.

    `acting` says that `by` sends them; otherwise each is sent by the unit that owes it.
    """

    submissions: tuple[SubmitReport, ...]
    acting: bool = False

    def streams(self, seen: Seen) -> Sequence[str]:
        return [stream for one in self.submissions for stream in one.streams(seen)]

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        """The events of all; [] where all was sent already. Raises RowsRefused."""
        events: list[Event] = []
        refused: list[tuple[int, Refused]] = []
        for place, one in enumerate(self.submissions):
            try:
                events += self._sent(one, seen, now)
            except Refused as why:
                refused.append((place, why))
        if refused:
            raise RowsRefused(refused)
        return events

    def _sent(self, one: SubmitReport, seen: Seen, now: Instant) -> list[Event]:
        at = one.at(now)
        if at > now:
            sentence = f"{format_day(day_of(at))} lies ahead; record it when it was sent"
            raise Refused(Reason.FUTURE, sentence, "effective_at")
        owed = owed_of(seen[one.obligations[0]])
        if not self.acting:
            one = replace(one, by=owed.ower_at(at) or one.by)
        if owed.returned is not None:
            one = _sent_again(one, owed.returned.effective_at, at)
        return one.decide(seen, now)


def _sent_again(one: SubmitReport, returned: Instant, at: Instant) -> SubmitReport:
    """Sent after the return: a sheet has days only, and both may lie on one of them."""
    if day_of(at) < day_of(returned):
        sentence = f"it was returned on {format_day(day_of(returned))}; say when it was sent again"
        raise broken(sentence, "effective_at")
    if at > returned:
        return one
    return replace(one, effective_at=Instant(returned + 1), effective_is_day=False)
