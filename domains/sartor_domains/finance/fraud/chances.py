"""Whether chances can be taken at their word: a model that learned from resampled classes says far too much fraud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sartor.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor_domains.finance.alert_queue import AlertQueue

MOST = 3.0
"""Times as much fraud as was learned from that chances may add up to; waves of fraud stay below."""
FEWEST = 200
"""Fewer rows tell nothing of how chances run."""


def check_chances(settings: AlertQueue, probability: NDArray[np.float64], context: Context) -> None:
    """Refuse chances that add up to far more, or far less, fraud than the model learned from.

    The model whose decisions are kept stops the run; one that is decided on for comparison is told of.

    Raises
    ------
    InputError
        If the mean chance and the share of fraud are more than `MOST` times apart, and not by chance.
    """
    if settings.chances != "checked" or len(context.class_shares) != 2 or len(probability) < FEWEST:
        return
    share, said = context.class_shares[1], float(np.nanmean(probability))
    error = 5 * np.sqrt(max(share * (1 - share), 1e-12) / len(probability))
    if share <= 0 or (share / MOST <= said <= share * MOST) or abs(said - share) <= error:
        return
    message = (
        f"the model says that {_percent(said)} of payments are fraud, and {_percent(share)} of those it learned from "
        "were: its chances cannot be weighed against money"
    )
    if context.explain is None:
        context.note(f"a model is decided on for comparison whose chances are not right: {message}", caution=True)
        return
    raise InputError(
        message,
        code="D271",
        hints=(
            ("to mend", "do not resample classes, or put the chances right: use: learn.calibrated around the model"),
            ("new data", "give the payments before these, too, which features look back on"),
            ("or", "say that they are meant so: chances: as they are"),
        ),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
