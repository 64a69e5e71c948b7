"""Every event type. Importing this package fills the register."""

from schemas.events import (
    assessment,
    committee,
    finding,
    inspection,
    ladder,
    petition,
    programme,
    report,
    review,
    source,
    task,
    unit,
)

__all__ = [
    "assessment",
    "committee",
    "finding",
    "inspection",
    "ladder",
    "petition",
    "programme",
    "report",
    "review",
    "source",
    "task",
    "unit",
]
