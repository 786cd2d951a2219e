"""How old the newest line of a table may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sartor.contract.terms import Contract, Fresh
from sartor.errors import InputError
from sartor.wording import plural

CLOCKS_DIFFER = timedelta(days=1)
"""What is newer than now by no more than this is told by another clock, or in another zone."""


def looks_from(contract: Contract, as_of: datetime | None) -> datetime:
    """Return the moment from which one looks back, as the column of `fresh` holds moments: in UTC where it says a zone.

    Parameters
    ----------
    contract : Contract
    as_of : datetime or None
        As it was asked for; the present where it is None.
    """
    terms = contract.columns.get(contract.fresh.column) if contract.fresh is not None else None
    in_utc = terms is not None and (terms.zone is not None or any("%z" in form for form in terms.formats))
    now = as_of or datetime.now(UTC if in_utc else None)
    return now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now


def check_fresh(table: str, fresh: Fresh, newest: datetime | None, now: datetime) -> str | None:
    """Stop if a table is stale; return a caution where a date to come keeps it from ever being so.

    Parameters
    ----------
    table : str
    fresh : Fresh
        What the contract says.
    newest : datetime or None
        The newest value of the column; None where it holds none.
    now : datetime
        From where one looks back: ``--as-of``, or the present.

    Raises
    ------
    InputError
        If the newest line is older than the contract allows.
    """
    if newest is None:
        raise InputError(f"{fresh.column} of table {table} holds no date that would say how fresh it is", code="D172")
    if newest > now + CLOCKS_DIFFER:
        return (
            f"{table}: the newest {fresh.column}, {_shown(newest)}, is after {_shown(now)} by more than a day, so "
            "nothing tells how fresh it is"
        )
    if fresh.within.to_offset(newest) >= now:
        return None
    raise InputError(
        f"table {table} is stale: the newest {fresh.column} is {_shown(newest)}, which is "
        f"{_age(now - newest)} before {_shown(now)}; the contract asks for {fresh.within} at most",
        code="D172",
        hints=(("to mend", "get the newest data, or look from another day: --as-of DATE"),),
    )


def _shown(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes").removesuffix(" 00:00")


def _age(length: object) -> str:
    days = getattr(length, "days", 0)
    hours = int(getattr(length, "seconds", 0)) // 3600
    if days:
        return plural(days, "day")
    return plural(hours, "hour")
