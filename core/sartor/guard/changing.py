"""What treatments make of the values of a column: SQL for the engine."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from sartor.contract.kinds import Kind, kind_of
from sartor.contract.reading import key_text
from sartor.errors import Problem
from sartor.guard.pseudonyms import days_sql, pseudonym_sql
from sartor.guard.treatments import Generalise, Mask, Pseudonymise, ShiftDates, Treatment

HIDDEN = "***"
"""What a mask shows in place of characters, however many."""
_SMALL = 1e-9
"""Part of a band by which a number may lie below its edge for want of binary digits: 0.3 is three tenths."""
_WORDS: dict[Kind, str] = {
    "text": "text", "integer": "a number", "number": "a number", "boolean": "true or false", "date": "a date",
    "datetime": "a date", "other": "a list or a structure",
}  # fmt: skip


def changed(value: str, dtype: Any, treatment: Treatment, person: tuple[str, Any] | None = None) -> str:
    """Return SQL of the treated value; what leaves the range of its type, a date of the year 6,000,000 say, is lost.

    Parameters
    ----------
    value : str
        SQL of the value as it was read.
    dtype : DuckDBPyType
        Its type.
    treatment : Treatment
        One that changes values.
    person : tuple of str and DuckDBPyType, optional
        SQL and type of the column by which dates are shifted.
    """
    if isinstance(treatment, Pseudonymise):
        return pseudonym_sql(key_text(value, dtype))
    if isinstance(treatment, Mask):
        return _masked(key_text(value, dtype), treatment)
    if isinstance(treatment, ShiftDates):
        assert person is not None
        days = days_sql(key_text(*person), treatment.within_days)
        moved = f"{value} + to_days({days})" if kind_of(dtype) == "datetime" else f"{value} + {days}"
        # Without a person nothing says by how much: the date would stand there as it is.
        return f"CASE WHEN {person[0]} IS NOT NULL THEN TRY({moved}) END"
    assert isinstance(treatment, Generalise)
    return _generalised(value, dtype, treatment)


def unsuited(table: str, column: str, dtype: Any, treatment: Treatment) -> Problem | None:
    """Return the problem of a treatment that the values of a column do not take."""
    kind = kind_of(dtype)
    needs = _needs(treatment)
    if kind != "other" and (needs is None or kind in needs[1]):
        return None
    wanted = needs[0] if needs else "single values"
    message = f"column '{column}' of table {table} is {_WORDS[kind]}, and to be {treatment.told} it must be {wanted}"
    mend = f"say its type in the contract: columns: {{{column}: {{type: {needs[1][0]}}}}}" if needs else "drop it"
    return Problem("P005", message, hints=(("to mend", mend),))


def _needs(treatment: Treatment) -> tuple[str, tuple[Kind, ...]] | None:
    if isinstance(treatment, ShiftDates) or (isinstance(treatment, Generalise) and treatment.to):
        return "a date", ("date", "datetime")
    if isinstance(treatment, Generalise) and (treatment.bands or treatment.width):
        return "a number", ("integer", "number")
    return None


def _masked(text: str, treatment: Mask) -> str:
    shown = treatment.keep_first + treatment.keep_last
    left = f"left({text}, {treatment.keep_first}) || " if treatment.keep_first else ""
    right = f" || right({text}, {treatment.keep_last})" if treatment.keep_last else ""
    # As much is hidden as is shown, or all of it.
    ends = f"WHEN length({text}) >= {2 * shown} THEN {left}'{HIDDEN}'{right}"
    return f"CASE {ends} WHEN {text} IS NOT NULL THEN '{HIDDEN}' END"


def _generalised(value: str, dtype: Any, treatment: Generalise) -> str:
    if treatment.prefix is not None:
        return f"left({key_text(value, dtype)}, {treatment.prefix})"
    if treatment.to is not None:
        return f"TRY(CAST(date_trunc('{treatment.to}', {value}) AS DATE))"
    if treatment.width is not None:
        return _lower_edge(value, dtype, treatment.width)
    edges = treatment.bands
    bands = [f"WHEN {value} < {edges[0]!r} THEN 'below {_shown(edges[0])}'"]
    for low, high in pairwise(edges):
        bands.append(f"WHEN {value} < {high!r} THEN '{_shown(low)} to below {_shown(high)}'")
    return f"CASE {' '.join(bands)} WHEN {value} IS NOT NULL THEN '{_shown(edges[-1])} and above' END"


def _lower_edge(value: str, dtype: Any, width: float) -> str:
    if kind_of(dtype) == "integer" and float(width).is_integer():
        whole = int(width)
        return f"TRY({value} - (({value} % {whole}) + {whole}) % {whole})"
    return f"round(floor({value} / {width!r} + {_SMALL}) * {width!r}, 9)"


def _shown(edge: float) -> str:
    return f"{edge:.12g}"
