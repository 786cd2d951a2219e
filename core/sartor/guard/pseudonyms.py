"""Pseudonyms: HMAC-SHA-256 under a key that no table, file, message or query ever holds.

One value has one pseudonym, in every table and column, so that tables still join; another key gives others. The
engine calculates them: RFC 2104 from its own SHA-256, with the two padded keys in variables of the connection.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

BLOCK = 64
"""Bytes of a block of SHA-256."""
SHORT = 16
"""A key of fewer bytes can be guessed."""
_INNER, _OUTER = "sartor_key_inner", "sartor_key_outer"
_CHECK = "sartor: check of the key"
_SHIFT = "sartor: shift of dates\x1f"


@dataclass(frozen=True)
class Key:
    """A secret key; it shows itself to nobody.

    Parameters
    ----------
    secret : bytes

    Examples
    --------
    >>> key = Key(b"correct horse battery staple")
    >>> key
    Key()
    >>> key.pseudonym("4711")[:16], key.pseudonym("4712")[:16]
    ('2d58e58c3ba33897', '6c9db70a7b08a37a')
    """

    secret: bytes = field(repr=False)

    @property
    def check(self) -> str:
        """16 hex digits that tell one key from another and nothing about it."""
        return self.pseudonym(_CHECK)[:16]

    @property
    def is_short(self) -> bool:
        """Whether somebody could find it by trying."""
        return len(self.secret) < SHORT

    def pseudonym(self, text: str) -> str:
        """Return the pseudonym of a value's text: 64 hex digits."""
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()

    def days(self, person: str, within_days: int) -> int:
        """Return by how many days the dates of a person move: up to `within_days` either way, and never by none."""
        place = int(self.pseudonym(_SHIFT + person)[:8], 16) % (2 * within_days)
        return place - within_days + (place >= within_days)

    @contextmanager
    def at_hand(self, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Let queries of a connection calculate pseudonyms."""
        block = hashlib.sha256(self.secret).digest() if len(self.secret) > BLOCK else self.secret
        block = block.ljust(BLOCK, b"\0")
        for name, pad in ((_INNER, 0x36), (_OUTER, 0x5C)):
            connection.execute(f"SET VARIABLE {name} = ?", [bytes(byte ^ pad for byte in block)])
        try:
            yield
        finally:
            for name in (_INNER, _OUTER):
                connection.execute(f"RESET VARIABLE {name}")


def pseudonym_sql(text: str) -> str:
    """Return SQL that gives the pseudonym of a text; needs a key at hand."""
    inner = f"unhex(sha256(getvariable('{_INNER}') || encode({text})))"
    return f"sha256(getvariable('{_OUTER}') || {inner})"


def days_sql(person: str, within_days: int) -> str:
    """Return SQL that gives by how many days the dates of a person move; needs a key at hand."""
    prefix = _SHIFT.replace("\x1f", "")
    digest = pseudonym_sql(f"'{prefix}' || chr(31) || {person}")
    place = f"(CAST('0x' || substr({digest}, 1, 8) AS BIGINT) % {2 * within_days})"
    return f"CAST({place} - {within_days} + CASE WHEN {place} >= {within_days} THEN 1 ELSE 0 END AS INTEGER)"
