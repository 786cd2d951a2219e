"""Losses of probabilities, a line each: Brier score and log loss, for two classes and for many."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sartor_plugins.learn.metrics.truth import chances, class_places
from sartor_plugins.learn.metrics.weights import FloatArray

CLIP = float(np.finfo(np.float64).eps)
"""Probabilities nearer than this to 0 or 1 are moved to it before the logarithm, as scikit-learn does: 2.2e-16.

An event that was called impossible then costs 36.04, not infinity.
"""


def brier(truth: ArrayLike, probability: ArrayLike) -> FloatArray:
    """Squared distance between the probability and what happened: ``(p - y)^2`` [1]_.

    Parameters
    ----------
    truth : array of shape (n_rows,)
        1 for an event, 0 for none.
    probability : array of shape (n_rows,), each in [0, 1]

    Returns
    -------
    ndarray of shape (n_rows,)
        In [0, 1]; the Brier score is the mean.

    Raises
    ------
    InputError
        If arrays do not fit each other, an outcome is neither 0 nor 1 or a probability lies outside 0 to 1.

    References
    ----------
    .. [1] Brier, "Verification of forecasts expressed in terms of probability", *Monthly Weather Review* 78, 1950
       (his sum over both classes is twice this).

    Examples
    --------
    >>> brier([1, 0], [0.5, 0.1]).round(2).tolist()
    [0.25, 0.01]
    """
    happened, said = chances(truth, probability)
    return np.square(said - happened)


def log_loss(truth: ArrayLike, probability: ArrayLike) -> FloatArray:
    """Surprise at what happened, in nats: ``-ln p`` of the outcome that came.

    Probabilities are moved into [2.2e-16, 1 - 2.2e-16] first; see `CLIP`.

    Parameters
    ----------
    truth : array of shape (n_rows,)
        1 for an event, 0 for none.
    probability : array of shape (n_rows,), each in [0, 1]

    Returns
    -------
    ndarray of shape (n_rows,)
        From 0 to 36.04; divided by ln 2 it is in bits.

    Raises
    ------
    InputError
        As `brier`.

    Examples
    --------
    >>> log_loss([1, 0], [0.5, 0.1]).round(3).tolist()
    [0.693, 0.105]
    """
    happened, said = chances(truth, probability)
    clipped = np.clip(said, CLIP, 1 - CLIP)
    return -np.log(np.where(happened == 1, clipped, 1 - clipped))


def multiclass_brier(truth: ArrayLike, probabilities: ArrayLike) -> FloatArray:
    """Squared distance summed over the classes: ``sum over k of (p_k - [y = k])^2``.

    Parameters
    ----------
    truth : array of shape (n_rows,)
        Place of the true class, from 0.
    probabilities : array of shape (n_rows, n_classes)
        Each in [0, 1].

    Returns
    -------
    ndarray of shape (n_rows,)
        In [0, 2] where probabilities sum to 1; with two classes it is twice `brier`.

    Raises
    ------
    InputError
        If arrays do not fit each other, or a probability lies outside 0 to 1.

    Examples
    --------
    >>> multiclass_brier([2], [[0.2, 0.3, 0.5]]).round(2).tolist()
    [0.38]
    """
    place, said = class_places(truth, probabilities)
    of_truth = said[np.arange(len(place)), place]
    squares: FloatArray = np.einsum("rk,rk->r", said, said)
    return squares - 2 * of_truth + 1


def multiclass_log_loss(truth: ArrayLike, probabilities: ArrayLike) -> FloatArray:
    """Surprise at the class that came, in nats: ``-ln p`` of the true class, moved as in `log_loss`.

    Parameters, shapes and errors are those of `multiclass_brier`.

    Examples
    --------
    >>> multiclass_log_loss([2], [[0.2, 0.3, 0.5]]).round(3).tolist()
    [0.693]
    """
    place, said = class_places(truth, probabilities)
    return -np.log(np.clip(said[np.arange(len(place)), place], CLIP, 1 - CLIP))
