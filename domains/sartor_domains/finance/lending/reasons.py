"""Reasons for a decline: what lowered the applicant's standing against the average applicant, strongest first.

A notice must name the principal reasons, specifically, and only what was really scored (CFPB circulars 2022-03 and
2023-03). So reasons come from the model's own contributions; what speaks for the applicant, and what may not be named,
is left out. Factors with one text on the notice count as one: their contributions are added up, so that three columns
on late payments do not take three of the four places.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sartor_domains.finance.lending.catalogue import texts_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 4
"""More reasons than four are no help to anybody who reads them."""
NOTHING = 1e-9
"""A smaller contribution is rounding."""

FROM_MODEL = "what the model counts against the average applicant"
NO_EXPLANATION = "none: the model does not explain itself"
NO_FACTOR = "none: no factor that may be named is worse than the average applicant's, so a person has to look"


@dataclass(frozen=True)
class Reasons:
    """Why each of some applications is declined.

    Parameters
    ----------
    texts : list of list of str
        As they stand on the notice, the strongest first; empty where nothing may be named.
    factors : list of list of str
        The features behind them, in the order of the texts.
    hidden_first : int
        In how many of those with a reason the strongest factor against the applicant is one that may not be named.
    """

    texts: list[list[str]]
    factors: list[list[str]]
    hidden_first: int = 0


def reasons_for(
    contributions: pd.DataFrame,
    said: Mapping[str, str] | None = None,
    banned: Collection[str] = (),
    most: int = MOST,
) -> Reasons:
    """Return for each row the factors that raise its risk, the strongest first.

    Parameters
    ----------
    contributions : DataFrame of shape (n_rows, n_factors)
        What each factor adds to the log-odds of default, from the average applicant.
    said : mapping of factor to text, optional
        The recipe's catalogue.
    banned : collection of str
        Factors that may not be named.
    most : int

    Examples
    --------
    >>> counted = pd.DataFrame({"term": [0.4, -0.1], "savings": [0.9, 0.0], "purpose": [-0.3, -0.2]})
    >>> reasons_for(counted, {"savings": "Little in savings"}).texts
    [['Little in savings', 'Term'], []]
    >>> reasons_for(counted, banned=["savings"]).texts, reasons_for(counted, banned=["savings"]).hidden_first
    ([['Term'], []], 1)
    """
    names = [str(name) for name in contributions.columns]
    values = contributions.to_numpy(dtype=np.float64)
    allowed = [place for place, name in enumerate(names) if name not in banned]
    of_factor = texts_for([names[place] for place in allowed], said or {})
    groups: dict[str, list[int]] = {}
    for place in allowed:
        groups.setdefault(of_factor[names[place]], []).append(place)
    texts, factors = _strongest(groups, names, values, most)
    return Reasons(texts, factors, _hidden_first(values, allowed, groups))


def _strongest(
    groups: Mapping[str, list[int]], names: list[str], values: NDArray[np.float64], most: int
) -> tuple[list[list[str]], list[list[str]]]:
    if not groups:
        return [[] for _ in values], [[] for _ in values]
    words, members = list(groups), list(groups.values())
    sums = np.stack([values[:, places].sum(axis=1) for places in members], axis=1)
    # Equal contributions stay in the model's own order.
    order = np.argsort(-sums, axis=1, kind="stable")[:, :most]
    strength = np.take_along_axis(sums, order, axis=1)
    kept = [
        [place for place, much in zip(places, strong, strict=True) if much > NOTHING]
        for places, strong in zip(order.tolist(), strength.tolist(), strict=True)
    ]
    return (
        [[words[place] for place in places] for places in kept],
        [
            [names[one] for place in places for one in members[place] if row[one] > NOTHING]
            for places, row in zip(kept, values, strict=True)
        ],
    )


def _hidden_first(values: NDArray[np.float64], allowed: list[int], groups: Mapping[str, list[int]]) -> int:
    hidden = [place for place in range(values.shape[1]) if place not in set(allowed)]
    if not hidden or not len(values):
        return 0
    sums = [values[:, places].sum(axis=1) for places in groups.values()]
    best = np.max(sums, axis=0) if sums else np.zeros(len(values))
    strongest = values[:, hidden].max(axis=1)
    return int(((best > NOTHING) & (strongest > best)).sum())


def reason_columns(
    reasons: Reasons | None, declined: NDArray[np.bool_], status: pd.Series[str] | None = None
) -> dict[str, pd.Series[str]]:
    """Return the columns ``reasons``, ``reason_factors`` and ``reasons_from``; empty where nothing was declined.

    Parameters
    ----------
    reasons : Reasons or None
        For the declined rows only; None where the model explains nothing.
    declined : ndarray of shape (n_rows,)
        By the chance of default, before it is looked whether there is a reason.
    status : Series of shape (n_rows,), optional
        Why the model has no answer of its own for a row; missing where it has.
    """
    import pyarrow as pa

    # One empty list for all: none is ever changed, and a list for each of millions of rows is slow to make.
    nothing: list[str] = []
    texts, factors = [nothing] * len(declined), [nothing] * len(declined)
    source: list[str | None] = [None] * len(declined) if status is None else status.astype("object").tolist()
    source = [one if isinstance(one, str) else None for one in source]
    for number, place in enumerate(np.flatnonzero(declined).tolist()):
        if reasons is None:
            source[place] = NO_EXPLANATION
        else:
            texts[place], factors[place] = reasons.texts[number], reasons.factors[number]
            source[place] = FROM_MODEL if texts[place] else NO_FACTOR
    listed = pd.ArrowDtype(pa.list_(pa.string()))
    return {
        "reasons": pd.Series(texts, dtype=listed),
        "reason_factors": pd.Series(factors, dtype=listed),
        "reasons_from": pd.Series(source, dtype="str"),
    }
