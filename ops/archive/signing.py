"""Signatures of heads: Ed25519 (RFC 8032), with keys as `openssl genpkey` writes them."""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from ops.settings import BrokenEnvironment, Settings


class Signer:
    """A private key. `key` is its public half, 64 hex digits."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.key = _hex(private.public_key())

    @classmethod
    def of(cls, path: Path) -> Signer:
        """The key in a PEM file. Raises BrokenEnvironment."""
        found: object = None
        try:
            found = load_pem_private_key(path.read_bytes(), None)
        except OSError as error:
            raise BrokenEnvironment(
                f"LIENTHONG_ARCHIVE_KEY_FILE cannot be read: {error.strerror}."
            ) from error
        except (TypeError, ValueError, UnsupportedAlgorithm):
            # What the library says may quote the file; the sentence below says what to do.
            found = None
        if not isinstance(found, Ed25519PrivateKey):
            raise BrokenEnvironment(
                "LIENTHONG_ARCHIVE_KEY_FILE holds no Ed25519 key without a password; make one: "
                "`openssl genpkey -algorithm ed25519 -out FILE`."
            )
        return cls(found)

    @classmethod
    def of_settings(cls, settings: Settings) -> Signer | None:
        """The key of a home; None where none is set up. Raises BrokenEnvironment."""
        path = settings.archive_key_file
        return cls.of(Path(path)) if path else None

    def sign(self, content: bytes) -> str:
        """The signature of these bytes, 128 hex digits."""
        return self._private.sign(content).hex()


def is_signed(key: str, signature: str, content: bytes) -> bool:
    """Whether the signature of these bytes was made with the key whose public half this is."""
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(signature), content)
    except (ValueError, InvalidSignature):
        return False
    return True


def public_key(path: Path) -> str:
    """The public key in a PEM file, 64 hex digits. Raises BrokenEnvironment."""
    try:
        found = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise BrokenEnvironment(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BrokenEnvironment(f"{path} holds no public key in PEM.") from error
    if not isinstance(found, Ed25519PublicKey):
        raise BrokenEnvironment(f"{path} holds no Ed25519 key.")
    return _hex(found)


def _hex(key: Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
