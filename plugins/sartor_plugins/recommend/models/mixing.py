"""Mixes recommenders: finds their weights on inner rows, and adds up their scores."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa

from sartor.errors import InputError
from sartor.preparing import load_nested
from sartor_plugins.recommend.interactions import check_history, flat, past_of
from sartor_plugins.recommend.judging import Hits
from sartor_plugins.recommend.models.counting import OwnItems
from sartor_plugins.recommend.names import ITEMS, NEWCOMER, TOP, WANTED
from sartor_plugins.recommend.ranking import best
from sartor_plugins.recommend.recommender import Recommending, shared

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Scoring, Training
    from sartor_plugins.recommend.interactions import Interactions
    from sartor_plugins.recommend.models.blend import Blend

GRID = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
"""Weights that are tried."""
TURNS = 4
"""How often all weights are gone through, unless nothing changes before."""
FILE = "blend.json"


class Mixed(Recommending):
    """Recommenders whose scores are added up."""

    def __init__(self, parts: Mapping[str, Recommending], mix: Mapping[str, float], settings: Any) -> None:
        first = next(iter(parts.values()))
        super().__init__(first.catalogue, settings, {})
        self.parts, self.mix = dict(parts), dict(mix)

    def past(self, scoring: Scoring) -> Interactions:
        """Return what the users of some rows did, as the blend's own settings weigh it."""
        check_history(scoring, "blend")
        return past_of(scoring, self.catalogue, self.settings["weights"])

    def scores(self, past: Interactions) -> NDArray[np.float32]:
        """Return the weighted sum of scaled scores."""
        total = np.zeros((len(past), len(self.catalogue)), dtype="float32")
        for name, part in self.parts.items():
            if self.mix[name]:
                total += np.float32(self.mix[name]) * scaled(part, past)
        return total

    def learned(self) -> dict[str, Any]:
        """Return the weights, how good each try of them was, and what the models learned."""
        told = {name: part.learned() for name, part in self.parts.items()}
        return {"mix": self.mix, **self.settings["told"], "models": told}

    def save(self, folder: Path) -> None:
        """Write every model into a folder of its own."""
        text = json.dumps({"mix": self.mix, "settings": self.settings}, indent=1)
        (folder / FILE).write_text(text + "\n", encoding="utf-8")
        for name, part in self.parts.items():
            (folder / name).mkdir()
            part.save(folder / name)


def load_blend(model: Blend, folder: Path) -> Mixed:
    """Read what `Mixed.save` wrote."""
    about = json.loads((folder / FILE).read_text(encoding="utf-8"))
    parts = {name: cast("Recommending", load_nested(step, folder / name)) for name, step in model.models.items()}
    return Mixed(parts, about["mix"], about["settings"])


def scaled(part: Recommending, past: Interactions) -> NDArray[np.float32]:
    """Return scores of which the best of each user is 1; how often somebody bought something stays as it is."""
    scores = part.scores(past)
    if isinstance(part, OwnItems):
        return scores
    largest = scores.max(axis=1, initial=0.0, keepdims=True)
    return np.asarray(np.divide(scores, largest, out=np.zeros_like(scores), where=largest > 0))


def fit_blend(model: Blend, training: Training, context: Context) -> Mixed:
    """Find the weights on inner rows, unless they are given, and learn all models from all rows."""
    told: dict[str, Any] = {}
    if model.mix or len(model.models) == 1:
        mix = {name: float(model.mix.get(name, 0.0 if model.mix else 1.0)) for name in model.models}
    else:
        learn, validate = _inner(training)
        tried = _parts(model, learn, context, "inner")
        mix, told = _found(model, tried, validate, context)
    parts = _parts(model, training, context, "outer")
    return Mixed(parts, mix, shared(model, told=told))


def _inner(training: Training) -> tuple[Training, Training]:
    """Split again; where there is one window only, say that weights can be given."""
    try:
        return training.inner()
    except InputError as error:
        hints = (
            ("to mend", "let two windows teach at least: task: {with: {origins: 2}}"),
            ("or", "give the weights: mix: {MODEL: NUMBER}"),
        )
        said = "a blend finds its weights on the last training window, and there is none before it to learn from"
        raise InputError(said, code="D035", hints=hints) from error


def _parts(model: Blend, training: Training, context: Context, name: str) -> dict[str, Recommending]:
    return {
        part: cast("Recommending", context.fit(step, training, f"{name}.{part}")) for part, step in model.models.items()
    }


def _found(
    model: Blend, parts: Mapping[str, Recommending], validate: Training, context: Context
) -> tuple[dict[str, float], dict[str, Any]]:
    wanted, _ = flat(validate.y[ITEMS], pa.string())
    known = ~validate.rows[NEWCOMER].to_numpy(dtype=bool) if NEWCOMER in validate.rows else np.ones(len(wanted), bool)
    places = np.flatnonzero((wanted > 0) & known)
    if not len(places):
        context.note(
            "nobody who was known before wanted anything in the inner window: all models weigh alike", caution=True
        )
        return dict.fromkeys(parts, 1.0), {}
    if len(places) > model.tried:
        places = np.sort(context.rng().choice(places, model.tried, replace=False))
    trial = _Trial.of(parts, validate.take(places), model)
    mix, value = trial.search()
    told = {"inner": {f"ndcg@{TOP}": round(value, 6), "users": len(places), "alone": trial.alone()}}
    return mix, told


class _Trial:
    """Scaled scores of some users, and what they wanted."""

    def __init__(self, scores: dict[str, NDArray[np.float32]], truth: NDArray[np.bool_]) -> None:
        self.scores, self.truth = scores, truth
        self.wanted = truth.sum(axis=1)

    @classmethod
    def of(cls, parts: Mapping[str, Recommending], rows: Training, model: Blend) -> _Trial:
        first = next(iter(parts.values()))
        past = past_of(rows, first.catalogue, model.weights)
        lengths, items = flat(rows.y[ITEMS], pa.string())
        number = first.catalogue.numbers(items)
        truth = np.zeros((len(rows), len(first.catalogue) + 1), dtype=bool)
        # An item that nobody bought before can be wanted, and not be found.
        truth[np.repeat(np.arange(len(rows)), lengths), number] = True
        asked = rows.rows[WANTED].to_numpy()
        blocked = ~np.isfinite(first.offered(np.zeros((len(rows), len(first.catalogue)), "float32"), past, asked))
        scores = {}
        for name, part in parts.items():
            scores[name] = scaled(part, past)
            scores[name][blocked] = -np.inf
        trial = cls(scores, truth[:, :-1])
        trial.wanted = lengths
        return trial

    def value(self, mix: Mapping[str, float]) -> float:
        """Return the mean NDCG under some weights."""
        total = None
        for name, weight in mix.items():
            if weight:
                part = np.float32(weight) * self.scores[name]
                total = part if total is None else total + part
        if total is None:
            return 0.0
        places, _ = best(total, TOP)
        hit = np.take_along_axis(self.truth, places, axis=1)
        return float(np.nanmean(Hits(hit, self.wanted).ndcg()))

    def alone(self) -> dict[str, float]:
        """Return the mean NDCG of each model by itself."""
        return {name: round(self.value({name: 1.0}), 6) for name in self.scores}

    def search(self) -> tuple[dict[str, float], float]:
        """Go through the weights in turn, each time to the best of the grid, from the best single model on."""
        alone = self.alone()
        start = max(alone, key=lambda name: alone[name])
        mix = {name: 1.0 if name == start else 0.0 for name in self.scores}
        value = self.value(mix)
        for _ in range(TURNS):
            before = value
            for name in self.scores:
                if name == start:
                    continue
                for weight in GRID:
                    tried = {**mix, name: weight}
                    reached = self.value(tried) if weight != mix[name] else value
                    if reached > value + 1e-9:
                        mix, value = tried, reached
            if value <= before:
                break
        return mix, value
