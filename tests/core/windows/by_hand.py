"""Windows worked out by looking at every line, and what tests of windows need to read results."""

from __future__ import annotations

import math
import statistics
from datetime import datetime, timedelta

import pandas as pd

START = datetime(2024, 5, 1)


def at(hours: float) -> datetime:
    """A moment so many hours after the start."""
    return START + timedelta(hours=hours)


def fetched(made) -> pd.DataFrame:
    """Work a result out, in the order of the rows."""
    table = made.collect("pyarrow").to_native()
    return table.sort_by("__row").to_pandas().set_index("__row")


def listed(frame: pd.DataFrame, column: str) -> list:
    """A column as plain values, None where missing."""
    return [None if pd.isna(value) else value for value in frame[column].tolist()]


def brute(lines, row, kind, length, upto="own", delay=0.0):
    """Work out one window of one row by looking at every line.

    Lines are ``(id, card, hours, amount, item)``, rows ``(id, card, hours)``; lengths and delays are in hours.
    """
    own, card, moment = row
    if card is None or moment is None:
        return None
    end = moment - delay
    inside = []
    for line in lines:
        if line[1] != card or line[2] is None or line[2] > end or (length is not None and line[2] <= end - length):
            continue
        if line[2] < end or upto == "including" or (upto == "own" and line[0] <= own):
            inside.append(line)
    amounts = [line[3] for line in inside if line[3] is not None]
    if kind == "count":
        return len(inside)
    if kind == "distinct":
        return len({line[4] for line in inside} - {None})
    if kind == "since":
        others = [line[2] for line in inside if line[0] != own]
        return (moment - max(others)) * 3600 if others else None
    if kind == "sum":
        return math.fsum(amounts)
    if kind == "std":
        return statistics.stdev(amounts) if len(amounts) > 1 else None
    if not amounts:
        return None
    return {"mean": math.fsum(amounts) / len(amounts), "min": min(amounts), "max": max(amounts)}[kind]
