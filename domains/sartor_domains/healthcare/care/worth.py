"""What a care list was worth, given what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sartor.rows import ROW
from sartor_domains.healthcare.care.risks import happened
from sartor_domains.healthcare.care_list import CARE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.rows import Training
    from sartor_domains.healthcare.care_list import CareList


def value(settings: CareList, decisions: pd.DataFrame, outcome: Training) -> NDArray[np.float64]:
    """Return what each decision was worth."""
    if decisions[ROW].tolist() != outcome.rows[ROW].tolist():
        raise ValueError("decisions and outcomes are not the same rows in the same order")
    return np.where(decisions["decision"].to_numpy() == CARE, if_cared_for(settings, outcome), 0.0)


def if_cared_for(settings: CareList, outcome: Training) -> NDArray[np.float64]:
    """Return what each patient would have been worth on the list."""
    return np.asarray(happened(settings, outcome.y) * settings.per_event - settings.per_patient, dtype=np.float64)
