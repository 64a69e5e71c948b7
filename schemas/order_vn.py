"""The order of Vietnamese names: as in a dictionary, numbers by their value.

Syllable by syllable; in each the letters decide before the tone, so that "Ba Vì" stands before
"Bà Rịa" and both before "Bắc Kạn". "Phường 2" stands before "Phường 10".
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
"""The letters in their order; f, j, w and z are not Vietnamese but stand in names."""
TONES = ("\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
"""The marks of the tones in the order of dictionaries: huyền, hỏi, ngã, sắc, nặng; none is first.

Unlike Unicode's own table, which has them as grave, acute, tilde, hook, dot.
"""

_LETTERS = {letter: rank for rank, letter in enumerate(ALPHABET)}
_TONES = {mark: rank for rank, mark in enumerate(TONES, 1)}
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")


class Syllable(NamedTuple):
    """What is compared of a syllable or a number; numbers stand before letters."""

    is_word: bool
    value: int
    letters: tuple[int, ...]
    tones: tuple[int, ...]


class Place(NamedTuple):
    """Where a name stands among names; only equal texts have equal places."""

    syllables: tuple[Syllable, ...]
    text: str


def place(name: str) -> Place:
    """The sort key of a name, whatever its form (NFC, NFD) and its capitals."""
    text = unicodedata.normalize("NFC", name)
    return Place(tuple(map(_syllable, _TOKEN.findall(text.casefold()))), text)


def _syllable(token: str) -> Syllable:
    if token.isdecimal():
        return Syllable(False, int(token), (), ())
    letters: list[int] = []
    tones: list[int] = []
    for letter in token:
        base, *marks = list(unicodedata.normalize("NFD", letter))
        # The tone's place in its syllable is a matter of taste: hòa and hoà are one.
        tones += (_TONES[mark] for mark in marks if mark in _TONES)
        shape = "".join((base, *(mark for mark in marks if mark not in _TONES)))
        rank = _LETTERS.get(unicodedata.normalize("NFC", shape))
        letters.append(len(ALPHABET) + ord(base) if rank is None else rank)
    return Syllable(True, 0, tuple(letters), tuple(tones))
