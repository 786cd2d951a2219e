"""Cuts a characteristic into bins: intervals of a number or sets of levels, each special code, and missing values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sartor.errors import InputError
from sartor_domains.finance.card.bins import Bin, Characteristic, is_numeric, levels_of, numbers_of, text_of
from sartor_domains.finance.card.evidence import with_evidence
from sartor_domains.finance.card.merging import best_monotone_partition, best_partition

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sartor.rows import Training

    Floats = NDArray[np.float64]

FIRST_GROUPS = 50
"""Numbers are first cut into so many groups of about equal size, and then merged."""


@dataclass(frozen=True)
class Sample:
    """What bins are cut on: bad or not, and the weight of each training row.

    Parameters
    ----------
    bad : ndarray of shape (n_rows,)
        1 for bad, 0 for good.
    weight : ndarray of shape (n_rows,)
        Rows of weight 0 are as if they were not there.
    max_bins : int
    min_share : float
    """

    bad: Floats
    weight: Floats
    max_bins: int
    min_share: float

    @classmethod
    def of(cls, training: Training, max_bins: int, min_share: float) -> Sample:
        """Take labels and weights of training rows; without weights each row counts as one."""
        weight = np.ones(len(training)) if training.weight is None else training.weight.astype(np.float64)
        return cls(np.asarray(training.y, dtype=np.float64), weight, max_bins, min_share)

    @property
    def min_rows(self) -> float:
        """Fewest rows in a bin."""
        return self.min_share * float(self.weight.sum())

    def counts(self, codes: NDArray[np.int64], groups: int) -> tuple[Floats, Floats]:
        """Return rows and bad rows of each group, weighted; codes below 0 are left out."""
        inside = codes >= 0
        codes, weight = codes[inside], self.weight[inside]
        rows = np.bincount(codes, weights=weight, minlength=groups)
        bad = np.bincount(codes, weights=weight * self.bad[inside], minlength=groups)
        return rows.astype(np.float64), bad.astype(np.float64)


def binned(column: pd.Series[Any], sample: Sample, special: Sequence[float | str] = ()) -> Characteristic:
    """Cut a column into bins with their weights of evidence.

    Parameters
    ----------
    column : Series of shape (n_rows,)
        Numbers are cut into intervals; everything else is taken as levels.
    sample : Sample
    special : sequence of number or str
        Values that are no values but codes, such as 999 for never; each has a bin of its own.

    Raises
    ------
    InputError
        If a special code of a column of numbers is no number.

    Examples
    --------
    >>> import pandas as pd
    >>> bad = np.array([1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0])
    >>> sample = Sample(bad, np.ones(8), max_bins=2, min_share=0.1)
    >>> years = pd.Series([1, 2, 3, 4, 5, 6, 7, 8], name="years")
    >>> [(entry.label, entry.bad) for entry in binned(years, sample).bins]
    [('up to 4', 3.0), ('over 4', 1.0)]
    """
    numeric = is_numeric(column)
    codes = tuple(dict.fromkeys(text_of(code) for code in special))
    if numeric:
        _check_numbers(str(column.name), special)
    bins = _intervals(numbers_of(column), sample, codes) if numeric else _level_sets(column, sample, codes)
    all_bins = (*bins, *(Bin("special", levels=(code,)) for code in codes), Bin("missing"))
    characteristic = Characteristic(str(column.name), numeric, all_bins, codes)
    counts = sample.counts(characteristic.places(column), len(characteristic.bins))
    rows, bad = (numbers.tolist() for numbers in counts)
    seen = [replace(one, rows=r, bad=b) for one, r, b in zip(characteristic.bins, rows, bad, strict=True) if r > 0]
    return with_evidence(replace(characteristic, bins=tuple(seen)), sample.min_rows)


def _check_numbers(name: str, special: Sequence[float | str]) -> None:
    texts = [code for code in special if isinstance(code, str | bool)]
    if texts:
        raise InputError(
            f"special_codes: column '{name}' holds numbers, and '{text_of(texts[0])}' is none",
            code="D088",
            hints=(("to mend", f"write the code as a number, or read the column as text: types: {{{name}: text}}"),),
        )


def _intervals(values: Floats, sample: Sample, special: Sequence[str]) -> list[Bin]:
    counted = np.isfinite(values) & (sample.weight > 0)
    for code in special:
        counted &= values != float(code)
    if not counted.any():
        return []
    distinct, place = np.unique(values[counted], return_inverse=True)
    codes = np.full(len(values), -1, dtype=np.int64)
    codes[counted] = place
    rows, bad = sample.counts(codes, len(distinct))
    starts = _first_groups(rows)
    rows, bad = np.add.reduceat(rows, starts), np.add.reduceat(bad, starts)
    ends = _monotone_ends(rows, bad, sample)
    firsts = [int(starts[end]) for end in ends[:-1]]
    cuts = [readable_cut(float(distinct[first - 1]), float(distinct[first])) for first in firsts]
    whole = bool(np.all(distinct == np.floor(distinct)))
    lows, highs = [None, *cuts], [*cuts, None]
    return [Bin("interval", low=low, high=high, whole=whole) for low, high in zip(lows, highs, strict=True)]


def _first_groups(rows: Floats) -> NDArray[np.int64]:
    """Where each first group starts among the distinct values."""
    if len(rows) <= FIRST_GROUPS:
        return np.arange(len(rows))
    before = (np.cumsum(rows) - rows) / rows.sum()
    group = np.minimum((before * FIRST_GROUPS).astype(np.int64), FIRST_GROUPS - 1)
    return np.flatnonzero(np.diff(group, prepend=-1))


def _monotone_ends(rows: Floats, bad: Floats, sample: Sample) -> list[int]:
    """Ends of bins along which the risk only rises, or only falls, whichever the data favours."""
    rising, falling = (
        best_monotone_partition(rows, bad, sample.max_bins, sample.min_rows, direction) for direction in (1, -1)
    )
    # A tie goes to the risk that rises.
    return falling[0] if falling[1] > rising[1] else rising[0]


def _level_sets(column: pd.Series[Any], sample: Sample, special: Sequence[str]) -> list[Bin]:
    codes, texts = levels_of(column)
    names = sorted(set(texts))
    place_of = {name: place for place, name in enumerate(names)}
    order = np.array([*(place_of[text] for text in texts), -1], dtype=np.int64)
    rows, bad = sample.counts(order[codes], len(names))
    seen = [place for place in range(len(names)) if rows[place] > 0 and names[place] not in special]
    frequent = [[place] for place in seen if rows[place] >= sample.min_rows]
    rare = [place for place in seen if rows[place] < sample.min_rows]
    groups = [*frequent, *([rare] if rare else [])]
    if not groups:
        return []
    group_rows = np.array([rows[group].sum() for group in groups])
    group_bad = np.array([bad[group].sum() for group in groups])
    by_risk = np.argsort(group_bad / group_rows, kind="stable")
    ends, _ = best_partition(group_rows[by_risk], group_bad[by_risk], sample.max_bins, sample.min_rows)
    sets = [by_risk[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    return [Bin("levels", levels=tuple(sorted(names[p] for g in members for p in groups[g]))) for members in sets]


def readable_cut(low: float, high: float) -> float:
    """Return the shortest number that is at least `low` and below `high`: any such cut parts the same rows.

    Examples
    --------
    >>> readable_cut(0.4183726, 0.4305), readable_cut(3909, 3911), readable_cut(11, 12)
    (0.42, 3910.0, 11.0)
    """
    for decimals in range(-15, 16):
        candidate = round(float(np.ceil(low * 10.0**decimals)) / 10.0**decimals, max(decimals, 0)) + 0.0
        if low <= candidate < high:
            return candidate
    return low
