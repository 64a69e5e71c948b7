"""Sealing: free texts of an obligation encrypted under its key, and read again while it is there.

Only what is stored is sealed: decisions see texts as they were told. The nonce follows from key,
place and text, so that a fact told twice has the same bytes and is known as the same fact; and
whoever has no key learns nothing from them but their length.
"""

from __future__ import annotations

import dataclasses
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar, get_args, get_origin, get_type_hints

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas import avro
from schemas.event import Event, Sealed, Text
from schemas.memo import per_class
from schemas.refusal import Refused

NONCE_BYTES = 12
SECRET_BYTES = 32

_T = TypeVar("_T")
Change = Callable[[Text, bytes], Text]
"""A text and its place (event id and field) -> what stands there instead."""


class TextKey(NamedTuple):
    """The key of one obligation's texts: the name under which texts mention it, 32 secret bytes."""

    id: str
    secret: bytes

    def __repr__(self) -> str:
        # A secret stands in no log and no error, whoever prints what.
        return f"TextKey({self.id!r})"


class TextKeys(Protocol):
    """Where the keys are kept. It is no part of the log."""

    def of(self, obligations: Sequence[str]) -> Mapping[str, TextKey]:
        """The keys in force of obligations, made where there is none; without those that have none
        because sealing is switched off."""

    def secret(self, key_id: str) -> bytes | None:
        """The secret of a key; None where it is not here, or was deleted."""

    def ids(self, obligation: str) -> Sequence[str]:
        """The names of the keys of an obligation that are still there."""


def sealed(event: Event, key: TextKey) -> Event:
    """The event with every free text encrypted; what is sealed already stays as it is."""

    def seal(text: Text, place: bytes) -> Text:
        if isinstance(text, Sealed):
            return text
        clear = text.encode()
        nonce = _part(key.secret, b"nonce", place + b"\0" + clear)[:NONCE_BYTES]
        hidden = AESGCM(_part(key.secret, b"text", b"")).encrypt(nonce, clear, place)
        return Sealed(key_id=key.id, nonce=nonce, ciphertext=hidden)

    return changed(event, seal)


def opened(event: Event, keys: TextKeys) -> Event:
    """The event with every text readable whose key is here; the others stay sealed."""

    def open_(text: Text, place: bytes) -> Text:
        secret = keys.secret(text.key_id) if isinstance(text, Sealed) else None
        return text if secret is None else _opened(text, secret, place)

    return changed(event, open_)


def _opened(text: Any, secret: bytes, place: bytes) -> Text:
    try:
        aead = AESGCM(_part(secret, b"text", b""))
        return aead.decrypt(text.nonce, text.ciphertext, place).decode()
    except (InvalidTag, ValueError):
        # Somebody put another text's bytes here: they say nothing at this place.
        return text  # type: ignore[no-any-return]


def _part(secret: bytes, use: bytes, about: bytes) -> bytes:
    return hmac.digest(secret, use + b"\0" + about, "sha256")


def told(event: Event, erased: str) -> Event:
    """The event as people are told it: `erased` stands where a text cannot be read any more."""
    return changed(event, lambda text, _: erased if isinstance(text, Sealed) else text)


def has_clear_text(event: Event) -> bool:
    """Whether anything in the event would have to be sealed."""
    return any(isinstance(text, str) for text in texts_of(event))


def texts_of(event: Event) -> Iterable[Text]:
    """Every free text of the event, those inside a correction's value too."""
    found: list[Text] = []

    def keep(text: Text, _: bytes) -> Text:
        found.append(text)
        return text

    changed(event, keep)
    return found


def changed(event: Event, change: Change) -> Event:
    """The event with each free text replaced by what `change` makes of it; itself if none is."""
    event = _changed(event, bytes(event.event_id), change)
    value = getattr(event, "replacement", None)
    if not isinstance(value, bytes):
        return event
    try:
        inner = avro.decode(value)
    except Refused:
        # Unreadable to us now; it stays what its recorder sent (the fold notes the conflict).
        return event
    new = changed(inner, change)
    return event if new is inner else dataclasses.replace(event, replacement=avro.encode(new))  # type: ignore[call-arg]


def _changed(value: _T, place: bytes, change: Change) -> _T:
    new = {}
    for name, is_text in _places(type(value)):
        old = getattr(value, name)
        if old is None:
            continue
        at = place + b"." + name.encode()
        made = change(old, at) if is_text else _inside(old, at, change)
        if made is not old:
            new[name] = made
    return dataclasses.replace(value, **new) if new else value  # type: ignore[type-var]


def _inside(value: Any, place: bytes, change: Change) -> Any:
    if not isinstance(value, tuple):
        return _changed(value, place, change)
    made = tuple(
        _changed(one, place + f"[{number}]".encode(), change) for number, one in enumerate(value)
    )
    same = all(new is old for new, old in zip(made, value, strict=True))
    return value if same else made


@per_class
def _places(cls: Any) -> tuple[tuple[str, bool], ...]:
    """The fields that hold free texts, themselves (True) or in records within them (False)."""
    found = []
    for name, hint in get_type_hints(cls).items():
        if Sealed in get_args(hint):
            found.append((name, True))
        elif any(_places(record) for record in _records(hint)):
            found.append((name, False))
    return tuple(found)


def _records(hint: Any) -> list[Any]:
    if dataclasses.is_dataclass(hint):
        return [hint]
    if get_origin(hint) is None:
        return []
    return [record for one in get_args(hint) for record in _records(one)]
