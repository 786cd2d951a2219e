"""A model of numbers that are held within bounds, in learning and in answering."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, model_validator

from sartor.components import NUMBER, Fitted, Model, ModelStep
from sartor.context import Context
from sartor.errors import Problem, SettingError
from sartor.rows import Training
from sartor_plugins.learn.settings import wrong_answer

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.plugins import Plugins

Bound = Annotated[float, Field(allow_inf_nan=False)]


class Capped(Model):
    """A model that learns numbers held within bounds, and answers within them.

    What lies beyond a bound is learned as the bound: of a machine that has 200 or 300 days left nothing shows yet, and
    a model that is asked to tell them apart learns noise. Rows are judged by their whole truth all the same.

    Parameters
    ----------
    model : ModelStep
        ``{use: learn.lightgbm}``.
    most, least : float, optional
        The bounds, one of them at least.
    """

    answers: ClassVar[frozenset[str]] = frozenset({NUMBER})

    model: ModelStep
    most: Bound | None = None
    least: Bound | None = None

    @model_validator(mode="after")
    def _a_bound_is_there(self) -> Self:
        if self.most is None and self.least is None:
            raise SettingError(
                "neither most nor least is given, and nothing is capped",
                hints=(("to mend", "name a bound: most: 125"),),
            )
        if self.most is not None and self.least is not None and self.least >= self.most:
            raise SettingError(
                f"least, {self.least:g}, is not below most, {self.most:g}",
                hints=(("to mend", "see whether the two are exchanged"),),
            )
        return self

    def check_settings(self, plugins: Plugins) -> Iterator[tuple[tuple[str | int, ...], Problem]]:
        """Say when the model answers no numbers."""
        yield from wrong_answer(plugins, self.model, NUMBER, "learn.capped caps numbers")

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn from capped numbers."""
        from sartor_plugins.learn.fitting.capping import fit_capped

        return fit_capped(self, training, context)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved."""
        from sartor_plugins.learn.fitting.capping import load_capped

        return load_capped(self, folder)
