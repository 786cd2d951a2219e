"""Runs a recorded recipe once more, and holds what comes out against what came out then."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.runs.finding import Recorded, with_record
from sartor.runs.settled import Change, changes, table_changes, version_changes
from sartor.runs.stored import check_stored, recipe_again, stored_table
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.events import Event
    from sartor.plugins import Plugins
    from sartor.recipe.project import Project

METRICS = "metrics.json"


@dataclass(frozen=True)
class Repeated:
    """What came of running a recipe once more.

    Parameters
    ----------
    before, after : Recorded
    files : mapping of name to str
        For every file that must repeat what is not the same in it; empty where all bytes are.
    tables : mapping of table to ``same``, ``changed``, ``added`` or ``removed``
    versions : tuple of Change
        Libraries and plugins that are not as they were.
    """

    before: Recorded
    after: Recorded
    files: Mapping[str, str]
    tables: Mapping[str, str]
    versions: tuple[Change, ...]

    @property
    def is_same(self) -> bool:
        """Whether every byte repeats."""
        return not any(self.files.values())


def repeat(
    run: Recorded, project: Project, listen: Callable[[Event], None], plugins: Plugins | None = None
) -> Repeated:
    """Run the recipe of a run once more, as it was resolved, with its seed, threads, memory and moment.

    Nothing is taken from the stage cache: what was kept of the run itself would prove nothing.

    Parameters
    ----------
    run : Recorded
    project : Project
        Where the new run is recorded.
    listen : callable
        Hears every event.
    plugins : Plugins, optional
        The installed ones, unless given.

    Raises
    ------
    SartorError
        If the record is not as it was written, the recipe can no longer be run, or the key is another one.
    """
    from sartor.guard.stops import key_for
    from sartor.performing import Options, perform
    from sartor.plugins import Plugins

    started = time.perf_counter()
    check_stored(run.folder, "re", METRICS, "predictions.parquet", "decisions", "worth.parquet")
    run = with_record(run)
    plugins = plugins or Plugins()
    recipe = recipe_again(run.folder, run.record, project, plugins)
    recipe = replace(recipe, written=(run.folder / "recipe.yaml").read_text(encoding="utf-8"))
    key_for(recipe.privacy, os.environ, run.record.get("key_check"))
    options = replace(Options.of(run.record), alone=True, repeats=run.run)
    folder = perform(recipe, plugins, project, options, listen, started).folder
    again = with_record(Recorded(recipe.name, folder.name, folder))
    return Repeated(
        before=run,
        after=again,
        files={name: _difference(run.folder / name, folder / name) for name in _due(run.folder, folder)},
        tables=table_changes(run, again),
        versions=tuple(version_changes(run, again)),
    )


def _due(*folders: Path) -> list[str]:
    """Return the files that hold neither clock time nor name of a run, and so must repeat."""
    patterns = (METRICS, "predictions.parquet", "decisions*.parquet", "worth.parquet")
    return sorted({file.name for folder in folders for pattern in patterns for file in folder.glob(pattern)})


def _difference(before: Path, after: Path) -> str:
    """Say what is not the same in two files; empty where every byte is."""
    if not before.is_file() or not after.is_file():
        return "it was not there before" if after.is_file() else "it is not there any more"
    if before.read_bytes() == after.read_bytes():
        return ""
    if before.suffix == ".json":
        return _in_json(before, after)
    return _in_table(before, after)


def _in_json(before: Path, after: Path) -> str:
    old, new = (json.loads(file.read_text(encoding="utf-8")) for file in (before, after))
    found = list(changes(old, new))
    if not found:
        return "the same values, written otherwise"
    first = next((change for change in found if _is_told_first(change)), found[0])
    more = f", and {len(found) - 1:,} more" if len(found) > 1 else ""
    return f"{first.path} {' → '.join(filter(None, (first.before, first.after)))}{more}"


def _is_told_first(change: Change) -> bool:
    """Whether a change is of a metric's value, which tells more than the end of an interval."""
    return change.path.endswith(".value") and change.path.startswith("models.")


def _in_table(before: Path, after: Path) -> str:
    old, new = (stored_table(file.parent, file.name) for file in (before, after))
    assert old is not None
    assert new is not None
    if list(old.columns) != list(new.columns):
        return "other columns"
    if len(old) != len(new):
        return f"{len(old):,} → {plural(len(new), 'line')}"
    texts = [table.map(_text) for table in (old, new)]
    differing = (texts[0].to_numpy() != texts[1].to_numpy()).any(axis=1).sum()
    return f"{differing:,} of {plural(len(old), 'line')}" if differing else "the same values, written otherwise"


def _text(value: Any) -> str:
    return str(value.tolist() if hasattr(value, "tolist") else value)


def causes(repeated: Repeated) -> Iterator[str]:
    """Yield what has changed between two runs of one recipe, and so may be why they differ."""
    for table, word in repeated.tables.items():
        if word != "same":
            yield f"the data of table {table} has changed"
    for change in repeated.versions:
        yield f"{change.path} {' → '.join(filter(None, (change.before, change.after)))}"
