"""What sources are worth, in a run's folder: beside what the run recorded, and entered in its ledger."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.errors import InputError, UsageError
from sartor.runs.json_text import to_json
from sartor.runs.ledger import enter

if TYPE_CHECKING:
    from sartor.events import Event
    from sartor.plugins import Plugins
    from sartor.recipe.project import Project
    from sartor.runs.finding import Recorded

FILE = "information.json"
BY = "inform"
"""Who enters it in the ledger."""


def write(folder: Path, told: Mapping[str, Any]) -> dict[str, Any]:
    """Write what sources are worth into a run's folder, at once or not at all, and enter it in the ledger.

    Returns
    -------
    dict
        As whoever reads the file finds it.
    """
    part, text = folder / f".{FILE}.part", to_json(told)
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(folder / FILE)
    finally:
        part.unlink(missing_ok=True)
    enter(folder, folder / FILE, by=BY)
    found: dict[str, Any] = json.loads(text)
    return found


def stored(folder: Path) -> dict[str, Any] | None:
    """Return what a run's folder says of its sources; None where nobody has weighed them.

    Raises
    ------
    InputError
        If it is not what was entered in the ledger.
    """
    from sartor.runs.recording import read_json
    from sartor.runs.stored import check_stored

    if not (folder / FILE).exists():
        return None
    check_stored(folder, FILE)
    return read_json(folder, FILE)


def weigh_run(
    run: Recorded,
    project: Project,
    listen: Callable[[Event], None],
    *,
    refits: int | None = None,
    minutes: float | None = None,
    plugins: Plugins | None = None,
) -> dict[str, Any]:
    """Weigh the sources of a recorded run, write it into its folder, and return it.

    The run's stages are taken up from the cache, or done again where they are gone; refits that are there are found.

    Parameters
    ----------
    run : Recorded
    project : Project
    listen : callable
        Hears every event.
    refits, minutes : optional
        Another budget than the recipe's.
    plugins : Plugins, optional

    Raises
    ------
    UsageError
        If the recipe says nothing of sources.
    InputError
        If the run's own answer does not come out any more.
    """
    from sartor.performing import Options, weigh_again
    from sartor.plugins import Plugins
    from sartor.runs.finding import with_record
    from sartor.runs.stored import check_stored, recipe_again

    check_stored(run.folder, "resolved.yaml", "record.json", "metrics.json")
    run = with_record(run)
    plugins = plugins or Plugins()
    recipe = recipe_again(run.folder, run.record, project, plugins)
    if recipe.information is None:
        raise UsageError(
            f"the recipe of {run.name} says nothing of sources",
            code="U110",
            hints=(("to mend", "say what is ours, information: {private: {NAME: [COLUMN, ...]}}, and run it"),),
        )
    said = recipe.information
    said = replace(said, refits=refits or said.refits, minutes=minutes or said.minutes)
    recipe = replace(recipe, information=said)
    told = weigh_again(recipe, plugins, project, Options.of(run.record), listen, run.run, _same_answer(run.folder))
    return write(run.folder, told)


def _same_answer(folder: Path) -> Callable[[Mapping[str, Any]], None]:
    """Return what refuses other numbers of models than the run recorded."""
    before: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        before = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))

    def check(models: Mapping[str, Any]) -> None:
        now = json.loads(to_json({"models": models}))["models"]
        if before.get("models") != now:
            raise InputError(
                f"run {folder.name} does not come out as it was recorded: its data, libraries or code have changed",
                code="D321",
                hints=(("to mend", "run the recipe again"),),
            )

    return check
