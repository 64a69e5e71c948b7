"""Names of an engine: the distinct strings of facts as small numbers, shared by all partitions."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from projections.growing import Growing
from projections.obligation import LADDER
from schemas.event import DONE_WHEN, NOTES, OBLIGATION_KINDS, Effect
from schemas.limits import NAME_CHARS_MAX, OBLIGATION_BYTES_MAX

NO_WORD = 0
"""The number of no word (null)."""
_CODE = re.compile(rb"[a-z0-9._-]{1,64}\Z")
_PLAIN = re.compile(rb"[ -~]+\Z")

PARTY = np.dtype([("unit", "i4"), ("by", "i4"), ("source", "i4"), ("programme", "i4")])
DETAIL = np.dtype(
    [
        ("kind", "i4"),
        ("item", "i4"),
        ("area", "i4"),
        ("period", "i4"),
        ("done_when", "i4"),
        ("word", "i4"),  # issuer, to_unit or note
        ("special", "u1"),  # 1 inspection, 2 remedy; of a note: 1 where it is of the ladder
        ("accepts", "?"),
    ]
)


def strings(raw: bytes, at: int, layout: str) -> tuple[list[bytes | None], int]:
    """Avro strings from `at` on: per letter of `layout` one string (s) or nullable string (o)."""
    found: list[bytes | None] = []
    for letter in layout:
        if letter == "o":
            at += 1
            if raw[at - 1] == 0:
                found.append(None)
                continue
        size = shift = 0
        while True:
            byte = raw[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        size >>= 1
        found.append(raw[at : at + size])
        at += size
    return found, at


def surely_code(raw: bytes | None) -> bool:
    """Whether it is null or a unit code."""
    return raw is None or _CODE.match(raw) is not None


def surely_word(raw: bytes | None, most: int = NAME_CHARS_MAX) -> bool:
    """Whether it is null or a short string of printable ASCII, which no rule forbids."""
    return raw is None or (len(raw) <= most and _PLAIN.match(raw) is not None)


def surely_obligation(raw: bytes) -> bool:
    """Whether it is surely allowed as an obligation id."""
    return surely_word(raw, OBLIGATION_BYTES_MAX)


class Names:
    """Numbers of words, of parties (unit, by, source, programme) and of details of effects."""

    def __init__(self) -> None:
        self.words: list[str | None] = [None]
        self._words: dict[str, int] = {}
        self.party_rows = Growing(PARTY)
        self.parties: dict[bytes, int] = {}
        self.detail_rows = Growing(DETAIL)
        self.details: list[dict[bytes, int]] = []
        self.corrections: dict[int, tuple[bytes, bytes | None]] = {}

    def word(self, word: str | None) -> int:
        """The number of a word."""
        if word is None:
            return NO_WORD
        number = self._words.get(word)
        if number is None:
            number = self._words[word] = len(self.words)
            self.words.append(word)
        return number

    def find(self, word: str) -> int | None:
        """The number of a word that has one."""
        return self._words.get(word)

    def enter_party(self, raw: bytes, trusted: bool) -> int:
        """The number of a party by its bytes; -1 where it is not surely allowed."""
        (unit, by, source, programme), _ = strings(raw, 0, "ssso")
        sure = surely_code(unit) and surely_code(by) and surely_code(programme)
        if not trusted and not (sure and surely_word(source)):
            return -1
        row = np.array([self._row(unit, by, source, programme)], PARTY)
        number = self.parties[raw] = self.party_rows.extend(row)
        return number

    def enter_detail(
        self, kind: int, effect: int, raw: bytes, trusted: bool, note: str | None
    ) -> int:
        """The number of a detail of an event type by its bytes; -1 where it is not surely allowed.

        `kind` numbers the event type's layout; `note` is the one note that the type can carry.
        """
        while len(self.details) <= kind:
            self.details.append({})
        row = np.zeros(1, DETAIL)
        correction: tuple[bytes, bytes | None] | None = None
        match effect:
            case Effect.OPENS:
                sure = self._opening(row, raw)
            case Effect.AMENDS:
                (area,), _ = strings(raw, 0, "o")
                sure = surely_word(area)
                row["area"] = self._row(area)[0]
            case Effect.HANDS_OVER:
                (unit,), _ = strings(raw, 0, "s")
                sure = surely_code(unit)
                row["word"] = self._row(unit)[0]
            case Effect.NOTES:
                (word,), _ = strings(raw, 0, "s")
                text = (word or b"").decode("utf-8", "replace")
                sure = text == note and text in NOTES
                row["word"], row["special"] = self.word(text), text in LADDER
            case _:
                (replacement,), _ = strings(raw, 17, "o")
                sure = True
                correction = (raw[:16], replacement)
        if not (sure or trusted):
            return -1
        number = self.details[kind][raw] = self.detail_rows.extend(row)
        if correction is not None:
            self.corrections[number] = correction
        return number

    def _opening(self, row: NDArray[Any], raw: bytes) -> bool:
        (kind, item, area, period, done_when, issuer), _ = strings(raw, 0, "ssooss")
        row["kind"], row["item"], row["area"], row["period"] = self._row(kind, item, area, period)
        row["done_when"], row["word"] = self._row(done_when, issuer)
        row["special"] = {b"inspection": 1, b"remedy": 2}.get(kind or b"", 0)
        row["accepts"] = done_when == b"accepted"
        known = (kind or b"").decode("utf-8", "replace") in OBLIGATION_KINDS
        known &= (done_when or b"").decode("utf-8", "replace") in DONE_WHEN
        sure = surely_word(item) and surely_word(area) and surely_word(period)
        return bool(known and sure and item and surely_code(issuer))

    def _row(self, *raw: bytes | None) -> tuple[int, ...]:
        return tuple(self.word(None if r is None else r.decode("utf-8", "replace")) for r in raw)
