"""What a unit is like all year long: early, late, silent, sending twice, correcting itself."""

from __future__ import annotations

from enum import StrEnum
from random import Random

from ops.simulate_desk import Habits


class Character(StrEnum):
    """What a unit is known for; it stays so all year."""

    EARLY = "early"
    USUAL = "usual"
    LATE = "late"
    SILENT = "silent"
    DOUBLE_SENDING = "double-sending"
    CORRECTING = "correcting"


HABITS = {
    Character.EARLY: Habits(
        late=0.02,
        silent=0.01,
        on_the_last_day=0.02,
        days_ahead=25,
        days_before_opening=10,
        extended=0.08,
        transferred=0.04,
        amended=0.05,
    ),
    Character.USUAL: Habits(
        extended=0.08, cancelled=0.03, transferred=0.06, amended=0.05, brought_forward=0.2
    ),
    Character.LATE: Habits(
        late=0.7, silent=0.05, extended=0.15, transferred=0.06, returned=0.2, brought_forward=0.2
    ),
    Character.SILENT: Habits(silent=0.9, late=0.05, cancelled=0.06, transferred=0.1),
    Character.DOUBLE_SENDING: Habits(
        repeated=0.8, doubled=0.5, supplemented=0.3, returned=0.25, extended=0.08, transferred=0.06
    ),
    Character.CORRECTING: Habits(
        corrected=0.5, voided=0.3, returned=0.35, on_paper=0.4, extended=0.08, amended=0.1
    ),
}
WEIGHTS = {
    Character.EARLY: 15,
    Character.USUAL: 25,
    Character.LATE: 20,
    Character.SILENT: 10,
    Character.DOUBLE_SENDING: 15,
    Character.CORRECTING: 15,
}
"""How many units of 100 are like this."""


def character_of(seed: int, unit: str) -> Character:
    """The unit's character in the years of a seed."""
    dice = Random(f"{seed}:character:{unit}")
    return dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
