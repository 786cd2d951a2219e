"""A network that has learned: answers by batches, contributions of features, what it has to tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import NDArray
from scipy.special import expit, softmax

from sartor.components import NUMBER, Fitted
from sartor.context import Context
from sartor.rows import Judged, Scoring
from sartor.sections import Caution, Section
from sartor_plugins.keras.explaining import contributions
from sartor_plugins.keras.inputs import Inputs
from sartor_plugins.keras.lesson import Lesson, Scale
from sartor_plugins.keras.network import Shape, arguments
from sartor_plugins.keras.quantiles import Spread
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.encoding.encoder import by_feature
from sartor_plugins.learn.fitting.answer import Answer

if TYPE_CHECKING:
    from sartor.exporting import Export

AT_ONCE = 4_096
"""Rows that are answered together: memory stays flat however many there are."""


class Network(Fitted):
    """A network, how its inputs are read and how its outputs are answered.

    Parameters
    ----------
    shape : Shape
    network : keras.Model
        In 64 bits.
    inputs : Inputs
    answer : Answer
    scale : Scale
    centre : ndarray of shape (n_features,)
        The average training row, as the first layer sees it.
    history : dict
        Of each epoch rate and losses; which was best.
    spread : Spread, optional
        What is answered beside a number.
    """

    def __init__(
        self,
        shape: Shape,
        network: keras.Model,
        inputs: Inputs,
        answer: Answer,
        scale: Scale,
        centre: FloatArray,
        history: dict[str, Any],
        spread: Spread | None = None,
    ) -> None:
        self.shape, self.network, self.inputs, self.answer = shape, network, inputs, answer
        self.scale, self.centre, self.history, self.spread = scale, centre, history, spread or Spread()

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return the answer for each row."""
        outputs = [self._outputs(numbers, codes) for numbers, codes in self._batches(self.spread.seen(scoring.X))]
        found = np.concatenate(outputs) if outputs else np.zeros((0, self.shape.outputs))
        if self.answer.answers == NUMBER:
            return self.spread.frame(self.scale.up(found), scoring)
        if self.shape.classes:
            return self.answer.frame(np.asarray(softmax(found, axis=1)))
        return self.answer.frame(np.column_stack([expit(-found[:, 0]), expit(found[:, 0])]))

    def explain(self, scoring: Scoring) -> pd.DataFrame | None:
        """Return contributions by integrated gradients, from the average training row.

        There are none for several classes, nor for demand, which is a multiple of what is usual.
        """
        if self.shape.classes or self.spread.demand:
            return None
        parts = [
            contributions(
                self.network, self._features(numbers, codes), self._outputs(numbers, codes)[:, 0], self.centre
            )
            for numbers, codes in self._batches(scoring.X)
        ]
        found = np.concatenate(parts) if parts else np.zeros((0, len(self.centre)))
        return by_feature(found * self.scale.spread, self.inputs.sources)

    def _batches(self, X: pd.DataFrame) -> Iterator[tuple[FloatArray, NDArray[np.int32]]]:
        for start in range(0, len(X), AT_ONCE):
            yield self.inputs.encode(X.iloc[start : start + AT_ONCE])

    def _outputs(self, numbers: FloatArray, codes: NDArray[np.int32]) -> FloatArray:
        return np.asarray(self.network(_tensors(self.shape, numbers, codes), training=False).numpy(), dtype=np.float64)

    def _features(self, numbers: FloatArray, codes: NDArray[np.int32]) -> FloatArray:
        return _features(self.network, self.shape, numbers, codes)

    def learned(self) -> dict[str, Any]:
        """Return the size of the network and how learning went."""
        history, epochs = self.history, self.history["epochs"]
        best = epochs[history["best"] - 1] if history["best"] else {}
        return {
            "layers": [*self.shape.hidden, self.shape.outputs],
            "weights": int(self.network.count_params()),
            "embeddings": {part.name: part.width for part in self.inputs.categories},
            "epochs": len(epochs),
            "best_epoch": history["best"],
            "batch": history["batch"],
            "loss": best.get("loss"),
            "loss_held_out": best.get("held"),
            "out_of_time": history["out_of_time"],
            "refit": history["refit"],
        }

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Yield how learning went, and how far each feature moves the answers."""
        from sartor_plugins.keras.telling import course
        from sartor_plugins.learn.telling import features

        yield from course(self.history, self.answer.answers, self.spread)
        yield from features.sections(self, judged, context, self.answer.answers)

    def forms(self) -> Mapping[str, str]:
        """Return the forms of export: none for demand, which is a multiple of what is usual, nor for attention."""
        from sartor_plugins.keras.onnx.writing import FORMS

        window = self.shape.window
        return {} if self.spread.demand or (window is not None and window.reader == "transformer") else FORMS

    def export(self, export: Export) -> bytes:
        """Return the network as ONNX, proven to answer as it does."""
        from sartor_plugins.keras.onnx.writing import exported

        return exported(self, export)

    def save(self, folder: Path) -> None:
        """Write the network as Keras writes it, and all else as JSON."""
        from sartor_plugins.keras.stored import save

        save(self, folder)


def _tensors(shape: Shape, numbers: FloatArray, codes: NDArray[np.int32]) -> list[Any]:
    return [tf.constant(values) for values in arguments(shape, numbers, codes)]


def _features(network: keras.Model, shape: Shape, numbers: FloatArray, codes: NDArray[np.int32]) -> FloatArray:
    """Return what the first hidden layer sees: numbers, flags and embeddings side by side."""
    tables = [network.get_layer(f"embedding_{place + 1}").get_weights()[0] for place in range(len(shape.embeddings))]
    parts = [numbers, *(table[codes[:, place]] for place, table in enumerate(tables))]
    return np.asarray(np.hstack(parts), dtype=np.float64)


def centre_of(network: keras.Model, shape: Shape, lesson: Lesson) -> FloatArray:
    """Return the average training row as the first hidden layer sees it."""
    numbers, codes, weight = lesson.some()
    seen = _features(network, shape, numbers.astype(np.float64), codes)
    return np.asarray(np.average(seen, axis=0, weights=weight.astype(np.float64)))
