"""What may be said of two models, and whether a gate is passed: sentences made from numbers and their intervals.

Three verdicts and no other: *shown* (the interval of the paired difference leaves out zero), *likely, not shown* (at
least 90 % of redraws agree on who is better), *no difference shown*. A gate fails only when the near end of the
interval is beyond the bar.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal

from sartor.errors import SettingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sartor.evidence.bootstrap import Interval, Measured

LIKELY = 0.9
"""Share of redraws that must agree for *likely, not shown*."""

ROUNDING = 1e-9
"""Differences below this share of the numbers themselves are rounding: two models that answer alike do not differ."""

Better = Literal["higher", "lower"] | float


class Verdict(Enum):
    """How sure it is that two models differ."""

    SHOWN = "shown"
    LIKELY = "likely, not shown"
    NONE = "no difference shown"


@dataclass(frozen=True)
class Comparison:
    """One model against the champion, on the same redraws.

    Parameters
    ----------
    difference : float
        Model minus champion, in the metric's unit. Where the metric has a target: distance of the model from the
        target minus that of the champion, so that below zero is better.
    interval : Interval or None
        Of the difference; None where it does not exist, as `reason` says.
    verdict : Verdict or None
        None where the two cannot be compared.
    direction : "better", "worse" or ""
        Of the model; empty where no difference is shown.
    agree : float
        Share of redraws in which the model is better, or worse if that share is larger.
    reason : str
        Why they cannot be compared; empty if they can.
    """

    difference: float
    interval: Interval | None
    verdict: Verdict | None
    direction: Literal["better", "worse", ""]
    agree: float
    reason: str = ""

    @property
    def sentence(self) -> str:
        """The verdict in words, as it stands beside the model.

        Examples
        --------
        >>> Comparison(-0.27, None, Verdict.SHOWN, "worse", 1.0).sentence
        'worse'
        >>> Comparison(-0.01, None, Verdict.LIKELY, "worse", 0.93).sentence
        'likely worse, not shown'
        >>> Comparison(0.01, None, Verdict.NONE, "", 0.6).sentence
        'no difference shown'
        """
        if self.verdict is None:
            return f"not compared: {self.reason}"
        if self.verdict is Verdict.SHOWN:
            return self.direction
        if self.verdict is Verdict.LIKELY:
            return f"likely {self.direction}, not shown"
        return Verdict.NONE.value


def compare(model: Measured, champion: Measured, better: Better, *, confidence: float = 0.95) -> Comparison:
    """Compare a model with the champion by their paired redraws.

    The interval of the difference covers both the middle 95 % of the redrawn differences and the same moved onto the
    difference itself (see `sartor.evidence.bootstrap`): what is called shown is shown either way.

    Parameters
    ----------
    model, champion : Measured
        The same metric, on the same redraws.
    better : "higher", "lower" or a number
        `Metric.better`. With a number, distances to it are compared.
    confidence : float
        Of the interval.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If the redraws are not paired.

    Examples
    --------
    >>> import numpy as np
    >>> from sartor.evidence.bootstrap import Measured
    >>> champion = Measured(0.77, np.linspace(0.70, 0.84, 1000))
    >>> compare(Measured(0.5, np.full(1000, 0.5)), champion, "higher").sentence
    'worse'
    >>> compare(Measured(0.76, champion.draws - 0.01), champion, "lower").sentence
    'better'
    """
    if len(model.draws) != len(champion.draws):
        raise ValueError(f"{len(model.draws)} redraws cannot be paired with {len(champion.draws)}")
    from sartor.evidence.bootstrap import Measured

    value, draws = _differences(model, champion, better)
    paired = Measured(value, draws)
    if paired.why_no_interval:
        reason = champion.why_no_interval and f"of the champion, {champion.why_no_interval}"
        return Comparison(value, None, None, "", math.nan, reason or paired.why_no_interval)
    interval = _both_ways(paired, confidence)
    upwards: Literal["better", "worse"] = "better" if better == "higher" else "worse"
    downwards: Literal["better", "worse"] = "worse" if better == "higher" else "better"
    agree, direction = max((_agreeing(paired, 1), upwards), (_agreeing(paired, -1), downwards))
    if interval.low > 0 or interval.high < 0:
        verdict = Verdict.SHOWN
    elif agree >= LIKELY:
        verdict = Verdict.LIKELY
    else:
        return Comparison(value, interval, Verdict.NONE, "", agree)
    return Comparison(value, interval, verdict, direction, agree)


def _differences(model: Measured, champion: Measured, better: Better) -> tuple[float, NDArray[np.float64]]:
    """Model minus champion, on the rows and on every redraw; what is only rounding is 0."""
    import numpy as np

    ours = np.append(model.draws, model.value)
    theirs = np.append(champion.draws, champion.value)
    if not isinstance(better, str):
        ours, theirs = np.abs(ours - better), np.abs(theirs - better)
    size = np.fmax(np.fmax.reduce(np.abs(ours)), np.fmax.reduce(np.abs(theirs)))
    differences = ours - theirs
    differences[np.abs(differences) <= ROUNDING * size] = 0.0
    return float(differences[-1]), differences[:-1]


def _both_ways(paired: Measured, confidence: float) -> Interval:
    """Interval that covers the middle of the differences as they are drawn and as they are moved onto the value."""
    from sartor.evidence.bootstrap import Interval
    from sartor.evidence.middles import middle_of

    drawn = paired.rising
    ends = (*middle_of(drawn, confidence), *middle_of(drawn, confidence, around=paired.value))
    return Interval(paired.value, min(ends), max(ends))


def _agreeing(paired: Measured, sign: int) -> float:
    """Share of redraws whose difference has this sign, both as they are drawn and as they are moved."""
    import numpy as np

    from sartor.evidence.middles import median_of

    if paired.value * sign <= 0:
        return 0.0
    drawn = paired.rising * sign
    moved = drawn + (paired.value - median_of(paired.rising)) * sign
    return float(min(np.count_nonzero(drawn > 0), np.count_nonzero(moved > 0)) / len(drawn))


@dataclass(frozen=True)
class GateResult:
    """Whether a number is on the right side of its bar.

    Parameters
    ----------
    passed : bool
    within_interval : bool
        Passed only because the interval reaches the bar: the value itself is beyond it.
    value : float
    low, high : float or None
        Of the interval, if there is one.
    reason : str
        Why a gate failed without a number to judge; empty otherwise.
    """

    passed: bool
    within_interval: bool
    value: float
    low: float | None
    high: float | None
    reason: str = ""


def gate(
    value: float,
    interval: Interval | None = None,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    between: tuple[float, float] | None = None,
) -> GateResult:
    """Hold a number against a bar; it fails only when the interval's near end is beyond the bar.

    Parameters
    ----------
    value : float
    interval : Interval, optional
        Without one the value itself decides.
    at_least, at_most : float, optional
        The bar; both together are `between`.
    between : pair of float, optional

    Returns
    -------
    GateResult
        A value that is not a number fails, with the reason.

    Raises
    ------
    SettingError
        If there is no bar, or `between` comes with another, or the lower bar is above the upper one.

    Examples
    --------
    >>> from sartor.evidence.bootstrap import Interval
    >>> gate(0.083, Interval(0.083, 0.061, 0.110), at_most=0.05).passed
    False
    >>> hair = gate(0.060, Interval(0.060, 0.041, 0.085), at_most=0.05)
    >>> hair.passed, hair.within_interval
    (True, True)
    """
    lowest, highest = _bars(at_least, at_most, between)
    low, high = (interval.low, interval.high) if interval else (None, None)
    if math.isnan(value):
        return GateResult(False, False, value, low, high, "it has no value on these rows")
    if lowest <= value <= highest:
        return GateResult(True, False, value, low, high)
    reaches = low is not None and high is not None and low <= highest and high >= lowest
    return GateResult(reaches, reaches, value, low, high)


def _bars(at_least: float | None, at_most: float | None, between: tuple[float, float] | None) -> tuple[float, float]:
    if between is not None:
        if at_least is not None or at_most is not None:
            raise SettingError("a gate says between, or at_least and at_most, and not both", code="R072")
        at_least, at_most = between
    if at_least is None and at_most is None:
        raise SettingError("a gate without a bar: it says one of at_least, at_most and between", code="R072")
    lowest = -math.inf if at_least is None else at_least
    highest = math.inf if at_most is None else at_most
    if not lowest <= highest:
        raise SettingError(f"nothing lies between {lowest:g} and {highest:g}; the lower bar comes first")
    return lowest, highest
