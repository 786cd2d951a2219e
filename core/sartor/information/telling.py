"""What the report shows of sources: a table, a waterfall, bits against money, and how they go stale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sartor.information.saying import digits, half_life_sentence, headline_of
from sartor.information.worth import NOT_WORTH, WORTH
from sartor.sections import DECLINE, INK, OTHERS, OURS, Figure, Section, Table, TableColumn, Tone

TONES: dict[str, Tone] = {WORTH: "ours", NOT_WORTH: "decline"}
_AXIS = {"labelOverlap": True, "grid": False}


def sections_of(told: Mapping[str, Any]) -> Iterator[Section]:
    """Yield the sections.

    Parameters
    ----------
    told : mapping
        As `sartor.information.weighing.weigh` returns it.
    """
    yield _sources(told)
    if told["public"]["score"] is not None and all(one["share"] for one in told["sources"].values()):
        yield _waterfall(told)
    weighed = {name: one for name, one in told["sources"].items() if one["without"] is not None}
    if any(one["without"]["money"] for one in weighed.values()):
        yield _against_money(told, weighed)
    stale = {name: one["half_life"] for name, one in weighed.items() if one.get("half_life")}
    if stale:
        yield _going_stale(told, stale)


def _what(told: Mapping[str, Any]) -> str:
    return "Bits a row" if told["measure"]["in_bits"] else str(told["measure"]["label"])


def _cell(number: Mapping[str, Any] | None) -> Any:
    return None if number is None or number["value"] is None else (number["value"], number["low"], number["high"])


def _places(told: Mapping[str, Any]) -> int:
    found = [one["without"]["score"] for one in told["sources"].values() if one["without"]]
    return digits(*(score[end] for score in found for end in ("value", "low", "high")))


def _sources(told: Mapping[str, Any]) -> Section:
    """Every source, with what is lost without it."""
    money = any(one["without"] and one["without"]["money"] for one in told["sources"].values())
    priced = any(one["price"] for one in told["sources"].values())
    columns = [TableColumn("Source"), TableColumn("Verdict")]
    columns += [TableColumn("Money a decision", "money", digits=2)] if money else []
    columns += [TableColumn("Price a decision", "money", digits=2)] if money and priced else []
    columns += [TableColumn("Net, from to", "range", of="money", digits=2)] if money else []
    columns += [TableColumn(_what(told), "interval", digits=_places(told), about="what is lost without it")]
    lines, tones = [], []
    for name, one in told["sources"].items():
        without, net, price = one["without"], one.get("net"), one["price"]
        amount = without["money"]["value"] if without and without["money"] else None
        line: list[Any] = [f"{name}\n{one['about']}", one["verdict"]]
        line += [amount] if money else []
        line += [price["per_decision"] if price else None] if money and priced else []
        line += [(net["low"], net["high"]) if net and net["low"] is not None else None] if money else []
        lines.append([*line, _cell(without["score"]) if without else None])
        tones.append(TONES.get(one["verdict"], ""))
    sentences = " ".join(one["sentence"] for one in told["sources"].values())
    caption = "What is lost when a source is given up and everything else is kept"
    table = Table(caption, columns, lines, told["rows"], tones=tones)
    return Section("sources", "advantage", "What each source is worth", f"{headline_of(told)} {sentences}"[:3900],
                   table=table, note=_note(told))  # fmt: skip


def _note(told: Mapping[str, Any]) -> str:
    columns = sum(len(found) for found in told["public"]["columns"].values())
    halves = told["halves"]
    by_chance = (
        f"Intervals hold how far a fit goes by chance, from {halves} fits on random halves of the rows that teach."
        if halves
        else "Intervals are of the rows that judge alone: how far a fit goes by chance was not asked."
    )
    left = f" Left out, for the budget: {'; '.join(told['left_out'])}." if told["left_out"] else ""
    return (
        f"Measured by the {told['measure']['about']}; {told['refits']} refits of {told['champion']} without sources, "
        f"on the same rows. {columns} columns are public. {by_chance}{left}"
    )


def _waterfall(told: Mapping[str, Any]) -> Section:
    """From what anyone could know to what we know, a share each."""
    shares = {name: one["share"]["score"] for name, one in told["sources"].items()}
    public, at = told["public"]["score"], 0.0
    steps: list[tuple[str, float, Any]] = [("what anyone could know", 0.0, public)]
    at = public["value"]
    for name, share in sorted(shares.items(), key=lambda pair: -pair[1]["value"]):
        steps.append((name, at, share))
        at += share["value"]
    places = digits(at, *(share["value"] for share in shares.values()))
    lines = [
        [name, share["value"], (start, *(_from(start, share[end]) for end in ("value", "low", "high")))]
        for name, start, share in steps
    ]
    lines.append(["everything", at, (0.0, at)])
    columns = [
        TableColumn("", name="source"),
        TableColumn(_what(told), "number", digits=places, signed=True),
        TableColumn("", "waterfall", digits=places, name="drawn"),
    ]
    table = Table(f"From {told['beside']} to everything", columns, lines, told["rows"], ours=[len(lines) - 1])
    first = max(shares, key=lambda name: shares[name]["value"])
    sentence = (
        f"Beside {told['beside']}, which knows nothing of a row, what anyone could know brings "
        f"{public['value']:.{places}f}; everything together brings **{at:.{places}f}**. The largest share of what is "
        f"ours is that of {first}."
    )
    note = "A share is what a source adds to those before it, on average over all orders in which they can come."
    return Section("shares", "advantage", "Where it comes from", sentence, table=table, note=note)


def _from(start: float, value: float | None) -> float | None:
    return None if value is None else start + value


def _against_money(told: Mapping[str, Any], weighed: Mapping[str, Any]) -> Section:
    """Who tells much, and who earns much."""
    currency, what = told["currency"], _what(told)
    columns = [
        TableColumn("Source", name="source"),
        TableColumn(what, "interval", digits=_places(told), name="bits"),
        TableColumn(f"{currency} a decision", "interval", of="money", digits=2, name="money"),
        TableColumn("Verdict", name="verdict"),
    ]
    lines = [
        [name, _cell(one["without"]["score"]), _cell(one["without"]["money"]), one["verdict"]]
        for name, one in weighed.items()
    ]
    most = max(weighed, key=lambda name: weighed[name]["without"]["score"]["value"])
    richest = max(weighed, key=lambda name: weighed[name]["without"]["money"]["value"])
    both = f"{most} tells most and earns most" if most == richest else f"{most} tells most, and {richest} earns most"
    figure = Figure(
        title="What sources tell and what they earn",
        reading="Right tells more, up earns more; lines are the intervals.",
        spec=_money_spec(what, currency),
        table=Table("What sources tell and what they earn", columns, lines, told["rows"]),
        sentence=f"{both}.",
    )
    return Section("bits-and-money", "advantage", "Telling and earning", f"{both[0].upper()}{both[1:]}.", figure=figure)


def _money_spec(what: str, currency: str) -> dict[str, Any]:
    colour = {
        "field": "verdict", "type": "nominal", "legend": None,
        "scale": {"domain": [WORTH, NOT_WORTH, "cannot tell yet"], "range": [OURS, DECLINE, OTHERS]},
    }  # fmt: skip
    x = {"field": "bits", "type": "quantitative", "title": what, "axis": _AXIS}
    y = {"field": "money", "type": "quantitative", "title": f"{currency} a decision".strip(), "axis": _AXIS}
    return {
        "height": 300,
        "layer": [
            {"mark": {"type": "rule", "color": "var(--line)"}, "encoding": {"y": {"datum": 0}}},
            {"mark": {"type": "rule", "color": "var(--line)"}, "encoding": {"x": {"datum": 0}}},
            {
                "mark": "rule",
                "encoding": {"x": {**x, "field": "bits_low"}, "x2": {"field": "bits_high"}, "y": y, "color": colour},
            },
            {
                "mark": "rule",
                "encoding": {"x": x, "y": {**y, "field": "money_low"}, "y2": {"field": "money_high"}, "color": colour},
            },
            {"mark": {"type": "point", "filled": True, "size": 90}, "encoding": {"x": x, "y": y, "color": colour}},
            {
                "mark": {"type": "text", "align": "left", "dx": 8, "dy": -8, "color": INK},
                "encoding": {"x": x, "y": y, "text": {"field": "source"}},
            },
        ],
    }


def _going_stale(told: Mapping[str, Any], stale: Mapping[str, Any]) -> Section:
    """What a source is worth when it is known later."""
    lines = [[name, age["days"], _cell(age)] for name, found in stale.items() for age in found["ages"]]
    places = digits(*(cell[0] for _, _, cell in lines if cell))
    columns = [
        TableColumn("Source", name="source"),
        TableColumn("Days later", "number", digits=1, name="days"),
        TableColumn(_what(told), "interval", digits=places, name="worth"),
    ]
    x = {"field": "days", "type": "quantitative", "title": "days later", "axis": _AXIS}
    y = {"field": "worth", "type": "quantitative", "title": _what(told), "axis": _AXIS, "scale": {"zero": True}}
    colour = {"field": "source", "type": "nominal", "legend": None, "scale": {"range": [OURS, OTHERS, INK, DECLINE]}}
    last = {"filter": {"field": "days", "equal": max(age["days"] for found in stale.values() for age in found["ages"])}}
    spec = {
        "height": 240,
        "layer": [
            {
                "mark": {"type": "rule"},
                "encoding": {"x": x, "y": {**y, "field": "worth_low"}, "y2": {"field": "worth_high"}, "color": colour},
            },
            {"mark": {"type": "line", "point": True}, "encoding": {"x": x, "y": y, "color": colour}},
            {
                "transform": [last],
                "mark": {"type": "text", "align": "right", "dy": -10, "color": INK},
                "encoding": {"x": x, "y": y, "text": {"field": "source"}},
            },
        ],
    }
    sentence = " ".join(half_life_sentence(name, found) for name, found in stale.items())
    figure = Figure(
        title="What is known later is worth less",
        reading="From left to right the source is known later; lines are the intervals.",
        spec=spec,
        table=Table("What a source is worth when it is known later", columns, lines, told["rows"]),
        sentence=sentence,
    )
    return Section("going-stale", "advantage", "How fast it goes stale", sentence, figure=figure)
