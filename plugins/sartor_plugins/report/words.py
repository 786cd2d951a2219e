"""Sentences from numbers: how one answer stands against another, and what a metric says to who knows no statistics.

Every sentence that names a number names an alternative and an interval beside it. There are three verdicts and no
more: shown, likely but not shown, no difference shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sartor_plugins.report.numbers import amount, decimals_of, number, span

Kind = Literal["better", "likely better", "none", "likely worse", "worse", "unknown"]
_OPPOSITE: dict[Kind, Kind] = {
    "better": "worse", "worse": "better", "likely better": "likely worse", "likely worse": "likely better",
    "none": "none", "unknown": "unknown",
}  # fmt: skip
ANSWERS: dict[Kind, tuple[str, str]] = {
    "better": ("yes", "Yes, shown"),
    "likely better": ("maybe", "Likely, not shown"),
    "none": ("maybe", "No difference shown"),
    "likely worse": ("no", "Likely worse, not shown"),
    "worse": ("no", "No: worse, shown"),
    "unknown": ("maybe", "Not compared"),
}
"""What is answered to "is it better?": the mark and the words."""
FROM_WEAK_TO_STRONG: tuple[Kind, ...] = ("worse", "likely worse", "unknown", "none", "likely better", "better")
MARKS = {"yes": "✓", "maybe": "~", "no": "✗"}


@dataclass(frozen=True)
class Standing:
    """How this run's answer stands against another one.

    Parameters
    ----------
    kind : str
        ``better``: this run's is better, and the interval of the difference leaves out zero.
    difference, low, high : float or None
        This run's minus the other's.
    """

    kind: Kind
    difference: float | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def ours(cls, against: Mapping[str, Any] | None) -> Standing:
        """Return how ours stands, from what is recorded of how the other stands against it.

        Examples
        --------
        >>> Standing.ours({"verdict": "likely worse, not shown", "difference": -14.0, "low": -35.0, "high": 5.0})
        Standing(kind='likely better', difference=14.0, low=-5.0, high=35.0)
        """
        other = cls.other(against)
        low, high = (None if end is None else -end for end in (other.high, other.low))
        return cls(_OPPOSITE[other.kind], None if other.difference is None else -other.difference, low, high)

    @classmethod
    def other(cls, against: Mapping[str, Any] | None) -> Standing:
        """Return how the other stands against ours, as it is recorded."""
        if not against:
            return cls("unknown")
        said = str(against.get("verdict", "")).partition(",")[0]
        kinds: dict[str, Kind] = {
            "better": "better", "worse": "worse", "likely better": "likely better", "likely worse": "likely worse",
            "no difference shown": "none", "the same": "none",
        }  # fmt: skip
        return cls(kinds.get(said, "unknown"), against.get("difference"), against.get("low"), against.get("high"))

    def told(self, of: str, unit: str = "", decimals: int | None = None) -> str:
        """Return difference and interval: ``DM +14,619 (−5,647 to +35,105)``."""
        if self.difference is None:
            return ""
        known = [value for value in (self.difference, self.low, self.high) if value is not None]
        places = decimals_of(of, known, decimals)
        ends = span(self.low, self.high, of, places, sign=True)
        return amount(self.difference, of, places, unit=unit, sign=True) + (f" ({ends})" if ends else "")


def weakest(standings: list[Standing]) -> Standing:
    """Return the comparison that claims least."""
    return min(standings, key=lambda standing: FROM_WEAK_TO_STRONG.index(standing.kind))


def capital(name: str) -> str:
    """Return a name as it begins a line: ``one_line_rule`` becomes ``One line rule``."""
    shown = name.replace("_", " ").strip()
    return shown[:1].upper() + shown[1:]


# ---------------------------------------------------------------------------------------------------------------
# Metrics
# ---------------------------------------------------------------------------------------------------------------

_OUT_OF_100 = {
    "auc": (
        "Take one row of each outcome: **{who} points at the right one {value} times in 100**{ends}.",
        "{other} gets {theirs}.",
    ),
    "accuracy": ("**{who} names the right class {value} times in 100**{ends}.", "{other} does {theirs} times."),
    "concordance": (
        "Of two, **{who} names the one that comes first {value} times in 100**{ends}.",
        "{other} does {theirs} times.",
    ),
}
"""What shares say: of the model, and of the answer beside it."""
_OFF_BY = {
    "mae": "on average",
    "rmse": "in the root of mean squares",
    "median_absolute_error": "in half of the cases, or less",
}


def metric_sentence(
    metric: Mapping[str, Any], who: str, ours: Mapping[str, Any], other: str, theirs: Mapping[str, Any]
) -> str:
    """Return what a metric says of a model, beside another answer.

    Parameters
    ----------
    metric : mapping
        ``name``, ``label``, ``about``.
    who, other : str
        Names of the two.
    ours, theirs : mapping
        ``value``, ``low``, ``high``; `theirs` may be empty.
    """
    name, value = metric["name"], ours.get("value")
    if value is None:
        return f"{metric['label']} has no value for {who} on these rows."
    there = theirs.get("value")
    if name in _OUT_OF_100:
        first, second = _OUT_OF_100[name]
        low, high = (None if ours.get(end) is None else 100 * ours[end] for end in ("low", "high"))
        ends = span(low, high)
        said = first.format(who=who, value=number(100 * value), ends=f" ({ends})" if ends else "")
        return said + ("" if there is None else f" {second.format(other=capital(other), theirs=number(100 * there))}")
    known = [part for part in (value, ours.get("low"), ours.get("high"), there) if part is not None]
    decimals = decimals_of("number", known)
    ends = span(ours.get("low"), ours.get("high"), "number", decimals)
    ends = f" ({ends})" if ends else ""
    if name in _OFF_BY:
        said = f"**{who} is off by {number(value, decimals)}**{ends} {_OFF_BY[name]}"
        return said + ("." if there is None else f"; {other} is off by {number(there, decimals)}.")
    said = f"**{capital(metric['label'])} of {who} is {number(value, decimals)}**{ends}"
    said += "." if there is None else f"; {other} has {number(there, decimals)}."
    return f"{said} {metric['about']}".strip()


def in_code(metric: Mapping[str, Any], value: float | None, decimals: int | None = None) -> str:
    """Return a metric's short form: ``AUC 0.771``."""
    return f"{metric['label']} {number(value, decimals_of('number', [value], decimals))}"


def bar_of(gate: Mapping[str, Any]) -> str:
    """Return the bar of a gate in words.

    Examples
    --------
    >>> bar_of({"at_least": 0.7}), bar_of({"at_least": 0.7, "at_most": 1.3})
    ('at least 0.70', '0.70 to 1.30')
    """
    from sartor.cli.figures import bar

    least, most = gate.get("at_least"), gate.get("at_most")
    if least is not None and most is not None:
        return f"{bar(least)} to {bar(most)}"
    return f"at least {bar(least)}" if least is not None else f"at most {bar(most)}" if most is not None else ""
