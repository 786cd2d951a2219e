"""The run's one table engine: a DuckDB connection that every frame of the run belongs to.

Relations of two connections neither join nor concatenate, so the core opens one, hands it to components through
`sartor.context.Context.connection`, and takes in by Arrow whatever comes from elsewhere. Tables are made once by
`Engine.store`; what a model needs in memory is fetched once by `Engine.fetch`.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sartor.errors import InputError, SettingError
from sartor.quiet_exit import silence_exit
from sartor.relations import alike, as_arrow, distinct_names, for_pandas, ordered, pandas_of, plain

if TYPE_CHECKING:
    import duckdb
    import narwhals as nw
    import pandas as pd
    import pyarrow as pa

    Explain = Callable[[duckdb.Error], BaseException | None]

GROUP_ROWS = 65_536
"""Rows that stand together in a file that is read piece by piece."""

_open: dict[int, Engine] = {}
"""Engines by the identity of their connection: a component knows only the connection."""


class Engine:
    """One DuckDB connection, opened when it is first needed and closed with the run.

    Parameters
    ----------
    threads : int
        Threads that a query may use.
    memory : str, optional
        Memory limit in DuckDB's words, such as ``4GB``; four fifths of the machine's if left out.
    spill : Path, optional
        Folder for what does not fit; one in the system's temporary folder if left out.
    whole : str, optional
        What the user said, where `memory` is a part of it.

    Examples
    --------
    >>> import pandas as pd
    >>> with Engine(threads=1) as engine:
    ...     frame = engine.frame(pd.DataFrame({"amount": [30, 10]}))
    ...     engine.fetch(engine.store(frame, "loans", order_by="amount"))["amount"].tolist()
    [10, 30]
    """

    def __init__(
        self, threads: int = 1, memory: str | None = None, spill: Path | None = None, whole: str | None = None
    ) -> None:
        self.threads = threads
        self.memory = memory
        self.whole = whole
        self.spill = spill
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._before: duckdb.DuckDBPyConnection | None = None
        self._explains: list[Explain] = []
        self._ending: list[Callable[[], None]] = []
        self._tables: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection; also DuckDB's default one while the engine is open, as Narwhals looks there."""
        if self._connection is None:
            import duckdb

            self._before = duckdb.default_connection()
            self._connection = self._connect()
            duckdb.set_default_connection(self._connection)
            _open[id(self._connection)] = self
            silence_exit()
        return self._connection

    def close(self) -> None:
        """Close the connection, with every table in it; frames of this engine cannot be used any more."""
        if self._connection is not None:
            import duckdb

            if self._before is not None:
                duckdb.set_default_connection(self._before)
            _open.pop(id(self._connection), None)
            self._connection.close()
        self._connection = self._before = None
        self._explains.clear()
        while self._ending:
            self._ending.pop()()
        self._tables.clear()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        if self.threads < 1:
            raise SettingError(f"threads must be at least 1, got {self.threads}", code="R034")
        spill = self.spill or Path(tempfile.gettempdir()) / f"sartor-spill-{os.getpid()}-{id(self):x}"
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": str(self.threads),
            "temp_directory": str(spill),
            "preserve_insertion_order": "true",
            # A run must neither fetch code from the network nor depend on what was fetched before.
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            # Pages of files are validated by their time stamp, which is too coarse for a file just rewritten.
            "enable_external_file_cache": "false",
        }
        if self.memory:
            settings["memory_limit"] = self.memory
        try:
            connection = duckdb.connect(config=settings)
        except duckdb.Error as error:
            raise SettingError(
                f"the table engine does not start: {str(error).partition(chr(10))[0]}",
                code="R034",
                hints=(("to mend", "write the memory limit as a number and a unit: 4GB"),),
            ) from error
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        return connection

    def frame(self, native: Any) -> nw.LazyFrame[Any]:
        """Return a lazy frame of this engine.

        Parameters
        ----------
        native : object
            A Narwhals frame, a DuckDB relation, an Arrow table or reader, a pandas or Polars frame. Relations of
            other connections and readers that can be read once are copied into this engine.

        Raises
        ------
        PluginError
            If it is no table.
        InputError
            If it cannot be taken in: columns of mixed kinds, names that differ only by case.
        """
        import narwhals as nw

        return nw.from_native(self._relation(nw.to_native(native, pass_through=True))).lazy()

    def _relation(self, native: Any) -> duckdb.DuckDBPyRelation:
        import duckdb

        if isinstance(native, duckdb.DuckDBPyRelation):
            with self.explained():
                return native if self._owns(native) else self._copied(native.to_arrow_reader(100_000))
        table = as_arrow(native)
        distinct_names(table.schema.names)
        with self.explained():
            return plain(self.connection.from_arrow(table)) if hasattr(table, "num_rows") else self._copied(table)

    def _owns(self, relation: duckdb.DuckDBPyRelation) -> bool:
        import duckdb

        try:
            self.connection.sql("SELECT 1 AS one").cross(relation)
        except duckdb.InvalidInputException:
            return False
        return True

    def _copied(self, reader: pa.RecordBatchReader) -> duckdb.DuckDBPyRelation:
        distinct_names(reader.schema.names)
        table = self._free("taken_in")
        plain(self.connection.from_arrow(reader)).create(table)
        return self.connection.table(table)

    def store(self, frame: Any, name: str, order_by: str | Sequence[str] | None = None) -> nw.LazyFrame[Any]:
        """Work a lazy frame out, once, as a table of this engine.

        Parameters
        ----------
        frame : Narwhals frame, or whatever `frame` takes
        name : str
            What it is; a second table of the same name gets a number.
        order_by : str or sequence of str, optional
            Columns that lines are sorted by, missing values last. Without them lines keep the frame's own order,
            which is that of the file for what readers return, and is not defined after joins and aggregations.

        Returns
        -------
        LazyFrame
            Reads the stored table.
        """
        import narwhals as nw

        relation = ordered(nw.to_native(self.frame(frame)), order_by)
        table = self._free(name)
        with self.explained():
            relation.create(table)
        return nw.from_native(self.connection.table(table)).lazy()

    def write(self, frame: Any, file: Path, order_by: str | Sequence[str] | None = None) -> None:
        """Work a lazy frame out, once, into a Parquet file; types, names and order as `store` keeps them."""
        import narwhals as nw

        relation = ordered(nw.to_native(self.frame(frame)), order_by)
        with self.explained():
            relation.write_parquet(str(file), compression="zstd")

    def keep(self, frame: Any, file: Path, order_by: str | Sequence[str] | None = None) -> dict[str, str]:
        """Work a lazy frame out, once, into a Parquet file whose pieces have in pandas the types that `fetch` gives.

        Returns
        -------
        dict
            What pandas calls the types that the file does not tell, by column.
        """
        import narwhals as nw

        from sartor.stored import columns_with_holes

        relation = nw.to_native(self.frame(frame))
        selected = ordered(relation, order_by).project(", ".join(for_pandas(relation)))
        with self.explained():
            selected.write_parquet(str(file), compression="snappy", row_group_size=GROUP_ROWS)
        return alike(relation, columns_with_holes(file))

    def scan(self, file: Path) -> nw.LazyFrame[Any]:
        """Return a lazy frame over a Parquet file that `write` made."""
        import narwhals as nw

        with self.explained():
            return nw.from_native(self.connection.read_parquet(str(file))).lazy()

    def _free(self, name: str) -> str:
        base = re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_") or "table"
        # The prefix keeps a table called `select` or `1` from being a word of SQL.
        table, number = f"t_{base}", 1
        while table in self._tables:
            number += 1
            table = f"t_{base}_{number}"
        self._tables.add(table)
        return table

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Drop the tables that are stored inside: nobody needs their frames any more."""
        before = set(self._tables)
        try:
            yield
        finally:
            for table in sorted(self._tables - before):
                self.connection.execute(f"DROP TABLE IF EXISTS {table}")
                self._tables.discard(table)

    def fetch(self, frame: Any, order_by: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Work a lazy frame out into pandas, with the types that `sartor.rows.Scoring` speaks of.

        Parameters
        ----------
        frame : Narwhals frame, or whatever `frame` takes
        order_by : str or sequence of str, optional
            Columns that lines are sorted by, missing values last.

        Returns
        -------
        DataFrame
            Index 0 to n - 1. Whole numbers are int64, or float64 with NaN where values are missing or too large;
            other numbers float64; text ``str``; flags ``bool``, or ``boolean`` where
            values are missing; dates and moments ``datetime64[us]``, in UTC where they had a zone; lengths of time
            ``timedelta64[us]``; lists and structures objects.
        """
        import narwhals as nw

        relation = ordered(nw.to_native(self.frame(frame)), order_by)
        projected = relation.project(", ".join(for_pandas(relation)))
        with self.explained():
            table = projected.to_arrow_table()
        return pandas_of(table, relation)

    def explain_failures_with(self, explain: Explain) -> None:
        """Ask a reader what a failed query means: it returns an InputError that says it, or None.

        Frames are lazy, so a broken file shows only when the engine reads it, long after the reader has returned.
        """
        self._explains.append(explain)

    def close_with(self, ending: Callable[[], None]) -> None:
        """Call something once the connection is closed: to remove files that its frames were read from."""
        self._ending.append(ending)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what DuckDB raises inside into errors that say how to mend it, where somebody knows."""
        import duckdb

        try:
            yield
        except duckdb.OutOfMemoryException as error:
            rest = ", and the disk has no room for the rest" if "offload" in str(error) else ""
            room = ("or", "name a folder with more room: spill in sartor.toml")
            limit = f" of {self.memory}" if self.memory else ""
            if self.whole:
                limit = f" of {self.whole}, of which they may take {self.memory} here"
            raise InputError(
                f"the tables do not fit into the memory limit{limit}{rest}",
                code="D140",
                hints=(
                    (
                        "to mend",
                        "give more memory" + (", or fewer threads: each holds its own part" * (self.threads > 1)),
                    ),
                    ("or", "write Parquet in smaller groups of rows, which are read whole: row_group_size=65536"),
                    *((room,) if rest else ()),
                ),
            ) from error
        except duckdb.Error as error:
            # The latest first: what reads a table again knows it better.
            for explain in reversed(self._explains):
                told = explain(error)
                if told is not None:
                    raise told from error
            raise


def engine_of(connection: duckdb.DuckDBPyConnection) -> Engine | None:
    """Return the engine that a connection belongs to, if one opened it."""
    return _open.get(id(connection))
