"""The bases of what comes before a model: readers of tables, tasks that make rows, features built for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sartor.components.offered import Kind
from sartor.components.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import narwhals as nw
    import numpy as np

    from sartor.components.models import Model
    from sartor.context import Context
    from sartor.evidence.metric import Metric
    from sartor.rows import Judged, Origins, Rows, Tables
    from sartor.sections import Caution, Section


class Ingest(Settings):
    """Reads one table."""

    kind: ClassVar[Kind] = "ingest"
    simulated: ClassVar[bool] = False
    """True when the rows are made up; said wherever the table shows."""

    def read(self, context: Context) -> nw.LazyFrame[Any] | Any:
        """Return the table, lazily: a Narwhals frame, or anything Narwhals or DuckDB takes (Arrow, pandas, relation).

        Raises
        ------
        InputError
            If there is nothing to read, or it cannot be read.
        """
        raise NotImplementedError

    def columns(self, context: Context) -> Mapping[str, str] | None:
        """Return names and types (``text, integer, number, boolean, date, datetime``) without reading a row.

        Returns
        -------
        mapping or None
            None when they cannot be known before the read; ``check`` then leaves column references unchecked. A
            type that only the rows can tell is ``unknown``.
        """
        return None

    def inputs(self, context: Context) -> list[dict[str, Any]]:
        """Return the files that are read, for the record: ``name``, ``path``, ``bytes`` and ``sha256`` of each."""
        return []

    def fingerprint(self, context: Context) -> str | None:
        """Return a text that changes whenever the rows that would be read do.

        Returns
        -------
        str or None
            None where nobody can tell; what is read is then never taken from the cache. By default the digests of
            `inputs`, if there are any; a reader whose rows follow from its settings alone returns any fixed text.
        """
        files = self.inputs(context)
        return "/".join(str(file["sha256"]) for file in files) or None

    def stamp(self, context: Context) -> str | None:
        """Return a text that changes when the source does while it is read, at the price of a glance.

        Returns
        -------
        str or None
            None where a glance tells nothing. A run asks before and after the read, and refuses what has changed: its
            record would name other bytes than those that were read.
        """
        return None

    def places(self, context: Context, rows: Sequence[int], total: int) -> list[str]:
        """Return where rows stand in the source, as ``FILE:LINE``, for messages.

        Parameters
        ----------
        context : Context
        rows : sequence of int
            Numbers of rows of `read`, rising, from 0.
        total : int
            How many rows `read` returned.
        """
        return [f"row {row + 1}" for row in rows]

    def origin(self, context: Context) -> str:
        """Return what tells the place that is read from others, where the settings do not: never a password.

        A secret may lead to another database tomorrow; what ``fresh`` keeps of one is then not taken for the other.
        """
        return ""

    def source(self) -> str:
        """Where the rows come from and under which licence, for the record; empty if the recipe's reader knows."""
        return ""


class Task(Settings):
    """Turns tables into rows, a line for each thing to be answered, and says how answers are judged.

    New data is scored by the same `rows`. Its own table is then `sartor.rows.Table.unanswered`: the columns that rows
    named as truth are there and hold nothing, so the target is missing; classes are those of the training. Lines come
    in pieces, so a row must follow from its own line, and from other tables.
    """

    kind: ClassVar[Kind] = "task"
    answers: ClassVar[str]
    """What a model must answer: ``probability``, ``number``, or an answer that the task's plugin defines."""

    @property
    def made_columns(self) -> tuple[str, ...]:
        """Columns that its rows have beside those of tables, and that a split can go by."""
        return ()

    def rows(self, tables: Tables, origins: Origins) -> Rows:
        """Return the rows, lazily.

        Parameters
        ----------
        tables : Tables
            Guarded tables of ``ingest``, truth columns included.
        origins : Origins
            The moments at which rows are made, for tasks whose lines are not in the data.
        """
        raise NotImplementedError

    def trivial(self) -> dict[str, Model]:
        """Return the trivial answers that stand beside every model, by the name shown (``base rate``)."""
        raise NotImplementedError

    def metrics(self) -> list[Metric]:
        """Return what the job is judged by; the first is the one that is compared.

        A metric that is a mean of lines says its loss ``per_row``; one that is not computes ``overall``. They are
        records, not numbers, so that `check` knows their names before a row is read.
        """
        raise NotImplementedError

    def log_score(self, judged: Judged) -> np.ndarray | None:
        """Return the log score of each row in nats, ``ln p`` of what came: in it, what is known becomes bits.

        Probabilities and numbers need none: the core has theirs. A task whose answers are a distribution of another
        form, such as a curve of survival, says it here. Where it says nothing, what sources bring is told in the
        task's first metric, and never in bits.

        Parameters
        ----------
        judged : Judged
            Held-out rows with truth and one model's predictions.

        Returns
        -------
        ndarray of shape (n_rows,) or None
            Finite.
        """
        return None

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Yield what the report shows of the answers: shapes, bands, what they miss; called once, for the champion.

        Parameters
        ----------
        judged : Judged
            All held-out rows with their truth and the champion's predictions; with `Judged.X`, their features.
        context : Context
            Its `smallest_group` is the number of rows below which nothing may be told.
        """
        return ()


class Feature(Settings):
    """Builds columns for the rows from what each row may know."""

    kind: ClassVar[Kind] = "feature"
    own_line_only: ClassVar[bool] = False
    """True when a row's columns follow from its own line alone, and from what is no line of the rows' own table. New
    data is then scored piece by piece, also as a stream; otherwise the feature sees all of its lines at once."""

    def alone(self, own: str) -> bool:
        """Whether, of the rows' own table, it needs the row's own line only: as `own_line_only` says.

        A feature of which its settings decide, such as one that looks at the lines of a table they name, says it here.

        Parameters
        ----------
        own : str
            The table whose lines the rows are.
        """
        return self.own_line_only

    @property
    def sees_outcomes(self) -> bool:
        """Whether it looks at `sartor.rows.Table.outcomes`: new data must then say how past lines turned out."""
        return False

    def build(self, rows: Rows, tables: Tables, context: Context) -> nw.LazyFrame[Any] | Any:
        """Return a lazy frame with ``__row`` and the new columns, at most a line for each row.

        A pure function: the same rows and tables give the same columns. It may use lines before each row's
        ``as_of`` and lines that carry the row's own key; nothing learned from rows (that is a step of ``prepare``).
        """
        raise NotImplementedError
