r"""Encrypts files in chunks, so that one of any size passes through little memory and no chunk can be exchanged.

AES-256-GCM in the STREAM construction: a chunk's nonce is the file's random prefix, the chunk's number and a flag that
only the last chunk has. A chunk that is changed, moved, repeated or missing, and an end that was cut off, then fail to
decrypt. Each file has a key of its own, derived (HKDF-SHA256) from the folder's data key, the file's random salt and
its name, so a file under another's name fails as well.

A file is: ``SARTOR-SEALED-1\n``, 16 bytes of salt, 7 of nonce prefix, then chunks of 1 MiB, each with 16 bytes of tag.

References
----------
V. T. Hoang, R. Reyhanitabar, P. Rogaway, D. Vizár: *Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance*, CRYPTO 2015 (STREAM).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"SARTOR-SEALED-1\n"
CHUNK = 2**20
KEY_BYTES = 32
_SALT, _PREFIX, _TAG = 16, 7, 16
_HEADER = len(MAGIC) + _SALT + _PREFIX


class Broken(ValueError):
    """What is read is not what was written, or not with this key."""


def seal_stream(plain: IO[bytes], sealed: IO[bytes], key: bytes, name: str) -> None:
    """Encrypt a file.

    Parameters
    ----------
    plain, sealed : binary files
    key : bytes
        The folder's data key, 32 bytes.
    name : str
        The file's, and whose it is: it opens under no other.
    """
    header = MAGIC + os.urandom(_SALT + _PREFIX)
    sealed.write(header)
    cipher = _cipher(key, header, name)
    number, chunk = 0, plain.read(CHUNK)
    while True:
        following = plain.read(CHUNK)
        sealed.write(cipher.encrypt(_nonce(header, number, last=not following), chunk, header))
        if not following:
            return
        number, chunk = number + 1, following


def open_stream(sealed: IO[bytes], key: bytes, name: str) -> Iterator[bytes]:
    """Yield the chunks of an encrypted file; each is what was written, whatever is behind it.

    Raises
    ------
    Broken
        If it was changed, cut off, put together otherwise, or written with another key or under another name.
    """
    from cryptography.exceptions import InvalidTag

    header = sealed.read(_HEADER)
    if len(header) != _HEADER or not header.startswith(MAGIC):
        raise Broken("it is no file that sartor has encrypted, or its beginning was changed")
    cipher = _cipher(key, header, name)
    number, chunk = 0, sealed.read(CHUNK + _TAG)
    while True:
        following = sealed.read(CHUNK + _TAG)
        try:
            yield cipher.decrypt(_nonce(header, number, last=not following), chunk, header)
        except (InvalidTag, ValueError):
            raise Broken("it was changed, cut off or moved since it was encrypted") from None
        if not following:
            return
        number, chunk = number + 1, following


def seal(plain: bytes, key: bytes, name: str) -> bytes:
    """Encrypt bytes.

    Examples
    --------
    >>> key = bytes(32)
    >>> unseal(seal(b"secret", key, "a"), key, "a")
    b'secret'
    >>> unseal(seal(b"secret", key, "a"), key, "b")
    Traceback (most recent call last):
    ...
    sartor.sealing.streaming.Broken: it was changed, cut off or moved since it was encrypted
    """
    sealed = BytesIO()
    seal_stream(BytesIO(plain), sealed, key, name)
    return sealed.getvalue()


def unseal(sealed: bytes, key: bytes, name: str) -> bytes:
    """Return what `seal` was given.

    Raises
    ------
    Broken
    """
    return b"".join(open_stream(BytesIO(sealed), key, name))


def _cipher(key: bytes, header: bytes, name: str) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    salt = header[len(MAGIC) : len(MAGIC) + _SALT]
    own = HKDF(SHA256(), KEY_BYTES, salt, b"sartor file 1\0" + name.encode()).derive(key)
    return AESGCM(own)


def _nonce(header: bytes, number: int, *, last: bool) -> bytes:
    return header[-_PREFIX:] + number.to_bytes(4, "big") + (b"\1" if last else b"\0")
