"""Everything that a recipe says of one table, as far as it decides what enters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sartor.contract.plain import Plain, plain_of
from sartor.contract.terms import ColumnTerms, Contract
from sartor.guard.entering import Withhold
from sartor.guard.treatments import Consent, Drop, ShiftDates, Treatment

if TYPE_CHECKING:
    from sartor.recipe.model import Split

_UNSAID = ColumnTerms()


@dataclass(frozen=True)
class Terms:
    """Everything that is said of one table.

    Parameters
    ----------
    table : str
    key : tuple of str
    time : str or None
    contract : Contract
    treatments : mapping of column to Treatment
        May name columns that the table does not have.
    consent : Consent or None
    person : str or None
        What the table calls the person that consent goes by.
    agreed : str or None
        SQL table of those who agreed, where its lines go by their person.
    split : Split or None
        The recipe's rule.
    as_of : datetime or None
        Lines of this moment or later do not enter.
    oldest : datetime or None
        Lines of before this moment may not be kept any more.
    withhold : Withhold
    """

    table: str
    key: tuple[str, ...] = ()
    time: str | None = None
    contract: Contract = field(default_factory=Contract)
    treatments: Mapping[str, Treatment] = field(default_factory=dict)
    consent: Consent | None = None
    person: str | None = None
    agreed: str | None = None
    split: Split | None = None
    as_of: datetime | None = None
    oldest: datetime | None = None
    withhold: Withhold = field(default_factory=Withhold)

    def of(self, column: str) -> ColumnTerms:
        """Return what the contract says of a column."""
        return self.contract.columns.get(column, _UNSAID)

    def looks_at(self, column: str) -> bool:
        """Tell whether anything follows from a column: a dropped one tells at most who agreed, or whose dates move."""
        if not isinstance(self.treatments.get(column), Drop):
            return True
        by = {treatment.by for treatment in self.treatments.values() if isinstance(treatment, ShiftDates)}
        consent = self.consent
        asked = consent is not None and consent.may_ask(self.table) and column in (consent.column, self.person)
        return asked or column in by or column in self.withhold.asks(self.table)

    @property
    def as_texts(self) -> frozenset[str]:
        """Columns whose types nobody but the contract finds out: it reads them itself, or they do not enter."""
        return self.contract.typed | {column for column in self.treatments if not self.looks_at(column)}

    @property
    def plain(self) -> dict[str, Plain]:
        """What plain values of the columns are; of none where who agreed is read before the table is."""
        if self.consent is not None:
            return {}
        typed = {column: plain_of(self.of(column)) for column in self.contract.typed if self.looks_at(column)}
        return {column: plain for column, plain in typed.items() if plain is not None}
