"""How often the label that was said is the right one: accuracy and macro-F1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sartor_plugins.learn.metrics.truth import labels as columns
from sartor_plugins.learn.metrics.weights import FloatArray, PlaceArray, ratio, shaped_like, weight_matrix


def correct(truth: ArrayLike, predicted: ArrayLike) -> FloatArray:
    """Return 1 where the label is right, 0 where it is not; accuracy is the mean.

    Parameters
    ----------
    truth, predicted : array of shape (n_rows,)
        Labels, or places of classes.

    Returns
    -------
    ndarray of shape (n_rows,)

    Raises
    ------
    InputError
        If there is not one prediction for each row.

    Examples
    --------
    >>> correct(["a", "b"], ["a", "a"]).tolist()
    [1.0, 0.0]
    """
    there, said = columns(truth, predicted)
    return np.asarray(there == said, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class ClassPlaces:
    """Labels as places in the list of all classes that are there or were said.

    Parameters
    ----------
    true, said : ndarray of shape (n_rows,)
    n_classes : int
    """

    true: PlaceArray
    said: PlaceArray
    n_classes: int

    @classmethod
    def of(cls, truth: ArrayLike, predicted: ArrayLike) -> ClassPlaces:
        """Check and number."""
        there, said = columns(truth, predicted)
        classes, places = np.unique(np.concatenate([there, said]), return_inverse=True)
        return cls(places[: len(there)], places[len(there) :], len(classes))


def macro_f1(
    truth: ArrayLike, predicted: ArrayLike, weights: ArrayLike | None = None, *, places: ClassPlaces | None = None
) -> FloatArray:
    """F1 of each class, averaged: a rare class counts as much as a common one.

    F1 of a class is ``2 * right / (rows of the class + rows said to be of it)``. A class that is neither there nor
    said is left out of the mean; one that is there and never said, or said and never there, has 0.

    Parameters
    ----------
    truth, predicted : array of shape (n_rows,)
        Labels, or places of classes.
    weights : array of shape (n_rows,) or (n_redraws, n_rows), optional
        One or many sets of weights; a whole number is the same as that many equal rows.
    places : ClassPlaces, optional
        ``ClassPlaces.of(truth, predicted)``, if it is at hand.

    Returns
    -------
    ndarray of shape (n_redraws,), or a single number for a single set of weights
        In [0, 1].

    Raises
    ------
    InputError
        If there is not one prediction for each row.

    Examples
    --------
    Class 0: 2 right of 2 + 3, F1 0.8. Class 1: 1 right of 2 + 1, F1 0.667.

    >>> round(float(macro_f1([0, 0, 1, 1], [0, 0, 0, 1])), 4)
    0.7333
    """
    found = places or ClassPlaces.of(truth, predicted)
    matrix = weight_matrix(weights, len(found.true))
    right = _weight_by_class(matrix * (found.true == found.said), found.true, found.n_classes)
    rows = _weight_by_class(matrix, found.true, found.n_classes)
    rows += _weight_by_class(matrix, found.said, found.n_classes)
    f1 = np.nan_to_num(ratio(2 * right, rows))
    return shaped_like(weights, ratio(f1.sum(axis=1), (rows > 0).sum(axis=1).astype(np.float64)))


def _weight_by_class(matrix: FloatArray, places: PlaceArray, n: int) -> FloatArray:
    return np.stack([np.bincount(places, weights=line, minlength=n) for line in matrix])
