"""The risk of each patient in what models answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sartor.components import PROBABILITY
from sartor.errors import InputError

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
    """
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


def _numbers(predictions: pd.DataFrame, name: str) -> NDArray[np.float64]:
    if name not in predictions:
        return np.full(len(predictions), np.nan)
    return predictions[name].to_numpy(dtype=np.float64)
