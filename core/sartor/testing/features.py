"""The suite for features."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import narwhals as nw
import numpy as np
import pandas as pd

from sartor.components import Kind
from sartor.evidence.future import choose_origins, cut_at
from sartor.rows import AS_OF, KNOWN_AT, RESERVED, ROW, TARGET, Rows, Table, Tables
from sartor.testing.comparing import difference
from sartor.testing.component import ComponentTests, Watch
from sartor.testing.samples import sample_events
from sartor.testing.tables import fetch, lazy, make_rows, make_table, make_tables

if TYPE_CHECKING:
    from sartor.context import Context

ORIGINS = 6
"""How many moments are rebuilt without their future."""


class TableTests(ComponentTests):
    """Base of `FeatureTests` and `TaskTests`: what both read."""

    def tables(self, context: Context) -> Tables:
        """Return the tables that the component reads.

        By default one table ``events`` with the lines of `sample_events`: key ``event``, time ``at``, roles
        ``entity: customer``.
        """
        events = make_table("events", sample_events(), context, key=["event"], time="at", roles={"entity": "customer"})
        return make_tables([events], context)


class FeatureTests(TableTests):
    """Tests that every feature must pass.

    Attributes
    ----------
    entry : str
        The component's id.
    settings : dict
        What would stand under ``with``.
    tolerance : float
        How far numbers may lie apart when lines come in another order.

    Examples
    --------
    >>> class TestWording(FeatureTests):
    ...     entry = "hello.wording"
    ...     settings = {"text": "channel"}
    """

    kind: ClassVar[Kind] = "feature"
    tolerance: ClassVar[float] = 1e-9

    # -- what an author may override ------------------------------------------------------------------------------

    def rows(self, tables: Tables, context: Context) -> Rows:
        """Return the rows that columns are built for; by default the later two thirds of the sample events.

        With tables of your own, return what the task makes of them: ``MyTask(...).rows(tables, Origins())``.
        """
        events = sample_events()
        frame = events[["event"]].assign(
            **{ROW: events["event"], AS_OF: events["at"], KNOWN_AT: events["settled_at"], TARGET: events["returned"]}
        )
        return make_rows(
            frame.iloc[len(frame) // 3 :],
            context,
            keys=["event"],
            own="events",
            truth=["returned", "settled_at"],
            classes=["no", "yes"],
        )

    # -- what the checks use --------------------------------------------------------------------------------------

    def given(self, folder: Path) -> tuple[Rows, Tables, Context]:
        """Return rows, tables without the truth, and services."""
        context = self.context(folder)
        tables = self.tables(context)
        rows = self.rows(tables, context)
        if rows.own is not None:
            table = tables[rows.own]
            seen = [name for name in table.columns if name not in rows.truth]
            tables = Tables({**tables, rows.own: table.with_frame(table.frame.select(*seen))})
        return rows, tables, context

    def build(self, rows: Rows, tables: Tables, context: Context, component: Any = None) -> pd.DataFrame:
        """Build the columns and return them with ``__row``, sorted by it."""
        component = self.component() if component is None else component
        built = fetch(lazy(component.build(rows, tables, context), context), context)
        assert ROW in built, f"build must return {ROW} beside the columns, and returns {_list(built.columns)}"
        return built.sort_values(ROW, kind="stable").reset_index(drop=True)

    # -- checks ---------------------------------------------------------------------------------------------------

    def test_there_is_at_most_one_line_for_each_row(self, tmp_path: Path) -> None:
        """New columns under names of their own, for the rows that there are, none twice, nothing infinite."""
        rows, tables, context = self.given(tmp_path)
        built = self.build(rows, tables, context)
        columns = [name for name in built.columns if name != ROW]
        assert columns, "build returns no column but __row"
        reserved = [name for name in columns if name.startswith(RESERVED)]
        assert not reserved, (
            f"names that begin with two underscores are sartor's own, and build makes {_list(reserved)}"
        )
        twice = built.loc[built[ROW].duplicated(), ROW].tolist()
        assert not twice, f"at most one line is due for each row, and row {twice[0]!r} has several"
        known = set(fetch(rows.frame, context)[ROW])
        strangers = [row for row in built[ROW].tolist() if row not in known]
        assert not strangers, f"build makes a line for {strangers[0]!r}, which is none of the rows"
        for name in columns:
            values = built[name]
            if pd.api.types.is_float_dtype(values.dtype):
                assert not np.isinf(values.to_numpy(dtype=float, na_value=np.nan)).any(), f"'{name}' is infinite"

    def test_the_same_rows_and_tables_give_the_same_columns(self, tmp_path: Path) -> None:
        """A feature is a pure function."""
        rows, tables, context = self.given(tmp_path)
        component = self.component()
        first = self.build(rows, tables, context, component)
        second = self.build(rows, tables, context.for_step("features.again"), component)
        changed = difference(first, second, "the columns")
        assert changed is None, f"built twice from the same rows and tables, {changed}"

    def test_what_it_is_handed_stays_unchanged(self, tmp_path: Path) -> None:
        """Neither settings nor rows nor a line of a table change."""
        rows, tables, context = self.given(tmp_path)
        component = self.component()
        before = {name: fetch(table.frame, context) for name, table in tables.items()}
        before_rows = fetch(rows.frame, context)
        watch = Watch(settings=component)
        self.build(rows, tables, context, component)
        watch.assert_unchanged("build")
        for name, frame in before.items():
            changed = difference(_sorted(frame), _sorted(fetch(tables[name].frame, context)), name)
            assert changed is None, f"build changes a table that it is handed: {changed}"
        changed = difference(_sorted(before_rows), _sorted(fetch(rows.frame, context)), "rows")
        assert changed is None, f"build changes what it is handed: {changed}"

    def test_no_column_sees_the_future(self, tmp_path: Path) -> None:
        """Rebuilt with everything from ``as_of`` on taken away, the columns of a row do not change."""
        rows, tables, context = self.given(tmp_path)
        if AS_OF not in rows.frame.collect_schema().names():
            return
        built = self.build(rows, tables, context).set_index(ROW)
        moments = fetch(rows.frame, context).set_index(ROW)[AS_OF]
        for moment in choose_origins(moments, ORIGINS):
            some = replace(rows, frame=rows.frame.filter(nw.col(AS_OF) == moment.to_pydatetime()))
            past = cut_at(tables, rows, moment.to_pydatetime(), some.frame.select(*rows.keys).unique())
            again = self.build(some, past, context).set_index(ROW)
            due = moments.index[moments == moment]
            changed = _changed_column(built.reindex(due), again.reindex(due), self.tolerance)
            assert changed is None, (
                f"a column saw the future: without the lines at or after {moment}, {changed}; "
                "use lines strictly before as_of only"
            )

    def test_the_order_of_lines_does_not_matter(self, tmp_path: Path) -> None:
        """No engine promises an order of lines; what needs one must sort."""
        rows, tables, context = self.given(tmp_path)
        expected = self.build(rows, tables, context)
        shuffled = Tables({name: _shuffled(table, context) for name, table in tables.items()})
        changed = difference(expected, self.build(rows, shuffled, context), "the columns", self.tolerance)
        assert changed is None, f"with the lines of the tables in another order, {changed}"

    def test_each_row_is_built_for_itself(self, tmp_path: Path) -> None:
        """Half of the rows get what they get among all: what is learned from rows is a step of prepare."""
        rows, tables, context = self.given(tmp_path)
        expected = self.build(rows, tables, context).set_index(ROW)
        kept = fetch(rows.frame, context)[ROW].sort_values().tolist()[::2]
        some = replace(rows, frame=rows.frame.filter(nw.col(ROW).is_in(kept)))
        found = self.build(some, tables, context).set_index(ROW)
        changed = _changed_column(expected.reindex(kept), found.reindex(kept), self.tolerance)
        assert changed is None, (
            f"built for every second row only, {changed}; what is learned from rows is a step of prepare"
        )

    def test_own_line_only_is_true_where_it_is_said(self, tmp_path: Path) -> None:
        """Where a feature says ``own_line_only``, its columns stay what they are when the table has no other lines."""
        rows, tables, context = self.given(tmp_path)
        component = self.component()
        if rows.own is None or not component.alone(rows.own):
            return
        expected = self.build(rows, tables, context).set_index(ROW)
        kept = fetch(rows.frame, context)[ROW].sort_values().tolist()[::7]
        some = replace(rows, frame=rows.frame.filter(nw.col(ROW).is_in(kept)))
        own = tables[rows.own]
        lines = own.frame.join(some.frame.select(*rows.keys).unique(), on=list(rows.keys), how="semi")
        found = self.build(some, Tables({**tables, rows.own: own.with_frame(lines)}), context).set_index(ROW)
        changed = _changed_column(expected.reindex(kept), found.reindex(kept), self.tolerance)
        assert changed is None, (
            f"own_line_only is true, and without the other lines of '{rows.own}' {changed}; leave own_line_only out"
        )


def _changed_column(before: pd.DataFrame, after: pd.DataFrame, tolerance: float) -> str | None:
    if list(before.columns) != list(after.columns):
        return f"the columns are {_list(after.columns)} and were {_list(before.columns)}"
    for name in before.columns:
        # A column that is missing throughout comes back in another type: compared as numbers, or line by line.
        old, new = before[name].reset_index(drop=True), after[name].reset_index(drop=True)
        if old.dtype != new.dtype:
            old, new = old.astype(object), new.astype(object)
        changed = difference(old, new, f"'{name}'", tolerance)
        if changed is not None:
            return changed
    return None


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    lists = [name for name in frame.columns if frame[name].map(lambda cell: isinstance(cell, list | np.ndarray)).any()]
    sortable = [name for name in frame.columns if name not in lists]
    return frame.sort_values(sortable, kind="stable").reset_index(drop=True)


def _shuffled(table: Table, context: Context) -> Table:
    arrow = table.frame.collect(backend="pyarrow").to_native()
    order = np.random.default_rng(5).permutation(arrow.num_rows)
    return table.with_frame(lazy(arrow.take(order), context))


def _list(names: Any) -> str:
    return ", ".join(map(str, names)) or "none"
