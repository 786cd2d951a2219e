"""The two tables of an answer: what the decisions are worth, and how good the models are beside the champion."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from sartor.cli.drawing import NOTHING, Dot, scale
from sartor.cli.figures import metric_decimals, money_decimals, number
from sartor.cli.layout import Cell, Column, table, total_width
from sartor.cli.look import DOUBT, STRONG, Look, cells

WIDE = 120
"""From this width on the models' table draws intervals and shows differences in numbers."""

_DRAWN = (18, 36)
_FAR_GAP = 4
_NAMES_AT_LEAST = 10
_LONG_WORD = 7
_SHORT_HEADING = 12

Summary = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """One line: a model or a policy with its number and how it stands against ours.

    Parameters
    ----------
    name : str
    ours : bool
        The champion, or this run.
    trivial : bool
        One of the answers that need no model.
    dot : Dot
    against : mapping
        ``verdict``, ``difference``, ``low``, ``high``; empty for ours.
    metrics : mapping
        All metrics of a model by name.
    """

    name: str
    ours: bool = False
    trivial: bool = False
    dot: Dot = NOTHING
    against: Mapping[str, Any] | None = None
    metrics: Mapping[str, Any] | None = None


def _dot(numbers: Mapping[str, Any] | None) -> Dot:
    """Return a number with its interval; NaN, shown as a dash, where it was asked for and does not exist."""
    if numbers is None:
        return NOTHING
    value = numbers.get("value")
    return Dot(math.nan if value is None else value, numbers.get("low"), numbers.get("high"))


# ---------------------------------------------------------------------------------------------------------------
# What stands in the lines, and in which order.
# ---------------------------------------------------------------------------------------------------------------


def policy_entries(summary: Summary, action: Summary | None = None) -> list[Entry]:
    """Return this run and the simple policies beside it, the one worth most first after ours.

    Parameters
    ----------
    summary : mapping
        The summary of a run.
    action : mapping, optional
        The one of its ``actions`` that is meant, where it tells them apart.
    """
    if action is not None:
        worth, beside = action["models"].get(action["champion"]), action["policies"]
    else:
        worth = summary.get("models", {}).get(summary.get("champion"), {}).get("value")
        beside = summary.get("policies", {})
    ours = [Entry("this run", ours=True, dot=_dot(worth))] if worth else []
    policies = [
        Entry(name.replace("_", " "), dot=_dot(policy), against=policy.get("against"))
        for name, policy in beside.items()
    ]
    return [*ours, *sorted(policies, key=lambda entry: _descending(entry.dot.value))]


def money_tables(summary: Summary) -> list[tuple[str, list[Entry]]]:
    """Return the lines of each table of money with the action it is about, empty where the run has but one."""
    actions = summary.get("actions") or {}
    if not actions:
        return [("", policy_entries(summary))]
    several = len(actions) > 1
    return [(name if several else "", policy_entries(summary, action)) for name, action in actions.items()]


def _exists(value: float | None) -> TypeGuard[float]:
    return value is not None and not math.isnan(value)


def _descending(value: float | None) -> tuple[bool, float]:
    return (False, -value) if _exists(value) else (True, 0.0)


def model_entries(summary: Summary, metric: Mapping[str, Any]) -> list[Entry]:
    """Return the models, the champion first, then from good to bad, the trivial answers at the end."""
    name = metric["name"]
    entries = [
        Entry(
            model,
            ours=model == summary.get("champion"),
            trivial=bool(found.get("trivial")),
            dot=_dot(found.get("metrics", {}).get(name)),
            against=(found.get("against") or {}).get("metrics", {}).get(name),
            metrics=found.get("metrics", {}),
        )
        for model, found in summary.get("models", {}).items()
    ]
    return sorted(entries, key=lambda entry: (not entry.ours, entry.trivial, _badness(entry.dot.value, metric)))


def _badness(value: float | None, metric: Mapping[str, Any]) -> tuple[bool, float]:
    if not _exists(value):
        return True, 0.0
    better = metric.get("better", "higher")
    if isinstance(better, (int, float)):
        return False, abs(value - better)
    return False, value if better == "lower" else -value


# ---------------------------------------------------------------------------------------------------------------
# How they stand side by side.
# ---------------------------------------------------------------------------------------------------------------


def tables(summary: Summary, look: Look) -> list[list[str]]:
    """Return the tables of a run, each as lines; those that have nothing to show are left out.

    Parameters
    ----------
    summary : mapping
        The summary of a run.
    look : Look

    Returns
    -------
    list of list of str
    """
    metrics = summary.get("metrics") or []
    models = model_entries(summary, metrics[0]) if metrics else []
    worth = [
        _Table(entries, unit_heading(summary), "against this run", money_decimals(_numbers(entries)), summary, about)
        for about, entries in money_tables(summary)
    ]
    good = _Table(
        models,
        metrics[0].get("label", metrics[0]["name"]) if metrics else "",
        "against the champion",
        metric_decimals(_numbers(models)),
        summary,
    )
    shown = [part for part in (*worth, good) if has_numbers(part.entries)]
    if not shown:
        return []
    edge = max(part.edge(look) for part in shown)
    if look.fold:
        edge = min(edge, look.width - max(part.behind(look) for part in shown))
    return [part.lines(look, edge, _beside(summary) if part is good else None) for part in shown]


def _beside(summary: Summary) -> list[Mapping[str, Any]]:
    """Return the further metrics, those that a gate watches first, then those whose heading is short."""
    watched = {gate["metric"] for gate in summary.get("gates") or []}
    further = summary["metrics"][1:]
    return sorted(further, key=lambda one: (one["name"] not in watched, cells(short_heading(one)) > _SHORT_HEADING))


def short_heading(metric: Mapping[str, Any]) -> str:
    """Return a metric's name for a narrow column: long words are cut.

    Examples
    --------
    >>> short_heading({"name": "calibration_error", "label": "calibration error"}), short_heading({"name": "ks"})
    ('calib. error', 'ks')
    """
    words = str(metric.get("label", metric["name"])).split(" ")
    return " ".join(f"{word[:5]}." if len(word) > _LONG_WORD else word for word in words)


def has_numbers(entries: Sequence[Entry]) -> bool:
    """Return whether a table of these lines would show a number at all."""
    return any(_exists(entry.dot.value) for entry in entries)


def _numbers(entries: Sequence[Entry]) -> list[float | None]:
    return [entry.dot.value for entry in entries]


def unit_heading(summary: Summary) -> str:
    """Return the heading of a column of money, with its unit."""
    champion = summary.get("models", {}).get(summary.get("champion"), {})
    units = [found.get("unit") for found in (champion.get("value"), *summary.get("policies", {}).values()) if found]
    unit = summary.get("unit") or next((unit for unit in units if unit), "")
    return f"value, {unit}" if unit else "value"


@dataclass(frozen=True)
class _Table:
    entries: Sequence[Entry]
    heading: str
    against: str
    decimals: int
    summary: Summary
    about: str = ""

    def edge(self, look: Look) -> int:
        """Where the column of numbers ends: all tables end it at the same place."""
        return total_width([*self._names(), self._values()], look)

    def behind(self, look: Look) -> int:
        """How much stands behind that place in the narrow form."""
        return total_width([self._intervals(look), self._verdicts()], look)

    def lines(self, look: Look, edge: int, more: Sequence[Mapping[str, Any]] | None) -> list[str]:
        """Return the lines in the widest form that fits; names are cut where they would go beyond the edge."""
        names, values = self._names(), self._values()
        over = self.edge(look) - edge
        if over > 0:
            room = max(_NAMES_AT_LEAST, names[1].width(look) - over)
            cut = [Cell(look.cut(cell.text, room), cell.style) for cell in names[1].cells]
            names[1] = Column(look.cut(names[1].heading, room), cut, gap=1)
        least = edge - total_width(names, look) - values.gap
        begin = [*names, Column(values.heading, values.cells, right=True, least=least), self._intervals(look)]
        if look.width >= WIDE and more is not None:
            for end in self._wide_ends(look, more, look.width - total_width(begin, look)):
                return table([*begin, *end], look)
        return table([*begin, self._verdicts()], look)

    def _names(self) -> list[Column]:
        made_up = "simulated data" if self.summary.get("simulated") else ""
        heading = ", ".join(part for part in (self.about, made_up) if part)
        marks = [Cell("●" if entry.ours else "", STRONG) for entry in self.entries]
        names = [Cell(entry.name, STRONG if entry.ours else "") for entry in self.entries]
        return [Column("", marks, gap=0, least=1), Column(heading, names, gap=1)]

    def _values(self) -> Column:
        shown = [
            Cell(number(entry.dot.value, self.decimals), STRONG if entry.ours else "")
            if entry.dot.value is not None
            else Cell()
            for entry in self.entries
        ]
        return Column(self.heading, shown, right=True)

    def _intervals(self, look: Look) -> Column:
        share = self.summary.get("confidence", 0.95)
        pairs = [
            (number(entry.dot.low, self.decimals), number(entry.dot.high, self.decimals))
            if is_sure(entry.dot)
            else None
            for entry in self.entries
        ]
        widest = [max((cells(look.text(pair[side])) for pair in pairs if pair), default=0) for side in (0, 1)]
        texts = [
            f"{pair[0]:>{widest[0] + _grown(pair[0], look)}} to {pair[1]:>{widest[1] + _grown(pair[1], look)}}"
            if pair
            else ""
            for pair in pairs
        ]
        return Column(f"{100 * share:g} %" if any(pairs) else "", [Cell(text) for text in texts])

    def _verdicts(self) -> Column:
        shown = [_verdict(entry) for entry in self.entries]
        heading = self.against if any(cell.text for cell in shown) else ""
        return Column(heading, shown, gap=_FAR_GAP if heading else 0)

    def _differences(self) -> Column:
        shown = [Cell(_difference(entry, self.decimals), _verdict(entry).style) for entry in self.entries]
        return Column(self.against, shown, gap=3)

    def _drawn(self, width: int) -> Column | None:
        dots = [entry.dot for entry in self.entries]
        zero = next((entry.dot.value for entry in self.entries if entry.trivial), None)
        found = scale(dots, width, zero)
        if found is None:
            return None
        return Column(found.ticks(), [Cell(found.row(dot)) for dot in dots], gap=_FAR_GAP, least=width)

    def _wide_ends(self, look: Look, more: Sequence[Mapping[str, Any]], room: int) -> list[list[Column]]:
        """Return the ways to fill a wide terminal that fit, the fullest first."""
        differences = self._differences()
        verdicts = Column("", self._verdicts().cells, gap=3)
        found = []
        for words in ([verdicts], []):
            for extra in (2, 1, 0):
                # The preferred ones are chosen, and stand in the task's own order.
                chosen = sorted(more[:extra], key=self.summary["metrics"].index)
                end = [differences, *words, *self._more(chosen)]
                drawn = min(_DRAWN[1], room - total_width(end, look) - _FAR_GAP)
                if drawn < _DRAWN[0] or (words and extra < min(2, len(more))):
                    continue
                column = self._drawn(drawn)
                found.append([column, *end] if column else end)
        return found

    def _more(self, more: Sequence[Mapping[str, Any]]) -> list[Column]:
        columns = []
        for metric in more:
            values = [_dot((entry.metrics or {}).get(metric["name"])).value for entry in self.entries]
            decimals = metric_decimals(values)
            shown = [Cell(number(value, decimals)) if value is not None else Cell() for value in values]
            columns.append(Column(short_heading(metric), shown, right=True, gap=3))
        return columns


def _grown(text: str, look: Look) -> int:
    """How much longer the text is as written than as shown: padding counts characters, columns are what is seen."""
    return len(text) - cells(look.text(text))


def is_sure(dot: Dot) -> bool:
    """Return whether a number has an interval that is worth showing."""
    return _exists(dot.value) and dot.low is not None and dot.high is not None and dot.low < dot.high


def _verdict(entry: Entry) -> Cell:
    text = str((entry.against or {}).get("verdict") or "")
    doubt = "not shown" in text or "no difference" in text
    return Cell(text, DOUBT if doubt else "")


def _difference(entry: Entry, decimals: int) -> str:
    against = entry.against or {}
    if against.get("difference") is None:
        return ""
    middle = number(against["difference"], decimals, sign=True)
    if against.get("low") is None or against.get("high") is None:
        return middle
    ends = (number(against[end], decimals, sign=True) for end in ("low", "high"))
    return f"{middle} ({' to '.join(ends)})"
