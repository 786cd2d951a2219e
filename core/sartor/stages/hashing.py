"""Hashes that decide a row's part from its key's text: the same on every machine, in every order of rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

HEX_DIGITS = 8
"""A share is compared with the first 8 hex digits of the digest, as an integer below 16^8."""


AT_ONCE = 100_000
"""Keys that are hashed together."""


def one_by_one(keys: pd.Series) -> Iterator[Any]:
    """Yield keys as Python has them, some at a time: a list of ten million takes more memory than their rows.

    Examples
    --------
    >>> import pandas as pd
    >>> list(one_by_one(pd.Series([17, 18])))
    [17, 18]
    """
    for start in range(0, len(keys), AT_ONCE):
        yield from keys.iloc[start : start + AT_ONCE].tolist()


def key_text(key: Any) -> str:
    """Return the text of a key that is hashed: integers without a point, dates in ISO form.

    Examples
    --------
    >>> key_text(17), key_text(17.0), key_text("017")
    ('17', '17', '017')
    """
    if isinstance(key, float) and key.is_integer():
        return str(int(key))
    isoformat = getattr(key, "isoformat", None)
    return isoformat() if isoformat else str(key)


def below_share(keys: Iterable[Any], share: float, *, digest: str = "sha1", salt: str = "") -> np.ndarray:
    """Tell for each key whether its hash falls below a share.

    Parameters
    ----------
    keys : iterable
        Keys of rows or groups.
    share : float
        Between 0 and 1.
    digest : {"sha1", "md5"}
    salt : str
        Put before the key's text; rows split again need another hash.

    Returns
    -------
    ndarray of bool

    Examples
    --------
    >>> below_share([0, 1, 2, 3, 4, 5], 0.3).tolist()
    [False, True, False, False, True, False]
    >>> int(below_share(range(1000), 0.3).sum())
    298
    """
    import numpy as np

    limit = int(share * 16**HEX_DIGITS)
    make = _digest(digest)
    return np.fromiter((int(make(salt + key_text(key))[:HEX_DIGITS], 16) < limit for key in keys), dtype=bool)


def modulo(keys: Iterable[Any], divisor: int, *, digest: str = "sha1", salt: str = "") -> np.ndarray:
    """Return the whole digest modulo a divisor for each key; ``digest="none"`` takes the integer key itself.

    Returns
    -------
    ndarray of int64

    Examples
    --------
    >>> modulo([0, 1, 2, 10], 5, digest="none").tolist()
    [0, 1, 2, 0]
    """
    import numpy as np

    if digest == "none":
        return np.fromiter((_integer(key) % divisor for key in keys), dtype=np.int64)
    make = _digest(digest)
    return np.fromiter((int(make(salt + key_text(key)), 16) % divisor for key in keys), dtype=np.int64)


def _integer(key: Any) -> int:
    from sartor.errors import InputError

    try:
        if isinstance(key, float) and not key.is_integer():
            raise ValueError
        return int(key)
    except (TypeError, ValueError):
        raise InputError(
            f"the split takes the key itself modulo a number, and the key {key!r} is not a whole number",
            code="D030",
            hints=(("to mend", "name a digest: hash: {digest: sha1, ...}"),),
        ) from None


def _digest(name: str) -> Any:
    # Not for security: published protocols fix these digests.
    maker = getattr(hashlib, name)
    return lambda text: maker(text.encode(), usedforsecurity=False).hexdigest()
