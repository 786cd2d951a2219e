"""A model with settings found on inner rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field, ValidationError, model_validator

from sartor.components import Duration, Fitted, Model, ModelStep, Settings
from sartor.context import Context
from sartor.durations import Duration as DurationType
from sartor.errors import PluginError, Problem, SettingError, nearest
from sartor.rows import Training
from sartor_plugins.learn.settings import BOTH, MetricName

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.plugins import Plugins

Finite = Annotated[float, Field(allow_inf_nan=False)]
Plain = bool | int | float | str


class Between(Settings):
    """A range of values to try.

    Parameters
    ----------
    from_ : float
        Written ``from``; the least value.
    to : float
        The greatest value.
    log : bool
        Spread evenly over orders of magnitude; for penalties and rates.
    whole : bool
        Whole numbers only.
    """

    from_: Finite = Field(alias="from")
    to: Finite
    log: bool = False
    whole: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ >= self.to:
            raise SettingError(f"must rise, got from {self.from_:g} to {self.to:g}")
        if self.log and self.from_ <= 0:
            raise SettingError(f"must begin above 0 where log is true, got from {self.from_:g}")
        if self.whole and not (float(self.from_).is_integer() and float(self.to).is_integer()):
            raise SettingError(f"must have whole ends where whole is true, got from {self.from_:g} to {self.to:g}")
        return self

    def at(self, share: float) -> float | int:
        """Return the value at a share of the way.

        Examples
        --------
        >>> Between(from_=0.01, to=1.0, log=True).at(0.5)
        0.1
        >>> Between(from_=1, to=4, whole=True).at(0.99)
        4
        """
        from math import exp, log

        if self.whole:
            # Each whole number has the same width of the way, the ends too.
            low, high = (self.from_ - 0.5, self.to + 0.5)
            value = exp(log(low) + share * (log(high) - log(low))) if self.log else low + share * (high - low)
            return int(min(max(round(value), self.from_), self.to))
        if self.log:
            return float(f"{exp(log(self.from_) + share * (log(self.to) - log(self.from_))):.6g}")
        return float(f"{self.from_ + share * (self.to - self.from_):.6g}")


class Tuned(Model):
    """Searches settings of a model on the inner rows, and learns the best anew from all training rows.

    Successive halving [1]_: many settings learn from a small sample of the inner learning rows, the better third goes
    on to a sample three times as large, until few are left on all of them; all are judged on the same inner
    validation rows. The model as it is written is always among them, and gets to the last rung. The search ends
    earlier when its time is used up, a trial that has begun excepted; without that it repeats exactly. Settings with
    which the model cannot learn, such as a rate that is too high for a network, count as worst. `learned` tells the
    settings found and every trial.

    Parameters
    ----------
    model : ModelStep
        ``{use: learn.boosting, with: {...}}``; what is not searched stays as written.
    over : mapping of setting to values
        A list of values, or a range: ``{from: 0.01, to: 0.3, log: true}``, ``{from: 5, to: 60, whole: true}``. A
        setting that is a list itself is searched by a list of lists: ``hidden: [[32], [64, 64]]``.
    candidates : int
        How many settings begin, besides those written; all of them, where there are not more.
    budget : Duration
        Time for the search. The last fit on all training rows comes after it.
    by : str, optional
        A metric of learn: ``log_loss`` of probabilities and ``rmse`` of numbers, unless named.

    References
    ----------
    .. [1] Jamieson and Talwalkar, *Non-stochastic Best Arm Identification and Hyperparameter Optimization*,
       AISTATS 2016.
    """

    answers: ClassVar[frozenset[str]] = BOTH

    model: ModelStep
    over: Annotated[dict[str, Between | Annotated[list[Plain | list[Plain]], Field(min_length=1)]], Field(min_length=1)]
    candidates: Annotated[int, Field(ge=1, le=10_000)] = 27
    budget: Duration = DurationType(5, "minute")
    by: MetricName | None = None

    @model_validator(mode="after")
    def _budget_has_a_length(self) -> Self:
        _ = self.budget.seconds  # months have none, and say so
        return self

    def check_settings(self, plugins: Plugins) -> Iterator[tuple[tuple[str | int, ...], Problem]]:
        """Say what is wrong with the searched settings, each with its path below ``with``.

        Parameters
        ----------
        plugins : Plugins
            To find the model's class.
        """
        try:
            cls = plugins.class_of(plugins.find(self.model.use))
        except (KeyError, PluginError):
            return  # said where the model is named
        names = [field.alias or name for name, field in cls.model_fields.items()]
        for name, values in self.over.items():
            if name not in names:
                message = f"{self.model.use} has no setting '{name}'"
                yield ("over", name), Problem("R030", message, hints=nearest(name, names))
                continue
            is_range = isinstance(values, Between)
            ends = [values.at(0.0), values.at(1.0)] if isinstance(values, Between) else values
            for place, value in enumerate(ends):
                said = _refused(cls, {**self.model.with_, name: value}, name)
                if said:
                    path = ("over", name) if is_range else ("over", name, place)
                    mend = (
                        "write whole: true"
                        if is_range and "integer" in said
                        else f"see sartor explain {self.model.use}"
                    )
                    message = f"{self.model.use} does not take {value!r} as {name}: {said}"
                    yield path, Problem("R034", message, hints=(("to mend", mend),))
                    break

    def fit(self, training: Training, context: Context) -> Fitted:
        """Search, and learn anew."""
        from sartor_plugins.learn.fitting.tuning import fit_tuned

        return fit_tuned(self, training, context)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved."""
        from sartor_plugins.learn.fitting.tuning import load_tuned

        return load_tuned(self, folder)


def _refused(cls: type[Settings], settings: dict[str, Any], name: str) -> str:
    """Return what a class says against a setting, or an empty text."""
    try:
        cls.model_validate(settings)
    except ValidationError as error:
        said = [found["msg"] for found in error.errors() if found["loc"][:1] == (name,)]
        return said[0][:1].lower() + said[0][1:] if said else ""
    except SettingError as error:
        return error.problems[0].message
    return ""
