"""What a job is judged by: the record of a metric, light enough to be read before a row is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sartor.errors import PluginError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """A number that says how good a model's answers are on held-out rows.

    Exactly one of `per_row` and `overall` computes it. A metric that is a mean over rows says its loss `per_row`: its
    value under every redraw is then one matrix product. One that is not computes `overall`, for all redraws at once.

    Parameters
    ----------
    name : str
        As in recipes and JSON: ``average_precision``.
    label : str
        As people read it: ``average precision``, ``AUC``.
    better : "higher", "lower" or a number
        Where good is; a number is a target, such as 1.0 for a calibration slope.
    about : str
        One sentence on what it says.
    per_row : callable, optional
        ``per_row(judged)`` gives an ndarray of shape (n_rows,).
    partial : bool, default False
        Of `per_row`: a loss of NaN says that the row does not count, as one where nothing was to be found; the metric
        is the mean over the others, and does not exist where there is none.
    overall : callable, optional
        ``overall(judged, weights)`` gives an ndarray of shape (n_redraws,) for weights of shape (n_redraws, n_rows).
        A weight says how often the row was drawn; NaN says that the metric does not exist there.
    then : callable, optional
        Applied to the weighted mean of `per_row`, such as ``np.sqrt``.
    beside : callable, optional
        ``beside(judged)`` gives numbers that help to read this one, by name: the calibration error that right
        probabilities would show.
    least, most : float
        Smallest and largest value it can have; no interval goes beyond.

    Raises
    ------
    PluginError
        If it is not told in exactly one way how to compute, or `better` is none of the three.

    Examples
    --------
    >>> import numpy as np
    >>> from types import SimpleNamespace
    >>> mae = Metric("mae", "mean absolute error", "lower", "How far off an answer is, on average.",
    ...              per_row=lambda judged: np.abs(judged.truth - judged.predictions))
    >>> judged = SimpleNamespace(truth=np.array([1.0, 2.0]), predictions=np.array([1.0, 5.0]))
    >>> mae.value(judged)
    1.5
    >>> mae.evaluate(judged, np.array([[2.0, 0.0], [0.0, 2.0]]))
    array([0., 3.])
    """

    name: str
    label: str
    better: Literal["higher", "lower"] | float
    about: str
    per_row: Callable[[Any], FloatArray] | None = None
    overall: Callable[[Any, FloatArray], FloatArray] | None = None
    then: Callable[[FloatArray], FloatArray] | None = None
    beside: Callable[[Any], Mapping[str, float]] | None = None
    least: float = -math.inf
    most: float = math.inf
    partial: bool = False

    def __post_init__(self) -> None:
        if (self.per_row is None) == (self.overall is None):
            raise PluginError(
                f"metric '{self.name}' must be given either per_row or overall, and not both", code="X030"
            )
        if self.then is not None and self.per_row is None:
            raise PluginError(
                f"metric '{self.name}' is computed overall; then only follows a mean of per_row", code="X030"
            )
        better: object = self.better
        target = isinstance(better, int | float) and not isinstance(better, bool) and math.isfinite(better)
        if not target and better not in ("higher", "lower"):
            raise PluginError(
                f"metric '{self.name}' is better 'higher', 'lower' or near a number, not {self.better!r}", code="X030"
            )

    def losses(self, judged: Any) -> FloatArray:
        """Return the loss of every row, shape (n_rows,); for a metric that has them."""
        import numpy as np

        if self.per_row is None:
            raise PluginError(f"metric '{self.name}' is no mean of rows", code="X030")
        losses = np.asarray(self.per_row(judged), dtype=np.float64)
        n_rows = len(judged.truth)
        if losses.shape != (n_rows,):
            raise PluginError(
                f"metric '{self.name}' gave losses of shape {losses.shape} for {n_rows} rows; one a row is due",
                code="X030",
            )
        return losses

    def of_means(self, means: FloatArray) -> FloatArray:
        """Turn weighted means of the losses into the metric."""
        return means if self.then is None else self.then(means)

    def evaluate(self, judged: Any, weights: FloatArray) -> FloatArray:
        """Compute the metric under each set of weights.

        Parameters
        ----------
        judged : Judged
            Held-out rows with truth and predictions; handed on as it is.
        weights : ndarray of shape (n_redraws, n_rows)

        Returns
        -------
        ndarray of shape (n_redraws,)
            NaN where it does not exist.

        Raises
        ------
        PluginError
            If the metric gives something of another shape.
        """
        import numpy as np

        if self.overall is None:
            from sartor.evidence.sums import partial_means, weighted_means

            losses = self.losses(judged)[None, :]
            return self.of_means((partial_means if self.partial else weighted_means)(weights, losses)[:, 0])
        values = np.asarray(self.overall(judged, weights), dtype=np.float64)
        if values.shape != (len(weights),):
            raise PluginError(
                f"metric '{self.name}' gave values of shape {values.shape} for {len(weights)} sets of weights; "
                "one each is due",
                code="X030",
            )
        return values

    def value(self, judged: Any) -> float:
        """Compute the metric on the rows as they are."""
        import numpy as np

        return float(self.evaluate(judged, np.ones((1, len(judged.truth))))[0])

    def shortfall(self, values: FloatArray) -> FloatArray:
        """How far values are from good, so that lower is better for every metric.

        Examples
        --------
        >>> slope = Metric("slope", "slope", 1.0, "Right at 1.", overall=lambda judged, weights: weights[:, 0])
        >>> slope.shortfall(0.75), slope.shortfall(1.25)
        (0.25, 0.25)
        """
        if self.better == "higher":
            return -values
        if self.better == "lower":
            return values
        return abs(values - float(self.better))
