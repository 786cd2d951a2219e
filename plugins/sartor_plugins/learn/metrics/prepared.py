"""A model's answers as arrays, checked and sorted once, with every metric that can be asked of them.

Methods with `weights` take them in the shape (n_redraws, n_rows) and give one value for each; the others give one
value for each row, of which the metric is the mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from sartor_plugins.learn.metrics import (
    calibration_error,
    calibration_line,
    discrimination,
    distance,
    labels,
    probability_losses,
)
from sartor_plugins.learn.metrics.once import Once
from sartor_plugins.learn.metrics.ranking import Ranking
from sartor_plugins.learn.metrics.truth import chances, class_places, numbers
from sartor_plugins.learn.metrics.weights import AnyArray, FloatArray, PlaceArray


@dataclass(frozen=True, eq=False)
class Calls:
    """Labels, and the label that was called for each row.

    Parameters
    ----------
    truth, called : ndarray of shape (n_rows,)
    """

    truth: AnyArray
    called: AnyArray

    def correct(self) -> FloatArray:
        """1 for the rows whose label was called."""
        return labels.correct(self.truth, self.called)

    @cached_property
    def places(self) -> labels.ClassPlaces:
        """Labels as numbers."""
        return labels.ClassPlaces.of(self.truth, self.called)

    def macro_f1(self, weights: FloatArray) -> FloatArray:
        """F1 averaged over the classes."""
        return labels.macro_f1(self.truth, self.called, weights, places=self.places)


@dataclass(frozen=True, eq=False)
class Binary:
    """Outcomes of 0 and 1 and the probabilities that were said.

    Parameters
    ----------
    truth, probability : ndarray of shape (n_rows,)
    ranking : Ranking
        Of the probabilities.

    Examples
    --------
    >>> answers = Binary.of([1, 0, 1], [0.9, 0.4, 0.2])
    >>> answers.auc(np.ones((1, 3))), answers.brier().round(2)
    (array([0.5]), array([0.01, 0.16, 0.64]))
    """

    truth: FloatArray
    probability: FloatArray
    ranking: Ranking

    @classmethod
    def of(cls, truth: ArrayLike, probability: ArrayLike) -> Binary:
        """Check and sort."""
        happened, said = chances(truth, probability)
        return cls(happened, said, Ranking.of(said))

    @cached_property
    def calls(self) -> Calls:
        """An event is called above one half, as scikit-learn's classifiers do."""
        return Calls(self.truth, (self.probability > 0.5).astype(np.float64))

    def auc(self, weights: FloatArray) -> FloatArray:
        """AUC."""
        return self._auc(weights)

    @cached_property
    def _auc(self) -> Once[FloatArray]:
        # Gini asks again for the same redraws.
        return Once(lambda weights: discrimination.auc(self.truth, self.probability, weights, ranking=self.ranking))

    def gini(self, weights: FloatArray) -> FloatArray:
        """2 AUC - 1."""
        return 2 * self._auc(weights) - 1

    def average_precision(self, weights: FloatArray) -> FloatArray:
        """Average precision."""
        return discrimination.average_precision(self.truth, self.probability, weights, ranking=self.ranking)

    def ks(self, weights: FloatArray) -> FloatArray:
        """KS."""
        return discrimination.ks(self.truth, self.probability, weights, ranking=self.ranking)

    def lift(self, weights: FloatArray, share: float) -> FloatArray:
        """Lift of the best share of rows."""
        return discrimination.lift(self.truth, self.probability, weights, share=share, ranking=self.ranking)

    def brier(self) -> FloatArray:
        """Squared distances."""
        return probability_losses.brier(self.truth, self.probability)

    def log_loss(self) -> FloatArray:
        """Surprises in nats."""
        return probability_losses.log_loss(self.truth, self.probability)

    def calibration_slope(self, weights: FloatArray) -> FloatArray:
        """Slope of calibration."""
        return self._line(weights)[0]

    def calibration_intercept(self, weights: FloatArray) -> FloatArray:
        """Intercept of calibration."""
        return self._line(weights)[1]

    @cached_property
    def _line(self) -> Once[tuple[FloatArray, FloatArray]]:
        # Slope and intercept are one search.
        return Once(calibration_line.LineSearch.of(self.truth, self.probability, self.ranking).lines)

    def calibration_error(self, weights: FloatArray) -> FloatArray:
        """Calibration error."""
        return calibration_error.calibration_error(self.truth, self.probability, weights, ranking=self.ranking)

    def calibration_error_expected(self) -> dict[str, float]:
        """Calibration error that these probabilities would show if they were right."""
        luck = calibration_error.calibration_error_expected(self.probability)
        return {"calibration_error_expected": luck.mean, "calibration_error_expected_high": luck.high}


@dataclass(frozen=True, eq=False)
class Multiclass:
    """Places of the true classes and the probabilities of every class.

    Parameters
    ----------
    truth : ndarray of shape (n_rows,)
    probabilities : ndarray of shape (n_rows, n_classes)
    rankings : tuple of Ranking
        Of the probabilities of each class.
    """

    truth: PlaceArray
    probabilities: FloatArray
    rankings: tuple[Ranking, ...]

    @classmethod
    def of(cls, truth: ArrayLike, probabilities: ArrayLike) -> Multiclass:
        """Check and sort."""
        place, said = class_places(truth, probabilities)
        return cls(place, said, tuple(Ranking.of(column) for column in said.T))

    @cached_property
    def calls(self) -> Calls:
        """The likeliest class is called, the first of several."""
        return Calls(self.truth, self.probabilities.argmax(axis=1))

    def auc(self, weights: FloatArray) -> FloatArray:
        """AUC of each class against all others, averaged."""
        return discrimination.auc_one_against_rest(self.truth, self.probabilities, weights, rankings=self.rankings)

    def brier(self) -> FloatArray:
        """Squared distances, summed over the classes."""
        return probability_losses.multiclass_brier(self.truth, self.probabilities)

    def log_loss(self) -> FloatArray:
        """Surprises in nats."""
        return probability_losses.multiclass_log_loss(self.truth, self.probabilities)


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers and what was said of them.

    Parameters
    ----------
    truth, predicted : ndarray of shape (n_rows,)
    """

    truth: FloatArray
    predicted: FloatArray

    @classmethod
    def of(cls, truth: ArrayLike, predicted: ArrayLike) -> Numbers:
        """Check."""
        return cls(*numbers(truth, predicted))

    def squared_error(self) -> FloatArray:
        """Squared errors."""
        return distance.squared_error(self.truth, self.predicted)

    def absolute_error(self) -> FloatArray:
        """Absolute errors."""
        return distance.absolute_error(self.truth, self.predicted)

    def surplus(self) -> FloatArray:
        """What was said too much."""
        return distance.surplus(self.truth, self.predicted)

    def pinball(self, quantile: float) -> FloatArray:
        """Pinball losses."""
        return distance.pinball(self.truth, self.predicted, quantile=quantile)

    def r2(self, weights: FloatArray) -> FloatArray:
        """Share of the variance told."""
        return distance.r2(self.truth, self.predicted, weights)
