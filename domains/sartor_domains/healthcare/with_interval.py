"""Settings of risks with an interval; the work is done in `sartor_domains.healthcare.redrawn`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from sartor.components import PROBABILITY, Fitted, Model, ModelStep, Share
from sartor.context import Context
from sartor.errors import Problem
from sartor.rows import Training
from sartor_plugins.learn.settings import answers_of
from sartor_plugins.survival.answer import SURVIVAL

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.plugins import Plugins


class WithInterval(Model):
    """A model whose risks come with an interval.

    The model learns from all training rows, and answers as it would without this. Beside it, it learns again from
    redrawn patients (people with several rows are redrawn together): how far these answers lie apart, in log-odds,
    makes ``probability_low`` and ``probability_high``; of curves, on the scale of log(-log), ``survival_low`` and
    ``survival_high``. The interval tells how sure the model is of a patient's risk,
    with the columns it has; it does not tell whether the event happens.

    Parameters
    ----------
    model : ModelStep
        ``{use: learn.logistic}``; a calibrated one is calibrated anew each time.
    refits : int
        How many times it learns from redrawn patients.
    confidence : float
        Of the interval.
    """

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY, SURVIVAL})

    model: ModelStep
    refits: Annotated[int, Field(ge=5, le=1000)] = 20
    confidence: Share = 0.9

    def check_settings(self, plugins: Plugins) -> Iterator[tuple[tuple[str | int, ...], Problem]]:
        """Say when the model has neither probabilities nor curves."""
        answers = answers_of(plugins, self.model)
        if answers is not None and not answers & self.answers:
            message = (
                f"'{self.model.use}' answers a {' or a '.join(sorted(answers))}; healthcare.with_interval is for "
                "probabilities and survival"
            )
            yield ("model", "use"), Problem("R025", message, hints=(("to see all", "sartor list models"),))

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the model, and from redrawn patients how sure it is."""
        from sartor_domains.healthcare.redrawn import fit_with_interval

        return fit_with_interval(self, training, context)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved."""
        from sartor_domains.healthcare.redrawn import load_with_interval

        return load_with_interval(self, folder)
