"""The exponential law: its rate, chances and density, and whether amounts vary as it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from sartor.components import NUMBER, Fitted
from sartor.context import Context
from sartor.errors import InputError
from sartor.rows import Judged, Scoring, Training
from sartor.sections import Section, Table, TableColumn
from sartor.wording import plural
from sartor_plugins.learn.fitting.answer import Target, target_of
from sartor_plugins.learn.fitting.stored import damaged, read_json, write_json, write_kind

if TYPE_CHECKING:
    from sartor_plugins.learn.models.exponential import Exponential

FAR = 3.0
"""Standard errors beyond which amounts do not vary as the law says: by luck 3 times in 1,000."""


@dataclass(frozen=True)
class Law:
    """An exponential law that begins at `start`.

    Parameters
    ----------
    mean : float
    start : float

    Examples
    --------
    >>> law = Law(500.0)
    >>> round(law.reaching(600.0), 3), round(law.density(600.0), 6)
    (0.301, 0.000602)
    >>> law.rate
    0.002
    """

    mean: float
    start: float = 0.0

    @property
    def rate(self) -> float:
        """The law's one parameter, beta: 1 / mean where it starts at 0."""
        return 1 / (self.mean - self.start)

    def reaching(self, amount: float) -> float:
        """Return P(X >= amount)."""
        return float(np.exp(-self.rate * max(0.0, amount - self.start)))

    def density(self, amount: float) -> float:
        """Return the density at an amount: a chance for each unit, and no chance."""
        return 0.0 if amount < self.start else self.rate * self.reaching(amount)


@dataclass(frozen=True)
class Spread:
    """Whether amounts vary as an exponential law of their mean does.

    Parameters
    ----------
    rows : float
        How many rows there are; with weights, as many of one weight as tell as much.
    deviation, due : float
        Standard deviation of the amounts, and of the law.

    Examples
    --------
    A mean of 500 asks for a variance of 250,000; a hundred amounts with one of 1,000 follow another law.

    >>> spread = Spread(rows=100, deviation=1_000**0.5, due=500.0)
    >>> round(spread.ratio, 4), round(spread.off, 2), spread.fits
    (0.0632, -9.37, False)
    """

    rows: float
    deviation: float
    due: float

    @property
    def ratio(self) -> float:
        """Standard deviation against the one that is due: 1 where the law holds."""
        return self.deviation / self.due

    @property
    def off(self) -> float:
        """How many standard errors the ratio lies from 1: under the law, its standard error is 1 / sqrt(rows)."""
        return float(np.sqrt(self.rows) * (self.ratio - 1))

    @property
    def fits(self) -> bool:
        """Whether the amounts do not contradict the law."""
        return abs(self.off) <= FAR

    @property
    def by_luck(self) -> float:
        """How often amounts of the law would vary as far from it by luck."""
        return float(2 * ndtr(-abs(self.off)))


def spread_of(law: Law, y: Any, weight: Any) -> Spread:
    """Compare the variance of amounts with that of their law."""
    due = law.mean - law.start
    ratio = float(np.sqrt(np.average(((y - law.mean) / due) ** 2, weights=weight)))
    return Spread(float(weight.sum() ** 2 / (weight**2).sum()), ratio * due, due)


class ExponentialFit(Fitted):
    """The same law for every row.

    Parameters
    ----------
    law : Law
    spread : Spread
    at_least : tuple of float
    """

    def __init__(self, law: Law, spread: Spread, at_least: tuple[float, ...]) -> None:
        self.law, self.spread, self.at_least = law, spread, at_least

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return the mean, and the chance of each amount."""
        chances = {f"at_least:{amount:g}": self.law.reaching(amount) for amount in self.at_least}
        return pd.DataFrame({NUMBER: self.law.mean, **chances}, index=range(len(scoring)), dtype="float64")

    def explain(self, scoring: Scoring) -> pd.DataFrame | None:
        """Return no contribution of any feature."""
        return pd.DataFrame(0.0, index=range(len(scoring)), columns=scoring.X.columns)

    def learned(self) -> dict[str, Any]:
        """Return the law, what it says of each amount, and whether it holds."""
        amounts = {
            f"{amount:g}": {"chance": self.law.reaching(amount), "density": self.law.density(amount)}
            for amount in self.at_least
        }
        return {
            "mean": self.law.mean,
            "rate": self.law.rate,
            "at_least": amounts,
            "deviation": self.spread.deviation,
            "deviation_of_the_law": self.spread.due,
            "standard_errors_off": self.spread.off,
            "fits": self.spread.fits,
        }

    def sections(self, judged: Judged, context: Context) -> Iterator[Section]:
        """Yield whether the law holds, and the chance of each amount beside how often it was reached."""
        spread, law = self.spread, self.law
        verdict = "do not contradict" if spread.fits else "**contradict**"
        truth = np.asarray(judged.truth, dtype=np.float64)
        table = None
        if self.at_least:
            lines = [[f"{amount:g}", law.reaching(amount), float((truth >= amount).mean())] for amount in self.at_least]
            columns = [TableColumn("At least"), TableColumn("Chance", "share", digits=1)]
            columns.append(TableColumn("Reached", "share", digits=1, about="by rows held out"))
            table = Table("The chance of reaching an amount", columns, lines, len(truth))
        yield Section(
            "exponential-law",
            "sure",
            "Does the law hold?",
            f"The amounts {verdict} an exponential law: their standard deviation is {spread.ratio:.2f} times the one "
            f"that a law of mean {law.mean:.6g} has, {abs(spread.off):.1f} standard errors from 1.",
            table=table,
            note="Where it does not hold, chances of large amounts are wrong, whatever the mean is.",
        )

    def save(self, folder: Path) -> None:
        """Write the law as JSON."""
        write_kind(folder, "exponential")
        saved = {"law": asdict(self.law), "spread": asdict(self.spread), "at_least": list(self.at_least)}
        write_json(folder, "law.json", saved)

    @classmethod
    def load(cls, folder: Path) -> ExponentialFit:
        """Return what was saved."""
        saved = read_json(folder, "law.json")
        try:
            return cls(Law(**saved["law"]), Spread(**saved["spread"]), tuple(map(float, saved["at_least"])))
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(folder / "law.json", error) from error


def fit_exponential(settings: Exponential, training: Training, context: Context) -> ExponentialFit:
    """Fit `Exponential`.

    Raises
    ------
    InputError
        If an amount lies below the start, or all lie on it.
    """
    target, _ = target_of(training, context)
    law = _law_of(target, settings.start)
    spread = spread_of(law, target.y, target.weights())
    if not spread.fits:
        context.note(
            f"the amounts do not follow an exponential law: their variance is {_squared(spread.deviation)}, and one of "
            f"mean {law.mean:.6g} has {_squared(spread.due)}; its chances of large amounts are not to be believed",
            caution=True,
        )
    return ExponentialFit(law, spread, tuple(settings.at_least))


def _squared(deviation: float) -> str:
    """Return a variance; of huge amounts it is larger than any number there is, and said by its root."""
    return f"{deviation**2:.6g}" if deviation < 1e150 else f"that of a deviation of {deviation:.6g}"


def _law_of(target: Target, start: float) -> Law:
    below = target.y < start
    if below.any():
        has = plural(int(below.sum()), "training row has", "training rows have")
        raise InputError(
            f"{has} less than {start:g}, where an exponential law begins",
            code="D084",
            hints=(("to mend", "set `start` to the least amount there can be, or leave such rows out"),),
        )
    largest = float(np.abs(target.y).max()) or 1.0
    mean = float(np.average(target.y / largest, weights=target.weight)) * largest
    if not mean > start:
        raise InputError(
            f"all training rows have {start:g}, and an exponential law needs amounts above its start",
            code="D084",
            hints=(("to mend", "see whether the outcome was read as it should be"),),
        )
    return Law(mean, start)
