"""Rows: the idea that everything hangs on.

A task turns named tables into one lazy table, a line for each thing to be answered. Features, splits, predictions,
bootstrap and money all hang on these lines. Up to the model's door frames are lazy (Narwhals); behind it they are
pandas and NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Self

from sartor.held import both_taken, held_in, hold, is_stored, spine_of, with_fields
from sartor.tables import Table, Tables

if TYPE_CHECKING:
    import narwhals as nw
    import numpy as np
    import pandas as pd

    from sartor.context import Context
    from sartor.durations import Duration

__all__ = [
    "AS_OF",
    "FOLD",
    "GROUP",
    "KNOWN_AT",
    "PART",
    "RAW_PART",
    "RESERVED",
    "ROW",
    "TARGET",
    "WEIGHT",
    "Judged",
    "Origins",
    "Rows",
    "Scoring",
    "Table",
    "Tables",
    "Training",
]

# Column names live once. The two underscores keep them apart from whatever a company calls its columns.
ROW = "__row"
"""Identifies the row; unique."""
AS_OF = "__as_of"
"""The moment at which we answer; absent where rows are timeless."""
KNOWN_AT = "__known_at"
"""The moment at which the truth is known; absent where rows are timeless."""
TARGET = "__target"
"""The truth; tasks with several parts name them ``__target_PART``."""
GROUP = "__group"
"""Rows that depend on each other share it: the bootstrap redraws groups. Absent where each row stands alone."""
WEIGHT = "__weight"
"""How much a row counts in learning; absent where all count the same."""
PART = "__part"
"""``train``, ``test`` or ``gap``; written by the split."""
FOLD = "__fold"
"""Number of the fold or test window in which the row is judged; written by the split."""
RAW_PART = "__raw_part_"
"""What the split's rule, and with the next number its ``tune_on``, says of a value that privacy has changed since."""
RESERVED = "__"
"""No column of a user's table may begin with this."""


@dataclass(frozen=True)
class Origins:
    """The moments at which rows are made, for tasks whose lines are not in the data (customer x window).

    Parameters
    ----------
    cut : datetime or None
        Where the test part begins; None where the split does not go by time.
    every : Duration or None
        Step between test origins.
    count : int
        How many test origins there are.
    unanswered : bool
        Whether rows are to be scored: they are then made at these moments alone, and their truth is not known.
    """

    cut: datetime | None = None
    every: Duration | None = None
    count: int = 1
    unanswered: bool = False

    def moments(self) -> list[datetime]:
        """Return the test origins, in order; empty without a cut."""
        if self.cut is None:
            return []
        if self.every is None:
            return [self.cut]
        return [self.every.to_offset(self.cut, times=place) for place in range(self.count)]


@dataclass(frozen=True)
class Rows:
    """What a task makes: a lazy frame with a line for each thing to be answered.

    Parameters
    ----------
    frame : Narwhals LazyFrame
        ``__row``, the key columns by their own names, ``__target``, and where they apply ``__as_of``,
        ``__known_at``, ``__group``, ``__weight``.
    keys : tuple of str
        Key columns that features join on.
    own : str or None
        The table whose line each row is, if there is one. Its readable columns are features by themselves.
    truth : tuple of str
        Columns of the own table that hold the answer, or became known with it: hidden from features and models.
    classes : tuple
        The labels of a classification in the order in which models answer (the positive one last); empty else.
    never : tuple of str
        Columns of the own table that must not be features: identifiers, what is known only afterwards.
    facts : mapping
        What the task found out while it made the rows, in JSON types: how many lines it set aside, and why. They are
        kept with the rows, and handed back to its verb ``sections`` as `Judged.facts`.
    chosen : bool
        Whether the task asks of some lines of the own table on purpose: of each machine now and then. Lines that are
        no rows are then noted, and no caution.
    """

    frame: nw.LazyFrame[Any]
    keys: tuple[str, ...]
    own: str | None = None
    truth: tuple[str, ...] = ()
    classes: tuple[Any, ...] = ()
    never: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    chosen: bool = False

    def over(
        self,
        table: Table,
        entity: str | Sequence[str],
        windows: Sequence[str | Duration],
        measures: Mapping[str, str | Sequence[str]],
        context: Context,
        *,
        upto: Literal["before", "own", "including"] = "before",
        delay: str | Duration | None = None,
        own: Table | None = None,
    ) -> nw.LazyFrame[Any]:
        """Measure an entity's lines in windows of time before each row: ``spent_7_days``.

        ``rows.over(tables["cards"], "card", ["1 hour", "7 days"], {"spent": ("sum", "amount")}, context)``

        Everything is said at `sartor.windows.over.over`.
        """
        from sartor.windows.over import over

        return over(self, table, entity, windows, measures, context, upto=upto, delay=delay, own=own)


@dataclass(frozen=True)
class Scoring:
    """Rows and features at the model's door, without truth.

    Parameters
    ----------
    rows : DataFrame of shape (n_rows, ...)
        ``__row``, keys, ``__as_of`` and the readable columns of the row's own line, features or not.
    X : DataFrame of shape (n_rows, n_features)
        Features; numbers are float64 with NaN for missing, categories are pandas ``category`` or ``str`` columns with
        missing values, flags are ``bool``. Same lines as `rows`, index 0 to n - 1.
    answers : str
        What the task asks for.
    classes : tuple
        Labels of a classification, the positive one last.
    """

    rows: pd.DataFrame
    X: pd.DataFrame
    answers: str
    classes: tuple[Any, ...] = ()

    def __len__(self) -> int:
        return len(held_in(self, "rows"))

    @property
    def features(self) -> list[str]:
        """Names of the features."""
        held: Any = held_in(self, "X")
        return list(held.names) if is_stored(held) else [str(name) for name in held.columns]

    @property
    def stored(self) -> bool:
        """Whether features lie on disk, as they do not fit in memory: ask for `pieces` then."""
        return is_stored(held_in(self, "X"))

    @property
    def spine(self) -> pd.DataFrame:
        """What rows are told apart, dated, grouped and split by: all of `rows`, unless they lie on disk."""
        return spine_of(held_in(self, "rows"))

    def pieces(self, at_once: int = 65_536) -> Iterator[Self]:
        """Yield these rows piece by piece, in order, each in memory.

        Examples
        --------
        >>> import pandas as pd
        >>> loans = Scoring(pd.DataFrame({"__row": [7, 8, 9]}), pd.DataFrame({"age": [31, 44, 58]}), "number")
        >>> [piece.X["age"].tolist() for piece in loans.pieces(2)]
        [[31, 44], [58]]
        """
        import numpy as np

        for start in range(0, len(self), at_once):
            yield self.take(np.arange(start, min(start + at_once, len(self))))

    def drawn(self, count: int, seed: int) -> Self:
        """Return so many rows drawn at random, in their order and in memory; all of them where there are no more."""
        import numpy as np

        if len(self) <= count:
            return self
        places = np.random.default_rng(seed).choice(len(self), count, replace=False, shuffle=False)
        return self.take(np.sort(places))

    def with_features(self, X: pd.DataFrame) -> Scoring:
        """Return the same rows with other features."""
        return with_fields(self, X=X)

    def take(self, places: np.ndarray) -> Self:
        """Return the rows at these places (positions or a Boolean mask), in that order."""
        positions = _positions(places)
        rows, X = both_taken(held_in(self, "rows"), held_in(self, "X"), positions)
        return with_fields(self, rows=rows, X=X)


hold(Scoring, "rows", "X")


@dataclass(frozen=True)
class Training(Scoring):
    """Rows, features and truth.

    Parameters
    ----------
    y : ndarray of shape (n_rows,) or DataFrame
        The truth. In a classification the place of the label in `classes` (0 or 1 where there are two), as int64;
        in a regression float64; a DataFrame with a column for each part where the truth has parts.
    weight : ndarray of shape (n_rows,) or None
        How much each row counts.
    split_again : callable
        Re-applies the recipe's own rule: takes these rows, gives two Boolean masks (learn, validate).
    level : int
        How many times the rows were split again; each level splits by another salt.
    """

    y: Any = None
    weight: np.ndarray | None = None
    split_again: Callable[[Training], tuple[np.ndarray, np.ndarray]] | None = None
    level: int = 0

    def inner(self) -> tuple[Training, Training]:
        """Split again by the recipe's own rule (or its ``tune_on``), inside the training part.

        Returns
        -------
        learn, validate : Training
            The only validation that a model, a blend or a tuner ever sees: test rows are out of reach.
        """
        if self.split_again is None:
            raise RuntimeError("these rows were made without a split rule")
        learn, validate = self.split_again(self)
        deeper = with_fields(self, level=self.level + 1)
        return deeper.take(learn), deeper.take(validate)

    def take(self, places: np.ndarray) -> Self:
        """Return the rows at these places, in that order."""
        base = super().take(places)
        y = self.y.iloc[_positions(places)].reset_index(drop=True) if hasattr(self.y, "iloc") else self.y[places]
        return with_fields(base, y=y, weight=None if self.weight is None else self.weight[places])

    def with_features(self, X: pd.DataFrame) -> Training:
        """Return the same rows with other features."""
        return with_fields(self, X=X)

    def with_truth(self, y: Any, weight: np.ndarray | None) -> Self:
        """Return the same rows with another truth and other weights."""
        return with_fields(self, y=y, weight=weight)

    def without_truth(self) -> Scoring:
        """Return what a model may see of these rows when it predicts."""
        return Scoring(held_in(self, "rows"), held_in(self, "X"), self.answers, self.classes)


def _positions(places: np.ndarray) -> np.ndarray:
    import numpy as np

    places = np.asarray(places)
    return np.flatnonzero(places) if places.dtype == bool else places


@dataclass(frozen=True)
class Judged:
    """Held-out rows with truth and one model's predictions.

    Parameters
    ----------
    truth : ndarray or DataFrame
        As `Training.y`.
    predictions : DataFrame of shape (n_rows, ...)
        The answer's columns.
    rows : DataFrame
        As `Scoring.rows`.
    classes : tuple
        Labels of a classification.
    learned_from : Training or None
        The training rows, for metrics that scale by them (a one-step difference, a base rate).
    X : DataFrame or None
        Features of the rows; in ``sections`` only.
    facts : mapping
        What the task said of how the rows were made, see `Rows.facts`; in ``sections`` only.
    """

    truth: Any
    predictions: pd.DataFrame
    rows: pd.DataFrame
    classes: tuple[Any, ...] = ()
    learned_from: Training | None = None
    X: pd.DataFrame | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


hold(Judged, "rows", "X")
