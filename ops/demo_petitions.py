"""The demo's petitions: received by communes, settled there, passed on, or still open (S1:159)."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from ops.demo_desk import Desks, at_noon
from schemas.events.unit import UnitEstablished
from schemas.times import Day, day, day_of
from services.petition import (
    EscalatePetition,
    ReceivePetition,
    SettlePetition,
    TransferPetition,
    WithdrawPetition,
)

PROVINCE, COMPETENT = "06", ("06.so-tai-chinh", "06.so-tu-phap", "06.so-ke-hoach-dau-tu")
FIRST, DAYS = day(2008, 1, 2), 725
COUNT = 80
SETTLED_WITHIN = 30
"""Days that the receiving unit gives itself."""
AREAS = ("procedures", "procedures", "personnel", "finance", "organisation")
CHANNELS = ("post", "in_person", "in_person", "telephone")
OUTCOMES = ("accepted", "explained", "explained", "rejected")
BEYOND = "Vượt quá thẩm quyền của xã"


def petitions(desks: Desks, units: Sequence[UnitEstablished], seed: int) -> None:
    """Two years of petitions of the communes of Bắc Kạn, each decided on from its own dice."""
    parents = {one.unit: one.parent or "" for one in units}
    communes = [
        one.unit
        for one in units
        if one.level == "commune" and parents.get(one.parent or "") == PROVINCE
    ]
    numbers: dict[str, int] = {}
    for nth in range(COUNT):
        rng = Random(f"{seed}:petition:{nth}")
        unit = rng.choice(communes[:40])
        numbers[unit] = numbers.get(unit, 0) + 1
        _one(desks, rng, unit, parents[unit], numbers[unit])


def _one(desks: Desks, rng: Random, unit: str, district: str, number: int) -> None:
    on = Day(FIRST + rng.randrange(DAYS))
    petition = f"{unit}:kn-{number:02}"
    desks.decide(
        ReceivePetition(
            by=unit,
            obligation=petition,
            area=rng.choice(AREAS),
            channel=rng.choice(CHANNELS),
            due_before=Day(on + SETTLED_WITHIN),
        ),
        at_noon(on),
    )
    drawn, later = rng.random(), at_noon(Day(on + rng.randrange(2, 12)))
    holder = unit
    if drawn < 0.15:
        holder = rng.choice(COMPETENT)
        desks.decide(
            TransferPetition(by=unit, obligation=petition, to_unit=holder, reason=BEYOND), later
        )
    elif drawn < 0.33:
        holder = PROVINCE
        desks.decide(
            EscalatePetition(by=unit, obligation=petition, to_unit=district, reason=BEYOND), later
        )
        _up(desks, petition, district, Day(day_of(later) + 5))
    elif drawn < 0.38:
        desks.decide(WithdrawPetition(by=unit, obligation=petition), later)
        return
    if rng.random() < 0.85:
        last = Day(day_of(later) + rng.randrange(6, 32))
        outcome = rng.choice(OUTCOMES)
        desks.decide(SettlePetition(by=holder, obligation=petition, outcome=outcome), at_noon(last))


def _up(desks: Desks, petition: str, district: str, on: Day) -> None:
    """A district that cannot settle it either sends it on to the province."""
    reason = "Thuộc thẩm quyền của UBND tỉnh"
    desks.decide(
        EscalatePetition(by=district, obligation=petition, to_unit=PROVINCE, reason=reason),
        at_noon(on),
    )
