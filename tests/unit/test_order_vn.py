"""Names stand in the order of a Vietnamese dictionary, numbers by their value."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from schemas.order_vn import ALPHABET, place

NAMES = st.text(st.sampled_from("aAăÂeêđDoôơuưyàáạảãẤộ 129-"), max_size=12)


def ordered(*names: str) -> list[str]:
    return sorted(names, key=place)


def test_letters_with_marks_are_letters_of_their_own() -> None:
    told = [
        "An Giang",
        "Ăn",
        "Âu Lạc",
        "Bạc Liêu",
        "Cần Thơ",
        "Dak",
        "Đắk Lắk",
        "Em",
        "Êm",
        "Ô",
        "Ơ",
    ]

    assert told == ordered(*reversed(told))


def test_tones_follow_the_dictionary_and_not_unicode() -> None:
    told = ["ma", "mà", "mả", "mã", "má", "mạ"]

    assert told == ordered(*reversed(told)) != sorted(told)


def test_the_tone_of_a_syllable_decides_before_the_next_syllable() -> None:
    assert ["Ba Vì", "Bà Rịa", "Bắc Kạn", "Bắc Ninh"] == ordered(
        "Bắc Ninh", "Bà Rịa", "Bắc Kạn", "Ba Vì"
    )


def test_numbers_stand_by_their_value() -> None:
    told = ["Phường 2", "Phường 10", "Phường An Bình"]

    assert told == ordered(*reversed(told)) != sorted(told)


def test_where_the_tone_is_written_and_how_it_is_encoded_does_not_matter() -> None:
    assert place("hòa").syllables == place("hoà").syllables
    assert place("Đắk Lắk") == place(unicodedata.normalize("NFD", "Đắk Lắk"))


def test_the_alphabet_is_in_its_own_order() -> None:
    assert list(ALPHABET) == ordered(*reversed(ALPHABET))


@given(st.lists(NAMES, max_size=6))
def test_the_order_does_not_depend_on_where_one_begins(names: list[str]) -> None:
    assert ordered(*names) == ordered(*reversed(names)) == ordered(*ordered(*names))


@given(NAMES, NAMES)
def test_only_equal_texts_share_a_place(one: str, other: str) -> None:
    same = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)

    assert same == (place(one) == place(other))


@given(st.text(max_size=30))
def test_any_text_has_a_place(text: str) -> None:
    assert place(text) == place(unicodedata.normalize("NFC", text))
