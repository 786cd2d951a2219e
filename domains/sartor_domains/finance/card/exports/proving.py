"""Proves that an export scores as the card does: it is read back and asked about rows at the edges of every bin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from math import exp, isfinite, log
from typing import Any

import numpy as np
import pandas as pd

from sartor.errors import PluginError
from sartor_domains.finance.card.card import CANNOT_SCORE
from sartor_domains.finance.card.exports.query import Query
from sartor_domains.finance.card.scale import STEEPEST

CLOSE = 1e-12
"""How far probabilities may lie apart: the last bits of exp differ between libraries."""
LINE = "line"


def check_alike(expected: pd.DataFrame, found: pd.DataFrame, X: pd.DataFrame, form: str) -> None:
    """Refuse an export that does not score as the card does.

    Scores and statuses must be the same, probabilities to `CLOSE`.

    Parameters
    ----------
    expected, found : DataFrame
        ``score``, ``probability`` and ``status`` of some rows, in their order.
    X : DataFrame
        The rows.
    form : str

    Raises
    ------
    PluginError
        It names the first row that is scored otherwise.
    """
    scores = [answers["score"].to_numpy(dtype=np.float64) for answers in (expected, found)]
    chances = [answers["probability"].to_numpy(dtype=np.float64) for answers in (expected, found)]
    statuses = [answers["status"].fillna("").to_numpy(dtype=object) for answers in (expected, found)]
    same = (scores[0] == scores[1]) | (np.isnan(scores[0]) & np.isnan(scores[1]))
    same &= np.abs(chances[0] - chances[1]) <= CLOSE
    same &= statuses[0] == statuses[1]
    if same.all():
        return
    row = int(np.flatnonzero(~same)[0])
    raise PluginError(
        f"the scorecard as {form} does not score as the card does, in {int((~same).sum()):,} of {len(same):,} rows: "
        f"{scores[1][row]:g} and not {scores[0][row]:g} for {X.iloc[row].to_dict()}",
        code="X050",
    )


# ---------------------------------------------------------------------------------------------------------------
# A document, whether it was JSON or a table, by the rules that it states itself
# ---------------------------------------------------------------------------------------------------------------


def reckoned(document: Mapping[str, Any], X: pd.DataFrame) -> pd.DataFrame:
    """Score rows by a document, one by one, as a person would."""
    looked_up: dict[tuple[int, Any], int] = {}
    rows = (dict(zip(X.columns, row, strict=True)) for row in X.itertuples(index=False))
    return pd.DataFrame([_row(document, row, looked_up) for row in rows])


def _row(document: Mapping[str, Any], row: Mapping[str, Any], looked_up: dict[tuple[int, Any], int]) -> dict[str, Any]:
    total, telling = Decimal(repr(document["base_points"])), set()

    def place_of(part: Mapping[str, Any]) -> int:
        value = row[part["name"]]
        place = looked_up.get((id(part), value))
        if place is None:
            place = looked_up[id(part), value] = _place(part, value)
        if place >= 0 and part["bins"][place]["kind"] in ("interval", "levels"):
            telling.add(part["name"])
        return place

    for part in document["characteristics"]:
        place = place_of(part)
        total += Decimal(repr(float(part["unseen_points"] if place < 0 else part["bins"][place]["points"])))
    for pair in document["pairs"]:
        places = [place_of(part) for part in pair["of"]]
        found = next((one["points"] for one in pair["bins"] if places in one["cells"]), pair["unseen_points"])
        total += Decimal(repr(float(found)))
    if len(telling) < document["fewest_known"]:
        return {"score": np.nan, "probability": document["base_rate"], "status": CANNOT_SCORE}
    score = float(total)
    factor = document["points_to_double_odds"] / log(2)
    log_odds = (score - document["base_score"]) / factor + log(document["base_odds"])
    return {"score": score, "probability": 1 / (1 + exp(min(max(log_odds, -STEEPEST), STEEPEST))), "status": None}


def _place(part: Mapping[str, Any], value: Any) -> int:
    """Return the place of a value's bin, -1 where it has none."""
    bins: list[Mapping[str, Any]] = part["bins"]
    numeric = part["type"] == "number"
    gone = value is None or value is pd.NA or (isinstance(value, float) and not isfinite(value))
    if gone:
        return next((place for place, one in enumerate(bins) if one["kind"] == "missing"), -1)
    for place, one in enumerate(bins):
        if one["kind"] == "special" and _is_code(value, one["levels"][0], numeric):
            return place
    if any(_is_code(value, code, numeric) for code in part["special_codes"]):
        return -1
    for place, one in enumerate(bins):
        if one["kind"] == "levels" and value in one["levels"]:
            return place
        if one["kind"] == "interval":
            low, high = one["above"], one["up_to"]
            if (low is None or value > low) and (high is None or value <= high):
                return place
    return -1


def _is_code(value: Any, code: str, numeric: bool) -> bool:
    return bool(value == float(code)) if numeric else value == code


# ---------------------------------------------------------------------------------------------------------------
# A query, run by DuckDB
# ---------------------------------------------------------------------------------------------------------------


def queried(query: Query, X: pd.DataFrame) -> pd.DataFrame:
    """Run a query on DuckDB over some rows, which are put where it reads from.

    Names that DuckDB cannot hold side by side, as they differ in case only, are read under others.
    """
    import duckdb
    import pyarrow as pa

    names = [entry.name for entry in query.columns]
    keys = list(query.export.keys)
    if len({name.casefold() for name in (*names, *keys)}) < len(names) + len(keys):
        others = {name: f"column {place}" for place, name in enumerate(names)}
        query = replace(query, names=others, export=replace(query.export, keys=(LINE,)))
    columns = {query.names.get(name, name): _arrow(X[name]) for name in names}
    columns |= {key: pa.array(np.arange(len(X))) for key in query.export.keys}
    if not columns:
        columns = {LINE: pa.array(np.arange(len(X)))}
    table = pa.table(columns)
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        *schema, _ = query.export.table.split(".")
        if schema:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {query.source.rpartition('.')[0]}")
        connection.from_arrow(table).create(query.source)
        found = connection.sql(query.written()).to_arrow_table()
    frame = found.rename_columns(query.outputs).to_pandas()
    if query.export.keys:
        frame = frame.sort_values(query.outputs[0], kind="stable").reset_index(drop=True)
    answers: pd.DataFrame = frame[["score", "probability", "status"]]
    return answers


def _arrow(column: pd.Series[Any]) -> Any:
    import pyarrow as pa

    if pd.api.types.is_float_dtype(column.dtype):
        # NaN stays NaN: a database may hold either, and both are missing.
        values = column.to_numpy(dtype=np.float64)
        gone = np.isnan(values) & (np.arange(len(values)) % 2 == 0)
        return pa.array(values, mask=gone, from_pandas=False)
    return pa.array([value if isinstance(value, str) else None for value in column.tolist()], pa.string())
