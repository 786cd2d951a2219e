"""Successive halving under a time budget; see `sartor_plugins.learn.models.tuned`."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from math import ceil, isnan, log, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sartor.components import NUMBER, ModelStep
from sartor.context import Context
from sartor.errors import InputError
from sartor.preparing import load_nested
from sartor.rows import Training
from sartor.wording import form, plural
from sartor_plugins.learn.encoding.columns import PlaceArray
from sartor_plugins.learn.fitting.picking import RECORD, Picked, for_json, score, shortfall
from sartor_plugins.learn.fitting.stored import damaged, read_json
from sartor_plugins.learn.judging import metric_called

if TYPE_CHECKING:
    from sartor.evidence.metric import Metric
    from sartor_plugins.learn.models.tuned import Between, Tuned

THIRD = 3
"""A third of the candidates goes on, to three times as many rows."""
LEAST_ROWS = 500
"""Samples are not smaller than this: scores on fewer rows say little."""

Drawn = dict[str, Any]
clock = time.monotonic


@dataclass
class _Search:
    """One search: what was tried, and what may still be."""

    settings: Tuned
    metric: Metric
    learn: Training
    validate: Training
    context: Context
    ends: float
    trials: list[dict[str, Any]] = field(default_factory=list)
    failures: list[InputError] = field(default_factory=list)

    def run(self, candidates: list[Drawn], sizes: list[int]) -> tuple[Drawn, float, bool]:
        """Return the best settings, their score, and whether time ran out.

        The best are taken from the last sample that all candidates still in the race were tried on, or from what was
        tried of the first one.
        """
        order = sampling_order(self.learn, self.context.rng())
        racing = list(range(len(candidates)))
        ranked: list[tuple[int, float]] = []
        self._tell(len(racing), 0, len(sizes))
        for rung, size in enumerate(sizes, 1):
            scores: dict[int, float] = {}
            for candidate in racing:
                if self.trials and clock() >= self.ends:
                    ranked = ranked or self._ranked(scores)
                    return candidates[ranked[0][0]], ranked[0][1], True
                scores[candidate] = self._try(candidates[candidate], order[:size])
                self._tell(len(racing), len(scores), len(sizes) - rung + 1)
            ranked = self._ranked(scores)
            racing = [candidate for candidate, _ in ranked[: ceil(len(ranked) / THIRD)]]
            if 0 not in racing:
                racing.append(0)  # the model as it is written: never out of the race
        return candidates[ranked[0][0]], ranked[0][1], False

    def _ranked(self, scores: Mapping[int, float]) -> list[tuple[int, float]]:
        return sorted(scores.items(), key=lambda pair: (shortfall(self.metric, pair[1]), pair[0]))

    def _try(self, drawn: Drawn, places: PlaceArray) -> float:
        rows = self.learn.take(np.sort(places))
        trial = {"settings": drawn, "rows": len(rows)}
        try:
            fitted = self.context.fit(step_of(self.settings.model, drawn), rows, "try")
        except InputError as error:
            # Steps that are too long, for instance: others may learn all the same.
            self.failures.append(error)
            self.trials.append({**trial, "score": None, "failed": error.problems[0].message})
            return nan
        found = score(fitted, self.metric, self.validate, rows)
        self.trials.append({**trial, "score": for_json(found)})
        return found

    def _tell(self, racing: int, tried: int, rungs: int) -> None:
        """Tell how many trials were made, of about how many: a third of the candidates goes on to each larger sample.

        Parameters
        ----------
        racing : int
            Candidates of this sample.
        tried : int
            How many of them were tried on it.
        rungs : int
            How many samples there are from this one on.
        """
        total = len(self.trials) + racing - tried
        for _ in range(rungs - 1):
            racing = ceil(racing / THIRD)
            total += racing
        self.context.progress(len(self.trials), total, "trials")


def fit_tuned(settings: Tuned, training: Training, context: Context) -> Picked:
    """Fit `Tuned`."""
    ends = clock() + settings.budget.seconds
    metric = metric_called(settings.by, training.answers)
    learn, validate = training.inner()
    candidates = [{}, *draw(settings.over, settings.candidates, context.rng())]
    search = _Search(settings, metric, learn, validate, context, ends)
    best, found, out_of_time = search.run(candidates, sample_sizes(len(learn), len(candidates)))
    if search.failures:
        if isnan(found):
            raise search.failures[0]
        context.note(
            f"{plural(len(search.failures), 'trial')} could not learn, first because "
            f"{search.failures[0].problems[0].message}: others are taken",
            caution=True,
        )
    if out_of_time:
        context.note(
            f"{settings.budget} {form(settings.budget.count, 'was', 'were')} enough for "
            f"{plural(len(search.trials), 'trial')} only: the best so far is taken, and a second run may take another",
            caution=True,
        )
    context.note(
        f"best of {plural(len(search.trials), 'trial')} by {metric.label} on inner rows, {found:.4g}: "
        + (", ".join(f"{name} {value}" for name, value in best.items()) or "the settings as written")
    )
    record = {
        "settings": best,
        "by": metric.name,
        "score": for_json(found),
        "out_of_time": out_of_time,
        "rows": {"learn": len(learn), "validate": len(validate)},
        "trials": search.trials,
    }
    return Picked(context.fit(step_of(settings.model, best), training, "model"), record)


def load_tuned(settings: Tuned, folder: Path) -> Picked:
    """Return what `Picked.save` wrote for `Tuned`."""
    record = read_json(folder, RECORD)
    drawn = record.get("settings")
    if not isinstance(drawn, dict) or not set(drawn) <= set(settings.over):
        raise damaged(folder / RECORD, "the settings found are none of those searched")
    return Picked(load_nested(step_of(settings.model, drawn), folder / "model"), record)


def step_of(model: ModelStep, drawn: Drawn) -> ModelStep:
    """Return the model with other settings."""
    return model.model_copy(update={"with_": {**model.with_, **drawn}})


def sample_sizes(n_rows: int, n_candidates: int) -> list[int]:
    """Return the numbers of rows that candidates learn from, all of them at last.

    Examples
    --------
    >>> sample_sizes(9000, 27), sample_sizes(9000, 2), sample_sizes(400, 27)
    ([1000, 3000, 9000], [3000, 9000], [400])
    """
    rungs = ceil(log(n_candidates, THIRD) - 1e-9) if n_candidates > 1 else 0
    while rungs and n_rows / THIRD**rungs < LEAST_ROWS:
        rungs -= 1
    return [round(n_rows / THIRD**rung) for rung in range(rungs, -1, -1)]


def sampling_order(training: Training, rng: np.random.Generator) -> PlaceArray:
    """Return an order of the rows whose every beginning is a sample, with the classes in their shares."""
    n_rows = len(training)
    order = rng.permutation(n_rows)
    if training.answers == NUMBER:
        return order
    along = np.empty(n_rows)
    kinds = np.asarray(training.y)[order]
    for kind in np.unique(kinds):
        of_kind = np.flatnonzero(kinds == kind)
        along[of_kind] = (np.arange(len(of_kind)) + 0.5) / len(of_kind)
    return order[np.argsort(along, kind="stable")]


def draw(over: Mapping[str, Between | list[Any]], count: int, rng: np.random.Generator) -> list[Drawn]:
    """Return settings to try, no two alike: all there are, or a spread sample of them.

    Parameters
    ----------
    over : mapping of setting to values
    count : int
        Most settings.
    rng : Generator

    Examples
    --------
    >>> draw({"depth": [2, 4], "min_leaf": [5]}, 10, np.random.default_rng(0))
    [{'depth': 2, 'min_leaf': 5}, {'depth': 4, 'min_leaf': 5}]
    """
    lists = {name: values for name, values in over.items() if isinstance(values, list)}
    grid = int(np.prod([len(values) for values in lists.values()])) if len(lists) == len(over) else count + 1
    if grid <= count:
        drawn = [dict(zip(lists, values, strict=True)) for values in product(*lists.values())]
    else:
        # Each setting's values are spread evenly over the candidates, and shuffled apart from the others'.
        ways = {name: (rng.permutation(count) + rng.random(count)) / count for name in over}
        drawn = [
            {name: _at(values, float(ways[name][place])) for name, values in over.items()} for place in range(count)
        ]
    different = {json.dumps(settings, sort_keys=True): settings for settings in drawn}
    return list(different.values())


def _at(values: Between | list[Any], share: float) -> Any:
    return values[int(share * len(values))] if isinstance(values, list) else values.at(share)
