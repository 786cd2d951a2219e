"""Amounts that follow an exponential law."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from sartor.components import NUMBER, Fitted
from sartor.context import Context
from sartor.errors import SettingError
from sartor.rows import Training
from sartor_plugins.learn.settings import LearnModel

Amount = Annotated[float, Field(allow_inf_nan=False)]


def _rising(amounts: list[float]) -> list[float]:
    if sorted(set(amounts)) != amounts:
        raise SettingError(f"amounts must rise, and are {', '.join(f'{amount:g}' for amount in amounts)}")
    return amounts


class Exponential(LearnModel):
    """The exponential law of all training rows: their mean, and the chance of reaching an amount.

    The one parameter is found by maximum likelihood: the rate is 1 / mean. It looks at no feature. An exponential law
    has a variance of its mean squared; amounts that vary otherwise do not follow it, and that is said.

    Parameters
    ----------
    at_least : list of float
        Amounts of which the chance to reach them stands behind the answer, in columns such as ``at_least:600``.
    start : float
        The least amount that there can be, such as the smallest order taken; the law begins there.
    """

    answers: ClassVar[frozenset[str]] = frozenset({NUMBER})

    at_least: Annotated[list[Amount], Field(max_length=50), AfterValidator(_rising)] = Field(default_factory=list)
    start: Amount = 0.0

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the mean, and look whether the law holds."""
        from sartor_plugins.learn.fitting.exponential import fit_exponential

        return fit_exponential(self, training, context)
