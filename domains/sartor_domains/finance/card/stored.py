"""A card as JSON: written and read, and as the table that people look at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sartor.errors import InputError
from sartor_domains.finance.card.bins import Bin, Characteristic
from sartor_domains.finance.card.card import Card
from sartor_domains.finance.card.fitting import Part, table_of
from sartor_domains.finance.card.pairs import Pair
from sartor_domains.finance.card.scale import Scale

FILE = "card.json"
FORMAT = 2


def write(card: Card, folder: Path) -> None:
    """Write a card."""
    text = json.dumps(written(card), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


def written(card: Card) -> dict[str, Any]:
    """Return all of a card in JSON types."""
    return {
        "format": FORMAT,
        "scale": asdict(card.scale),
        "base_points": card.base_points,
        "fewest_known": card.fewest_known,
        "characteristics": [_plain(entry) for entry in card.characteristics],
        "pairs": [
            {"first": _plain(pair.first), "second": _plain(pair.second), "table": _plain(pair.table)}
            for pair in card.pairs
        ],
        "left_out": dict(card.left_out),
        "rows": card.rows,
        "bad": card.bad,
        "classes": list(card.classes),
        "chosen": dict(card.chosen),
    }


def read(folder: Path) -> Card:
    """Read a card; one of format 1 scores every row, as it did.

    Raises
    ------
    InputError
        If it was written in a newer format.
    """
    found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    if found["format"] not in (1, FORMAT):
        raise InputError(
            f"the scorecard is saved in format {found['format']}, and this sartor reads format {FORMAT}",
            code="D152",
            hints=(("to mend", "use the version of sartor that wrote it, or run the recipe again"),),
        )
    return Card(
        scale=Scale(**found["scale"]),
        base_points=found["base_points"],
        characteristics=tuple(_characteristic(entry) for entry in found["characteristics"]),
        pairs=tuple(
            Pair(**{name: _characteristic(entry) for name, entry in pair.items()}) for pair in found.get("pairs", ())
        ),
        fewest_known=found.get("fewest_known", 0),
        left_out=found["left_out"],
        rows=found["rows"],
        bad=found["bad"],
        classes=tuple(found["classes"]),
        chosen=found.get("chosen", {}),
    )


def _plain(entry: Characteristic) -> dict[str, Any]:
    plain = asdict(entry)
    return {**plain, "special": list(entry.special), "bins": [_plain_bin(one) for one in entry.bins]}


def _plain_bin(one: Bin) -> dict[str, Any]:
    return {**asdict(one), "levels": list(one.levels), "cells": [list(cell) for cell in one.cells]}


def _characteristic(found: Mapping[str, Any]) -> Characteristic:
    bins = tuple(_bin(one) for one in found["bins"])
    return Characteristic(**{**found, "special": tuple(found.get("special", ())), "bins": bins})


def _bin(found: Mapping[str, Any]) -> Bin:
    cells = tuple((int(first), int(second)) for first, second in found.get("cells", ()))
    return Bin(**{**found, "levels": tuple(found["levels"]), "cells": cells})


# ---------------------------------------------------------------------------------------------------------------
# The table that people look at
# ---------------------------------------------------------------------------------------------------------------


def points_table(card: Card) -> dict[str, Any]:
    """Return the points table, with everything that is needed to score by hand, in JSON types."""
    return {
        "base_points": card.base_points,
        "points_to_double_odds": card.scale.points_to_double_odds,
        "base_score": card.scale.base_score,
        "base_odds": card.scale.base_odds,
        "decimals": card.scale.decimals,
        "fewest_known": card.fewest_known,
        "base_rate": card.base_rate,
        "rows": card.rows,
        "bad": card.bad,
        "characteristics": [_table(entry, entry.name) for entry in card.characteristics],
        "pairs": [_pair_table(pair) for pair in card.pairs],
        "left_out": dict(card.left_out),
        "chosen": dict(card.chosen),
    }


def _table(part: Part, name: str) -> dict[str, Any]:
    entry = table_of(part)
    return {
        "name": name,
        "information_value": entry.information_value,
        "coefficient": entry.coefficient,
        "unseen_points": entry.neutral_points,
        "bins": [
            {
                "bin": part.label(one) if isinstance(part, Pair) else one.label,
                **content_of(one),
                "rows": one.rows,
                "bad": one.bad,
                "bad_rate": one.bad / one.rows if one.rows else None,
                "woe": one.woe,
                "points": one.points,
            }
            for one in entry.bins
        ],
    }


def _pair_table(pair: Pair) -> dict[str, Any]:
    return {**_table(pair, pair.name), "of": [_parts_of(pair.first), _parts_of(pair.second)]}


def _parts_of(entry: Characteristic) -> dict[str, Any]:
    """The bins that the cells of a pair are made of, in full."""
    return {"name": entry.name, "bins": [{"bin": one.label, **content_of(one)} for one in entry.bins]}


def content_of(one: Bin) -> dict[str, Any]:
    """What falls into a bin, in full: its label cuts long lists of levels short.

    Of a pair the cells, each as the numbers of two bins, counted from 0.
    """
    if one.kind == "interval":
        return {"kind": one.kind, "above": one.low, "up_to": one.high}
    if one.kind == "cells":
        return {"kind": one.kind, "cells": [list(cell) for cell in one.cells]}
    if one.kind == "missing":
        return {"kind": one.kind}
    return {"kind": one.kind, "levels": list(one.levels)}
