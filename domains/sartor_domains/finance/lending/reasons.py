"""Reasons for a decline: what lowered the applicant's standing against the average applicant, strongest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 4
"""More reasons than four are no help to anybody who reads them."""
NOTHING = 1e-9
"""A smaller contribution is rounding."""

FROM_MODEL = "what the model counts against the average applicant"
NO_EXPLANATION = "none: the model does not explain itself"
NO_FACTOR = "none: no single factor is worse than the average applicant's"


def reasons_for(contributions: pd.DataFrame, most: int = MOST) -> list[list[str]]:
    """Return for each row the factors that raise its risk, the strongest first.

    Parameters
    ----------
    contributions : DataFrame of shape (n_rows, n_factors)
        What each factor adds to the log-odds of default, from the average applicant.
    most : int

    Examples
    --------
    >>> reasons_for(pd.DataFrame({"term": [0.4, -0.1], "savings": [0.9, 0.0], "purpose": [-0.3, -0.2]}))
    [['savings', 'term'], []]
    """
    values = contributions.to_numpy(dtype=np.float64)
    names = [str(name) for name in contributions.columns]
    # Equal contributions stay in the model's own order.
    order = np.argsort(-values, axis=1, kind="stable")[:, :most]
    strength = np.take_along_axis(values, order, axis=1)
    return [
        [names[place] for place, much in zip(places, strong, strict=True) if much > NOTHING]
        for places, strong in zip(order.tolist(), strength.tolist(), strict=True)
    ]


def reason_columns(contributions: pd.DataFrame | None, declined: NDArray[np.bool_]) -> dict[str, pd.Series[str]]:
    """Return the columns ``reasons`` and ``reasons_from``; both are empty where nothing was declined.

    Parameters
    ----------
    contributions : DataFrame or None
        For the declined rows only; None where the model explains nothing.
    declined : ndarray of shape (n_rows,)
    """
    import pyarrow as pa

    # One empty list for all: none is ever changed, and a list for each of millions of rows is slow to make.
    nothing: list[str] = []
    reasons = [nothing] * len(declined)
    source: list[str | None] = [None] * len(declined)
    found = reasons_for(contributions) if contributions is not None else []
    for number, place in enumerate(np.flatnonzero(declined).tolist()):
        if contributions is None:
            source[place] = NO_EXPLANATION
        else:
            reasons[place] = found[number]
            source[place] = FROM_MODEL if found[number] else NO_FACTOR
    return {
        "reasons": pd.Series(reasons, dtype=pd.ArrowDtype(pa.list_(pa.string()))),
        "reasons_from": pd.Series(source, dtype="str"),
    }
