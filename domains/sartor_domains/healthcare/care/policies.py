"""Policies that need no model, to see what a model is worth beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sartor.errors import InputError
from sartor.rows import ROW
from sartor_domains.healthcare.care.deciding import called
from sartor_domains.healthcare.care.worth import if_cared_for
from sartor_domains.healthcare.care_list import CARE, USUAL
from sartor_plugins.survival.answer import TIME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Scoring, Training
    from sartor_domains.healthcare.care_list import CareList

FEWEST = 20
"""A rule from fewer patients on either side is luck."""


@dataclass(frozen=True)
class OneFactor:
    """Care from a value of one column on, or up to it; without a column for everyone or nobody."""

    column: str | None
    cut: float
    above: bool
    worth: float

    def listed(self, X: pd.DataFrame) -> NDArray[np.bool_]:
        """Return who is on the list; where the column is missing nobody is."""
        if self.column is None:
            return np.full(len(X), self.above)
        values = X[self.column].to_numpy(dtype=np.float64)
        return np.asarray(values >= self.cut if self.above else values <= self.cut, dtype=bool)


def policies(settings: CareList, training: Training, scoring: Scoring, context: Context) -> dict[str, pd.DataFrame]:
    """Return the decisions of caring for everyone, for nobody, and by the one factor that is best in training.

    Raises
    ------
    InputError
        If nobody in training was watched up to the horizon.
    """
    _check_horizon(settings, training)
    rule = best_factor(training.X, if_cared_for(settings, training))
    if rule.column is None:
        about = f"care for {'everyone' if rule.above else 'nobody'}"
        context.note(f"one factor: no single column beats this: {about}")
    else:
        about = f"care where {called(settings, rule.column)} is {'at least' if rule.above else 'at most'} {rule.cut:g}"
        context.note(f"one factor: {about}")
    by_rule = _decisions(scoring, rule.listed(scoring.X))
    by_rule.attrs["about"] = about
    everyone = np.ones(len(scoring), dtype=bool)
    return {
        "care for everyone": _decisions(scoring, everyone),
        "care for nobody": _decisions(scoring, ~everyone),
        "one factor": by_rule,
    }


def _check_horizon(settings: CareList, training: Training) -> None:
    if settings.horizon is None or not isinstance(training.y, pd.DataFrame) or not len(training.y):
        return
    longest = float(training.y[TIME].max())
    if settings.horizon > longest:
        raise InputError(
            f"the care list's horizon {settings.horizon:,.10g} lies beyond all follow-up: nobody of those who teach "
            f"was watched for longer than {longest:,.10g}, and no model knows a risk by then",
            code="D198",
            hints=(("to mend", f"take a horizon up to {longest:,.10g}, in the unit of the time"),),
        )


def best_factor(X: pd.DataFrame, worth: NDArray[np.float64]) -> OneFactor:
    """Return the column and cut that are worth most on training rows; everyone or nobody where none is worth more.

    Examples
    --------
    >>> X = pd.DataFrame({"age": np.arange(100.0)})
    >>> best_factor(X, np.where(np.arange(100) >= 60, 1.0, -1.0))
    OneFactor(column='age', cut=60.0, above=True, worth=40.0)
    """
    total = float(worth.sum())
    best = OneFactor(None, 0.0, total > 0, max(total, 0.0))
    for name in X.columns:
        column = X[name]
        if not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
            continue
        found = _best_cut(str(name), column.to_numpy(dtype=np.float64), worth)
        if found is not None and found.worth > best.worth + 1e-9:
            best = found
    return best


def _best_cut(name: str, values: NDArray[np.float64], worth: NDArray[np.float64]) -> OneFactor | None:
    known = np.flatnonzero(~np.isnan(values))
    if len(known) < 2 * FEWEST:
        return None
    order = known[np.argsort(values[known], kind="stable")]
    ranked, sums = values[order], np.cumsum(worth[order])
    # A cut lies between two different values.
    ends = np.flatnonzero(np.diff(ranked))
    ends = ends[(ends + 1 >= FEWEST) & (len(order) - ends - 1 >= FEWEST)]
    if not len(ends):
        return None
    below, above = sums[ends], sums[-1] - sums[ends]
    at_low, at_high = int(below.argmax()), int(above.argmax())
    if above[at_high] >= below[at_low]:
        return OneFactor(name, float(ranked[ends[at_high] + 1]), True, float(above[at_high]))
    return OneFactor(name, float(ranked[ends[at_low]]), False, float(below[at_low]))


def _decisions(scoring: Scoring, listed: NDArray[np.bool_]) -> pd.DataFrame:
    made = pd.Series(np.where(listed, CARE, USUAL), dtype="str")
    return pd.DataFrame({ROW: scoring.rows[ROW].to_numpy(), "decision": made})
