"""Says why a part of a split has no rows: for a split by time with its cut and the times that there are."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from sartor.errors import InputError
from sartor.recipe.model import Split, TimeSplit
from sartor.rows import AS_OF, KNOWN_AT

LEARN, JUDGE = "to learn from", "to judge by"

_ELSE = (("to mend", "choose another cut or share; sartor explain split shows the forms"),)


def empty_part(rows: pd.DataFrame, rule: Split, known: np.ndarray, what: str, name: str = "") -> InputError:
    """Return the error for a part without rows.

    Parameters
    ----------
    rows : DataFrame
        As `sartor.stages.splitting.split` takes them.
    rule : Split
    known : ndarray of bool
        Whether the row's truth is known.
    what : {"to learn from", "to judge by"}
        The part that is empty.
    name : str
        Of the fold or window.
    """
    message = f"the split leaves no row {what}" + (f" in {name}" if name else "")
    if not isinstance(rule, TimeSplit) or AS_OF not in rows or not known.any():
        return InputError(message, code="D031", hints=_ELSE)
    as_of = rows[AS_OF][known]
    known_at = rows[KNOWN_AT][known] if KNOWN_AT in rows else as_of
    if as_of.isna().all() or known_at.isna().all():
        return InputError(f"{message}: their times are missing throughout", code="D031", hints=_ELSE)
    first, last, told = as_of.min(), as_of.max(), known_at.min()
    times = f"rows {'' if known.all() else 'with a truth '}are asked from {shown(first)} to {shown(last)}"
    if what == LEARN and told != first:
        times += f", and the first truth is known on {shown(told)}"
    mend = _mend(first, last, told)
    return InputError(f"{message}: {_cut(rule)}, and {times}", code="D031", hints=(("to mend", mend),))


def _cut(rule: TimeSplit) -> str:
    if rule.every is None:
        return f"the cut is {shown(rule.cut)}"
    end = rule.every.to_offset(rule.cut, times=rule.origins)
    return f"the cut is {shown(rule.cut)}, its windows end before {shown(end)}"


def _mend(first: pd.Timestamp, last: pd.Timestamp, told: pd.Timestamp) -> str:
    if first == last:
        return "all rows are asked at one moment, so no cut has rows on both sides: split by hash, group or a column"
    if told > last:
        return (
            f"no cut has rows on both sides, as no truth is known by {shown(last)}, when the last row is asked: "
            "take rows of a longer time, or split by hash"
        )
    if told == last:
        return f"one cut alone has rows on both sides: split: {{time: {shown(last)}}}"
    return f"choose a cut later than {shown(told)}, and no later than {shown(last)}: split: {{time: DATE}}"


def shown(moment: pd.Timestamp | datetime) -> str:
    """Return a moment as people write it, the time of day only where there is one.

    Examples
    --------
    >>> shown(datetime(2024, 3, 4)), shown(datetime(2024, 3, 4, 12, 30))
    ('2024-03-04', '2024-03-04 12:30')
    """
    text: str = pd.Timestamp(moment).tz_localize(None).isoformat(sep=" ", timespec="seconds")
    return text.removesuffix(" 00:00:00").removesuffix(":00") if text.endswith(":00") else text
