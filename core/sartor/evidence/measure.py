"""What decisions are measured by, over all rows and group by group: records, light enough to be read before a row is.

An action offers them by its verb ``measures``. A gate can hold each of them, those that compare groups of people by a
column that no step has seen: ``{metric: acceptance_ratio, by: sex, at_least: 0.8}``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sartor.errors import PluginError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sartor.evidence.groups import JudgedDecisions

    FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """A number that says what decisions do.

    Exactly one of `per_group` and `pair` computes it. One that is a number of each group of rows says `per_group`; over
    all rows it is the same with a single group. One that compares groups says `pair`, and by `of` which numbers of the
    groups: it is the worst that any pair of groups shows.

    Parameters
    ----------
    name : str
        As in recipes and JSON: ``acceptance_ratio``.
    label : str
        As people read it: ``accepted``, ``acceptance ratio``.
    better : "higher" or "lower"
        Where good is; the worst pair is found by it.
    about : str
        One sentence on what it says.
    per_group : callable, optional
        ``per_group(judged, weights)`` gives an ndarray of shape (n_redraws, n_groups) for weights of shape (n_redraws,
        n_rows), see `sartor.evidence.groups.JudgedDecisions`. NaN says that the number does not exist there.
    enough : callable, optional
        ``enough(judged)`` tells of each group whether it has rows enough to be compared by `per_group`: an ndarray of
        shape (n_groups,). A share needs a few of either kind: none of 15 people accepted is no sign where 2 were to be
        expected, and no redraw of them can show another number.
    of : tuple of str
        For `pair`: names of measures with `per_group`. Pairs are made within each of them, and the worst of all counts.
    pair : callable, optional
        ``pair(lower, higher)`` compares two groups' numbers, arrays of one shape; which group is the lower one is
        found on the rows as they are and stays so in every redraw.
    least, most : float
        Smallest and largest value it can have; no interval goes beyond.
    shown : bool
        Whether a run's answer in the terminal has a line for it; for one with `pair`.

    Raises
    ------
    PluginError
        If it is not told in exactly one way how to compute, or `better` is neither of the two.

    Examples
    --------
    >>> ratio = Measure("acceptance_ratio", "acceptance ratio", "higher", "Least to most accepted group.",
    ...                 of=("acceptance",), pair=lambda lower, higher: lower / higher, least=0.0, most=1.0)
    >>> ratio.compares
    True
    """

    name: str
    label: str
    better: Literal["higher", "lower"]
    about: str
    per_group: Callable[[JudgedDecisions, FloatArray], FloatArray] | None = None
    enough: Callable[[JudgedDecisions], NDArray[np.bool_]] | None = None
    of: tuple[str, ...] = ()
    pair: Callable[[FloatArray, FloatArray], FloatArray] | None = None
    least: float = -math.inf
    most: float = math.inf
    shown: bool = False

    def __post_init__(self) -> None:
        if (self.per_group is None) == (self.pair is None):
            raise PluginError(
                f"measure '{self.name}' must be given either per_group or pair, and not both", code="X030"
            )
        if (self.pair is None) != (not self.of):
            raise PluginError(
                f"measure '{self.name}': pair and of go together: they say how to compare, and what", code="X030"
            )
        better: object = self.better
        if better not in ("higher", "lower"):
            raise PluginError(f"measure '{self.name}' is better 'higher' or 'lower', not {better!r}", code="X030")

    @property
    def compares(self) -> bool:
        """Whether it compares groups; it then needs a column to make them by."""
        return self.pair is not None

    def evaluate(self, judged: Any, weights: FloatArray) -> FloatArray:
        """Compute the number of each group under each set of weights.

        Raises
        ------
        PluginError
            If it gives something of another shape, or compares groups.
        """
        import numpy as np

        if self.per_group is None:
            raise PluginError(f"measure '{self.name}' is no number of each group", code="X030")
        values = np.asarray(self.per_group(judged, weights), dtype=np.float64)
        due = (len(weights), len(judged.groups.names))
        if values.shape != due:
            raise PluginError(
                f"measure '{self.name}' gave values of shape {values.shape} where {due} is due: "
                "a line for each set of weights, a column for each group",
                code="X030",
            )
        return values


def check_measures(measures: Sequence[Any]) -> str:
    """Say what is wrong with the measures of an action; empty if nothing is.

    Examples
    --------
    >>> def counted(judged, weights):
    ...     return weights.sum(axis=1, keepdims=True)
    >>> check_measures([Measure("size", "size", "higher", "How many.", per_group=counted)])
    ''
    >>> check_measures([Measure("gap", "gap", "lower", "Gap.", of=("size",), pair=lambda a, b: b - a)])
    "measure 'gap' compares 'size', which is no measure with per_group"
    """
    for one in measures:
        if not isinstance(one, Measure):
            return f"it returned {type(one).__name__} where a Measure is due"
    names = [one.name for one in measures]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        return f"two measures are called '{twice}'"
    of_groups = {one.name for one in measures if not one.compares}
    for one in measures:
        lacking = next((name for name in one.of if name not in of_groups), None)
        if lacking is not None:
            return f"measure '{one.name}' compares '{lacking}', which is no measure with per_group"
    return ""
