"""Every event type. Importing this package fills the register."""

from schemas.events import finding, inspection, ladder, programme, report, task, unit

__all__ = ["finding", "inspection", "ladder", "programme", "report", "task", "unit"]
