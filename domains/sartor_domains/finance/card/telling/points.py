"""The points table, and the weights of evidence that it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sartor.sections import INK, OTHERS, OURS, SOFT, Figure, Section, Table, TableColumn
from sartor.wording import form, plural
from sartor_domains.finance.card.bins import Characteristic, listed
from sartor_domains.finance.card.fitting import table_of
from sartor_domains.finance.card.pairs import Pair
from sartor_domains.finance.card.telling.names import Names, bad_is, shortened, signed

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Judged
    from sartor_domains.finance.card.card import Card

MOST_LINES = 1_000
DRAWN = 12
"""Characteristics whose weights of evidence are drawn, those of the widest reach."""
SHOWN = 6
APART = "apart"
"""Of the risk of a special code or of missing values, which lie on no order."""
WEIGHTS = (
    TableColumn("Characteristic"),
    TableColumn("Bin", "count", name="bin"),
    TableColumn("Value", name="value"),
    TableColumn("Weight of evidence", "number", digits=2, signed=True, name="woe"),
    TableColumn("Training rows", "count", name="rows"),
    TableColumn("Bad rate", "share"),
    TableColumn("Risk", name="trend"),
)


def points_table(card: Card, judged: Judged, context: Context) -> Section:
    """Return all points, a line for each bin."""
    lines, counts = _points(card, Names(judged, context.smallest_group))
    widest = max((table_of(part) for part in card.parts), key=lambda entry: entry.reach)
    ends = [one.points for one in widest.bins]
    scale = card.scale
    parts = plural(len(card.characteristics), "characteristic")
    parts += f" and {plural(len(card.pairs), 'pair')}" if card.pairs else ""
    adds = form(len(card.parts), "adds or takes", "add or take")
    sentence = (
        f"Everyone begins with **{card.base_points:,g} points**, and {parts} {adds} some; "
        f"**{scale.points_to_double_odds:g} more double the odds**. `{shortened(widest.name)}` reaches furthest, from "
        f"{signed(min(ends))} to {signed(max(ends))}. Within each, no value earns more than a less risky one."
    )
    left = f" Left out: {listed(tuple(map(shortened, card.left_out)), SHOWN)}." if card.left_out else ""
    caption = "Points for each value, from the average applicant"
    return Section(
        id="points",
        place="analyst",
        title="The points",
        sentence=sentence,
        table=Table(caption, _columns(card), lines[:MOST_LINES], counts[:MOST_LINES]),
        note=(
            f"{scale.base_score:g} points stand for odds of {scale.base_odds:g} good to 1 bad."
            f"{bad_is(judged.classes)} A value that training never saw counts neither for nor against."
            f"{_not_scored(card.fewest_known)}{left}"
        ),
    )


def _points(card: Card, names: Names) -> tuple[list[list[Any]], list[int]]:
    """Return a line for each bin, and how many training rows it tells of."""
    lines: list[list[Any]] = []
    counts: list[int] = []
    for part in card.parts:
        for one, rows in zip(table_of(part).bins, names.rows(part), strict=True):
            shown = names.of_pair(part, one) if isinstance(part, Pair) else names.of(part, one)
            rate = one.bad / one.rows if one.rows else None
            lines.append([shortened(part.name), shown, one.points, rows, rate, one.points])
            counts.append(rows)
    return lines, counts


def _columns(card: Card) -> list[TableColumn]:
    return [
        TableColumn("Characteristic"),
        TableColumn("Value", name="value"),
        TableColumn("Points", "number", digits=card.scale.decimals, signed=True),
        TableColumn("Training rows", "count", name="rows"),
        TableColumn("Bad rate", "share"),
        TableColumn("", "bar", name="drawn"),
    ]


def _not_scored(fewest: int) -> str:
    if fewest < 1:
        return ""
    unknown = "nothing" if fewest == 1 else f"less than {plural(fewest, 'column')}"
    return f" A row of which {unknown} is known is not scored."


def weights_of_evidence(card: Card, judged: Judged, context: Context) -> Section:
    """Return what the training rows show for each bin: how risky it is against the average."""
    drawn = card.characteristics[:DRAWN]
    lines, counts = _weights(drawn, Names(judged, context.smallest_group))
    ordered = [entry for entry in card.characteristics if trend_of(entry)]
    of = f"the {DRAWN} that reach furthest of " if len(card.characteristics) > DRAWN else ""
    of += plural(len(card.characteristics), "characteristic")
    sentence = (
        f"Along each of {plural(len(ordered), 'number')} **the risk only rises or only falls**; levels stand from the "
        "safest to the riskiest. Special codes and missing values have bins of their own."
        if ordered
        else "Levels stand from the safest to the riskiest. Special codes and missing values have bins of their own."
    )
    figure = Figure(
        "Weight of evidence of each value",
        "Above the line is safer than the average, below it riskier; a height of 0.7 doubles or halves the odds. "
        "Pale: special codes and missing values.",
        _spec([shortened(entry.name) for entry in drawn]),
        Table(f"Weights of evidence of {of}", WEIGHTS, lines, counts),
        _seen(drawn),
    )
    return Section("evidence", "analyst", "What each value tells by itself", sentence, figure=figure)


def _weights(drawn: Sequence[Characteristic], names: Names) -> tuple[list[list[Any]], list[int]]:
    """Return a line for each bin of the characteristics that are drawn, and how many training rows it tells of."""
    lines: list[list[Any]] = []
    counts: list[int] = []
    for entry in drawn:
        trend = trend_of(entry)
        for place, (one, rows) in enumerate(zip(entry.bins, names.rows(entry), strict=True), 1):
            risk = ((trend or "one bin") if one.kind == "interval" else "by level") if one.tells else APART
            rate = one.bad / one.rows if one.rows else None
            lines.append([shortened(entry.name), place, names.of(entry, one), one.woe, rows, rate, risk])
            counts.append(rows)
    return lines, counts


def _seen(drawn: Sequence[Characteristic]) -> str:
    if not drawn:
        return "There is no characteristic to draw."
    charts = plural(len(drawn), "small chart")
    return f"{charts}, a bar for each bin; the first, of the widest reach, is {shortened(drawn[0].name)}."


def trend_of(entry: Characteristic) -> str:
    """Return how the risk moves along the intervals of a characteristic; empty where there are none.

    Examples
    --------
    >>> from sartor_domains.finance.card.bins import Bin
    >>> safe, risky = Bin("interval", high=2.0, woe=0.5), Bin("interval", low=2.0, woe=-0.5)
    >>> trend_of(Characteristic("months", True, (safe, risky)))
    'rises'
    """
    woes = [one.woe for one in entry.bins if one.kind == "interval"]
    if len(woes) < 2:
        return ""
    return "rises" if woes[-1] < woes[0] else "falls"


def _spec(names: list[str]) -> dict[str, Any]:
    x = {"field": "bin", "type": "ordinal", "title": None, "axis": {"labels": False, "ticks": False}}
    y = {"field": "woe", "type": "quantitative", "title": None}
    color = {"condition": {"test": f"datum.trend === '{APART}'", "value": OTHERS}, "value": OURS}

    # The number of a bin stands across the line from its bar.
    def number(test: str, dy: int) -> dict[str, Any]:
        return {
            "transform": [{"filter": test}],
            "mark": {"type": "text", "color": INK, "dy": dy, "fontSize": 9},
            "encoding": {"x": x, "y": {"datum": 0}, "text": {"field": "bin", "type": "nominal"}},
        }

    return {
        "facet": {"field": "characteristic", "type": "nominal", "sort": names, "title": None},
        "spec": {
            "height": 90,
            "layer": [
                {"mark": {"type": "bar"}, "encoding": {"x": x, "y": y, "color": color}},
                {"mark": {"type": "rule", "color": SOFT}, "encoding": {"y": {"datum": 0}}},
                number("datum.woe >= 0", 8),
                number("datum.woe < 0", -6),
            ],
        },
    }
