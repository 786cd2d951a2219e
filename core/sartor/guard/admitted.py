"""A table as privacy and its contract let it in: its columns, and what was found in its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sartor.contract.judging import Check
from sartor.guard.terms import Terms
from sartor.guard.treatments import AuditOnly, Treatment

if TYPE_CHECKING:
    import duckdb

OUT = "__out"
"""Why a line did not enter, 0 where it did; absent where every line does. See `sartor.guard.entering`."""
FOUND = "__found_"
"""What was found in a line, as bits; one column for each `BITS` checks."""
AS_READ = "__as_read"
"""The texts of a line in which something was found, as the source has them, put together; of untreated columns only.

See `Admission.text_as_read`: a column of texts costs every line less than one of structures.
"""
NUMBER = "__number"
"""Which line of the source it is, where their order has to be put right."""
BITS = 62
"""Checks whose findings one column holds."""
NO_TEXT = "-"
"""What `AS_READ` holds for a text that is missing; those that are not are written in hexadecimals."""


@dataclass(frozen=True)
class Admission:
    """A table as it enters.

    Parameters
    ----------
    relation : DuckDBPyRelation
        Its columns in their final form, and what was found: lazily, in the order of the source.
    terms : Terms
    columns : tuple of str
        Those that enter.
    checks : tuple of Check
        What was looked for; the place of a check is that of its bit.
    as_read : tuple of str
        Columns whose texts `AS_READ` keeps.
    parts : tuple of str
        Columns that keep what the split says of values that privacy changes.
    leaves_out : bool
        Whether lines may stay out, so that there is a column `OUT`.
    floating : tuple of str
        Columns of numbers of which nothing is said: they enter as they are, infinite ones among them.
    """

    relation: duckdb.DuckDBPyRelation
    terms: Terms
    columns: tuple[str, ...]
    checks: tuple[Check, ...] = ()
    as_read: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    leaves_out: bool = False
    floating: tuple[str, ...] = ()

    def treatment(self, column: str) -> Treatment | None:
        """Return what privacy makes of a column."""
        return self.terms.treatments.get(column)

    @property
    def audited(self) -> list[str]:
        """Columns that no step sees."""
        return [column for column in self.columns if isinstance(self.treatment(column), AuditOnly)]

    @property
    def visible(self) -> list[str]:
        """Columns that steps may see."""
        return [column for column in self.columns if not isinstance(self.treatment(column), AuditOnly)]

    @property
    def words(self) -> list[str]:
        """Names of the columns that hold bits."""
        return [f"{FOUND}{place}" for place in range(-(-len(self.checks) // BITS))]

    def text_as_read(self, column: str) -> str:
        """Return SQL of a column's text as the source has it; missing where `AS_READ` does not keep it."""
        if column not in self.as_read:
            return "NULL"
        part = f"split_part({AS_READ}, ',', {self.as_read.index(column) + 1})"
        return f"CASE WHEN {part} <> '{NO_TEXT}' THEN decode(unhex({part})) END"

    def found(self, places: Sequence[int]) -> str:
        """Return SQL that tells whether one of the checks at these places found something."""
        return has_bits(self.words, places)


def bit_of(place: int) -> int:
    """Return the bit of the check at a place, within its word."""
    return int(1 << (place % BITS))


def has_bits(words: Sequence[str], places: Sequence[int]) -> str:
    """Return SQL that tells whether a line has one of the bits."""
    masks: dict[int, int] = {}
    for place in places:
        masks[place // BITS] = masks.get(place // BITS, 0) | bit_of(place)
    tests = [f"{words[word]} & {mask} <> 0" for word, mask in masks.items()]
    return f"({' OR '.join(tests)})" if tests else "false"
