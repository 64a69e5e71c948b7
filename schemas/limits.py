"""Every limit of the contract, named. Reaching one is a refusal with a reason, and a metric."""

MESSAGE_BYTES_MAX = 900_000
"""Largest event value taken at any door."""
QUARANTINE_MESSAGE_BYTES_MAX = 2 * 1024 * 1024
"""Largest record of the quarantine topic (its max.message.bytes)."""
CODE_BYTES_MAX = 64
"""Longest unit code; characters `[a-z0-9._-]`."""
OBLIGATION_BYTES_MAX = 128
"""Longest obligation id."""
NAME_CHARS_MAX = 200
"""Longest name, title word or code-like string that is not free text."""
TEXT_CHARS_MAX = 500
"""Longest free text."""
LIST_ITEMS_MAX = 20_000
"""Most items of one list in one event (a class of communes of the whole country fits)."""
OBLIGATIONS_PER_LINE_MAX = 1_000
"""Most obligations that one JSON line may name."""
FACTS_PER_OBLIGATION_MAX = 1_000
"""Most facts of one obligation; the next one is quarantined."""
FUTURE_TOLERANCE_MS = 5 * 60_000
"""How far MEETS, ACCEPTS, RETURNS, NOTES and DROPS may lie after their recording."""
CLAIMED_LATE_MS = 3 * 86_400_000
"""A completion recorded later than this after its claimed instant, across a due, is flagged."""
DUE_SOON_DAYS = 7
"""Default horizon of `due_soon`."""
LINE_BYTES_MAX = 2_000_000
"""Longest line of a JSON Lines file that is looked at."""
