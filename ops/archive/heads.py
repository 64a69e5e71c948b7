"""Heads: one for each segment; it seals what stands in it and names the head before.

A head has exactly one form as bytes: canonical JSON on one line of `heads.jsonl`. The hash of the
last one vouches for all of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any

from ops.archive.signing import Signer, is_signed

NO_HEAD = "0" * 64
"""`previous` of the first head."""
_HASH = re.compile(r"[0-9a-f]{64}")
_SIGNATURE = re.compile(r"[0-9a-f]{128}")


def canonical(plain: Any) -> bytes:
    """The one form of a JSON value as bytes: sorted names, no spaces, UTF-8."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True, kw_only=True)
class Source:
    """A source's records up to here: its last number (0: none) and their chain, 64 hex digits."""

    seq: int = 0
    chain: str = NO_HEAD


@dataclass(frozen=True, kw_only=True)
class Head:
    """What seals a segment: a stretch of a ledger from number `first` to number `last`.

    `count` records of it are in the segment (what is withheld is not, and what is let out later
    stands in a later one); `root` is over their leaves in the order of their numbers. `manifest` is
    the hash of the manifest, `previous` of the head before. `made_at` is RFC 3339. Hashes are
    SHA-256 as 64 hex digits; `key` and `signature` are empty where nobody signed.
    """

    number: int
    ledger: str
    epoch: int
    first: int
    last: int
    count: int
    root: str
    manifest: str
    sources: Mapping[str, Source] = field(default_factory=dict)
    previous: str = NO_HEAD
    made_at: str
    key: str = ""
    signature: str = ""

    @property
    def name(self) -> str:
        """The name of its segment's folder."""
        return f"{self.first}-{self.last}"

    def line(self) -> bytes:
        """Its canonical bytes, without the end of the line."""
        sources = {name: [one.seq, one.chain] for name, one in self.sources.items()}
        return canonical({**asdict(self), "sources": sources})

    def hash(self) -> str:
        """The hash of its canonical bytes."""
        return sha256(self.line()).hexdigest()

    def signed(self, signer: Signer | None) -> Head:
        """The same with a signature over everything else; as it is without a signer."""
        if signer is None:
            return self
        keyed = replace(self, key=signer.key, signature="")
        return replace(keyed, signature=signer.sign(keyed.line()))

    @property
    def holds_signature(self) -> bool:
        """Whether the signature is that of the key it names."""
        return is_signed(self.key, self.signature, replace(self, signature="").line())

    @classmethod
    def read(cls, line: bytes) -> Head:
        """The inverse of `line`. Raises ValueError for anything but the bytes of a head."""
        try:
            plain = json.loads(line)
            sources = {
                str(name): Source(seq=_whole(seq), chain=_matching(_HASH, chain))
                for name, (seq, chain) in plain.pop("sources").items()
            }
            head = cls(sources=sources, **plain)
            for number in (head.number, head.epoch, head.first, head.last, head.count):
                _whole(number)
            for hashed in (head.root, head.manifest, head.previous):
                _matching(_HASH, hashed)
            if head.key or head.signature:
                _matching(_HASH, head.key)
                _matching(_SIGNATURE, head.signature)
            if not isinstance(head.ledger, str) or not isinstance(head.made_at, str):
                raise ValueError("ledger and made_at must be text")
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise ValueError("it is no head") from error
        if head.line() != line:
            raise ValueError("it is not in the one form of a head")
        return head


def _whole(number: Any) -> int:
    if type(number) is not int or number < 0:
        raise ValueError(f"{number!r} is no whole number")
    return number


def _matching(shape: re.Pattern[str], text: Any) -> str:
    if not isinstance(text, str) or not shape.fullmatch(text):
        raise ValueError(f"{text!r} is not what it must be")
    return text
