"""The best of several models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from sartor.components import Fitted, Model, ModelStep
from sartor.context import Context
from sartor.errors import Problem
from sartor.rows import Training
from sartor_plugins.learn.settings import BOTH, MetricName, answers_of

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.plugins import Plugins


class Chosen(Model):
    """Tries models on the inner rows, and learns the best anew from all training rows.

    Every model learns from the inner learning rows and is judged on the inner validation rows, as the recipe's own
    rule splits them; test rows are out of reach. `learned` tells every model's score.

    Parameters
    ----------
    among : mapping of name to ModelStep
        ``{forest: {use: learn.forest}, card: {use: finance.scorecard}}``; of equally good ones the first is taken.
    by : str, optional
        A metric of learn: ``log_loss`` of probabilities and ``rmse`` of numbers, unless named.
    """

    answers: ClassVar[frozenset[str]] = BOTH

    among: Annotated[dict[str, ModelStep], Field(min_length=1)]
    by: MetricName | None = None

    def check_settings(self, plugins: Plugins) -> Iterator[tuple[tuple[str | int, ...], Problem]]:
        """Say when no task could be answered by all of the models."""
        left = self.answers
        for name, step in self.among.items():
            answers = answers_of(plugins, step)
            if answers is None:
                continue
            if not left & answers:
                message = (
                    f"'{step.use}' answers a {' or a '.join(sorted(answers))}; those before it answer a "
                    f"{' or a '.join(sorted(left))}, and one task asks all of them"
                )
                yield ("among", name, "use"), Problem("R025", message, hints=(("to see all", "sartor list models"),))
                return
            left &= answers

    def fit(self, training: Training, context: Context) -> Fitted:
        """Try, choose, and learn anew."""
        from sartor_plugins.learn.fitting.picking import fit_chosen

        return fit_chosen(self, training, context)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved."""
        from sartor_plugins.learn.fitting.picking import load_chosen

        return load_chosen(self, folder)
