"""Writes decisions into a file: beside its place, then renamed into it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sartor.delivery import Receipt
from sartor.errors import InputError, UsageError, nearest

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.delivery import Decisions
    from sartor_plugins.tables.write import Write


@dataclass(frozen=True)
class Job:
    """What is to be written.

    Parameters
    ----------
    decisions : Decisions
    columns : tuple of str
        Which of their columns, in order.
    key : tuple of str
        What tells lines apart.
    shown : str
        What the file is called in messages.
    separator : str
        Between the fields of CSV.
    guard : bool
        Whether texts are kept from being formulas in CSV.
    """

    decisions: Decisions
    columns: tuple[str, ...]
    key: tuple[str, ...]
    shown: str
    separator: str = ","
    guard: bool = True

    def unlike(self, there: list[str]) -> InputError:
        """Return the error for a file to append to that has other columns."""
        return InputError(
            f"{self.shown} has the columns {', '.join(there) or 'none'}, and {', '.join(self.columns)} are to be added",
            code="D222",
            hints=(("to mend", "name another file, or replace this one: mode: replace"),),
        )

    def unreadable(self, why: str) -> InputError:
        """Return the error for a file to append to that cannot be read as what it should be."""
        return InputError(
            f"{self.shown} cannot be added to: {why}",
            code="D222",
            hints=(("to mend", "name another file, or replace this one: mode: replace"),),
        )


def write(settings: Write, decisions: Decisions, context: Context) -> Receipt:
    """Carry out what `Write` says."""
    columns = tuple(settings.columns) or decisions.columns
    for name in columns:
        if name not in decisions.columns:
            hints = nearest(name, decisions.columns)
            raise InputError(f"the decisions have no column '{name}'", code="R041", hints=hints)
    file = context.path(settings.path)
    job = Job(
        decisions, columns, _key(settings, decisions, columns, context), settings.path, settings.separator,
        settings.formulas == "guard",
    )  # fmt: skip
    with _failures_named(settings.path), _replacing(file) as stream:
        old = file if settings.mode == "append" and file.exists() and file.stat().st_size else None
        if settings.chosen_format == "parquet":
            from sartor_plugins.tables.written_parquet import write_parquet

            counts = write_parquet(job, stream, old)
        else:
            from sartor_plugins.tables.written_text import CsvText, JsonText, write_text

            text = CsvText(job) if settings.chosen_format == "csv" else JsonText(job)
            counts = write_text(job, text, stream, old)
    if settings.mode == "replace":
        return Receipt(decisions.rows)
    return Receipt(decisions.rows, *counts)


def _key(settings: Write, decisions: Decisions, columns: tuple[str, ...], context: Context) -> tuple[str, ...]:
    """Return what tells lines apart; nothing where the file is replaced anyway."""
    if settings.mode == "replace":
        return ()
    key = tuple(settings.key) or decisions.key
    if not key:
        raise InputError(
            "the decisions have no key by which they could be added to a file",
            code="D220",
            hints=(("to mend", "name the columns that tell them apart: key: [a, b]; or mode: replace"),),
        )
    if settings.key:
        decisions.check_key(key, context.connection)
    missing = [name for name in key if name not in columns]
    if missing:
        raise InputError(
            f"columns leaves out '{missing[0]}', by which decisions are told apart",
            code="D220",
            hints=(("to mend", "name it under columns too"),),
        )
    return key


@contextmanager
def _replacing(file: Path) -> Iterator[BinaryIO]:
    """Hand out a stream whose content takes the place of a file when the block ends well."""
    # What a link leads to is replaced, not the link.
    place = file.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}.part")
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        # Held until the file is in place: two runs that append at once must not lose each other's lines.
        with suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_EX)
        try:
            with part.open("wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            if place.exists():
                shutil.copymode(place, part)
            part.replace(place)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _failures_named(shown: str) -> Iterator[None]:
    """Say of a full or read-only disk which file could not be written."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            f"{shown} cannot be written: {reason}",
            code="U043",
            hints=(("to mend", "make room, or name a file in another place; the run need not be done again"),),
        ) from error
