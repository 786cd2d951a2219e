"""Quantiles of a number beside the number itself, and demand as a multiple of what is usual for its series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.components import NUMBER, QUANTILES, Fitted
from sartor.errors import SettingError
from sartor.held import with_fields
from sartor.rows import Scoring, Training
from sartor.wording import with_article
from sartor_plugins.forecast.fitting.growing import MOST, relative, usual_in
from sartor_plugins.forecast.fitting.spread import demand_of
from sartor_plugins.forecast.names import M5_QUANTILES, USUAL, quantile_name
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.fitting.stored import read_json, write_json

if TYPE_CHECKING:
    from sartor_plugins.keras.settings import NetworkModel

FILE = "alike.json"


@dataclass(frozen=True)
class Spread:
    """Which quantiles are answered beside a number, and how a network's numbers become answers.

    Parameters
    ----------
    levels : tuple of float
        The quantiles, rising; none for a number alone.
    demand : bool
        Whether the number is a demand, learned as a multiple of what is usual for its series.
    whole : bool
        Whether it comes in whole units, and its quantiles too.
    """

    levels: tuple[float, ...] = ()
    demand: bool = False
    whole: bool = False

    def seen(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return features as the network sees them: of demand, forecasts as multiples of what is usual."""
        if not self.demand:
            return X
        found = relative(X)
        # A series sells a thousand times what another does: what tells them apart is the order of magnitude.
        return found.assign(**{USUAL: np.log(np.clip(found[USUAL].to_numpy(dtype=np.float64), 1e-9, None))})

    def frame(self, found: FloatArray, scoring: Scoring) -> pd.DataFrame:
        """Return answers.

        Parameters
        ----------
        found : ndarray of shape (n_rows, 1 + n_quantiles)
            The number and its quantiles, in the target's unit.
        scoring : Scoring

        Examples
        --------
        >>> rows = Scoring(pd.DataFrame(), pd.DataFrame({"usual": [10.0]}), "quantiles")
        >>> Spread((0.1, 0.9), demand=True, whole=True).frame(np.array([[1.25, -0.1, 2.06]]), rows).to_dict("records")
        [{'number': 12.5, 'quantile:0.1': 0.0, 'quantile:0.9': 21.0}]
        """
        if self.demand:
            found = np.clip(found, 0.0, MOST) * usual_in(scoring)[:, None]
        number, spread = found[:, 0], np.maximum.accumulate(found[:, 1:], axis=1)
        if self.whole:
            spread = np.rint(spread)
        names = [quantile_name(level) for level in self.levels]
        return pd.DataFrame({NUMBER: number, **dict(zip(names, spread.T, strict=True))})

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {**asdict(self), "levels": list(self.levels)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Spread:
        """Return what was written."""
        return cls(tuple(map(float, saved["levels"])), bool(saved["demand"]), bool(saved["whole"]))


def refuse_quantiles(settings: NetworkModel, answers: str) -> None:
    """Refuse quantiles of what is no number.

    Raises
    ------
    SettingError
        If the settings name any.
    """
    if settings.quantiles:
        raise SettingError(
            f"quantiles are of numbers, and the task asks for {with_article(answers)}",
            hints=(("to mend", "leave `quantiles` out"),),
        )


def spread_of(settings: NetworkModel, training: Training) -> tuple[Spread, Training]:
    """Return what to answer beside a number, and the rows as a number is learned from them.

    Demand of a forecast becomes a multiple of what is usual for its series, so that small series and large ones teach
    each other. Features of rows on disk stay as they are: `Spread.seen` turns what is read of them.

    Raises
    ------
    SettingError
        If quantiles of something else than a number are asked for.
    InputError
        If no feature tells what is usual.
    """
    levels = tuple(settings.quantiles or ())
    if training.answers not in (NUMBER, QUANTILES):
        refuse_quantiles(settings, training.answers)
        return Spread(), training
    if training.answers == NUMBER:
        return Spread(levels), training
    demand = demand_of(training)
    whole = bool((demand == np.rint(demand)).all())
    spread = Spread(levels or M5_QUANTILES, demand=True, whole=whole)
    if training.stored:
        from sartor_plugins.keras.making import pieces_of

        usual = np.concatenate([usual_in(piece) for piece in pieces_of(training)])
        multiple = np.clip(demand / usual, 0.0, MOST)
        return spread, with_fields(training, answers=NUMBER, y=multiple, weight=None)
    multiple = np.clip(demand / usual_in(training), 0.0, MOST)
    return spread, replace(training, answers=NUMBER, X=spread.seen(training.X), y=multiple, weight=None)


class Alike(Fitted):
    """The same number and quantiles for every row.

    Parameters
    ----------
    values : ndarray of shape (1 + n_quantiles,)
    spread : Spread
    """

    def __init__(self, values: FloatArray, spread: Spread) -> None:
        self.values, self.spread = values, spread

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return the one answer; of demand, as a multiple of what is usual."""
        return self.spread.frame(np.tile(self.values, (len(scoring), 1)), scoring)

    def learned(self) -> dict[str, Any]:
        """Return the answer."""
        return {"number": float(self.values[0]), "quantiles": self.values[1:].tolist()}

    def save(self, folder: Path) -> None:
        """Write it as JSON."""
        write_json(folder, "kind.json", {"format": 1, "kind": "alike"})
        write_json(folder, FILE, {"values": self.values.tolist(), "spread": self.spread.to_json()})

    @classmethod
    def load(cls, folder: Path) -> Alike:
        """Return what was saved."""
        saved = read_json(folder, FILE)
        return cls(np.asarray(saved["values"], dtype=np.float64), Spread.from_json(saved["spread"]))


def alike(y: FloatArray, weight: FloatArray | None, spread: Spread) -> Alike:
    """Return mean and quantiles of numbers, each counting as often as its weight says.

    Examples
    --------
    >>> alike(np.array([1.0, 2.0, 6.0]), None, Spread((0.5,))).values.tolist()
    [3.0, 2.0]
    """
    order = np.argsort(y, kind="stable")
    share = np.cumsum(np.ones(len(y)) if weight is None else weight[order])
    places = np.searchsorted(share, np.array(spread.levels) * share[-1] * (1 - 1e-12))
    return Alike(np.concatenate([[np.average(y, weights=weight)], y[order][places]]), spread)
