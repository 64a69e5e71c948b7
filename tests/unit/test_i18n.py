"""The words: both languages complete, and every word that the page asks for is there."""

from __future__ import annotations

import re

import pytest

from ops.http_web import FOLDER
from ops.i18n import LANGUAGES, negotiate, word, words
from ops.i18n_words import WORDS
from ops.question import Column
from ops.questions import QUESTIONS
from projections.programmes import CONTENT_KIND
from projections.states import STATES
from schemas.board import BY
from schemas.board_schema import LADDER, RATES
from schemas.event import OBLIGATION_KINDS
from schemas.events.unit import LEVELS, UNIT_KINDS
from schemas.measures import OBLIGATION_MEASURES
from services.programme_reading import builtin_programmes, read_programme

VIETNAMESE_STATES = (
    "trong hạn",
    "sắp đến hạn",
    "quá hạn",
    "hoàn thành đúng hạn",
    "hoàn thành quá hạn",
    "trả lại, chờ bổ sung",
    "chờ nghiệm thu",
    "chưa xác định thời hạn",
    "đã huỷ / được miễn",
    "đã chuyển giao",
)
PLACE = re.compile(r"\{\w+\}")
ASKED = re.compile(r"""\bt\(\s*["']([a-z_]+\.[a-z_]+)["']""")
LISTED = {
    *("state", "measure", "hint", "part", "level", "kind", "area", "unit_kind", "cut", "error"),
    *("ending", "verify", "effect", "explain_role"),
}


def scripts() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.js")))


def test_both_languages_have_the_same_keys() -> None:
    vietnamese, english = (words(language) for language in LANGUAGES)

    assert vietnamese.keys() == english.keys()


@pytest.mark.parametrize("key", WORDS)
def test_no_word_is_empty_and_both_name_the_same_places(key: str) -> None:
    vietnamese, english = WORDS[key]

    assert vietnamese.strip() == vietnamese != ""
    assert english.strip() == english != ""
    assert sorted(PLACE.findall(vietnamese)) == sorted(PLACE.findall(english))


def test_state_words_are_those_of_the_office() -> None:
    assert tuple(word(f"state.{code}", "vi") for code in STATES) == VIETNAMESE_STATES


def test_every_measure_rate_cut_and_document_has_a_word() -> None:
    needed = [f"measure.{name}" for name in (*OBLIGATION_MEASURES, *RATES, *LADDER)]
    needed += [f"cut.{name}" for name in BY]

    assert [key for key in needed if key not in WORDS] == []


def test_every_level_kind_and_shipped_area_has_a_word() -> None:
    needed = [f"level.{level}" for level in LEVELS]
    needed += [f"unit_kind.{kind}" for kind in UNIT_KINDS]
    needed += [f"kind.{kind}" for kind in (*OBLIGATION_KINDS, CONTENT_KIND)]
    for path in builtin_programmes():
        needed += [f"area.{area.id}" for area in read_programme(path).areas]

    assert [key for key in needed if key not in WORDS] == []


def test_every_word_that_the_page_asks_for_is_there() -> None:
    asked = set(ASKED.findall(scripts()))

    assert asked - WORDS.keys() == set()
    assert len(asked) > 50


def test_every_word_is_asked_for_by_the_page_or_a_program() -> None:
    programs = [path for path in FOLDER.parent.glob("*.py") if "i18n_words" not in path.name]
    text = scripts() + "".join(path.read_text(encoding="utf-8") for path in programs)
    composed = {f"ui.{name}" for name in ("previous", "next", "state", "what", "due_before")}
    composed |= {f"programme.{name}" for name in ("all", "counted", "content", "lead", "date")}
    composed |= {f"sheet.step_{name}" for name in ("template", "fill", "send")}
    composed |= {f"sheet.{name}" for name in ("file", "token", "acting", "cell", "wrong")}
    tables = {"column", "page", "question", *prefixes()}
    own = {key for key in WORDS if key.split(".")[0] not in {*LISTED, *tables}}

    assert {key for key in own - composed if f'"{key}"' not in text} == set()


def test_every_question_has_a_name_in_words_and_no_other_has() -> None:
    named = {key.removeprefix("question.") for key in WORDS if key.startswith("question.")}

    assert QUESTIONS.keys() == named


def prefixes() -> set[str]:
    """Beginnings of the words for the codes that answers hold."""
    kinds = {column.kind for column in columns()}
    return {kind.partition(":")[2] for kind in kinds if kind.startswith(("word:", "words:"))}


def columns() -> list[Column]:
    """The columns of all answers, and what is said of a whole answer."""
    return [one for each in QUESTIONS.values() for one in (*each.columns, *each.totals)]


def test_every_column_of_an_answer_has_a_word_and_no_other_column_has() -> None:
    assert {f"column.{column.key}" for column in columns()} == {
        key for key in WORDS if key.startswith("column.")
    }
    assert {one for one in prefixes() if not any(k.startswith(f"{one}.") for k in WORDS)} == set()


def test_the_language_follows_what_the_reader_likes_best() -> None:
    wishes = {
        "": "vi",
        "en": "en",
        "en-US,en;q=0.9,vi;q=0.8": "en",
        "fr,vi;q=0.5,en;q=0.4": "vi",
        "de": "vi",
        "en;q=0": "vi",
        "en;q=x": "vi",
    }

    assert {wish: negotiate(wish) for wish in wishes} == wishes
