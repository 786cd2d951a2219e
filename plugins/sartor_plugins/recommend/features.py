"""The feature of recommendation: what each user did before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sartor.components import Feature, TableName

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Rows, Tables


class History(Feature):
    """What a user dealt with before the row's moment, as lists: items, how many days ago, and what was done.

    Events are read as the task reads them; what had been returned by then is not among them. The words of a search
    without an item stand there as ``search: WORDS``.

    Parameters
    ----------
    table : str, optional
        The table of the events, where the step is handed several.
    """

    table: TableName | None = None

    def build(self, rows: Rows, tables: Tables, context: Context) -> Any:
        """Return the lists of each row, as Arrow."""
        from sartor_plugins.recommend.histories import histories

        return histories(rows, tables.single() if self.table is None else tables[self.table])
