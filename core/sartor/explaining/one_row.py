"""Why a row of a recorded run is answered as it is: by what its model says, or by asking it, or by the row's own past.

Three ways, the first that there is: what was done before that speaks for each item of a slate (`Fitted.because`); the
model's own contributions (`Fitted.explain`); Shapley values by sampling, for any model (`sartor.explaining.shapley`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.components import NUMBER, PROBABILITY
from sartor.errors import PluginError, PrivacyStop, UsageError
from sartor.explaining.shapley import contributions
from sartor.explaining.sources import sources_of
from sartor.lists import holds_lists
from sartor.rows import AS_OF, ROW, Scoring

if TYPE_CHECKING:
    from sartor.components import Because, Fitted
    from sartor.explaining.taking_up import TakenUp

OTHERS = 2000
"""Training rows that sampled contributions begin from are drawn among so many."""
PROBED = 20
"""Training rows of which it is looked at whether a model's own contributions begin at one place."""
ONE_PLACE = 0.01
"""So far apart they may begin: integrated gradients are sums of some steps."""
ITEMS = 10
"""Items of a slate that are explained."""


def row_explained(run: TakenUp, key: str) -> dict[str, Any]:
    """Return why a row of the run is answered as it is, in JSON types.

    Parameters
    ----------
    run : TakenUp
    key : str
        Of the row; where a row has several key columns, their values by commas. Of several rows with this key the last
        is meant, rows that judge before others.

    Raises
    ------
    UsageError
        If there is no such row.
    PrivacyStop
        If persons were erased from the run, and it does not tell of this row any more.
    """
    place = place_of(run, key)
    _check_not_erased(run, place, key)
    row = run.frame.training(np.array([place])).without_truth()
    fitted, seen = _model_for(run, place)
    answers = run.asked(fitted)(row)
    said: dict[str, Any] = {
        "recipe": run.session.recipe.name,
        "model": run.model.name,
        "use": run.model.use,
        "row": key,
        "as_of": str(row.rows[AS_OF].iloc[0]) if AS_OF in row.rows else None,
        "learned_from": seen,
    }
    because = _asked(run, "because", lambda: fitted.because(row))
    if because is not None:
        return {**said, "how": "past", "exact": because.exact, "about": because.how, **_slate(answers, because)}
    if any(holds_lists(row.X[name]) for name in row.X):
        raise UsageError(
            f"'{run.model.use}' does not say why it answers a row as it does",
            code="U142",
            hints=(("to see all", "leave out --row: what its answers lean on can be told of every model"),),
        )
    column = _column_of(answers, row)
    said["answer"] = {"name": column, "value": float(answers[column].iloc[0])}
    explained = _asked(run, "explain", lambda: fitted.explain(row))
    if explained is not None and len(explained.columns):
        return {**said, "how": "contributions", **_contributed(explained, row), "base": _base(run, fitted, row, column)}
    return {**said, "how": "sampled", **_sampled(run, fitted, row, column, place)}


def place_of(run: TakenUp, key: str) -> int:
    """Return the place of the row that is meant.

    Raises
    ------
    UsageError
    """
    frame = run.frame
    texts = [frame.column(name).astype("str").to_numpy() for name in frame.keys]
    named = np.array([",".join(parts) for parts in zip(*texts, strict=True)], dtype=object)
    found = np.flatnonzero((named == key) | (frame.spine[ROW].astype("str").to_numpy() == key))
    if not len(found):
        columns = ", ".join(frame.keys)
        raise UsageError(
            f"no row has the {columns} '{key}'",
            code="U141",
            hints=(("to mend", f"give the {columns}, or the row, as predictions.parquet of the run has it"),),
        )
    held = np.logical_or.reduce([part.test for part in frame.parts.rounds])
    judged = found[held[found]]
    some = judged if len(judged) else found
    if AS_OF in frame.spine and len(some) > 1:
        some = some[np.argsort(frame.spine[AS_OF].to_numpy()[some], kind="stable")]
    return int(some[-1])


def _check_not_erased(run: TakenUp, place: int, key: str) -> None:
    """Refuse a row that the run does not tell of any more: its source may still have who was erased from the run.

    Who was erased is nowhere written down. Rows that only taught stand in no predictions, so that none of them can be
    told from one that is gone: once anybody was erased, none is explained.
    """
    if run.left is None or str(run.frame.spine[ROW].iloc[place]) in run.left:
        return
    raise PrivacyStop(
        f"persons were erased from this run, and it no longer tells of row '{key}'",
        code="P045",
        hints=(("to mend", "name a row that predictions.parquet of the run has, or run the recipe again"),),
    )


def _model_for(run: TakenUp, place: int) -> tuple[Fitted, bool]:
    """Return the model that did not learn from a row, where there is one, and whether the row taught it."""
    rounds = run.frame.parts.rounds
    for part, fitted in zip(rounds, run.model.rounds, strict=True):
        if part.test[place]:
            return fitted, False
    return run.model.rounds[-1], bool(rounds[-1].train[place])


def _asked(run: TakenUp, verb: str, ask: Any) -> Any:
    with run.session.step(("models", run.model.name), run.model.use, verb):
        return ask()


def _column_of(answers: pd.DataFrame, row: Scoring) -> str:
    """Return the column of the answer that is explained: of several classes the likeliest."""
    if row.answers == PROBABILITY and len(row.classes) > 2:
        due = [f"probability:{label}" for label in row.classes]
        return str(answers[due].iloc[0].idxmax())
    for name in answers.columns:
        if pd.api.types.is_numeric_dtype(answers[name]):
            return str(name)
    raise PluginError(f"the answer has no number among {', '.join(map(str, answers.columns))}", code="X021")


def _contributed(explained: pd.DataFrame, row: Scoring) -> dict[str, Any]:
    amounts = explained.iloc[0]
    lines = [
        {"source": str(name), "value": _shown(row, [str(name)]), "amount": float(amount), "error": None}
        for name, amount in amounts.items()
        if np.isfinite(amount)
    ]
    unit = "log-odds" if row.answers == PROBABILITY else "the answer's unit"
    return {"unit": unit, "contributions": _largest_first(lines)}


def _base(run: TakenUp, fitted: Fitted, row: Scoring, column: str) -> float | None:
    """Return where a model's own contributions begin: what they and the base add up to is the answer, in their unit.

    It is told only if they do begin at one place, for this row and for some that the model learned from.
    """
    if column not in (PROBABILITY, NUMBER) or len(row.classes) > 2:
        return None
    seed = run.session.context(("explain", run.model.name, "base")).seed
    taught = run.frame.round(0)[0].drawn(PROBED, seed).without_truth()
    begun = [_begun_at(run, fitted, scoring, column) for scoring in (row, taught)]
    spread = float(np.ptp(np.concatenate(begun)))
    return float(begun[0][0]) if spread <= ONE_PLACE else None


def _begun_at(run: TakenUp, fitted: Fitted, scoring: Scoring, column: str) -> Any:
    answers = run.asked(fitted)(scoring)[column].to_numpy(dtype=np.float64)
    if column == PROBABILITY:
        with np.errstate(divide="ignore"):
            answers = np.log(answers) - np.log1p(-answers)
    moved = _asked(run, "explain", lambda: fitted.explain(scoring))
    begun = answers - moved.to_numpy(dtype=np.float64).sum(axis=1)
    return begun if np.isfinite(begun).all() else np.array([-np.inf, 0.0])


def _sampled(run: TakenUp, fitted: Fitted, row: Scoring, column: str, place: int) -> dict[str, Any]:
    """Ask the model what it would answer with values of other rows."""
    seed = run.session.context(("explain", run.model.name, "row")).seed
    number = next((at for at, part in enumerate(run.frame.parts.rounds) if part.test[place]), -1)
    training = run.frame.round(number if number >= 0 else len(run.frame.parts.rounds) - 1)[0]
    others = training.drawn(OTHERS, seed)
    sources = sources_of(others.X, run.frame.steps)
    predict = run.asked(fitted)

    def answer(X: pd.DataFrame) -> Any:
        rows = row.rows.iloc[np.zeros(len(X), dtype=np.intp)].reset_index(drop=True)
        return predict(Scoring(rows, X, row.answers, row.classes))[column].to_numpy(dtype=np.float64)

    with run.session.stage("explain", run.model.name) as stage:
        found = contributions(answer, row.X, others.X, list(sources.values()), np.random.default_rng(seed))
        stage.line = f"{run.model.name} asked {found.answers:,} times"
    lines = [
        {"source": name, "value": _shown(row, features), "amount": float(amount), "error": float(error)}
        for (name, features), amount, error in zip(sources.items(), found.values, found.errors, strict=True)
    ]
    return {
        "unit": column,
        "base": found.base,
        "answer": {"name": column, "value": found.answer},
        "pairs": found.pairs,
        "answers": found.answers,
        "contributions": _largest_first(lines),
    }


def _largest_first(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(lines, key=lambda line: -abs(line["amount"]))


def _shown(row: Scoring, features: Sequence[str]) -> Any:
    """Return what stands in a feature, in a JSON type; nothing where several are one source."""
    if len(features) != 1 or features[0] not in row.X:
        return None
    value = row.X[features[0]].iloc[0]
    if pd.isna(value):
        return None
    value = value.item() if hasattr(value, "item") else value
    return value if isinstance(value, bool | int | float | str) else str(value)


def _slate(answers: pd.DataFrame, because: Because) -> dict[str, Any]:
    """Return the first items of a slate, each with what speaks for it."""
    parts = because.parts
    items, scores = (list(answers[name].iloc[0])[:ITEMS] for name in answers.columns[:2])
    told = []
    for item, score in zip(items, scores, strict=True):
        own = parts[parts["answer"] == item].sort_values("amount", ascending=False, kind="stable")
        told.append(
            {
                "item": str(item),
                "score": float(score),
                "because": [
                    {"item": str(one), "amount": float(amount)}
                    for one, amount in zip(own["because"], own["amount"], strict=True)
                ],
            }
        )
    return {"items": told}
