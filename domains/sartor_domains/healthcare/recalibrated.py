"""Settings of recalibration at new sites; the work is done in `sartor_domains.healthcare.recalibrating`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from sartor.components import PROBABILITY, Column, Fitted, Model, ModelStep
from sartor.context import Context
from sartor.errors import Problem
from sartor.rows import Training
from sartor_plugins.learn.settings import answers_of
from sartor_plugins.learn.tasks import Label

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.plugins import Plugins


class Recalibrated(Model):
    """A model that learned elsewhere, with its risks put right at new sites.

    The model learns from the training rows of all other sites. At each new site its log-odds are then moved, or moved
    and stretched, to what happened to the training rows there, which it has not seen: a few dozen patients can do what
    a model of their own cannot. Sites with too few of them keep the risks as they are, and that is said.

    Parameters
    ----------
    model : ModelStep
        ``{use: learn.logistic}``.
    site : str
        Column of the site.
    at : list of label
        The new sites.
    method : {"intercept", "slope"}
        ``intercept`` moves all log-odds alike, which few patients can tell; ``slope`` stretches them too.
    fewest : int
        Patients with the event, and without it, that a site needs in training.
    """

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})

    model: ModelStep
    site: Column
    at: Annotated[list[Label], Field(min_length=1)]
    method: Literal["intercept", "slope"] = "intercept"
    fewest: Annotated[int, Field(ge=2)] = 10

    def check_settings(self, plugins: Plugins) -> Iterator[tuple[tuple[str | int, ...], Problem]]:
        """Say when the model has no probabilities."""
        answers = answers_of(plugins, self.model)
        if answers is not None and PROBABILITY not in answers:
            message = (
                f"'{self.model.use}' answers a {' or a '.join(sorted(answers))}; healthcare.recalibrated moves "
                "probabilities"
            )
            yield ("model", "use"), Problem("R025", message, hints=(("to see all", "sartor list models"),))

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn elsewhere, and move the risks at each new site."""
        from sartor_domains.healthcare.recalibrating import fit_recalibrated

        return fit_recalibrated(self, training, context)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved."""
        from sartor_domains.healthcare.recalibrating import load_recalibrated

        return load_recalibrated(self, folder)
