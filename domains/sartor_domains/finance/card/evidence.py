"""Weights of evidence and information value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sartor_domains.finance.card.bins import Characteristic


def weight_of_evidence(rows: float, bad: float, all_rows: float, all_bad: float, average_rows: float = 0.0) -> float:
    """Log of a bin's share of all good rows over its share of all bad rows; above 0 is better than average.

    Parameters
    ----------
    rows, bad : float
        Rows of the bin, and the bad ones among them.
    all_rows, all_bad : float
        The same of all training rows.
    average_rows : float
        So many rows as bad as the average are added to the bin, which draws it towards 0.

    Examples
    --------
    Of 10 good rows 8 are in the bin, of 10 bad rows 2: the log of 0.8 over 0.2.

    >>> round(weight_of_evidence(rows=10, bad=2, all_rows=20, all_bad=10), 4)
    1.3863
    """
    average = all_bad / all_rows
    bad_here = bad + average_rows * average
    good_here = rows - bad + average_rows * (1 - average)
    return float(np.log((good_here / (all_rows - all_bad)) / (bad_here / all_bad)))


def with_evidence(characteristic: Characteristic, min_rows: float) -> Characteristic:
    """Return the characteristic with the weight of evidence of each bin, and what it tells altogether.

    Bins that were cut hold enough rows of both kinds, and get what they show. What could not be cut so, such as a few
    missing values, is filled up to `min_rows` with average rows, and with one where all of its rows are alike.
    """
    all_rows = sum(entry.rows for entry in characteristic.bins)
    all_bad = sum(entry.bad for entry in characteristic.bins)
    bins = []
    information = 0.0
    for entry in characteristic.bins:
        lacks = max(min_rows - entry.rows, 0.0)
        if lacks < 1 and not 0 < entry.bad < entry.rows:
            lacks = 1.0
        woe = weight_of_evidence(entry.rows, entry.bad, all_rows, all_bad, lacks)
        shares = (entry.rows - entry.bad) / (all_rows - all_bad), entry.bad / all_bad
        information += (shares[0] - shares[1]) * woe
        bins.append(replace(entry, woe=woe))
    return replace(characteristic, bins=tuple(bins), information_value=information)
