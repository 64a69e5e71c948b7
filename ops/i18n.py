"""The words of the surfaces: one table, Vietnamese first and English second."""

from __future__ import annotations

from collections.abc import Mapping

from ops.i18n_words import WORDS

LANGUAGES = ("vi", "en")
"""Known languages; the first is the default."""


def word(key: str, language: str) -> str:
    """The word in that language. Raises KeyError for a key that is not in the table."""
    return WORDS[key][LANGUAGES.index(language)]


def words(language: str) -> Mapping[str, str]:
    """All words of one language, by key."""
    index = LANGUAGES.index(language)
    return {key: both[index] for key, both in WORDS.items()}


def negotiate(accept_language: str) -> str:
    """The known language that an Accept-Language header likes best; Vietnamese where none.

    >>> negotiate("en-GB,en;q=0.9,vi;q=0.8")
    'en'
    >>> negotiate("fr, vi;q=0.5, en;q=0.4")
    'vi'
    """
    best, best_weight = LANGUAGES[0], 0.0
    for choice in accept_language.lower().split(","):
        name, _, parameter = choice.strip().partition(";")
        language = name.strip().split("-")[0]
        weight = _weight(parameter)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return max(0.0, min(1.0, float(value)))
    except ValueError:
        return 0.0
