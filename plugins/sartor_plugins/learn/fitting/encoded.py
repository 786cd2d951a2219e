"""The common form of a fitted model: an encoder for the features, a predictor for the matrix, a form of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pandas as pd

from sartor.components import NUMBER, Fitted
from sartor.context import Context
from sartor.rows import Judged, Scoring, Training
from sartor.sections import Caution, Section
from sartor.threads import limited
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.encoding.encoder import Encoder, by_feature
from sartor_plugins.learn.fitting.answer import Answer, Target, target_of
from sartor_plugins.learn.fitting.constant import constant_of
from sartor_plugins.learn.fitting.stored import PREDICTORS, damaged, read_json, read_kind, write_json, write_kind


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a predictor learns from.

    Parameters
    ----------
    matrix : ndarray of shape (n_rows, n_columns)
    target : Target
    encoder : Encoder
        Made the matrix.
    training : Training
        The rows behind it.
    """

    matrix: FloatArray
    target: Target
    encoder: Encoder
    training: Training


class Predictor(Protocol):
    """What answers for a matrix."""

    kind: ClassVar[str]

    def raw(self, matrix: FloatArray) -> FloatArray:
        """Return probabilities of the present classes (n_rows, n_present), or numbers (n_rows,)."""

    def contributions(self, matrix: FloatArray) -> FloatArray | None:
        """Return additive contributions (n_rows, n_columns), or None; see `Fitted.explain`."""

    def learned(self, encoder: Encoder, answer: Answer) -> dict[str, Any]:
        """Return what is worth reading, in the words of the features."""

    def save(self, folder: Path) -> None:
        """Write itself into an empty folder."""


class Encoded(Fitted):
    """Encoder, predictor, answer.

    Parameters
    ----------
    encoder : Encoder
    predictor : Predictor
    answer : Answer
    """

    def __init__(self, encoder: Encoder, predictor: Predictor, answer: Answer) -> None:
        self.encoder, self.predictor, self.answer = encoder, predictor, answer

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return the answer for each row."""
        return self.answer.frame(self.predictor.raw(self.encoder.matrix(scoring.X)))

    def explain(self, scoring: Scoring) -> pd.DataFrame | None:
        """Return a contribution of every feature, where the predictor has exact ones."""
        if self.answer.answers != NUMBER and len(self.answer.classes) != 2:
            return None
        found = self.predictor.contributions(self.encoder.matrix(scoring.X))
        return None if found is None else by_feature(found, self.encoder.sources)

    def learned(self) -> dict[str, Any]:
        """Return what the predictor has to tell."""
        return self.predictor.learned(self.encoder, self.answer)

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return how far each feature moves the answers."""
        from sartor_plugins.learn.telling import features

        return features.sections(self, judged, context, self.answer.answers)

    def save(self, folder: Path) -> None:
        """Write encoder and answer as JSON, the predictor into a folder of its own."""
        write_kind(folder, "encoded")
        write_json(folder, "encoder.json", {"parts": self.encoder.to_json(), "answer": self.answer.to_json()})
        inside = folder / "predictor"
        inside.mkdir()
        write_kind(inside, self.predictor.kind)
        self.predictor.save(inside)

    @classmethod
    def load(cls, folder: Path) -> Encoded:
        """Return what was saved."""
        saved = read_json(folder, "encoder.json")
        try:
            encoder, answer = Encoder.from_json(saved["parts"]), Answer.from_json(saved["answer"])
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(folder / "encoder.json", error) from error
        return cls(encoder, read_kind(folder / "predictor", PREDICTORS).load(folder / "predictor"), answer)


def fit_encoded(
    training: Training,
    context: Context,
    *,
    encode: Callable[[pd.DataFrame], Encoder],
    learn: Callable[[Lesson], Predictor],
    class_weights: str = "none",
) -> Fitted:
    """Fit a model in the common form.

    Parameters
    ----------
    training : Training
    context : Context
    encode : callable
        Learns the encoder from the features.
    learn : callable
        Learns the predictor.
    class_weights : {"none", "balanced"}

    Returns
    -------
    Fitted
        The base rate where the training rows have one class only.
    """
    target, training = target_of(training, context, class_weights)
    if not target.is_number and target.n_classes == 1:
        return constant_of(target)
    encoder = encode(training.X)
    with limited(context.threads):
        return Encoded(encoder, learn(Lesson(encoder.matrix(training.X), target, encoder, training)), target.answer)
