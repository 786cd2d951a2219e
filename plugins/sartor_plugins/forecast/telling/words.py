"""Numbers as sentences write them."""

from __future__ import annotations

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"


def percent(share: float, digits: int = 0) -> str:
    """Return a share as people write it.

    Examples
    --------
    >>> percent(0.153).replace(NO_BREAK, " "), percent(0.9875, 1).replace(NO_BREAK, " ")
    ('15 %', '98.8 %')
    """
    return f"{100 * share:,.{digits}f}{NO_BREAK}%".replace("-", MINUS)
