"""What alerts were worth: saved amounts, less looks and the trouble of holders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sartor.rows import ROW
from sartor_domains.finance.alert_queue import ALERT
from sartor_domains.finance.fraud.looks import Looks, is_fraud

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sartor.rows import Training
    from sartor_domains.finance.alert_queue import AlertQueue


def value(settings: AlertQueue, decisions: pd.DataFrame, outcome: Training) -> NDArray[np.float64]:
    """Return the worth of each look on the payment that heads it; a look is headed once at most."""
    if decisions[ROW].tolist() != outcome.rows[ROW].tolist():
        raise ValueError("decisions and outcomes are not the same rows in the same order")
    looks = Looks.at(settings, outcome)
    alerts = (decisions["decision"] == ALERT).to_numpy()
    return np.where(alerts, looks.came_to(settings, is_fraud(outcome.y))[looks.of], 0.0)
