"""States of an obligation: the ten words that officials read, and which one holds when."""

from __future__ import annotations

from typing import assert_never

from projections.life import Life, Phase, Standing
from schemas.limits import DUE_SOON_DAYS
from schemas.times import DAY_MS, Day, Instant, midnight

STATES: dict[str, tuple[str, str]] = {
    "not_due": ("trong hạn", "not due yet"),
    "due_soon": ("sắp đến hạn", "due soon"),
    "overdue": ("quá hạn", "overdue"),
    "done_on_time": ("hoàn thành đúng hạn", "done on time"),
    "done_late": ("hoàn thành quá hạn", "done late"),
    "in_revision": ("trả lại, chờ bổ sung", "returned, in revision"),
    "awaiting_acceptance": ("chờ nghiệm thu", "awaiting acceptance"),
    "no_due": ("chưa xác định thời hạn", "no due set"),
    "cancelled": ("đã huỷ / được miễn", "cancelled or waived"),
    "transferred": ("đã chuyển giao", "transferred"),
}
"""Code -> (Vietnamese word, English word), in the order in which they are shown."""

CODES = tuple(STATES)


def state(
    life: Life, at: Instant, soon_days: int = DUE_SOON_DAYS, unit: str | None = None
) -> str | None:
    """The state's code at an instant; None before the opening.

    `soon_days` is the reader's horizon for due_soon. With `unit`, the state as that unit sees
    it: transferred, once another unit owes what it owed.
    """
    standing = life.standing_at(at)
    if standing is None:
        return None
    if unit is not None and unit != standing.ower and _has_owed(life, unit, at):
        return "transferred"
    return state_of(standing, at, soon_days)


def state_of(standing: Standing, at: Instant, soon_days: int = DUE_SOON_DAYS) -> str:
    """The state's code while things stand like this."""
    match standing.phase:
        case Phase.DROPPED:
            return "cancelled"
        case Phase.DONE:
            return "done_on_time" if standing.on_time else "done_late"
        case Phase.DECLARED:
            return "awaiting_acceptance"
        case Phase.RETURNED:
            # Sent back before the due: to be sent again, and not overdue until the due.
            waits = standing.in_revision(at) or not standing.due_passed(at)
            return "in_revision" if waits else "overdue"
        case Phase.OPEN:
            return _open_state(standing, at, soon_days)
        case _:
            assert_never(standing.phase)


def _open_state(standing: Standing, at: Instant, soon_days: int) -> str:
    if standing.due is None:
        return "no_due"
    if standing.due_passed(at):
        return "overdue"
    if midnight(Day(standing.due)) <= at + soon_days * DAY_MS:
        return "due_soon"
    return "not_due"


def _has_owed(life: Life, unit: str, at: Instant) -> bool:
    return any(since <= at and ower == unit for since, ower in life.owers)
