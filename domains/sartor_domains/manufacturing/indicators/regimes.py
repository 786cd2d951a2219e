"""Operating regimes: clusters of conditions, and what is usual in each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from sartor.components import FittedStep
from sartor.errors import InputError, PluginError, nearest
from sartor.threads import limited
from sartor_domains.manufacturing.operating_regimes import AGE_FEATURE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sartor.context import Context
    from sartor.rows import Training
    from sartor_domains.manufacturing.operating_regimes import OperatingRegimes

Floats = NDArray[np.float64]

REGIME = "regime"
FEWEST = 10
"""A regime with fewer training rows takes its spread from all of them."""


class Regimes(FittedStep):
    """Regimes that were learned.

    Parameters
    ----------
    by : list of str
        Columns of the condition.
    scale : ndarray of shape (2, n_by)
        Mean and spread of each of them.
    centres : ndarray of shape (n_regimes, n_by)
        On that scale; the largest regime first.
    columns : list of str
        What is measured against what is usual.
    usual : ndarray of shape (2, n_regimes, n_columns)
        Mean and spread in each regime.
    """

    def __init__(
        self, by: Sequence[str], scale: Floats, centres: Floats, columns: Sequence[str], usual: Floats
    ) -> None:
        self.by, self.scale, self.centres = list(by), scale, centres
        self.columns, self.usual = list(columns), usual

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the features with numbers measured against their regime, and the regime."""
        place = nearest_centre(scaled(X, self.by, self.scale), self.centres)
        values = X[self.columns].to_numpy(dtype=np.float64)
        measured = (values - self.usual[0][place]) / self.usual[1][place]
        made = {name: measured[:, number] for number, name in enumerate(self.columns)}
        kept = {name: made.get(name, X[name]) for name in X.columns}
        names = [f"{number + 1}" for number in range(len(self.centres))]
        regime = pd.Categorical.from_codes(place, categories=names)
        return pd.DataFrame({**kept, REGIME: regime}, index=X.index)

    def sources(self) -> Mapping[str, str]:
        """Return what the regime was made of."""
        return {REGIME: self.by[0]}

    def save(self, folder: Path) -> None:
        """Write what was learned."""
        (folder / "regimes.json").write_text(json.dumps({"by": self.by, "columns": self.columns}), encoding="utf-8")
        np.savez_compressed(
            folder / "regimes.npz", scale=self.scale, centres=self.centres, usual=self.usual, allow_pickle=False
        )

    @classmethod
    def load(cls, folder: Path) -> Regimes:
        """Return what was saved.

        Raises
        ------
        PluginError
            If the folder holds no regimes.
        """
        try:
            names = json.loads((folder / "regimes.json").read_text(encoding="utf-8"))
            with np.load(folder / "regimes.npz", allow_pickle=False) as found:
                return cls(names["by"], found["scale"], found["centres"], names["columns"], found["usual"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PluginError(f"the saved regimes in {folder.name} cannot be read: {error}", code="X031") from error


def scaled(X: pd.DataFrame, by: Sequence[str], scale: Floats) -> Floats:
    """Return conditions on one scale; a missing one is usual."""
    return np.asarray(np.nan_to_num((X[list(by)].to_numpy(dtype=np.float64) - scale[0]) / scale[1], nan=0.0))


def nearest_centre(conditions: Floats, centres: Floats) -> NDArray[np.intp]:
    """Return the place of the nearest centre; of equally near ones the first."""
    distance = ((conditions[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(distance.argmin(axis=1))


def fit_regimes(settings: OperatingRegimes, training: Training, context: Context) -> Regimes:
    """Fit `OperatingRegimes`."""
    X = training.X
    without = _without(settings, X)
    columns = [
        name
        for name, dtype in X.dtypes.items()
        if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype) and name not in without
    ]
    conditions = X[settings.by].to_numpy(dtype=np.float64)
    known = np.isfinite(conditions).all(axis=1)
    if not known.any():
        raise InputError(
            f"no training row has a condition in {', '.join(settings.by)}: there are no regimes to learn",
            code="D258",
            hints=(("to mend", "name columns that hold the operating condition: by: [at_load]"),),
        )
    spread = conditions[known].std(axis=0)
    scale = np.stack([conditions[known].mean(axis=0), np.where(spread > 0, spread, 1.0)])
    centres = _centres((conditions[known] - scale[0]) / scale[1], settings.regimes, context)
    place = nearest_centre(scaled(X, settings.by, scale), centres)
    sizes = np.bincount(place, minlength=len(centres))
    order = np.argsort(-sizes, kind="stable")
    centres, place = centres[order], np.argsort(order)[place]
    values = X[columns].to_numpy(dtype=np.float64)
    usual = _usual(values, place, len(centres))
    told = ", ".join(f"{count:,}" for count in sizes[order])
    context.note(f"{len(centres)} operating regimes by {', '.join(settings.by)}, with {told} training rows")
    return Regimes(settings.by, scale, centres, columns, usual)


def _without(settings: OperatingRegimes, X: pd.DataFrame) -> set[str]:
    for name in (*settings.by, *(settings.without or ())):
        if name not in X:
            raise InputError(f"there is no feature '{name}'", code="R041", hints=nearest(name, list(X.columns)))
    return {*settings.by, *(settings.without if settings.without is not None else [AGE_FEATURE])}


def _centres(conditions: Floats, regimes: int, context: Context) -> Floats:
    """Return the centres of regimes: the conditions themselves where they are few."""
    different = np.unique(conditions, axis=0)
    if len(different) <= regimes:
        return different
    with limited(context.threads):
        found = KMeans(regimes, n_init=5, random_state=context.seed).fit(conditions)
    centres: Floats = found.cluster_centers_[np.lexsort(found.cluster_centers_.T[::-1])]
    return centres


def _usual(values: Floats, place: NDArray[np.intp], regimes: int) -> Floats:
    """Return mean and spread of each column in each regime; of all rows where a regime has too few."""
    everywhere = _mean_and_spread(values)
    usual = np.empty((2, regimes, values.shape[1]))
    for regime in range(regimes):
        own = values[place == regime]
        mean, spread = _mean_and_spread(own)
        few = np.isfinite(own).sum(axis=0) < FEWEST
        usual[0, regime] = np.where(few, everywhere[0], mean)
        usual[1, regime] = np.where(few, everywhere[1], spread)
    return usual


def _mean_and_spread(values: Floats) -> tuple[Floats, Floats]:
    seen = np.isfinite(values)
    count = np.maximum(seen.sum(axis=0), 1)
    mean = np.where(seen, values, 0.0).sum(axis=0) / count
    spread = np.sqrt(np.where(seen, (values - mean) ** 2, 0.0).sum(axis=0) / count)
    # What is the same in all rows but for rounding has no spread.
    flat = spread <= 1e-9 * np.maximum(np.abs(mean), 1e-300)
    return mean, np.where(flat | (spread == 0), 1.0, spread)
