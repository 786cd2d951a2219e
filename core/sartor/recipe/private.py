"""What a recipe says of privacy, as a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sartor.guard.limits import Limits
from sartor.guard.treatments import Consent, Treatment
from sartor.recipe.secret import Secret
from sartor.sections import SMALLEST_GROUP


@dataclass(frozen=True)
class Privacy:
    """What the data may be used for.

    Parameters
    ----------
    purpose : str
    columns : mapping of column to treatment
        See `sartor.guard.treatments`.
    key : Secret or None
        What pseudonyms and shifts of dates follow from.
    key_check : str or None
        Tells whether it is the key that the recipe was written for.
    consent : Consent or None
    smallest_group : int
        Fewer rows than this are told of in no report.
    limits : Limits
        What may be learned, kept and handed on.
    """

    purpose: str | None = None
    columns: Mapping[str, Treatment] = field(default_factory=dict)
    key: Secret | None = None
    key_check: str | None = None
    consent: Consent | None = None
    smallest_group: int = SMALLEST_GROUP
    limits: Limits = field(default_factory=Limits)

    @property
    def hides(self) -> bool:
        """Whether there are values that nobody may see."""
        return bool(self.columns) or self.consent is not None
