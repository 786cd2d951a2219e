"""How far numbers are from the truth: squared and absolute error, bias, pinball loss and R2."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sartor.errors import InputError, SettingError
from sartor.evidence.sums import weighted_means
from sartor_plugins.learn.metrics.truth import numbers
from sartor_plugins.learn.metrics.weights import FloatArray, ratio, shaped_like, weight_matrix


def squared_error(truth: ArrayLike, predicted: ArrayLike) -> FloatArray:
    """``(predicted - truth)^2``; RMSE is the root of the mean.

    Parameters
    ----------
    truth, predicted : array of shape (n_rows,)

    Returns
    -------
    ndarray of shape (n_rows,)
        In the square of the target's unit.

    Raises
    ------
    InputError
        If there is not one prediction for each row, or an error is so large that no number holds its square.

    Examples
    --------
    >>> squared_error([1, 2], [3, 2]).tolist()
    [4.0, 0.0]
    """
    there, said = numbers(truth, predicted)
    with np.errstate(over="ignore"):
        squares: FloatArray = np.square(said - there)
    # Their sum must be a number too.
    largest = np.finfo(np.float64).max / (1_000 * len(squares))
    beyond = int((squares > largest).sum())
    if beyond:
        raise InputError(
            f"truth and prediction are too far apart in {beyond:,} of {len(squares):,} rows to be squared",
            code="D050",
            hints=(("to mend", "look for values that nobody meant, or give the target in a larger unit"),),
        )
    return squares


def absolute_error(truth: ArrayLike, predicted: ArrayLike) -> FloatArray:
    """``|predicted - truth|``; MAE is the mean. Parameters, shapes and errors are those of `squared_error`.

    Examples
    --------
    >>> absolute_error([1, 2], [3, 2]).tolist()
    [2.0, 0.0]
    """
    there, said = numbers(truth, predicted)
    return np.abs(said - there)


def surplus(truth: ArrayLike, predicted: ArrayLike) -> FloatArray:
    """``predicted - truth``; bias is the mean, above 0 where too much is said.

    Parameters, shapes and errors are those of `squared_error`.

    Examples
    --------
    >>> surplus([1, 2], [3, 1]).tolist()
    [2.0, -1.0]
    """
    there, said = numbers(truth, predicted)
    return said - there


def pinball(truth: ArrayLike, predicted: ArrayLike, *, quantile: float) -> FloatArray:
    """Loss that the `quantile` of the truth minimises: ``max(q (y - f), (1 - q) (f - y))`` [1]_.

    Parameters
    ----------
    truth, predicted : array of shape (n_rows,)
    quantile : float
        Strictly between 0 and 1. At 0.9 a unit too little costs nine times a unit too much.

    Returns
    -------
    ndarray of shape (n_rows,)
        In the target's unit.

    Raises
    ------
    SettingError
        If `quantile` is not strictly between 0 and 1.
    InputError
        As `squared_error`.

    References
    ----------
    .. [1] Koenker and Bassett, "Regression quantiles", *Econometrica* 46, 1978.

    Examples
    --------
    >>> pinball([10, 10], [8, 12], quantile=0.9).round(2).tolist()
    [1.8, 0.2]
    """
    if not 0 < quantile < 1:
        raise SettingError(f"the quantile must lie strictly between 0 and 1, got {quantile:g}")
    there, said = numbers(truth, predicted)
    return np.maximum(quantile * (there - said), (1 - quantile) * (said - there))


def r2(truth: ArrayLike, predicted: ArrayLike, weights: ArrayLike | None = None) -> FloatArray:
    """Share of the truth's variance that is told: ``1 - sum of squared errors / sum of squares about the mean``.

    Parameters
    ----------
    truth, predicted : array of shape (n_rows,)
    weights : array of shape (n_rows,) or (n_redraws, n_rows), optional
        One or many sets of weights; a whole number is the same as that many equal rows.

    Returns
    -------
    ndarray of shape (n_redraws,), or a single number for a single set of weights
        At most 1; 0 for the mean of these very rows, below 0 for what is worse. NaN where the truth does not vary.

    Raises
    ------
    InputError
        If there is not one prediction for each row.

    Examples
    --------
    Squared errors of 2 against squares about the mean of 8.

    >>> float(r2([1, 3, 5], [2, 3, 4]))
    0.75
    """
    there, said = numbers(truth, predicted)
    matrix = weight_matrix(weights, len(there))
    error = weighted_means(matrix, np.square(said - there)[None, :])[:, 0]
    # Two passes: a redraw without the one large number must not lose the small ones among its digits.
    from_the_mean = there - np.nan_to_num(weighted_means(matrix, there[None, :]))
    variance = ratio(np.einsum("rn,rn,rn->r", matrix, from_the_mean, from_the_mean), matrix.sum(axis=1))
    # The mean of equal numbers is off by a rounding, and that is no variance.
    variance[variance <= (1e-14 * np.abs(there).max()) ** 2] = 0.0
    return shaped_like(weights, 1 - ratio(error, variance))
