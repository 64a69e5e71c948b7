"""The home's token: who may write over HTTP; made at first start, readable by its owner alone."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

TOKEN_FILE = "http-token"
TOKEN_BYTES = 32


def read_or_make(home: Path) -> str:
    """The token in the home; makes the file with mode 0600 where there is none.

    Raises PermissionError where others may read it, since then it is no secret any more.
    """
    path = home / TOKEN_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            sentence = (
                f"{path} can be read by others; run chmod 600 on it, or delete it for a new one"
            )
            raise PermissionError(sentence) from None
        return path.read_text(encoding="ascii").strip()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(token + "\n")
    return token


def allows(header: str | None, token: str) -> bool:
    """Whether an Authorization header carries the token; compared in constant time."""
    scheme, _, given = (header or "").partition(" ")
    # Bytes, because compare_digest refuses text that is not ASCII.
    return scheme.lower() == "bearer" and hmac.compare_digest(
        given.strip().encode("utf-8", "surrogateescape"), token.encode("ascii")
    )
