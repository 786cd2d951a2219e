"""What was measured of an action's decisions: over all rows, and in the groups that columns kept for audit make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sartor.evidence.bootstrap import Measured, Redraws
from sartor.evidence.grouping import Grouped
from sartor.evidence.groups import Groups, JudgedDecisions, Worst, worst_pair
from sartor.evidence.measure import Measure
from sartor.evidence.sums import FloatArray

TOO_FEW = "no two groups have enough rows of either kind"
"""Why two groups are not compared by a measure, where each of them is large enough to be told of."""


@dataclass(frozen=True, eq=False)
class ByColumn:
    """How decisions treat the groups of one column.

    Parameters
    ----------
    column : str
    groups : tuple of str
        Those of enough rows.
    rows : tuple of int
        How many rows each has.
    compared : tuple of frozenset of str
        The measures by which each is compared with others; none for missing values.
    each : mapping of measure to tuple of Measured
        The number of each group.
    worst : mapping of measure to Worst or None
        None where there are no two groups to compare.
    too_small : tuple of (groups, rows)
        How many groups have too few rows to be told of, and how many rows they have together.
    why_not : str
        Why nothing is compared; empty if something is.
    """

    column: str
    groups: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    compared: tuple[frozenset[str], ...] = ()
    each: Mapping[str, tuple[Measured, ...]] | None = None
    worst: Mapping[str, Worst | None] | None = None
    too_small: tuple[int, int] = (0, 0)
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class Audited:
    """What was measured of the decisions of one action.

    Parameters
    ----------
    measures : tuple of Measure
    overall : mapping of measure to Measured
        Over all rows; of measures that do not compare.
    by : mapping of column to ByColumn
    redraws : Redraws, optional
        Of the judged rows, in the order of the decisions: those that their worth was measured on.
    """

    measures: tuple[Measure, ...]
    overall: Mapping[str, Measured]
    by: Mapping[str, ByColumn]
    redraws: Redraws | None = None

    def measure(self, name: str) -> Measure | None:
        """Return the measure of a name, if there is one."""
        return next((one for one in self.measures if one.name == name), None)


def measured_over_all(measures: Sequence[Measure], judged: JudgedDecisions, redraws: Redraws) -> dict[str, Measured]:
    """Return every number of groups over all rows as a single group."""
    whole = replace(judged, groups=Groups.one(len(judged.groups.places)))
    values, draws = _evaluated([one for one in measures if not one.compares], whole, redraws)
    return {
        one.name: Measured(float(values[one.name][0]), draws[one.name][:, 0], one.least, one.most)
        for one in measures
        if not one.compares
    }


def measured_by(
    column: str, measures: Sequence[Measure], judged: JudgedDecisions, grouped: Grouped, redraws: Redraws
) -> ByColumn:
    """Return the numbers of each group, and the worst pairs.

    Parameters
    ----------
    column : str
        What the groups are made by.
    measures : sequence of Measure
    judged : JudgedDecisions
        Its groups are not looked at.
    grouped : Grouped
    redraws : Redraws
        Of the judged rows.
    """
    groups = grouped.groups
    if not groups.names:
        return ByColumn(column, too_small=grouped.too_small, why_not="no group has enough rows")
    inside = replace(judged, groups=groups)
    of_groups = [one for one in measures if not one.compares]
    values, draws = _evaluated(of_groups, inside, redraws)
    known = np.arange(len(groups.names)) != (-1 if grouped.missing is None else grouped.missing)
    compared = {one.name: known & (one.enough(inside) if one.enough is not None else known) for one in of_groups}
    worst = {
        one.name: worst_pair(
            one,
            groups.names,
            [values[name] for name in one.of],
            [draws[name] for name in one.of],
            [compared[name] for name in one.of],
        )
        for one in measures
        if one.compares
    }
    return ByColumn(
        column=column,
        groups=groups.names,
        rows=tuple(groups.counts),
        compared=tuple(
            frozenset(name for name, inside in compared.items() if inside[at]) for at in range(len(groups.names))
        ),
        each={
            one.name: tuple(
                Measured(float(values[one.name][at]), draws[one.name][:, at], one.least, one.most)
                for at in range(len(groups.names))
            )
            for one in of_groups
        },
        worst=worst,
        too_small=grouped.too_small,
        why_not=_why_not(grouped, known, worst),
    )


def _evaluated(
    measures: Sequence[Measure], judged: JudgedDecisions, redraws: Redraws
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Return each measure's numbers on the rows as they are, and on their redraws."""
    as_they_are = np.ones((1, len(judged.groups.places)))
    values = {one.name: one.evaluate(judged, as_they_are)[0] for one in measures}
    judged.condense()
    blocks = [{one.name: one.evaluate(judged, weights) for one in measures} for weights in redraws.blocks()]
    nothing = np.empty((0, len(judged.groups.names)))
    return values, {
        one.name: np.concatenate([block[one.name] for block in blocks]) if blocks else nothing for one in measures
    }


def _why_not(grouped: Grouped, known: Any, worst: Mapping[str, Worst | None]) -> str:
    if any(pair is not None for pair in worst.values()) or not worst:
        return ""
    if not known.any():
        return "it is missing in all rows"
    if int(known.sum()) == 1:
        return f"only one group has enough rows, {grouped.groups.names[int(np.argmax(known))]}"
    return TOO_FEW
