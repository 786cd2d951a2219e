"""LightGBM, kept as the text that it writes itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import lightgbm
import numpy as np

from sartor.components import NUMBER, Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.encoding.encoder import Encoder, native
from sartor_plugins.learn.fitting.answer import Answer, Target, target_of
from sartor_plugins.learn.fitting.encoded import Lesson, fit_encoded
from sartor_plugins.learn.fitting.stored import damaged

if TYPE_CHECKING:
    from sartor_plugins.learn.models.boosting import LightGBM

TEXT = "trees.txt"
_TOLD = 50
"""Times that progress is told, at most about."""


class Booster:
    """Answers of LightGBM's trees.

    Parameters
    ----------
    booster : lightgbm.Booster
    threads : int
    """

    kind: ClassVar[str] = "lightgbm"

    def __init__(self, booster: lightgbm.Booster, threads: int = 1) -> None:
        self.booster, self.threads = booster, threads

    @property
    def outputs(self) -> int:
        """How many sums there are: one, or one for each of more than two classes."""
        return int(self.booster.num_model_per_iteration())

    def raw(self, matrix: FloatArray) -> FloatArray:
        """Return probabilities or numbers."""
        if not len(matrix):
            # LightGBM refuses to answer for no rows: it is asked for one, and none of it is kept.
            return self.raw(np.zeros((1, self.booster.num_feature())))[:0]
        found = np.asarray(self.booster.predict(matrix, num_threads=self.threads), dtype=np.float64)
        return np.column_stack([1 - found, found]) if self._is_binary() else found

    def _is_binary(self) -> bool:
        return str(self.booster.params.get("objective", "")).startswith("binary")

    def contributions(self, matrix: FloatArray) -> FloatArray | None:
        """Return Shapley values of the trees, exact and additive; the last column is the average."""
        if self.outputs > 1:
            return None
        found = self.booster.predict(matrix, pred_contrib=True, num_threads=self.threads)
        return np.asarray(found, dtype=np.float64)[:, :-1]

    def learned(self, encoder: Encoder, answer: Answer) -> dict[str, Any]:
        """Return the number of trees and how much each feature helped."""
        gains = self.booster.feature_importance("gain")
        total = gains.sum() or 1.0
        pairs = zip(encoder.sources, (float(gain / total) for gain in gains), strict=True)
        ordered = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
        return {"trees": self.booster.num_trees() // self.outputs, "importance": dict(ordered)}

    def save(self, folder: Path) -> None:
        """Write LightGBM's own text."""
        (folder / TEXT).write_text(self.booster.model_to_string(), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Booster:
        """Return what was saved."""
        try:
            return cls(lightgbm.Booster(model_str=(folder / TEXT).read_text(encoding="utf-8")))
        except (OSError, lightgbm.basic.LightGBMError) as error:
            raise damaged(folder / TEXT, error) from error


def fit_lightgbm(settings: LightGBM, training: Training, context: Context) -> Fitted:
    """Fit `LightGBM`."""
    trees = settings.trees
    if settings.early_stopping:
        trees = _best_number(settings, training, context)
        context.note(f"the inner rows ask for {trees} of {settings.trees} trees")

    def learn(lesson: Lesson) -> Booster:
        data = _dataset(lesson.matrix, lesson.target.y, lesson.target.weight, lesson.encoder)
        told = [telling(context, trees)]
        booster = lightgbm.train(
            _parameters(settings, lesson.target, context), data, num_boost_round=trees, callbacks=told
        )
        return Booster(booster, min(settings.threads, context.threads))

    encode = partial(native, max_levels=settings.max_levels, first="as given")
    return fit_encoded(training, context, encode=encode, learn=learn, class_weights=settings.class_weights)


def _dataset(matrix: FloatArray, y: Any, weight: FloatArray | None, encoder: Encoder) -> lightgbm.Dataset:
    # Columns go by number: LightGBM refuses names with the characters of JSON.
    return lightgbm.Dataset(
        matrix, label=y, weight=weight, categorical_feature=encoder.categories or "auto", free_raw_data=True
    )


def _parameters(settings: LightGBM, target: Target, context: Context) -> dict[str, Any]:
    objective = "regression" if target.is_number else "binary" if target.n_classes == 2 else "multiclass"
    return {
        "objective": objective,
        **({"num_class": target.n_classes} if objective == "multiclass" else {}),
        "learning_rate": settings.rate,
        "num_leaves": settings.leaves,
        "max_depth": settings.depth or -1,
        "min_data_in_leaf": settings.min_leaf,
        "lambda_l2": settings.penalty,
        "bagging_fraction": settings.rows,
        "bagging_freq": 1 if settings.rows < 1 else 0,
        "feature_fraction": settings.max_features,
        "num_threads": min(settings.threads, context.threads),
        "seed": context.seed,
        # The same trees on any number of threads.
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }


def _best_number(settings: LightGBM, training: Training, context: Context) -> int:
    """Return the number of trees that does best on the inner rows."""
    learn, validate = training.inner()
    target, learn = target_of(learn, context, settings.class_weights)
    if not target.is_number and target.n_classes == 1:
        return settings.trees
    encoder = native(learn.X, max_levels=settings.max_levels, first="as given")
    data = _dataset(encoder.matrix(learn.X), target.y, target.weight, encoder)
    truth, weight, rows = _validation(validate, target)
    held = lightgbm.Dataset(
        encoder.matrix(validate.X)[rows], label=truth, weight=weight, reference=data, free_raw_data=True
    )
    losses: dict[str, dict[str, list[float]]] = {}
    lightgbm.train(
        _parameters(settings, target, context),
        data,
        num_boost_round=settings.trees,
        valid_sets=[held],
        valid_names=["held"],
        callbacks=[lightgbm.record_evaluation(losses), telling(context, settings.trees)],
    )
    (by_number,) = losses["held"].values()
    return 1 + int(np.argmin(by_number))


def telling(context: Context, trees: int) -> Callable[[Any], None]:
    """Return what LightGBM calls after each round: some of them are told."""
    every = max(1, trees // _TOLD)

    def tell(round_: Any) -> None:
        done = round_.iteration + 1
        if done % every == 0:
            context.progress(done, trees, "trees")

    return tell


def _validation(validate: Training, target: Target) -> tuple[Any, FloatArray, Any]:
    """Return truth and weight of the validation rows whose class was learned, and their places."""
    weight = np.ones(len(validate)) if validate.weight is None else validate.weight
    if target.answer.answers == NUMBER:
        return validate.y, weight, np.arange(len(validate))
    place = {known: at for at, known in enumerate(target.answer.present)}
    at = np.array([place.get(int(truth), -1) for truth in validate.y])
    rows = np.flatnonzero(at >= 0)
    return at[rows], weight[rows] * np.array(target.answer.learned_weights)[at[rows]], rows
