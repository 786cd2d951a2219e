"""What sources are worth, as a table and a sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sartor.cli.figures import money_decimals, number
from sartor.cli.layout import Cell, Column, table
from sartor.cli.look import BAD, DOUBT, GOOD, QUIET, STRONG, Look, wrap

_STYLES = {"worth it": GOOD, "not worth it": BAD}
_NARROWEST = 40


def worth_lines(told: Mapping[str, Any], look: Look, *, sentences: bool = True) -> list[str]:
    """Return what sources are worth.

    Parameters
    ----------
    told : mapping
        As ``information.json`` has it.
    look : Look
    sentences : bool
        Whether each source has its sentence below the table.
    """
    # In the file they stand by name; a reader wants to see first what tells most.
    sources = dict(sorted(told["sources"].items(), key=lambda pair: -_value(pair[1])))
    told = {**told, "sources": sources}
    lines = _table(told, look)
    if not sentences:
        return lines
    said = [one["sentence"] for one in told["sources"].values()]
    said += [_stale(name, one["half_life"]) for name, one in told["sources"].items() if one.get("half_life")]
    said += [f"Left out, for the budget: {'; '.join(told['left_out'])}."] if told["left_out"] else []
    said.append(_public(told))
    for sentence in said:
        shown = look.text(sentence)
        lines += ["", *(wrap(shown, max(_NARROWEST, look.width)) if look.fold else [shown])]
    return lines


def _value(one: Mapping[str, Any]) -> float:
    return float(one["without"]["score"]["value"]) if one["without"] else float("-inf")


def _stale(name: str, found: Mapping[str, Any]) -> str:
    from sartor.information.saying import half_life_sentence

    return half_life_sentence(name, found)


def _public(told: Mapping[str, Any]) -> str:
    columns = told["public"]["columns"]
    named = [f"{', '.join(found)} of {table}" for table, found in columns.items() if found]
    return f"Public: {'; '.join(named) or 'nothing'}."


def _table(told: Mapping[str, Any], look: Look) -> list[str]:
    from sartor.information.saying import digits

    sources = told["sources"]
    weighed = [one["without"] for one in sources.values() if one["without"]]
    places = digits(*(one["score"][end] for one in weighed for end in ("value", "low", "high")))
    money = [one["money"] for one in weighed if one["money"]]
    columns = [
        Column("", [Cell(name, STRONG) for name in sources], gap=0),
        Column(_heading(told), [_number(_score(one), places) for one in sources.values()], right=True),
        Column(
            "95 %" if told["confidence"] == 0.95 else "from to",
            [_span(_score(one), places) for one in sources.values()],
        ),
    ]
    if money:
        amounts = money_decimals([one[end] for one in money for end in ("value", "low", "high")])
        unit = f"{told['currency']} a decision".strip()
        columns += [
            Column(unit, [_number(_amount(one), amounts) for one in sources.values()], right=True),
            Column("", [_span(_amount(one), amounts) for one in sources.values()]),
        ]
        if any(one["price"] for one in sources.values()):
            columns.append(Column("price", [_price(one, amounts) for one in sources.values()], right=True))
    verdicts = [Cell(one["verdict"], _STYLES.get(one["verdict"], DOUBT)) for one in sources.values()]
    return table([*columns, Column("", verdicts)], look)


def _heading(told: Mapping[str, Any]) -> str:
    return "bits a row" if told["measure"]["in_bits"] else str(told["measure"]["label"])


def _score(one: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return one["without"]["score"] if one["without"] else None


def _amount(one: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return one["without"]["money"] if one["without"] else None


def _number(told: Mapping[str, Any] | None, places: int) -> Cell:
    return Cell(number(told["value"], places) if told else "")


def _span(told: Mapping[str, Any] | None, places: int) -> Cell:
    if told is None or told["low"] is None:
        return Cell("")
    return Cell(f"{number(told['low'], places)} to {number(told['high'], places)}", QUIET)


def _price(one: Mapping[str, Any], places: int) -> Cell:
    price = one["price"]
    return Cell(number(price["per_decision"], max(2, places)) if price and price["per_decision"] is not None else "")
