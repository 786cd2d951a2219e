"""k-anonymity and l-diversity of a table, told by sizes of classes and by no value.

Lines with the same values in the quasi-identifiers make a class; a missing value is a value as any other. A table is
k-anonymous [1]_ where no class has fewer than k lines, and l-diverse [2]_ (distinct) where each class holds l different
values of the sensitive column.

References
----------
.. [1] L. Sweeney: *k-anonymity: a model for protecting privacy*, 2002.
.. [2] A. Machanavajjhala et al.: *l-diversity: privacy beyond k-anonymity*, 2007.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sartor.errors import Problem
from sartor.guard.limits import Release
from sartor.wording import listed, plural

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 5
"""Smallest classes whose sizes are told."""


@dataclass(frozen=True)
class Anonymity:
    """What a table keeps of its persons' anonymity.

    Parameters
    ----------
    rows, classes : int
    k : int
        Lines of the smallest class; 0 of an empty table.
    smallest : tuple of int
        Sizes of the smallest classes.
    small_classes, small_rows : int
        Classes of fewer lines than wanted, and how many lines are in them.
    l : mapping of column to int
        The fewest different values that a class holds.
    poor_classes : mapping of column to int
        Classes of fewer different values than wanted.
    """

    rows: int
    classes: int
    k: int
    smallest: tuple[int, ...]
    small_classes: int
    small_rows: int
    l: dict[str, int]  # noqa: E741 - the literature's own letter
    poor_classes: dict[str, int]

    @property
    def holds(self) -> bool:
        """Whether no class is too small and none too poor."""
        return not self.small_classes and not any(self.poor_classes.values())

    def to_json(self) -> dict[str, Any]:
        """Return it in JSON types."""
        return {**vars(self), "smallest": list(self.smallest), "holds": self.holds}


def anonymity_of(table: pd.DataFrame, release: Release) -> Anonymity:
    """Count the classes of a table.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"age": [30, 30, 40, 40, 50], "ill": ["flu", "flu", "flu", "no", "no"]})
    >>> found = anonymity_of(table, Release(("age",), k=2, sensitive=("ill",), l=2))
    >>> found.k, found.classes, found.small_classes, found.l, found.poor_classes
    (1, 3, 1, {'ill': 1}, {'ill': 2})
    """
    columns = list(release.quasi_identifiers)
    if not len(table):
        return Anonymity(0, 0, 0, (), 0, 0, dict.fromkeys(release.sensitive, 0), dict.fromkeys(release.sensitive, 0))
    texts = table[[*dict.fromkeys([*columns, *release.sensitive])]].astype(object).map(_hashable)
    classes = texts.groupby(columns, dropna=False, sort=False)
    sizes = classes.size().sort_values()
    small = sizes[sizes < release.k]
    distinct = {column: classes[column].nunique(dropna=False) for column in release.sensitive}
    return Anonymity(
        len(table), len(sizes), int(sizes.iloc[0]), tuple(int(size) for size in sizes.head(SHOWN)), len(small),
        int(small.sum()), {column: int(counts.min()) for column, counts in distinct.items()},
        {column: int((counts < release.l).sum()) for column, counts in distinct.items()},
    )  # fmt: skip


def _hashable(value: Any) -> Any:
    """Return a value that can be told from others: lists by their text, everything missing alike."""
    if value is None or value != value:  # NaN is no value
        return None
    return value if isinstance(value, str | int | float | bool) else str(value)


def problems_of(name: str, table: pd.DataFrame, release: Release) -> list[Problem]:
    """Return why a table may not leave; empty where it may."""
    lost = [column for column in (*release.quasi_identifiers, *release.sensitive) if column not in table]
    if lost:
        mend = ("to mend", f"name its own columns: {', '.join(map(str, table.columns))}")
        return [Problem("P009", f"{name} has no column {listed([repr(one) for one in lost])}, named under release",
                        hints=(mend,))]  # fmt: skip
    found, problems = anonymity_of(table, release), []
    by = listed(list(release.quasi_identifiers))
    if found.small_classes:
        message = (
            f"{name} is not {release.k}-anonymous by {by}: {plural(found.small_classes, 'class', 'classes')} of "
            f"{found.classes:,} with {plural(found.small_rows, 'line')} "
            f"{'is' if found.small_classes == 1 else 'are'} too small, the smallest of {sizes_told(found.smallest)}"
        )
        problems.append(Problem("P009", message, hints=_mends(release.quasi_identifiers)))
    for column, count in found.poor_classes.items():
        if count:
            message = (
                f"{name} is not {release.l}-diverse in '{column}': {plural(count, 'class', 'classes')} of "
                f"{found.classes:,} by {by} {'holds' if count == 1 else 'hold'} fewer different values, "
                f"the poorest {found.l[column]}"
            )
            problems.append(Problem("P009", message, hints=_mends(release.quasi_identifiers)))
    return problems


def sizes_told(sizes: Sequence[int]) -> str:
    """Return sizes in words.

    Examples
    --------
    >>> sizes_told((1, 1, 3))
    '1, 1 and 3 lines'
    """
    return f"{listed([f'{size:,}' for size in sizes])} {'line' if tuple(sizes) == (1,) else 'lines'}"


def _mends(columns: Sequence[str]) -> tuple[tuple[str, str], ...]:
    example = f"privacy: {{columns: {{{columns[0]}: {{generalise: {{width: 10}}}}}}}}"
    return (("to mend", f"make a column coarser: {example}"), ("or", "leave one of the columns out of the table"))
