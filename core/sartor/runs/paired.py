"""Numbers of two runs side by side, with paired differences from what both have stored.

Both runs judged with redraws of the same rows; where these are the same rows with the same truth, the redraws are made
again for both at once, so that a difference has an interval of its own, as between two models of one run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.context import seed_of
from sartor.evidence.bootstrap import Measured, Redraws, measure, totals
from sartor.evidence.verdicts import compare
from sartor.rows import ROW, Judged
from sartor.runs.recording import WORTH
from sartor.runs.stored import stored_table

if TYPE_CHECKING:
    from sartor.evidence.metric import Metric
    from sartor.recipe.model import Recipe
    from sartor.runs.finding import Recorded

_KEYS = ("row", "round", "group")


@dataclass(frozen=True)
class Difference:
    """After minus before, on the same redraws.

    Parameters
    ----------
    value : float
    low, high : float or None
        Of its interval, where there is one.
    verdict : str
        One of the sentences of `sartor.evidence.verdicts`.
    """

    value: float
    low: float | None
    high: float | None
    verdict: str


@dataclass(frozen=True)
class Pair:
    """The stored predictions of two runs.

    Parameters
    ----------
    before, after : DataFrame
    why_not : str
        Why their differences cannot be paired; empty if they can.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    why_not: str = ""


def pair_of(before: Recorded, after: Recorded) -> Pair | None:
    """Return the predictions of two runs; None where one of them has none."""
    tables = [stored_table(run.folder, "predictions.parquet") for run in (before, after)]
    if tables[0] is None or tables[1] is None:
        return None
    return Pair(tables[0], tables[1], _why_not(tables[0], tables[1], before, after))


def _why_not(old: pd.DataFrame, new: pd.DataFrame, before: Recorded, after: Recorded) -> str:
    asked = [(run.record.get("answers"), run.record.get("classes")) for run in (before, after)]
    if asked[0] != asked[1]:
        return "the two answer different questions"
    if len(old) != len(new) or not old["row"].equals(new["row"]):
        both = len(set(map(str, old["row"])) & set(map(str, new["row"])))
        return f"they judge different rows, {both:,} of {max(len(old), len(new)):,} the same"
    truths = [_truth(table, run) for table, run in ((old, before), (new, after))]
    if list(truths[0].columns) != list(truths[1].columns) or not truths[0].equals(truths[1]):
        return "the truth of the rows that they judge has changed"
    keys = [name for name in _KEYS if name in old or name in new]
    if any(name not in old or name not in new or not old[name].equals(new[name]) for name in keys):
        return "they judge the same rows in other rounds or groups"
    return ""


def _truth(table: pd.DataFrame, run: Recorded) -> pd.DataFrame:
    """Return the columns of the truth: those before the first model's."""
    columns = [name for name in table.columns if name not in _KEYS and ": " not in name]
    return table[columns]


# ---------------------------------------------------------------------------------------------------------------
# Metrics
# ---------------------------------------------------------------------------------------------------------------


def metric_difference(
    metric: Metric,
    pair: Pair,
    models: tuple[str, str],
    runs: tuple[Recorded, Recorded],
    recipe: Recipe,
    stored: tuple[float | None, float | None],
) -> Difference | None:
    """Return the paired difference of a metric; None where it needs more than was stored.

    Parameters
    ----------
    metric : Metric
    pair : Pair
    models : pair of str
        Which model of either run.
    runs : pair of Recorded
    recipe : Recipe
        Of the later run.
    stored : pair of float or None
        What the runs themselves have measured; the same must come out again.
    """
    if pair.why_not or None in stored:
        return None
    try:
        sides = [
            _measured(metric, table, model, run, recipe)
            for table, model, run in zip((pair.before, pair.after), models, runs, strict=True)
        ]
    except Exception:  # noqa: BLE001 - a metric may look at rows and training rows, of which only the key is stored
        return None
    for side, value in zip(sides, stored, strict=True):
        assert value is not None
        if not abs(side.value - value) <= 1e-9 * max(1.0, abs(value)):
            return None
    return _difference(sides[0], sides[1], metric.better, recipe.judge.confidence)


def _measured(metric: Metric, table: pd.DataFrame, model: str, run: Recorded, recipe: Recipe) -> Measured:
    parts = _rounds(table)
    judged = [_judged(table.iloc[places].reset_index(drop=True), model, run) for places in parts]
    redraws = _redraws(table, run, recipe)
    if len(parts) == 1:
        return measure({"": judged[0]}, [metric], redraws)[""][metric.name]
    if getattr(recipe.split, "average", "mean") == "pool":
        return measure({"": _judged(table, model, run)}, [metric], redraws)[""][metric.name]
    return measure({"": judged}, [metric], redraws, rounds=parts)[""][metric.name]


def _rounds(table: pd.DataFrame) -> list[np.ndarray]:
    return [np.flatnonzero(table["round"] == number) for number in sorted(table["round"].unique())]


def _judged(table: pd.DataFrame, model: str, run: Recorded) -> Judged:
    begin = f"{model}: "
    columns = [name for name in table.columns if name.startswith(begin)]
    predictions = table[columns].set_axis([name.removeprefix(begin) for name in columns], axis=1)
    truth = _truth(table, run)
    whole: Any = truth["truth"].to_numpy() if list(truth.columns) == ["truth"] else truth
    classes = tuple(run.record.get("classes") or ())
    return Judged(whole, predictions, table[["row"]].set_axis([ROW], axis=1), classes, None)


def _redraws(table: pd.DataFrame, run: Recorded, recipe: Recipe) -> Redraws:
    groups = table["group"].to_numpy() if "group" in table else None
    seed = seed_of(int(run.record.get("seed") or 0), "judge")
    return Redraws(len(table), groups=groups, count=recipe.judge.redraws, seed=seed)


def _difference(before: Measured, after: Measured, better: Any, confidence: float) -> Difference:
    compared = compare(after, before, better, confidence=confidence)
    ends = compared.interval
    return Difference(compared.difference, ends.low if ends else None, ends.high if ends else None, compared.sentence)


# ---------------------------------------------------------------------------------------------------------------
# Money
# ---------------------------------------------------------------------------------------------------------------


def worth_differences(
    pair: Pair, runs: tuple[Recorded, Recorded], recipe: Recipe, actions: Sequence[str]
) -> Mapping[str, tuple[float, float, Difference | None]]:
    """Return for each action what its decisions were worth before and after, and the paired difference."""
    tables = [stored_table(run.folder, WORTH) for run in runs]
    found: dict[str, tuple[float, float, Difference | None]] = {}
    old, new = tables
    if old is None or new is None:
        return found
    for action in actions:
        if action not in old or action not in new:
            continue
        before, after = old[action].to_numpy(), new[action].to_numpy()
        difference = None
        if not pair.why_not and len(before) == len(after) == len(pair.after):
            worth = totals({"before": before, "after": after}, _redraws(pair.after, runs[1], recipe))
            difference = _difference(worth["before"], worth["after"], "higher", recipe.judge.confidence)
        found[action] = (float(before.sum()), float(after.sum()), difference)
    return found
