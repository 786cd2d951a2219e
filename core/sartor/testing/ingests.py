"""The suite for ingests."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from sartor.components import Kind, Refers
from sartor.errors import InputError, PluginError
from sartor.rows import RESERVED
from sartor.testing.comparing import difference
from sartor.testing.component import ComponentTests, Watch
from sartor.testing.tables import fetch, lazy

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd

    from sartor.context import Context

TYPES = ("text", "integer", "number", "boolean", "date", "datetime")
"""What `columns()` may call the types of columns."""
UNKNOWN = "unknown"
"""What it may say of a type that only the rows can tell."""


class IngestTests(ComponentTests):
    """Tests that every ingest must pass.

    Attributes
    ----------
    entry : str
        The component's id.
    settings : dict
        What would stand under ``with``; files that it names are written by `prepare_folder`.

    Examples
    --------
    >>> class TestMessages(IngestTests):
    ...     entry = "hello.messages"
    ...     settings = {"rows": 200}
    """

    kind: ClassVar[Kind] = "ingest"

    # -- what the checks use --------------------------------------------------------------------------------------

    def read(self, context: Context, component: Any = None) -> nw.LazyFrame[Any]:
        """Read the table, lazily."""
        component = self.component() if component is None else component
        table = component.read(context)
        try:
            return lazy(table, context)
        except PluginError as error:
            raise AssertionError(
                f"read must return a table that Narwhals or DuckDB takes, and returns {type(table).__name__}"
            ) from error

    def lines(self, context: Context, component: Any = None) -> pd.DataFrame:
        """Read the whole table."""
        return fetch(self.read(context, component), context)

    # -- checks ---------------------------------------------------------------------------------------------------

    def test_it_reads_a_table(self, tmp_path: Path) -> None:
        """At least one line, under names that a recipe can use."""
        table = self.lines(self.context(tmp_path))
        names = list(table.columns)
        named = bool(names) and all(isinstance(name, str) and name.strip() for name in names)
        assert named, f"every column needs a name, and there are {names}"
        reserved = [name for name in names if name.startswith(RESERVED)]
        assert not reserved, (
            f"names that begin with two underscores are sartor's own, and the table has {reserved[0]!r}"
        )
        assert len(table) > 0, "the table has no line"

    def test_columns_agree_with_what_is_read(self, tmp_path: Path) -> None:
        """`check` believes what `columns` says without reading a row."""
        context, component = self.context(tmp_path), self.component()
        said = component.columns(context)
        if said is None:
            return
        strange = {name: kind for name, kind in said.items() if kind not in (*TYPES, UNKNOWN)}
        assert not strange, f"columns() may say {', '.join(TYPES)} or {UNKNOWN}, and says {strange}"
        schema = self.read(context, component).collect_schema()
        found = {name: type_name(dtype) for name, dtype in schema.items()}
        assert list(said) == list(found), f"columns() says {list(said)}, and read gives {list(found)}"
        for name, kind in said.items():
            assert kind in (UNKNOWN, found[name]), (
                f"columns() says that '{name}' is {kind}, and read gives {schema[name]}"
            )

    def test_the_same_seed_reads_the_same_lines(self, tmp_path: Path) -> None:
        """A file is read alike each time; a simulator repeats itself by its seed."""
        first = self.lines(self.context(tmp_path, seed=7))
        second = self.lines(self.context(tmp_path, seed=7))
        changed = difference(first, second, "the table")
        assert changed is None, f"read twice with one seed, {changed}; take context.rng() for what is random"

    def test_what_it_is_handed_stays_unchanged(self, tmp_path: Path) -> None:
        """Neither settings nor files of the recipe's folder change; temporary files go to ``context.scratch``."""
        context, component = self.context(tmp_path), self.component()
        before, watch = digests(context), Watch(settings=component)
        component.columns(context)
        self.lines(context, component)
        watch.assert_unchanged("read")
        changed = difference(before, digests(context), "the recipe's folder")
        assert changed is None, f"read changes files, {changed}; temporary ones belong into context.scratch"

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        """Where a setting names a file that is not there, an `InputError` says which."""
        names = self._file_settings()
        if not names:
            return
        context, missing = self.context(tmp_path), "there-is-no-such-file.csv"
        component = self.component(**{names[0]: missing})
        said = ""
        try:
            self.lines(context, component)
        except InputError as error:
            said = str(error)
        except Exception as error:
            raise AssertionError(
                f"a missing file must end in an InputError, and ends in {type(error).__name__}: {error}"
            ) from error
        assert said, f"'{names[0]}' names a file that is not there, and read finds nothing wrong"
        assert missing in said, f"the error must name the missing file, and says: {said}"

    def test_it_says_where_its_rows_come_from(self) -> None:
        """The record keeps the source; rows that are made up say so."""
        component = self.component()
        source = component.source()
        assert isinstance(source, str), f"source() must return a text, and returns {type(source).__name__}"
        assert isinstance(component.simulated, bool), "simulated must be True or False, as a ClassVar"

    def _file_settings(self) -> list[str]:
        found = []
        for name, field in self.component_class().model_fields.items():
            metadata = [*field.metadata, *(entry for part in get_args(field.annotation) for entry in _metadata(part))]
            if Refers("file") in metadata:
                found.append(field.alias or name)
        return found


def _metadata(part: Any) -> tuple[Any, ...]:
    return tuple(getattr(part, "__metadata__", ()))


def type_name(dtype: nw.dtypes.DType) -> str:
    """Return what `columns()` calls a Narwhals type; an unknown one by its own name.

    Examples
    --------
    >>> import narwhals as nw
    >>> type_name(nw.Int32()), type_name(nw.Decimal()), type_name(nw.Datetime("us"))
    ('integer', 'number', 'datetime')
    """
    import narwhals as nw

    if dtype.is_integer():
        return "integer"
    if dtype.is_numeric():
        return "number"
    if isinstance(dtype, nw.String | nw.Categorical | nw.Enum):
        return "text"
    names: list[tuple[type[Any], str]] = [(nw.Boolean, "boolean"), (nw.Date, "date"), (nw.Datetime, "datetime")]
    return next((name for sort, name in names if isinstance(dtype, sort)), str(dtype))


def digests(context: Context) -> dict[str, str]:
    """Return the SHA-256 of every file in the recipe's folder, what is in the scratch folder aside."""
    files = (path for path in sorted(context.folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(context.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if context.scratch not in path.parents
    }
