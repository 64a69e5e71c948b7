"""Events of a steering committee: who leads it and who sits in it, by role, never by name."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.event import Code, Context, Text, Word, event


@event("committee.reconstituted.v1", topic="units")
@dataclass(frozen=True, kw_only=True)
class CommitteeReconstituted(Context):
    """Head, standing agency and members of the committee `unit` from this day on (row 7; S1:151).

    `head` and `members` are roles; `standing` is the unit that works for the committee.
    """

    head: Word
    standing: Code | None = None
    members: tuple[Word, ...] = ()
    reason: Text | None = None
