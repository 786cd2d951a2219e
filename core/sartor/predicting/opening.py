"""Opens a recorded run for new data: its recipe as it was resolved, and what its models ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.errors import InputError, UsageError, nearest
from sartor.guard.treatments import Pseudonymise, ShiftDates
from sartor.predicting.guarding import hidden
from sartor.predicting.interface import Interface, read_interface
from sartor.predicting.pieces import Wanted
from sartor.recipe.loading import error_of, load_text

if TYPE_CHECKING:
    from sartor.recipe.model import Recipe
    from sartor.recipe.project import Project

RECORD_FORMAT = 1
"""Of ``record.json``, as far as this sartor reads it."""


@dataclass(frozen=True)
class Opened:
    """A run that can answer new data.

    Parameters
    ----------
    folder : Path
    recipe : Recipe
        As it was resolved; files are named from the folder of the recipe that was run.
    interface : Interface
    champion : str
    seed : int
    failed : tuple of str
        Gates that failed, by their metrics.
    sees_outcomes : bool
        Whether features look at how past lines of the rows' own table turned out.
    key_check : str or None
        Tells the key of pseudonyms that the run was made with from others.
    """

    folder: Path
    recipe: Recipe
    interface: Interface
    champion: str
    seed: int
    failed: tuple[str, ...] = ()
    sees_outcomes: bool = False
    key_check: str | None = None

    @property
    def run_id(self) -> str:
        """The run's name."""
        return self.folder.name

    def model(self, name: str | None) -> str:
        """Return the name of a model of the recipe; the champion's unless another is asked for.

        Raises
        ------
        UsageError
        """
        if name is None or name in self.recipe.models:
            return name or self.champion
        raise UsageError(
            f"run {self.run_id} has no model '{name}'", code="U064", hints=nearest(name, self.recipe.models)
        )

    def table(self, name: str | None) -> str:
        """Return the name of a table of the recipe; that of the rows unless another is asked for.

        Raises
        ------
        UsageError
            If there is no such table, or none is named and rows are no lines of one.
        """
        tables = self.recipe.ingest
        if name is None and self.interface.own is None and len(tables) == 1:
            return next(iter(tables))
        found = name or self.interface.own
        if found is None:
            raise UsageError(
                f"{self.recipe.name} makes its rows of several tables, and it is not said which one the data is for",
                code="U073",
                hints=(("to mend", f"name it: --data TABLE=FILE; there are {', '.join(tables)}"),),
            )
        if found not in tables:
            raise UsageError(f"{self.recipe.name} has no table '{found}'", code="U073", hints=nearest(found, tables))
        return found

    def wanted(self, table: str) -> Wanted:
        """Return what is taken of new data for a table.

        What holds the truth is not: it is not known yet, and where it stands in the data it must not be looked at.
        """
        step = self.recipe.ingest[table]
        gone = hidden(self.recipe, table)
        known = {name: kind for name, kind in self.interface.tables.get(table, {}).items() if name not in gone}
        required = dict.fromkeys(step.key, "the key of its rows")
        if table == self.interface.own:
            known = {name: kind for name, kind in known.items() if name not in self.interface.truth}
            required |= {feature.name: "which the models learned from" for feature in self.interface.own_features}
            required.pop(step.time or "", None)
        pseudonyms = [name for name, what in self.recipe.privacy.columns.items() if isinstance(what, Pseudonymise)]
        persons = [what.by for what in self.recipe.privacy.columns.values() if isinstance(what, ShiftDates)]
        return Wanted(
            table=table,
            columns=known,
            required=required,
            whole=frozenset({*step.key, *step.roles.values(), *pseudonyms, *persons}),
            open=step.contract.typed if step.contract is not None else frozenset(),
            moment=step.time,
            hides=self.recipe.privacy.hides,
        )

    def read(self, table: str) -> Wanted:
        """Return what is read of new data for a table: what is wanted, and past outcomes where features look at them.

        They go into `sartor.rows.Table.outcomes` and nowhere else.
        """
        wanted = self.wanted(table)
        if not self.sees_outcomes or table != self.interface.own or not self.interface.truth:
            return wanted
        gone = hidden(self.recipe, table)
        kinds = self.interface.tables.get(table, {})
        past = {name: kinds[name] for name in self.interface.truth if name in kinds and name not in gone}
        needed = {
            self.interface.truth[0]: "by which features know past outcomes; it is missing where none is known yet"
        }
        return replace(wanted, columns={**wanted.columns, **past}, required={**wanted.required, **needed})


def open_run(folder: Path, project: Project) -> Opened:
    """Return a recorded run, ready for new data.

    Parameters
    ----------
    folder : Path
        The run's.
    project : Project

    Raises
    ------
    UsageError
        If the run has no models.
    InputError
        If the run is damaged, or was recorded by a newer sartor.
    """
    record = _read(folder, "record.json")
    if record.get("format") != RECORD_FORMAT:
        raise InputError(
            f"run {folder.name} is recorded in format {record.get('format')}, and this sartor reads format "
            f"{RECORD_FORMAT}{_recorded_by(record)}",
            code="D152",
            hints=(("to mend", "use the version of sartor that recorded it, or run the recipe again"),),
        )
    interface = read_interface(folder)
    metrics = _read(folder, "metrics.json")
    champion = metrics.get("champion")
    assert isinstance(champion, str), "a run that tells what its models ask for has a champion"
    failed = [str(gate["metric"]) for gate in metrics.get("gates", []) if not gate.get("passed")]
    recipe = _recipe(folder, record, project)
    return Opened(
        folder, recipe, interface, champion, int(record["seed"]), tuple(failed), key_check=record.get("key_check")
    )


def _recorded_by(record: Mapping[str, Any]) -> str:
    """Return which sartor recorded a run, where the record tells it in a way that is known here."""
    versions = record.get("versions")
    found = versions.get("sartor") if isinstance(versions, dict) else None
    return f": sartor {found} recorded it" if isinstance(found, str) else ""


def _recipe(folder: Path, record: Mapping[str, Any], project: Project) -> Recipe:
    text = (folder / "resolved.yaml").read_text(encoding="utf-8")
    home = project.root / str(record.get("folder", ""))
    # References were replaced when the run was recorded: what looks like one now is a text.
    for sign in ("${", "$("):
        text = text.replace(sign, f"${sign}")
    recipe, problems = load_text(text, name=f"{folder.name}/resolved.yaml", folder=home, project=project)
    if recipe is None or problems:
        raise error_of(problems)
    return recipe


def _read(folder: Path, name: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{name} of run {folder.name} cannot be read: {error}",
            code="D150",
            hints=(("to mend", "take the folder from a copy that is untouched, or run the recipe again"),),
        ) from error
    return found
