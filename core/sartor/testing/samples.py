"""Sample data for tests: seeded, small, and as mixed as real tables are.

The columns of the features, a line for each customer:

========  ==========  ===============================================================================
column    type        holds
========  ==========  ===============================================================================
amount    float64     positive, most small and a few large; 8 % missing
months    float64     whole numbers from 1 to 72
balance   float64     of either sign
channel   str         shop, web or phone; 5 % missing
region    category    north, east, south or west
member    bool
========  ==========  ===============================================================================

What is to be predicted depends on amount, months, channel and member, and on luck.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.components import NUMBER
from sartor.testing.making import make_training

if TYPE_CHECKING:
    from sartor.rows import Training

CHANNELS = ("shop", "web", "phone")
REGIONS = ("north", "east", "south", "west")


def sample_features(rows: int = 240, seed: int = 0) -> pd.DataFrame:
    """Return mixed features without a target.

    Parameters
    ----------
    rows : int
    seed : int
        The same seed gives the same features.

    Returns
    -------
    DataFrame of shape (rows, 6)

    Examples
    --------
    >>> sample_features(rows=3)[["months", "region", "member"]]
       months region  member
    0    62.0   east   False
    1    46.0  south    True
    2    37.0  north   False
    """
    rng = np.random.default_rng(seed)
    months = rng.integers(1, 73, rows).astype(float)
    amount = np.round(rng.lognormal(7, 0.8, rows), 2)
    balance = np.round(rng.normal(500, 900, rows), 2)
    channel = pd.Series(rng.choice(CHANNELS, rows, p=[0.5, 0.3, 0.2]), dtype="str")
    region = pd.Categorical(rng.choice(REGIONS, rows), categories=list(REGIONS))
    member = rng.random(rows) < 0.4
    amount[rng.random(rows) < 0.08] = np.nan
    channel[rng.random(rows) < 0.05] = np.nan
    return pd.DataFrame(
        {"amount": amount, "months": months, "balance": balance, "channel": channel, "region": region, "member": member}
    )


def sample_classification(rows: int = 240, classes: tuple[Any, ...] = ("no", "yes"), seed: int = 0) -> Training:
    """Return training rows with a class for each.

    Parameters
    ----------
    rows : int
    classes : tuple
        Labels, the positive one last where there are two.
    seed : int

    Examples
    --------
    >>> training = sample_classification(rows=200)
    >>> training.classes, len(training), sorted(set(training.y.tolist()))
    (('no', 'yes'), 200, [0, 1])
    """
    X = sample_features(rows, seed)
    score = _score(X) + np.random.default_rng(seed + 1).logistic(0, 0.6, rows)
    # Equal shares of the classes; the extra 0.1 keeps two classes from being exactly half and half.
    cuts = np.quantile(score, (np.arange(1, len(classes)) + 0.1) / len(classes))
    labels = [classes[place] for place in np.searchsorted(cuts, score)]
    return make_training(X, labels, classes=classes)


def sample_regression(rows: int = 240, seed: int = 0) -> Training:
    """Return training rows with a number for each.

    Parameters
    ----------
    rows : int
    seed : int

    Examples
    --------
    >>> training = sample_regression(rows=200)
    >>> training.answers, training.y.dtype
    ('number', dtype('float64'))
    """
    X = sample_features(rows, seed)
    y = 100 + 25 * _score(X) + np.random.default_rng(seed + 1).normal(0, 8, rows)
    return make_training(X, np.round(y, 3), answers=NUMBER)


def _score(X: pd.DataFrame) -> np.ndarray:
    """Return what the truth depends on, around zero."""
    channel = X["channel"].map({"shop": -0.8, "web": 0.2, "phone": 1.2}).astype(float).fillna(0.6)
    amount = np.log(X["amount"]).sub(7).fillna(0.4)
    score = 1.2 * amount - 0.03 * (X["months"] - 36) + channel - 0.7 * X["member"]
    return np.asarray(score, dtype=float)


def sample_events(rows: int = 300, seed: int = 0) -> pd.DataFrame:
    """Return events of customers over 90 days, for features and tasks that look back in time.

    Parameters
    ----------
    rows : int
    seed : int

    Returns
    -------
    DataFrame
        ``event`` (identifies the line), ``customer``, ``at``, ``amount`` (5 % missing), ``channel``, ``returned``
        (``yes`` or ``no``: the truth) and ``settled_at`` (when the truth became known).

    Examples
    --------
    >>> sample_events(rows=300).columns.tolist()
    ['event', 'customer', 'at', 'amount', 'channel', 'returned', 'settled_at']
    """
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2024-01-01")
    minutes = np.sort(rng.integers(0, 90 * 24 * 60, rows))
    at = (start + pd.to_timedelta(minutes, unit="min")).as_unit("us")
    amount = np.round(rng.lognormal(3, 0.7, rows), 2)
    returned = rng.random(rows) < 0.15 + 0.3 * (amount > 25)
    amount[rng.random(rows) < 0.05] = np.nan
    return pd.DataFrame(
        {
            "event": np.arange(rows),
            "customer": pd.Series(rng.integers(1, 41, rows)).map("c{:02d}".format).astype("str"),
            "at": at,
            "amount": amount,
            "channel": pd.Series(rng.choice(CHANNELS, rows), dtype="str"),
            "returned": pd.Series(np.where(returned, "yes", "no"), dtype="str"),
            "settled_at": (at + pd.to_timedelta(rng.integers(1, 6, rows), unit="D")).as_unit("us"),
        }
    )
