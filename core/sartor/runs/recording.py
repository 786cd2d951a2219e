"""Writes a run's folder: everything needed to see what was done, and to do it again.

Files are written into a folder beside the final one, which is then renamed into place: a run is there whole or not at
all. Metrics and decisions hold no clock time and no run id, so that they repeat byte for byte.
"""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sartor.blame import reason
from sartor.errors import UsageError
from sartor.rows import GROUP, ROW
from sartor.runs.appending import appending
from sartor.runs.heads import HEADS, Head, keep_head
from sartor.runs.json_text import to_json
from sartor.runs.ledger import LEDGER, chained, files_below, told_of
from sartor.runs.naming import new_run_id
from sartor.runs.part import OWNER, Owner, part_of
from sartor.runs.trees import trees_of
from sartor.sealing.views import origin_of, register

if TYPE_CHECKING:
    import pandas as pd

    from sartor.plugins import Plugins
    from sartor.recipe.model import Recipe
    from sartor.sealing.folders import Vault
    from sartor.stages.deciding import Decided
    from sartor.stages.fitting import FittedModel
    from sartor.stages.framing import Frame

LIBRARIES = (
    "sartor", "numpy", "pandas", "scipy", "scikit-learn", "duckdb", "narwhals", "pyarrow", "lightgbm", "skops", "keras",
    "tensorflow", "tensorflow-cpu",
)  # fmt: skip
"""Whose versions are recorded."""
JUDGEMENTS = "judgements.jsonl"
"""The project's log of judgements on test rows."""
WORTH = "worth.parquet"
"""What each decision was worth, for runs whose actions are valued in money."""

_TRIES = 100
"""To make a folder that others take away."""


@contextmanager
def _recording_in(runs: Path, *passed: type[OSError]) -> Iterator[None]:
    """Say so where the disk is full, or the folder is not ours to write to; let errors through that are `passed`."""
    try:
        yield
    except OSError as error:
        if isinstance(error, passed):
            raise
        raise UsageError(
            f"the run cannot be recorded in {runs}: {reason(error)}",
            code="U020",
            hints=(("to mend", "make room there, or name a folder that you may write: runs in sartor.toml"),),
        ) from error


class Recorder:
    """Collects a run's files and puts them in place at once; used in a ``with`` block, which leaves nothing half-made.

    Parameters
    ----------
    runs : Path
        The project's folder of runs.
    recipe : str
        Name of the recipe: the folders below `runs`.
    run_id : str
        Not taken yet; `begin` finds one.
    vault : Vault, optional
        What the run is encrypted with.

    Raises
    ------
    UsageError
        If the folder cannot be written.
    FileExistsError
        If another run has this name.
    """

    def __init__(self, runs: Path, recipe: str, run_id: str, vault: Vault | None = None) -> None:
        self.runs, self.recipe, self.run_id = runs, recipe, run_id
        self.target = runs / recipe / run_id
        self.part = part_of(runs / recipe, run_id)
        self.vault = vault
        # What is to be encrypted is written in memory, and lies on the disk encrypted only.
        self.folder = self.part if vault is None else vault.folder(run_id)
        self._is_first = not runs.exists()
        self._reserve()
        try:
            with _recording_in(runs):
                Owner.here().mark(self.part)
        except BaseException:
            self.discard()
            raise

    def _reserve(self) -> None:
        for _ in range(_TRIES):
            # Where another run of the recipe fails in between, it takes its empty folders away.
            with suppress(FileNotFoundError):
                with _recording_in(self.runs, FileNotFoundError):
                    self.part.parent.mkdir(parents=True, exist_ok=True)
                with _recording_in(self.runs, FileNotFoundError, FileExistsError):
                    self.part.mkdir()
                break
        if self.target.exists():
            # Its run has ended since the name was looked up.
            self.part.rmdir()
            raise FileExistsError(self.target)

    @classmethod
    def begin(cls, runs: Path, recipe: str, now: datetime, vault: Vault | None = None) -> Self:
        """Begin to record a run under a new name."""
        try:
            known = (runs / HEADS).read_text(encoding="utf-8", errors="replace")
        except OSError:
            known = ""
        while True:
            run_id = new_run_id(lambda name: f'"{name}"' in known or (runs / recipe / name).exists(), now)
            with suppress(FileExistsError):
                return cls(runs, recipe, run_id, vault)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def writing(self) -> AbstractContextManager[None]:
        """Say so where what is written in a ``with`` block cannot be: the disk is full, or not ours to write to."""
        return _recording_in(self.runs)

    def text(self, name: str, text: str) -> None:
        """Write a text file."""
        with self.writing():
            (self.folder / name).write_text(text, encoding="utf-8")

    def json(self, name: str, values: Any) -> None:
        """Write JSON with sorted keys, NaN as null."""
        self.text(name, to_json(values))

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """Write Parquet without anything that changes from run to run."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
        with self.writing():
            pq.write_table(table, self.folder / name, compression="zstd")

    def copy(self, folder: Path, name: str) -> Path:
        """Copy a folder."""
        with self.writing():
            return Path(shutil.copytree(folder, self.folder / name, copy_function=shutil.copyfile))

    def copy_file(self, file: Path, name: str) -> None:
        """Copy a file, whose name may lie in a folder."""
        with _recording_in(self.runs):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, self.folder / name)

    def digests(self) -> dict[str, list[Any]]:
        """Return SHA-256 and size of every file so far."""
        with self.writing():
            (self.part / OWNER).unlink(missing_ok=True)
            if self.vault is not None:
                self.vault.seal(self.folder, self.part, f"{self.recipe}/{self.run_id}")
            return told_of(self.part, files_below(self.part))

    def finish(self, entries: Sequence[Mapping[str, Any]], judgement: Mapping[str, Any] | None = None) -> Path:
        """Write the ledger, keep its head and log the judgement, then put the folder in place; return where to read it.

        Parameters
        ----------
        entries : sequence of mapping
            What the lines of the ledger say, the closing one included.
        judgement : mapping, optional
            A judgement on test rows, for the project's log.
        """
        lines = list(chained(entries))
        with self.writing():
            (self.part / LEDGER).write_text("".join(f"{line}\n" for line, _ in lines), encoding="utf-8")
            if judgement is not None:
                with appending(self.runs / JUDGEMENTS) as log:
                    log.line(json.dumps(dict(judgement), sort_keys=True))
            # Before the folder is there: a run in place without its head cannot be.
            trees = trees_of(self.folder, entries[-1]["files"])
            keep_head(self.runs / HEADS, Head(self.recipe, self.run_id, len(lines), lines[-1][1], "run", trees))
            self.part.replace(self.target)
        if self.vault is None:
            return self.target
        register(self.folder, self.target)
        return self.folder

    def discard(self) -> None:
        """Remove what was written so far, and folders that are empty without it; nothing where the run is in place."""
        shutil.rmtree(self.part, ignore_errors=True)
        if self.vault is not None and origin_of(self.folder) == self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):
            for parent in self.part.parents:
                if parent == self.runs and not self._is_first:
                    break
                parent.rmdir()
                if parent == self.runs:
                    break


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries whose numbers a run depends on."""
    return dict(_versions())


@cache
def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "platform": platform.platform(terse=True)}
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def write_recipe(recorder: Recorder, recipe: Recipe, plugins: Plugins) -> None:
    """Write the recipe as it was written and as it was resolved; secrets by their names only."""
    from sartor.recipe.writing import to_yaml
    from sartor.runs.resolved import resolved

    recorder.text("recipe.yaml", recipe.written)
    recorder.text("resolved.yaml", to_yaml(resolved(recipe, plugins)))


def write_predictions(recorder: Recorder, frame: Frame, fitted: Mapping[str, FittedModel]) -> None:
    """Write truth and predictions of the rows that judge; rows that depend on each other share a number."""
    import numpy as np
    import pandas as pd

    groups = pd.factorize(frame.spine[GROUP])[0] if GROUP in frame.spine else None
    keys, truth = frame.spine[ROW], frame.y if isinstance(frame.y, pd.DataFrame) else pd.DataFrame({"truth": frame.y})
    pieces = []
    for number, part in enumerate(frame.parts.rounds):
        columns: dict[str, Any] = {"row": keys[part.test].array, "round": np.full(int(part.test.sum()), number)}
        if groups is not None:
            columns["group"] = groups[part.test]
        columns |= {str(name): values[part.test].array for name, values in truth.items()}
        for name, model in fitted.items():
            columns |= {f"{name}: {column}": values.array for column, values in model.predictions[number].items()}
        pieces.append(pd.DataFrame(columns))
    recorder.table("predictions.parquet", pieces[0] if len(pieces) == 1 else pd.concat(pieces, ignore_index=True))


def write_decisions(recorder: Recorder, decided: Mapping[str, Decided], keys: tuple[str, ...]) -> None:
    """Write every action's decisions; the row's key goes by its own name where it is one column."""
    for name, entry in decided.items():
        own = keys[0] if len(keys) == 1 and keys[0] not in entry.decisions else "row"
        recorder.table(decisions_file(name, len(decided)), entry.decisions.rename(columns={ROW: own}))


def decisions_file(action: str, actions: int) -> str:
    """Return the name of an action's table of decisions.

    Examples
    --------
    >>> decisions_file("decision", 1), decisions_file("limit", 2)
    ('decisions.parquet', 'decisions-limit.parquet')
    """
    return "decisions.parquet" if actions == 1 else f"decisions-{action}.parquet"


def write_worth(recorder: Recorder, decided: Mapping[str, Decided]) -> None:
    """Write what each decision was worth, a column an action, in the order of the predictions."""
    import pandas as pd

    worth = {name: entry.money[entry.champion] for name, entry in decided.items()}
    if any(values is not None for values in worth.values()):
        recorder.table(WORTH, pd.DataFrame({name: values for name, values in worth.items() if values is not None}))


def judged_before(runs: Path, rows: str) -> int:
    """Return how often some rows have judged before.

    Looking often at the same test rows is choosing by them; the log makes it visible.

    Parameters
    ----------
    runs : Path
    rows : str
        Digest of the rows.
    """
    try:
        with (runs / JUDGEMENTS).open(encoding="utf-8", errors="replace") as lines:
            return sum(1 for line in lines if f'"rows": "{rows}"' in line)
    except OSError:
        return 0


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """Return what a JSON file of a run's folder says.

    Raises
    ------
    InputError
        If it is missing or damaged.
    """
    from sartor.errors import InputError

    try:
        found = json.loads((folder / name).read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
        why = "it holds no object"
    except FileNotFoundError:
        why = "it is missing"
    except (OSError, ValueError, RecursionError) as error:
        why = (str(error).splitlines() or [""])[0]
    raise InputError(
        f"{name} of run {folder.name} cannot be read: {why}",
        code="D150",
        hints=(("to see all", f"sartor verify {folder.name}"),),
    )
