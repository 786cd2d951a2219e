"""Values as messages may show them: enough to find what is wrong, too little to tell whose it is."""

from __future__ import annotations

import math
from datetime import date

LONGEST = 24
"""Characters of a form."""
_PLAIN = frozenset(" .,:;/-+()")
"""Signs of which forms of numbers and dates are made."""


def masked(value: object) -> str:
    """Return a value without what it says: numbers rounded to one digit, dates to their year, texts to their ends.

    Examples
    --------
    >>> masked(4711), masked(0.0375), masked(date(1969, 7, 20)), masked("Miller"), masked("abc"), masked(None)
    ('about 5,000', 'about 0.04', 'of 1969', "'M...r'", "'...'", 'nothing')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _rounded(value)
    if isinstance(value, date):
        return f"of {value.year}"
    text = str(value)
    # The ends of a short text are most of it.
    return f"'{text[0]}...{text[-1]}'" if len(text) > 4 else "'...'"


def _rounded(value: float) -> str:
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    digits = -math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    said = f"{rounded:,.{max(digits, 0)}f}"
    return said if rounded == value else f"about {said}"


def form_of(text: str) -> str:
    """Return the form of a text that cannot be read: digits are 9, letters x or X, other signs stay if dates have them.

    Examples
    --------
    >>> form_of("31.12.2024"), form_of("ca. 1,500 €"), form_of("")
    ("'99.99.9999'", "'xx. 9,999 *'", "''")
    """
    signs = [
        "9" if sign.isdigit() else "X" if sign.isupper() else "x" if sign.isalpha() else sign if sign in _PLAIN else "*"
        for sign in text[:LONGEST]
    ]
    return f"'{''.join(signs)}{'...' if len(text) > LONGEST else ''}'"
