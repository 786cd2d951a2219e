"""Sentences from what sources are worth: one for each, in which the number, its interval and the price stand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sartor.information.decay import KEPT, days_in_words
from sartor.information.worth import NOT_WORTH, OPEN, WORTH
from sartor.wording import percent, plural

MINUS = "−"
_VERDICTS = {WORTH: "worth it", NOT_WORTH: "not worth it", OPEN: "cannot be told yet", "not weighed": "not weighed"}
_PER = {"call": "a call", "row": "a line", "month": "a month"}


def number(value: float, decimals: int) -> str:
    """Return a number with a true minus.

    Examples
    --------
    >>> number(-1234.5, 1), number(-0.0001, 3)
    ('−1,234.5', '0.000')
    """
    shown = f"{abs(value):,.{decimals}f}"
    return (MINUS if value < 0 and any(digit in shown for digit in "123456789") else "") + shown


def digits(*values: float | None) -> int:
    """Return how many decimals tell about three digits of the largest number.

    Examples
    --------
    >>> digits(0.062, 0.011), digits(1500.0), digits(0.0031), digits(None)
    (3, 0, 5, 3)
    """
    known = [abs(value) for value in values if value is not None and math.isfinite(value)]
    largest = max(known, default=0.0)
    if not largest or 0.01 <= largest <= 1:
        return 3
    return min(9, max(0, 2 - math.floor(math.log10(largest))))


def with_interval(told: Mapping[str, Any], unit: str = "", decimals: int | None = None) -> str:
    """Return a number with its unit and its interval.

    Examples
    --------
    >>> with_interval({"value": 41.2, "low": 12.0, "high": 70.4}, "DM")
    'DM 41.2 (12.0 to 70.4)'
    >>> with_interval({"value": 0.0621, "low": None, "high": None})
    '0.062'
    """
    low, high = told.get("low"), told.get("high")
    places = digits(told["value"], low, high) if decimals is None else decimals
    said = f"{unit} {number(told['value'], places)}".strip()
    return said if low is None or high is None else f"{said} ({number(low, places)} to {number(high, places)})"


def sentence_of(name: str, told: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    """Return what there is to say of a source.

    Parameters
    ----------
    name : str
    told : mapping
        As `sartor.information.weighing` tells it.
    words : mapping
        ``in_bits``, ``label``, ``currency``; ``judged``, how many rows judge, and ``of``, what they are.
    """
    brings = _brings(told, words)
    if told.get("net") is None and told["without"]["money"] is not None:
        price = told["price"]
        return (
            f"'{name}' brings {brings}. Whether that is worth {words['currency']} {number(price['amount'], 2)} a month "
            "cannot be said: nobody knows how often it is decided. Say it: information: {decisions_per_month: N}."
        )
    against, verdict = _against(told, words), told["verdict"]
    if verdict == WORTH:
        return f"'{name}' is worth it: it brings {brings}{against}."
    if verdict == NOT_WORTH:
        return f"'{name}' is not worth it: it brings {brings}{against}."
    return f"Whether '{name}' is worth it cannot be told yet: it brings {brings}{against}. {_would_tell(told, words)}"


def _brings(told: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    score, money = told["without"]["score"], told["without"]["money"]
    what = "bits a row" if words["in_bits"] else f"of {words['label']}"
    said = f"{with_interval(score)} {what}"
    if money is None:
        return said
    said += f" and {with_interval(money, words['currency'])} a decision"
    by_month = money["per_month"]
    return said + (f", {words['currency']} {number(by_month['value'], 0)} a month" if by_month else "")


def _against(told: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    price, even = told["price"], told.get("break_even")
    if price is None or not told.get("net"):
        return ""
    currency, per = words["currency"], _PER[price["per"]]
    asked = f"{currency} {number(price['amount'], digits(price['amount']))} {per}"
    if even is None or even["value"] is None or even["value"] <= 0:
        return f", and costs {asked}"
    return f", and costs {asked}; it breaks even at {currency} {number(even['value'], digits(even['value']))}"


def _would_tell(told: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    judged = f"{words['judged']:,} {words['of']} judge now"
    if told.get("rows"):
        return f"About {rounded(told['rows']):,} would tell; {judged}."
    return f"What it brings is so near to nothing that no number of rows in sight would tell; {judged}."


def rounded(count: int) -> int:
    """Return a count to two digits.

    Examples
    --------
    >>> rounded(12_345), rounded(74)
    (12000, 74)
    """
    step = int(10 ** max(0, len(str(count)) - 2))
    return round(count / step) * step


def half_life_sentence(name: str, told: Mapping[str, Any]) -> str:
    """Return how fast a source goes stale, and how often it is to be refreshed.

    Examples
    --------
    >>> half_life_sentence("pays", {"days": 10.0, "low": 7.0, "high": 15.0, "refresh_days": 3.1, "why": ""})
    "'pays' loses half of what it brings in 10 days (7 days to 15 days): refreshed every 3 days, it keeps 90 % of it."
    """
    if told["days"] is None:
        return f"How fast '{name}' goes stale cannot be told: {told['why']}."
    low, high = days_in_words(told["low"]), told["high"]
    reach = f"{low} to {days_in_words(high)}" if high is not None else f"{low} or more"
    return (
        f"'{name}' loses half of what it brings in {days_in_words(told['days'])} ({reach}): refreshed every "
        f"{days_in_words(told['refresh_days'])}, it keeps {percent(KEPT)} of it."
    )


def headline_of(told: Mapping[str, Any]) -> str:
    """Return what all sources bring together, and which of them are worth it.

    Parameters
    ----------
    told : mapping
        As `sartor.information.weighing.weigh` returns it.
    """
    by_verdict: dict[str, list[str]] = {}
    for name, source in told["sources"].items():
        by_verdict.setdefault(source["verdict"], []).append(name)
    parts = [
        f"{', '.join(by_verdict[verdict])}: {words}" for verdict, words in _VERDICTS.items() if verdict in by_verdict
    ]
    begin = ""
    ours = told["ours"]
    if ours is not None:
        what = "bits a row" if told["measure"]["in_bits"] else f"of {told['measure']['label']}"
        begin = f"What is ours brings {with_interval(ours['score'])} {what}"
        if ours["money"] is not None:
            begin += f" and {with_interval(ours['money'], told['currency'])} a decision"
        begin += f", beside what anyone could know, by {plural(len(told['sources']), 'source')}. "
    return begin + "; ".join(parts) + "."
