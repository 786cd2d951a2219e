"""What a model leans on, and why a row is answered as it is, as a table and a sentence or two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sartor.cli.figures import metric_decimals, number
from sartor.cli.layout import Cell, Column, table
from sartor.cli.look import QUIET, STRONG, Look, wrap
from sartor.components import NUMBER
from sartor.wording import plural

MOST = 20
"""Lines of a table; the others are in --json."""
BECAUSE = 3
_NARROWEST = 40
_WIDEST_VALUE = 30


def leaning_lines(told: Mapping[str, Any], look: Look) -> list[str]:
    """Return what a model leans on.

    Parameters
    ----------
    told : mapping
        As `sartor.explaining.leaning.leaning_of` gives it.
    look : Look
    """
    metric, sources = told["metric"], told["sources"]
    places = metric_decimals([one["worse"][end] for one in sources for end in ("value", "low", "high")])
    shown = sources[:MOST]
    span = f"{told['confidence']:.0%}".replace("%", " %")
    columns = [
        Column("without", [Cell(one["source"], STRONG if _sure(one) else "") for one in shown], gap=0),
        Column(_heading(metric), [Cell(number(one["worse"]["value"], places)) for one in shown], right=True),
        Column(span, [_span(one["worse"], places) for one in shown]),
    ]
    lines = [*table(columns, look)]
    if len(sources) > MOST:
        lines.append(look.text(f"and {plural(len(sources) - MOST, 'other')}, in --json"))
    for text in _said(told):
        lines += ["", *_folded(text, look)]
    return lines


def _heading(metric: Mapping[str, Any]) -> str:
    better = metric["better"]
    if better == "higher":
        return f"{metric['label']} falls by"
    return f"{metric['label']} rises by" if better == "lower" else f"{metric['label']} further from {better:g} by"


def _sure(one: Mapping[str, Any]) -> bool:
    return one["worse"]["low"] is not None and one["worse"]["low"] > 0


def _span(worse: Mapping[str, Any], places: int) -> Cell:
    if worse["low"] is None:
        return Cell("")
    return Cell(f"{number(worse['low'], places)} to {number(worse['high'], places)}", QUIET)


def _said(told: Mapping[str, Any]) -> list[str]:
    metric, sources, rows = told["metric"], told["sources"], told["rows"]
    value = number(metric["value"], metric_decimals([metric["value"]]))
    sure = sum(map(_sure, sources))
    first = sources[0]["sentence"] if sources else "there is no feature"
    asked = f"{rows['asked']:,} of {rows['held_out']:,}" if rows["asked"] < rows["held_out"] else f"{rows['asked']:,}"
    count = f"{sure} of {plural(len(sources), 'source')} {'is' if sure == 1 else 'are'} missed for certain"
    basis = (
        f"{told['model']} has {metric['label']} {value} on {asked} held-out rows. Each source was shuffled among them "
        f"{told['shuffles']} times: {told['answers']:,} answers. What is missed need not be a cause."
    )
    said = [f"{first[0].upper()}{first[1:]}. {count}.", basis]
    copies = [f"{one['source']} ({', '.join(one['features'])})" for one in sources if len(one["features"]) > 1]
    if copies:
        shown = "; ".join(copies[:5]) + (f"; and {len(copies) - 5} more" if len(copies) > 5 else "")
        said.append(f"Shuffled together, as they are near copies or belong together: {shown}.")
    return said


def row_lines(told: Mapping[str, Any], look: Look) -> list[str]:
    """Return why a row is answered as it is.

    Parameters
    ----------
    told : mapping
        As `sartor.explaining.one_row.row_explained` gives it.
    look : Look
    """
    lines = _slate_lines(told, look) if told["how"] == "past" else _contribution_lines(told, look)
    if told["learned_from"]:
        lines += ["", *_folded(f"{told['model']} learned from this row: its answer is no forecast.", look)]
    return lines


def _contribution_lines(told: Mapping[str, Any], look: Look) -> list[str]:
    answer, parts = told["answer"], told["contributions"]
    amounts = [one["amount"] for one in parts]
    places = metric_decimals(amounts)
    shown = parts[:MOST]
    # A number needs no name beside it.
    name = "" if answer["name"] == NUMBER else f"{answer['name']} "
    begin = f"{told['row']}: {told['model']} answers {name}"
    head = look.paint(look.text(begin + number(answer["value"], metric_decimals([answer["value"]]))), STRONG)
    columns = [
        Column("", [Cell(one["source"]) for one in shown], gap=0),
        Column("", [Cell(_value(one["value"]), QUIET) for one in shown]),
        Column("moves it by", [Cell(number(one["amount"], places, sign=True)) for one in shown], right=True),
    ]
    if told["how"] == "sampled":
        columns.append(
            Column("error", [Cell(f"± {number(one['error'], places)}", QUIET) for one in shown]),
        )
    lines = [head, *table(columns, look)]
    if len(parts) > MOST:
        rest = sum(one["amount"] for one in parts[MOST:])
        left = plural(len(parts) - MOST, "other")
        lines.append(look.text(f"and {left}, together {number(rest, places, sign=True)}"))
    return [*lines, "", *_folded(_how(told, places), look)]


def _how(told: Mapping[str, Any], places: int) -> str:
    if told["how"] == "contributions":
        said, average = f"As {told['model']} says itself, in {told['unit']}", "the average training row"
        if told["base"] is None:
            return f"{said}, from {average}."
        end = told["base"] + sum(one["amount"] for one in told["contributions"])
        places = metric_decimals([told["base"], end])
        return f"{said}: from {number(told['base'], places)}, what it says of {average}, to {number(end, places)}."
    base = number(told["base"], places)
    worst = max((one["error"] for one in told["contributions"]), default=0.0)
    return (
        f"From {base}, the mean answer for rows that it learned from; with all contributions it makes the answer. "
        f"Each is what the answer moves by when the row's own value takes the place of another row's, over "
        f"{told['pairs']} pairs of orders: {told['answers']:,} answers, standard errors up to {number(worst, places)}."
    )


def _value(value: Any) -> str:
    if value is None:
        return ""
    text = f"{value:,.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _WIDEST_VALUE else f"{text[: _WIDEST_VALUE - 3]}..."


def _slate_lines(told: Mapping[str, Any], look: Look) -> list[str]:
    items: Sequence[Mapping[str, Any]] = told["items"]
    if not items:
        return [look.text(f"{told['row']}: {told['model']} has nothing to offer")]
    places = metric_decimals([one["score"] for one in items])
    finer = max(places, metric_decimals([part["amount"] for one in items for part in one["because"]]))
    columns = [
        Column("", [Cell(one["item"], STRONG) for one in items], gap=0),
        Column("score", [Cell(number(one["score"], places)) for one in items], right=True),
        Column("because of", [Cell(_reasons(one, finer)) for one in items]),
    ]
    first = items[0]
    speaks = [one["item"] for one in first["because"][:BECAUSE] if one["amount"] > 0]
    why = f"because of {', '.join(speaks)}" if speaks else "and nothing of their past speaks for it"
    head = look.paint(look.text(f"{told['row']}: {told['model']} offers {first['item']} first, {why}"), STRONG)
    adds = "they add up to the score" if told["exact"] else "they need not add up to the score"
    return [head, *table(columns, look), "", *_folded(f"In brackets: {told['about']}; {adds}.", look)]


def _reasons(one: Mapping[str, Any], places: int) -> str:
    strongest = [part for part in one["because"] if part["amount"] > 0][:BECAUSE]
    text = ", ".join(f"{part['item']} ({number(part['amount'], places)})" for part in strongest)
    more = len(one["because"]) - len(strongest)
    return f"{text}, and {more} more" if text and more else text or "nothing of their past"


def _folded(text: str, look: Look) -> list[str]:
    return wrap(look.text(text), max(_NARROWEST, look.width)) if look.fold else [look.text(text)]
