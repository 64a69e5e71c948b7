"""Registers every record that is no event, so that one list of schemas is complete."""

from __future__ import annotations

import importlib
from pathlib import Path

RECORD_MODULES = ("board", "frame", "obligation_state", "quarantine", "restatement")
"""Modules of this room that call schemas.avro.register_record when they are imported."""

for _module in RECORD_MODULES:
    if (Path(__file__).parent / f"{_module}.py").exists():
        importlib.import_module(f"schemas.{_module}")
