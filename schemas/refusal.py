"""Refusals: a reason code for machines and one sentence for people."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why something was not taken. The codes are for ever; sentences may improve."""

    NOT_JSON = "not_json"
    NOT_AVRO = "not_avro"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_FINGERPRINT = "unknown_fingerprint"
    UNKNOWN_SCHEMA_ID = "unknown_schema_id"
    NULL_VALUE = "null_value"
    MISSING_FIELD = "missing_field"
    EXTRA_FIELD = "extra_field"
    WRONG_TYPE = "wrong_type"
    IMPOSSIBLE_DAY = "impossible_day"
    INSTANT_WITHOUT_OFFSET = "instant_without_offset"
    EMPTY_STRING = "empty_string"
    NOT_NFC = "not_nfc"
    NOT_IN_LIST = "not_in_list"
    BAD_CODE = "bad_code"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    TOO_MANY_FACTS = "too_many_facts"
    FUTURE = "future"
    NOT_LOCAL_MIDNIGHT = "not_local_midnight"
    KEY_MISMATCH = "key_mismatch"
    WRONG_TOPIC = "wrong_topic"
    DUPLICATE_OTHER_CONTENT = "duplicate_other_content"
    NOT_ALLOWED = "not_allowed"
    HISTORY_ORDER = "history_order"
    RULE = "rule"


class Refused(Exception):
    """Something from outside was not taken.

    `reason` is a code, `sentence` says what is wrong and what to do, `where` is the place:
    a field, a line, or topic/partition/offset.
    """

    def __init__(self, reason: Reason, sentence: str, where: str = "") -> None:
        self.reason = reason
        self.sentence = sentence
        self.where = where
        super().__init__(f"{where}: {sentence}" if where else sentence)

    def at(self, where: str) -> Refused:
        """The same refusal at a wider place, e.g. a line number put before a field."""
        return Refused(
            self.reason, self.sentence, f"{where}, {self.where}" if self.where else where
        )
