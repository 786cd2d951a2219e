"""Chooses what the recipe leaves open, on rows held out inside the training part: how stiff points are, which pairs."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from sartor.errors import InputError
from sartor_domains.finance.card.binning import Sample
from sartor_domains.finance.card.bins import Characteristic
from sartor_domains.finance.card.fitting import Part, Together, fitted, places_of, table_of
from sartor_domains.finance.card.gathering import characteristics_of, strongest
from sartor_domains.finance.card.pairs import Pair, paired
from sartor_plugins.learn.fitting.rounds import rounds_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Training
    from sartor_domains.finance.scorecard import Scorecard

    Floats = NDArray[np.float64]

STIFF = (np.inf, 300.0, 30.0, 3.0)
"""From one coefficient for each characteristic to steps that are nearly free: what is tried."""
ENOUGH_BAD = 1_000
"""Held-out rows of the rarer outcome that are enough to choose by; with fewer, more rows are held out in turn."""
FEWEST_BAD = 20
"""With fewer of them nothing is tried."""
MOST_ROUNDS = 5
SHOWN = 2.0
"""A pair is taken where the log loss of held-out rows falls by more than so many standard errors."""
FIRST_PARTS = 8
"""Pairs are sought among so many characteristics, those of the widest reach."""


@dataclass(frozen=True)
class Chosen:
    """What was chosen, and the record of it in JSON types.

    Parameters
    ----------
    stiff : float
    pairs : tuple of (str, str)
    record : mapping
    """

    stiff: float
    pairs: tuple[tuple[str, str], ...] = ()
    record: dict[str, Any] = field(default_factory=dict)


@dataclass
class _Round:
    """A card's parts on rows to learn from, and both kinds of rows by their places."""

    learn: Training
    held: Training
    sample: Sample
    parts: list[Part]
    learn_places: list[NDArray[np.int64]]
    held_places: list[NDArray[np.int64]]

    @classmethod
    def of(cls, settings: Scorecard, learn: Training, held: Training) -> _Round:
        sample = Sample.of(learn, settings.max_bins, settings.min_share)
        found, _ = characteristics_of(settings, learn.X, sample)
        parts: list[Part] = list(strongest(settings, found, learn.X, sample))
        places = [[places_of(part, rows.X) for part in parts] for rows in (learn, held)]
        return cls(learn, held, sample, parts, places[0], places[1])

    def add(self, pair: Pair) -> None:
        """Take a pair in."""
        self.parts.append(pair)
        self.learn_places.append(pair.places(self.learn.X))
        self.held_places.append(pair.places(self.held.X))

    def pair(self, first: str, second: str) -> Pair | None:
        """Return two characteristics together; None where one of them is not among the parts."""
        by_name = {part.name: part for part in self.parts if isinstance(part, Characteristic)}
        if first not in by_name or second not in by_name:
            return None
        return paired(by_name[first], by_name[second], self.learn.X, self.sample)

    def fit(self, settings: Scorecard, stiff: float, start: Floats | None = None) -> Together:
        return fitted(self.parts, self.learn_places, self.sample, settings.penalty, stiff, start)

    def loss(self, together: Together, more: Floats | float = 0.0) -> Floats:
        """Log loss of each held-out row."""
        log_odds = together.log_odds(self.held_places, len(self.held)) + more
        return np.asarray(np.logaddexp(0, log_odds) - (1 - np.asarray(self.held.y)) * log_odds)


def chosen(settings: Scorecard, training: Training, context: Context) -> Chosen:
    """Choose the stiffness and the pairs that the settings leave open.

    Of what is tried the stiffest is taken whose log loss on held-out rows lies within one standard error of the best,
    and pairs as long as one of them is shown to lower it. Test rows are not looked at.
    """
    seek_pairs = settings.pairs if isinstance(settings.pairs, int) else 0
    named = () if isinstance(settings.pairs, int) else tuple((first, second) for first, second in settings.pairs)
    said = None if settings.stiffness == "chosen" else settings.stiffness
    if said is not None and not seek_pairs:
        return Chosen(said, named)
    rounds = _rounds(settings, training, context)
    if not rounds:
        stiff = np.inf if said is None else said
        return Chosen(stiff, named, {"rows": 0, "why": "too few rows can be held out to choose by"})
    record: dict[str, Any] = {"rows": sum(len(one.held) for one in rounds), "rounds": len(rounds)}
    if said is None:
        stiff, fits = _stiffness(settings, rounds, record)
    else:
        stiff, fits = said, [one.fit(settings, said) for one in rounds]
    pairs = _pairs(settings, rounds, fits, stiff, seek_pairs, record) if seek_pairs else named
    return Chosen(stiff, pairs, record)


def _rounds(settings: Scorecard, training: Training, context: Context) -> list[_Round]:
    try:
        masks = rounds_of(training, 1, context)
        if sum(_rarer(training.take(held)) for _, held in masks) < ENOUGH_BAD:
            masks = rounds_of(training, MOST_ROUNDS, context)
    except InputError:
        return []
    parts = [(training.take(learn), training.take(held)) for learn, held in masks]
    enough = [both for both in parts if min(_rarer(both[0]), _rarer(both[1])) >= FEWEST_BAD]
    return [_Round.of(settings, *both) for both in enough]


def _rarer(training: Training) -> int:
    counted = training.y if training.weight is None else training.y[training.weight > 0]
    bad = int(np.sum(counted))
    return min(bad, len(counted) - bad)


def _stiffness(settings: Scorecard, rounds: list[_Round], record: dict[str, Any]) -> tuple[float, list[Together]]:
    fits: dict[float, list[Together]] = {}
    losses: dict[float, Floats] = {}
    starts: list[Floats | None] = [None] * len(rounds)
    for stiff in STIFF:
        fits[stiff] = [one.fit(settings, stiff, start) for one, start in zip(rounds, starts, strict=True)]
        losses[stiff] = np.concatenate([one.loss(fit) for one, fit in zip(rounds, fits[stiff], strict=True)])
        starts = [None if np.isinf(stiff) else fit.values for fit in fits[stiff]]
    best = min(STIFF, key=lambda stiff: float(losses[stiff].mean()))
    tried, taken = [], None
    for stiff in STIFF:
        behind, error = _behind(losses[stiff], losses[best])
        taken = stiff if taken is None and behind <= error else taken
        loss = float(losses[stiff].mean())
        tried.append({"stiffness": _named(stiff), "log_loss": loss, "behind": behind, "standard_error": error})
    assert taken is not None
    record["stiffness"] = {"chosen": _named(taken), "tried": tried}
    return taken, fits[taken]


def _named(stiff: float) -> float | str:
    return "one coefficient" if np.isinf(stiff) else stiff


def _behind(loss: Floats, best: Floats) -> tuple[float, float]:
    """How much worse a loss is on average, and the standard error of that."""
    difference = loss - best
    return float(difference.mean()), float(difference.std() / np.sqrt(len(difference)))


def _pairs(
    settings: Scorecard, rounds: list[_Round], fits: list[Together], stiff: float, count: int, record: dict[str, Any]
) -> tuple[tuple[str, str], ...]:
    """Take the pair that helps most, then the one that helps most beside it, as long as one is shown to help."""
    names = _widest(rounds, fits)
    left = list(combinations(names, 2))
    taken: list[tuple[str, str]] = []
    told = []
    while left and len(taken) < count:
        gains = {pair: _gain(settings, rounds, fits, stiff, pair) for pair in left}
        best = max(left, key=lambda pair: gains[pair][0])
        gain, error = gains[best]
        told.append({"pair": list(best), "gain": gain, "standard_error": error, "taken": gain > SHOWN * error})
        if gain <= SHOWN * error:
            break
        for one in rounds:
            found = one.pair(*best)
            if found is not None:
                one.add(found)
        fits = [one.fit(settings, stiff) for one in rounds]
        taken.append(best)
        left.remove(best)
    record["pairs"] = {"among": names, "tried": told}
    return tuple(taken)


def _widest(rounds: list[_Round], fits: list[Together]) -> list[str]:
    """Names of the characteristics whose log-odds reach widest, on average over the rounds."""
    reach: dict[str, float] = {}
    for fit in fits:
        for part, worth in zip(fit.parts, fit.worth, strict=True):
            bins = worth[: len(table_of(part).bins)]
            reach[part.name] = reach.get(part.name, 0.0) + float(bins.max() - bins.min()) / len(rounds)
    return sorted(reach, key=lambda name: -reach[name])[:FIRST_PARTS]


def _gain(
    settings: Scorecard, rounds: list[_Round], fits: list[Together], stiff: float, pair: tuple[str, str]
) -> tuple[float, float]:
    """How much lower the log loss of held-out rows is with a pair on top of the rest, and its standard error."""
    gains = []
    for one, fit in zip(rounds, fits, strict=True):
        before = one.loss(fit)
        found = one.pair(*pair)
        if found is None or len(found.table.bins) < 2:
            gains.append(np.zeros_like(before))
            continue
        base = fit.log_odds(one.learn_places, len(one.learn))
        alone = fitted([found], [found.places(one.learn.X)], one.sample, settings.penalty, stiff, offset=base)
        more = alone.intercept + alone.worth[0][found.places(one.held.X)]
        gains.append(before - one.loss(fit, more))
    gain = np.concatenate(gains)
    return float(gain.mean()), float(gain.std() / np.sqrt(len(gain)))
