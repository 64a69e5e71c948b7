"""What is counted: the measures of a board, their order on every wire, and their identities."""

from __future__ import annotations

from typing import NamedTuple

MEASURES = (
    "assigned",
    "due",
    "completed",
    "completed_of_due",
    "completed_early",
    "in_revision",
    "overdue",
    "on_time",
    "on_time_of_due",
    "on_time_original_due",
    "late",
    "extended",
    "cancelled",
    "no_due",
    "no_due_done",
    "content",
    "inspections_conducted",
    "findings_open",
    "findings_closed",
)
"""Names in wire order. All are counts of obligations but `content` (programme items) and
`inspections_conducted`, `findings_*` (obligations of kind inspection and remedy)."""

(
    ASSIGNED,
    DUE,
    COMPLETED,
    COMPLETED_OF_DUE,
    COMPLETED_EARLY,
    IN_REVISION,
    OVERDUE,
    ON_TIME,
    ON_TIME_OF_DUE,
    ON_TIME_ORIGINAL_DUE,
    LATE,
    EXTENDED,
    CANCELLED,
    NO_DUE,
    NO_DUE_DONE,
    CONTENT,
    INSPECTIONS_CONDUCTED,
    FINDINGS_OPEN,
    FINDINGS_CLOSED,
) = range(len(MEASURES))

OBLIGATION_MEASURES = MEASURES[:16]
"""The measures that stand at the top of a board's counts; the rest stand in `inspections`."""


class Slice(NamedTuple):
    """The cuts by which counts can be taken apart. `due_month` is `YYYY-MM` of the due in force."""

    kind: str
    area: str | None
    programme: str | None
    item: str
    period: str | None
    due_month: str | None


class Step(NamedTuple):
    """A change of one count of one ower at one instant (ms UTC); `sign` is +1 or -1."""

    at: int
    ower: str
    slice: Slice
    measure: int
    sign: int
