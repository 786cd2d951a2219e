"""Finds the usual columns of credit tables by what they are called, where a recipe does not name them.

Names are compared in lower case with underscores between the words: ``LoanAmount``, ``loan-amount`` and
``loan_amount`` are one name. A thing that two columns could be is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_PATTERNS: Mapping[str, str] = {
    "amount": (
        r"(?:(?:credit|loan|requested|funded|financed)_)?(?:amount|amnt|amt)(?:_(?:requested|funded|financed|eur|usd|gbp|dm))?"
        r"|amt_(?:credit|loan)"
    ),
    "duration": r"(?:(?:loan|credit)_)?(?:amount_)?(?:duration|term|tenor)(?:_(?:in_)?months?)?",
    "income": (
        r"(?:(?:net|gross|monthly|annual|yearly|person|personal|applicant|total)_){0,2}(?:income|inc|salary)"
        r"(?:_(?:monthly|annual|total|net))?|amt_income_total"
    ),
    "instalments": r"(?:existing|current|other|monthly)_(?:instal?lments?|obligations|debt_payments?)",
    "limit": r"(?:(?:credit|card)_)?limit(?:_(?:bal|balance|amount))?",
    "bills": (
        r"(?:bill|statement|balance)(?:_(?:amount|amt))?_?[0-9]+|(?:total_)?revolving_bal(?:ance)?|outstanding_balance"
    ),
    "payments": r"(?:pay|payment|paid)_(?:amount|amt)_?[0-9]+",
    "delays": r"(?:delay|months_behind|arrears|months_late)_?[0-9]+",
}
FAMILIES = frozenset({"bills", "payments", "delays"})
"""Things that come as numbered columns, the lowest number being the latest month."""


def plain(name: str) -> str:
    """Return a name in lower case with underscores between its words.

    Examples
    --------
    >>> plain("LoanAmount"), plain("BILL_AMT1"), plain("credit amount")
    ('loan_amount', 'bill_amt1', 'credit_amount')
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^0-9a-z]+", "_", words.lower()).strip("_")


def candidates(thing: str, columns: Iterable[str]) -> list[str]:
    """Return the columns that are called like a thing; numbered families in the order of their numbers.

    Parameters
    ----------
    thing : str
        ``amount``, ``duration``, ``income``, ``instalments``, ``limit``, ``bills``, ``payments`` or ``delays``.
    columns : iterable of str

    Examples
    --------
    >>> candidates("amount", ["credit_amount", "duration_in_month", "purpose"])
    ['credit_amount']
    >>> candidates("bills", ["BILL_AMT2", "BILL_AMT10", "BILL_AMT1"])
    ['BILL_AMT1', 'BILL_AMT2', 'BILL_AMT10']
    """
    found = [name for name in columns if re.fullmatch(_PATTERNS[thing], plain(name))]
    return sorted(found, key=_number) if thing in FAMILIES else found


def _number(name: str) -> int:
    digits = re.search(r"[0-9]+$", name)
    return int(digits[0]) if digits else 0
