"""When truths are known: a while after the moment at which a row is asked."""

from __future__ import annotations

from dataclasses import replace

import narwhals as nw

from sartor.durations import Duration
from sartor.rows import AS_OF, KNOWN_AT, Rows

_OFFSETS = {"second": "s", "minute": "m", "hour": "h", "day": "d", "month": "mo", "year": "y"}


def later(moment: nw.Expr, delay: Duration) -> nw.Expr:
    """Return the moment that lies a while behind another one, by the calendar."""
    count, unit = (7 * delay.count, "day") if delay.unit == "week" else (delay.count, delay.unit)
    return moment.dt.offset_by(f"{count}{_OFFSETS[unit]}")


def known_after(rows: Rows, delay: Duration) -> Rows:
    """Return the rows with the moment at which each truth is known.

    Parameters
    ----------
    rows : Rows
        With ``__as_of``.
    delay : Duration
    """
    return replace(rows, frame=rows.frame.with_columns(later(nw.col(AS_OF), delay).alias(KNOWN_AT)))
