"""Moves the risks of a model that learned elsewhere to what happens at new sites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from sartor.components import PROBABILITY, Fitted
from sartor.context import Context
from sartor.errors import InputError
from sartor.preparing import load_nested
from sartor.rows import Judged, Scoring, Training
from sartor_plugins.learn.fitting.stored import damaged, read_json, write_json
from sartor_plugins.learn.outcome_labels import label_of

if TYPE_CHECKING:
    from sartor.sections import Caution, Section
    from sartor_domains.healthcare.recalibrated import Recalibrated

FloatArray = NDArray[np.float64]
FILE = "recalibration.json"
SURE = 1e-9
STEPS = 50
FURTHEST = 10.0
"""Log-odds beyond which an intercept is not moved."""


class RecalibratedFit(Fitted):
    """A model, and a line of the log-odds for each new site.

    Parameters
    ----------
    model : Fitted
    site : str
        Column of the site.
    lines : mapping of site to (intercept, slope)
    """

    def __init__(self, model: Fitted, site: str, lines: Mapping[str, tuple[float, float]]) -> None:
        self.model, self.site, self.lines = model, site, dict(lines)

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return risks, moved where the site is a new one."""
        said = self.model.predict(scoring).reset_index(drop=True)
        probability = said[PROBABILITY].to_numpy(dtype=np.float64)
        intercept, slope = self._of(scoring)
        moved = (intercept != 0) | (slope != 1)
        put_right = np.where(moved, expit(intercept + slope * log_odds(probability)), probability)
        return said.assign(**{PROBABILITY: put_right})

    def explain(self, scoring: Scoring) -> pd.DataFrame | None:
        """Return the model's contributions, stretched as the log-odds are; what moves a site's risks is the site's."""
        found = self.model.explain(scoring)
        if found is None:
            return None
        intercept, slope = self._of(scoring)
        odds = log_odds(self.model.predict(scoring)[PROBABILITY].to_numpy(dtype=np.float64))
        average = odds - found.to_numpy(dtype=np.float64).sum(axis=1)
        stretched = found.mul(slope, axis=0)
        return stretched.assign(**{self.site: stretched.get(self.site, 0.0) + intercept + (slope - 1) * average})

    def learned(self) -> dict[str, Any]:
        """Return the lines by site, and what the model learned."""
        lines = {site: {"intercept": line[0], "slope": line[1]} for site, line in self.lines.items()}
        return {"sites": lines, "model": self.model.learned()}

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return what the model has to say."""
        return self.model.sections(judged, context)

    def save(self, folder: Path) -> None:
        """Write the lines, and the model into a folder of its own."""
        write_json(folder, FILE, {"lines": {site: list(line) for site, line in self.lines.items()}})
        (folder / "model").mkdir()
        self.model.save(folder / "model")

    def _of(self, scoring: Scoring) -> tuple[FloatArray, FloatArray]:
        lines = [self.lines.get(site, (0.0, 1.0)) for site in sites_of(scoring, self.site)]
        both = np.array(lines, dtype=np.float64).reshape(-1, 2)
        return both[:, 0], both[:, 1]


def sites_of(scoring: Scoring, column: str) -> list[str]:
    """Return the site of each row as text, empty where it is missing.

    Raises
    ------
    InputError
        If the rows do not say their site.
    """
    frame = scoring.rows if column in scoring.rows else scoring.X
    if column not in frame:
        raise InputError(
            f"the rows have no column '{column}' that tells their site",
            code="R041",
            hints=(("to mend", "bring the column; without it nobody can say which risks are to be put right"),),
        )
    return ["" if pd.isna(value) else label_of(value) for value in frame[column].tolist()]


def log_odds(probability: FloatArray) -> FloatArray:
    """Return log-odds, held within finite bounds."""
    return np.asarray(logit(np.clip(probability, SURE, 1 - SURE)), dtype=np.float64)


def fit_recalibrated(settings: Recalibrated, training: Training, context: Context) -> RecalibratedFit:
    """Fit `Recalibrated`."""
    if len(training.classes) != 2:
        raise InputError(
            f"recalibration is about one event, and the task tells {len(training.classes)} outcomes apart",
            code="D064",
            hints=(("to mend", "use: healthcare.disease_risk"),),
        )
    at = [label_of(value) for value in settings.at]
    sites = np.array(sites_of(training, settings.site), dtype=object)
    elsewhere = ~np.isin(sites, at)
    if not elsewhere.any():
        raise InputError(
            f"all {len(training):,} training rows are of the new sites {', '.join(at)}: there is nothing to learn "
            "elsewhere",
            code="D199",
            hints=(("to mend", "name only the new sites under at"),),
        )
    model = context.fit(settings.model, training.take(elsewhere), "model")
    lines: dict[str, tuple[float, float]] = {}
    for site in at:
        local = training.take(sites == site)
        event = np.asarray(local.y) == 1
        if min(int(event.sum()), int((~event).sum())) < settings.fewest:
            context.note(
                f"the site {site} has {int(event.sum()):,} patients with the event and {int((~event).sum()):,} without "
                f"it in training, and {settings.fewest} of either are needed: its risks stay as they are",
                caution=True,
            )
            continue
        odds = log_odds(model.predict(local.without_truth())[PROBABILITY].to_numpy(dtype=np.float64))
        weight = np.ones(len(local)) if local.weight is None else local.weight
        lines[site] = line_of(odds, event.astype(np.float64), weight, slope=settings.method == "slope")
    return RecalibratedFit(model, settings.site, lines)


def line_of(odds: FloatArray, event: FloatArray, weight: FloatArray, *, slope: bool) -> tuple[float, float]:
    """Return intercept and slope that fit best what happened; without `slope` it stays 1.

    A slope that falls would say that the model is wrong on purpose: it is then 0, and all have the share of events.

    Examples
    --------
    Said a half of everybody, and a quarter had it: log-odds of -log 3.

    >>> round(line_of(np.zeros(4), np.array([1.0, 0, 0, 0]), np.ones(4), slope=False)[0], 4)
    -1.0986
    """
    columns = np.column_stack([np.ones(len(odds)), odds])[:, : 1 + slope]
    offset = np.zeros(len(odds)) if slope else odds
    beta = np.zeros(1 + slope)
    if slope:
        beta[1] = 1.0
    for _ in range(STEPS):
        said = expit(offset + columns @ beta)
        uphill = columns.T @ (weight * (event - said))
        curve = columns.T @ ((weight * np.maximum(said * (1 - said), 1e-9))[:, None] * columns)
        step = np.linalg.lstsq(curve, uphill, rcond=None)[0]
        longest = float(np.abs(step).max())
        beta = beta + step * min(1.0, 2.0 / max(longest, 1e-12))
        if longest < 1e-10:
            break
    beta = np.clip(beta, -FURTHEST, FURTHEST)
    if slope and beta[1] <= 0:
        return float(log_odds(np.atleast_1d(np.average(event, weights=weight)))[0]), 0.0
    return (float(beta[0]), float(beta[1])) if slope else (float(beta[0]), 1.0)


def load_recalibrated(settings: Recalibrated, folder: Path) -> RecalibratedFit:
    """Return what `RecalibratedFit.save` wrote."""
    saved = read_json(folder, FILE)
    try:
        lines = {str(site): (float(line[0]), float(line[1])) for site, line in saved["lines"].items()}
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise damaged(folder / FILE, error) from error
    return RecalibratedFit(load_nested(settings.model, folder / "model"), settings.site, lines)
