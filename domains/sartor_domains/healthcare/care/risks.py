"""The risk of each patient in what models answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.components import PROBABILITY
from sartor.errors import InputError, SettingError
from sartor_domains.healthcare.names import CURVE_HIGH, CURVE_LOW
from sartor_plugins.survival.answer import EVENT, SURVIVAL, TIME
from sartor_plugins.survival.curves import chance_within
from sartor_plugins.survival.estimating import censoring

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.rows import Scoring
    from sartor_domains.healthcare.care_list import CareList


@dataclass(frozen=True, eq=False)
class Risks:
    """Risks with the ends of their interval, NaN where the model gives none."""

    risk: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def risks_of(settings: CareList, predictions: pd.DataFrame, scoring: Scoring) -> Risks:
    """Return the risks.

    Raises
    ------
    InputError
        If the task tells more than two outcomes apart.
    SettingError
        If it asks for a time to an event, and `horizon` does not say by when.
    """
    if scoring.answers == SURVIVAL:
        return _by_horizon(by_when(settings), predictions)
    if len(scoring.classes) != 2:
        raise InputError(
            f"a care list is about one event, and the task tells {len(scoring.classes)} outcomes apart: "
            f"{', '.join(map(str, scoring.classes))}",
            code="D064",
            hints=(("to mend", "use: healthcare.disease_risk"),),
        )
    return Risks(
        _numbers(predictions, PROBABILITY),
        _numbers(predictions, f"{PROBABILITY}_low"),
        _numbers(predictions, f"{PROBABILITY}_high"),
    )


def by_when(settings: CareList) -> float:
    """Return the horizon of a care list on curves.

    Raises
    ------
    SettingError
        If the recipe does not say it.
    """
    if settings.horizon is None:
        raise SettingError(
            "the task asks for a time to an event, and the care list does not say by when: a risk is of a time",
            code="R034",
            hints=(("to mend", "say it in the unit of the time: horizon: 365"),),
        )
    return settings.horizon


def _by_horizon(horizon: float, predictions: pd.DataFrame) -> Risks:
    nothing = np.full(len(predictions), np.nan)
    if CURVE_LOW not in predictions:
        return Risks(chance_within(predictions, horizon), nothing, nothing)
    return Risks(
        chance_within(predictions, horizon),
        chance_within(predictions, horizon, CURVE_HIGH),
        chance_within(predictions, horizon, CURVE_LOW),
    )


def happened(settings: CareList, truth: Any) -> NDArray[np.float64]:
    """Return for how many patients with the event each row stands.

    Of a probability 1 or 0. Of a time to an event, those who had it by the horizon stand for those too who were lost
    before: 1 divided by the share that was still followed just then.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> truth = pd.DataFrame({"time": [1.0, 2.0, 3.0, 9.0], "event": [1, 0, 1, 1]})
    >>> happened(SimpleNamespace(horizon=5.0), truth).round(9).tolist()
    [1.0, 0.0, 1.5, 0.0]
    """
    if not isinstance(truth, pd.DataFrame):
        return np.asarray(np.asarray(truth) == 1, dtype=np.float64)
    time = truth[TIME].to_numpy(dtype=np.float64)
    event = truth[EVENT].to_numpy(dtype=np.float64) == 1
    still = censoring(time, event).just_before(time)
    stands = np.divide(1.0, still, out=np.zeros_like(still), where=still > 0)
    return np.where(event & (time <= by_when(settings)), stands, 0.0)


def _numbers(predictions: pd.DataFrame, name: str) -> NDArray[np.float64]:
    if name not in predictions:
        return np.full(len(predictions), np.nan)
    return np.asarray(predictions[name].to_numpy(dtype=np.float64))
