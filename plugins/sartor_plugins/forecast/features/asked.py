"""The rows of a forecast as arrays: which series, asked when, about which periods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.durations import Duration
from sartor.errors import InputError
from sartor.rows import AS_OF, ROW
from sartor_plugins.forecast.history.panel import Panel, panel_of
from sartor_plugins.forecast.names import CALENDAR, SPAN, STEP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sartor.rows import Rows, Table

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Asked:
    """Rows of a forecast, and the series they ask about.

    Parameters
    ----------
    frame : DataFrame
        The rows.
    panel : Panel
    series, origin, start, stop : ndarray of shape (n_rows,)
        Place of the series (-1 where it has no past), period at whose beginning it is asked, and the periods asked
        about, from `start` up to `stop`.
    """

    frame: pd.DataFrame
    panel: Panel
    series: Ints
    origin: Ints
    start: Ints
    stop: Ints

    def columns(self, made: dict[str, Any]) -> pd.DataFrame:
        """Return columns for the rows; NaN where the series has no past."""
        unknown = self.series < 0
        found = pd.DataFrame({ROW: self.frame[ROW]})
        for name, values in made.items():
            column = pd.Series(values)
            found[name] = column.mask(unknown) if unknown.any() else column
        return found


def asked(rows: Rows, table: Table, more: Sequence[str] = ()) -> Asked:
    """Return rows as arrays.

    Raises
    ------
    InputError
        If the rows are none of a forecast.
    """
    here = rows.frame.collect_schema().names()
    if not {STEP, SPAN, CALENDAR, AS_OF} <= set(here):
        raise InputError(
            "the rows are none of a forecast: they do not say which periods are asked about",
            code="D184",
            hints=(("to mend", "use the feature with a task that forecasts demand, such as forecast.demand"),),
        )
    columns = [ROW, AS_OF, STEP, SPAN, CALENDAR, *rows.keys]
    frame = rows.frame.select(*dict.fromkeys(columns)).collect(backend="pyarrow").to_native().to_pandas()
    every, begins, returns = read_calendar(frame[CALENDAR].iloc[0])
    panel = panel_of(table, every, more=more, begins=begins, returns=returns)
    moments, places = np.unique(frame[AS_OF].to_numpy(), return_inverse=True)
    numbers = np.array([panel.calendar.number(moment, "a moment of asking") for moment in moments], dtype=np.int64)
    origin = numbers[places]
    start = origin + frame[STEP].to_numpy(dtype=np.int64) - 1
    return Asked(frame, panel, panel.places(frame), origin, start, start + frame[SPAN].to_numpy(dtype=np.int64))


def calendar_text(every: Duration, begins: str, returns: str) -> str:
    """Return how lines become series, as rows carry it."""
    return f"{every}; {begins}; {returns}"


def read_calendar(text: str) -> tuple[Duration, str, str]:
    """Return what `calendar_text` wrote.

    Examples
    --------
    >>> read_calendar(calendar_text(Duration(1, "week"), "first line", "refuse"))
    (Duration(count=1, unit='week'), 'first line', 'refuse')
    """
    every, begins, returns = text.split("; ")
    return Duration.parse(every), begins, returns
