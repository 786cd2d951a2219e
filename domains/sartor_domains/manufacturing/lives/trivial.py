"""The trivial answers of remaining life: they look at no sensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sartor.components import NUMBER, Fitted, Model
from sartor_domains.manufacturing.remaining_life import Cap

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Training


class MeanLeft(Model):
    """The mean of what training rows had left, held to the cap, for every row.

    Parameters
    ----------
    cap : float, optional
    """

    answers: ClassVar[frozenset[str]] = frozenset({NUMBER})

    cap: Cap | None = None

    def fit(self, training: Training, context: Context) -> Fitted:
        """Average."""
        from sartor_domains.manufacturing.lives.ages import fit_mean

        return fit_mean(self.cap, training)


class AgeOnly(Model):
    """What units of training that came as far as this one lived on for, on average; it knows the age and no sensor.

    Parameters
    ----------
    cap : float, optional
    """

    answers: ClassVar[frozenset[str]] = frozenset({NUMBER})

    cap: Cap | None = None

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn how long units lived."""
        from sartor_domains.manufacturing.lives.ages import fit_age_only

        return fit_age_only(self.cap, training)
