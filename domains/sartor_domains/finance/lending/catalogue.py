"""What the factors of a decision are called on a notice: the recipe's own words, else words made of their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sartor.errors import InputError, nearest

BUILT: Mapping[str, str] = {
    "instalment": "Amount of the monthly instalment",
    "disposable_income": "Disposable income",
    "amount_to_income": "Amount asked for against income",
    "instalment_to_income": "Monthly instalment against income",
    "obligations_to_income": "Monthly obligations against income",
    "utilisation": "Use of the credit limit",
    "utilisation_mean": "Use of the credit limit",
    "utilisation_highest": "Use of the credit limit",
    "utilisation_rise": "Rise in the use of the credit limit",
    "paid_share": "Share of bills that was paid",
    "paid_share_latest": "Share of the latest bill that was paid",
    "paid_to_limit": "Payments against the credit limit",
    "highest_payment": "Size of payments",
    "lowest_payment_to_limit": "Payments against the credit limit",
    "months_unpaid": "Months without a payment",
    "delay_latest": "Payment behind schedule in the latest month",
    "delay_worst": "Payments behind schedule",
    "delay_sum": "Payments behind schedule",
    "months_delayed": "Number of months behind schedule",
    "months_since_delay": "Time since a payment was behind schedule",
}
"""Words for what `finance.affordability` builds; factors with the same words are one reason."""


def words_of(name: str) -> str:
    """Return the words in a column's name, as a sentence begins.

    Examples
    --------
    >>> words_of("status_of_existing_checking_account"), words_of("LoanAmount"), words_of("PAY_0")
    ('Status of existing checking account', 'Loan amount', 'PAY 0')
    """
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    words = [
        word if word.isupper() and len(word) > 1 else word.lower() for word in re.split(r"[\s_.\-]+", split) if word
    ]
    text = " ".join(words) or name
    return text[:1].upper() + text[1:]


def texts_for(factors: Iterable[str], said: Mapping[str, str]) -> dict[str, str]:
    """Return the text of each factor: the recipe's, else ours for a feature of ours, else the words of its name.

    Examples
    --------
    >>> texts_for(["savings", "delay_sum", "job"], {"savings": "Little in savings"})
    {'savings': 'Little in savings', 'delay_sum': 'Payments behind schedule', 'job': 'Job'}
    """
    return {name: said.get(name) or BUILT.get(name) or words_of(name) for name in factors}


def check_named(named: Iterable[str], columns: Iterable[str], setting: str) -> None:
    """Refuse names that no column has: a text that is never shown, or a ban that bans nothing, is a misspelt one.

    Raises
    ------
    InputError
    """
    known = list(columns)
    for name in named:
        if name not in known:
            raise InputError(
                f"{setting} names '{name}', and no row has such a column",
                code="R041",
                hints=nearest(name, known),
            )
