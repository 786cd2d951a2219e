"""Settings of the sink that writes decisions into a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from sartor.components import Columns, Sink
from sartor.errors import SettingError, UsageError

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.delivery import Decisions, Receipt

Format = Literal["parquet", "csv", "json_lines"]
ENDINGS: dict[str, Format] = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "json_lines",
    ".ndjson": "json_lines",
}
"""The format that a file's name tells."""


class Write(Sink):
    """Writes decisions into a file: Parquet, CSV or JSON lines.

    The file is written beside its place and then renamed into it: it is there whole or not at all, and who reads it
    meanwhile reads the old one. Folders on the way are made. Lists, such as reasons, stay lists in Parquet and JSON
    lines; in CSV their items are joined by ``; ``.

    CSV is UTF-8 with a header, fields in quotes where they need them, dates as ``2024-12-31``, moments as
    ``2024-12-31 23:59:59``, flags as ``true`` and ``false``; a missing value is an empty field, an empty text one of
    quotes only. A text that a spreadsheet would take for a formula, one that begins with ``=``, ``+``, ``-`` or ``@``
    (or a tab or a line end) and is no plain number, gets an apostrophe in front: see `formulas`. JSON lines have
    ``null`` for what is missing, and for numbers that JSON does not have.

    Parameters
    ----------
    path : str
        The file, from the project's folder.
    format : {"parquet", "csv", "json_lines"}, optional
        By default as the name ends: ``.parquet``, ``.csv``, ``.tsv``, ``.jsonl``, ``.ndjson``.
    mode : {"replace", "append"}
        Replace the file, or keep its lines: those of the same key give way to the new ones, which stand at the end.
        The new keys are held in memory then. The file must have the same columns.
    key : list of str, optional
        What tells lines apart, with ``mode: append``; the key of the rows unless given.
    columns : list of str, optional
        What is written, in this order; all columns unless given.
    delimiter : {",", ";", "tab"}
        Between the fields of CSV; a tab where the name ends in ``.tsv``.
    formulas : {"guard", "keep"}
        Whether an apostrophe keeps spreadsheets from running a text of a CSV file, or texts are written as they are.

    Examples
    --------
    >>> Write(path="out/decisions.csv").chosen_format
    'csv'
    """

    path: Annotated[str, Field(min_length=1)]
    format: Format | None = None
    mode: Literal["replace", "append"] = "replace"
    key: Columns = Field(default_factory=list)
    columns: Columns = Field(default_factory=list)
    delimiter: Literal[",", ";", "tab"] | None = None
    formulas: Literal["guard", "keep"] = "guard"

    @model_validator(mode="after")
    def _has_a_format(self) -> Self:
        if "://" in self.path:
            raise SettingError(
                f"path must be a file of this machine, got {self.path}",
                hints=(("to mend", "write a file, and copy it there when the run has ended"),),
            )
        if self.format is None and Path(self.path).suffix.lower() not in ENDINGS:
            raise SettingError(
                f"the name {self.path} does not tell its format",
                hints=(("to mend", "let it end in .parquet, .csv or .jsonl, or say format: csv"),),
            )
        missing = [name for name in self.key if self.columns and name not in self.columns]
        if missing:
            raise SettingError(
                f"columns leaves out '{missing[0]}', which is a part of the key",
                hints=(("to mend", "name it under columns too"),),
            )
        return self

    @property
    def chosen_format(self) -> Format:
        """The format that is given, or that the name tells."""
        return self.format or ENDINGS[Path(self.path).suffix.lower()]

    @property
    def separator(self) -> str:
        """What stands between the fields of CSV."""
        tab = self.delimiter == "tab" or (self.delimiter is None and self.path.lower().endswith(".tsv"))
        return "\t" if tab else self.delimiter or ","

    def target(self, context: Context) -> str:
        """Return the file as the recipe names it."""
        return self.path

    def check_target(self, columns: tuple[str, ...] | None, context: Context) -> None:
        """Look whether the file can be written.

        Raises
        ------
        UsageError
            If it is a folder, or lies where nothing may be written.
        """
        file = context.path(self.path)
        if file.is_dir():
            mend = (("to mend", f"name a file in it: {self.path.rstrip('/')}/decisions.parquet"),)
            raise UsageError(f"{self.path} is a folder, and a file is to be written", code="U043", hints=mend)
        above = next(folder for folder in file.absolute().parents if os.path.lexists(folder))
        if not above.is_dir():
            raise UsageError(f"{self.path} cannot be written: {above} is a file", code="U043")
        if not os.access(above, os.W_OK | os.X_OK):
            mend = (("to mend", "name a file in a folder that you may write"),)
            raise UsageError(f"{self.path} cannot be written: {above} may not be written", code="U043", hints=mend)

    def deliver(self, decisions: Decisions, context: Context) -> Receipt:
        """Write the file.

        Raises
        ------
        InputError
            If a column or a key is not there, or the file to append to holds something else.
        UsageError
            If the disk is full, or nothing may be written there.
        """
        from sartor_plugins.tables.writing import write

        return write(self, decisions, context)
