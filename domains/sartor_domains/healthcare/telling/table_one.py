"""Table 1: the patients that judge and teach, with and without the event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.sections import Section, Table, TableColumn
from sartor.wording import plural

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.rows import Judged

MOST_COLUMNS = 40
MOST_LEVELS = 6


def table_one(judged: Judged, event: NDArray[np.bool_], name: str, smallest: int) -> Iterator[Section]:
    """Yield the table of those that judge, by what happened."""
    X = judged.X
    if X is None or not X.shape[1] or min(int(event.sum()), int((~event).sum())) < smallest:
        return
    lines: list[list[Any]] = []
    counts: list[int] = []
    largest: tuple[float, str] = (0.0, "")
    for column in X.columns[:MOST_COLUMNS]:
        for line, rows, apart in _lines(str(column), X[column], event, smallest):
            lines.append(line)
            counts.append(rows)
            if apart is not None and abs(apart) > abs(largest[0]):
                largest = (apart, str(line[0]))
    rest = X.shape[1] - MOST_COLUMNS
    most = f" Furthest apart is **{largest[1]}**, by {abs(largest[0]):.2f} standard deviations." if largest[1] else ""
    yield Section(
        "table-one",
        "data",
        "The patients (Table 1)",
        f"{plural(len(event), 'patient')} judge, {int(event.sum()):,} of them with “{name}”.{most}",
        table=Table(
            f"Means with standard deviations, and shares, with and without “{name}”",
            [
                TableColumn("Column"),
                TableColumn("All"),
                TableColumn(f"“{name}”", name="with_event"),
                TableColumn("Others"),
                TableColumn("Apart", "number", digits=2, signed=True, about="in standard deviations"),
                TableColumn("Missing", "share"),
            ],
            lines,
            counts=counts,
        ),
        note=f"{rest} more columns are left out." if rest > 0 else "",
    )


def _lines(
    name: str, values: pd.Series, event: NDArray[np.bool_], smallest: int
) -> Iterator[tuple[list[Any], int, float | None]]:
    missing = float(values.isna().mean())
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        numbers = values.to_numpy(dtype=np.float64)
        known = ~np.isnan(numbers)
        if len(np.unique(numbers[known])) > 2:
            apart = smd(numbers[event & known], numbers[~event & known])
            cells = [_mean(numbers[known & which], smallest) for which in (known, event, ~event)]
            yield [name, *cells, apart, missing], int(known.sum()), apart
            return
    texts = values.astype("object").where(values.notna(), None)
    levels = texts.dropna().map(_text).value_counts()
    for level in levels.index[:MOST_LEVELS]:
        flag = texts.map(lambda value, wanted=level: value is not None and _text(value) == wanted).to_numpy(dtype=bool)
        known = texts.notna().to_numpy()
        apart = smd(flag[event & known].astype(np.float64), flag[~event & known].astype(np.float64))
        cells = [_share(flag, known & which, smallest) for which in (known, event, ~event)]
        yield [f"{name} = {level}", *cells, apart, missing], int(flag.sum()), apart
        if len(levels) == 2:
            return


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def smd(first: NDArray[np.float64], second: NDArray[np.float64]) -> float | None:
    """Return the standardised mean difference, by the mean of the two variances; None where there is none.

    Examples
    --------
    >>> round(smd(np.array([2.0, 4.0]), np.array([1.0, 3.0])), 4)
    0.7071
    """
    if len(first) < 2 or len(second) < 2:
        return None
    spread = float(np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2))
    return float((first.mean() - second.mean()) / spread) if spread > 0 else None


def _mean(values: NDArray[np.float64], smallest: int) -> str | None:
    return f"{values.mean():.4g} ({values.std(ddof=1):.3g})" if len(values) >= max(2, smallest) else None


def _share(flag: NDArray[np.bool_], which: NDArray[np.bool_], smallest: int) -> str | None:
    having, rows = int((flag & which).sum()), int(which.sum())
    # A handful of people, or all but a handful, is told nowhere.
    if rows < smallest or 0 < having < smallest or 0 < rows - having < smallest:
        return None
    return f"{having:,} ({100 * having / rows:.0f} %)"
