"""Exports a model of a recorded run for use elsewhere: a file that answers as the model does, checked beforehand.

What forms there are is the model's own business: a scorecard can be a table of points, JSON or SQL.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.blame import STOPS, said_of
from sartor.errors import PluginError, SartorError, UsageError, nearest
from sartor.events import Event, Note

if TYPE_CHECKING:
    from sartor.components import Fitted
    from sartor.plugins import Plugins
    from sartor.predicting.interface import Interface
    from sartor.recipe.project import Project
    from sartor.rows import Scoring
    from sartor.runs.result import Run

TABLE = "rows_to_score"
"""What SQL reads from, unless a name is given."""
BY = "export"
"""Who entered the file in a run's ledger."""


@dataclass(frozen=True)
class Export:
    """What is asked of a model that is to be exported.

    Parameters
    ----------
    form : str
        One of the model's forms, such as ``sql``.
    recipe, run, model : str
        Where the model comes from, by name.
    answers : str
    classes : tuple
        Labels of a classification, the positive one last.
    keys : tuple of str
        Columns that identify a row.
    features : mapping of name to kind
        ``number``, ``flag``, ``text`` or another; in the order in which the model learned from them.
    built : mapping of name to step
        Features that are built by a step of the recipe; the others are columns of the row's own line.
    table : str
        The table that SQL reads, with its schema before a point where it has one.
    golden : Scoring or None
        Made-up rows that the model can answer, to check what is exported.
    least, most : float or None
        Numbers that are answered are held within these, where the model stands inside one that holds them.
    """

    form: str
    recipe: str = ""
    run: str = ""
    model: str = ""
    answers: str = ""
    classes: tuple[Any, ...] = ()
    keys: tuple[str, ...] = ()
    features: Mapping[str, str] = field(default_factory=dict)
    built: Mapping[str, str] = field(default_factory=dict)
    table: str = TABLE
    golden: Scoring | None = None
    least: float | None = None
    most: float | None = None


def _silent(event: Event) -> None:
    """Listen to nothing."""


def export(
    run: str | Path | Run,
    to: str | Path,
    *,
    model: str | None = None,
    form: str | None = None,
    table: str = TABLE,
    listen: Callable[[Event], None] = _silent,
    project: Project | None = None,
    plugins: Plugins | None = None,
) -> Path:
    """Write a model of a recorded run into a file for use elsewhere.

    The model checks that what it writes answers as it does itself; where it does not, no file is written. A file in the
    folder of a run is entered in its ledger, so that `sartor verify` knows it.

    Parameters
    ----------
    run : Run, str or Path
        What `sartor.run` returned, or its name: ``1124-1405-k7``, a folder, ``@last``.
    to : str or Path
        A file of that name is replaced.
    model : str, optional
        The champion unless given.
    form : str, optional
        Such as ``sql``; else as the end of the file's name tells.
    table : str
        The table that SQL reads from.
    listen : callable, optional
        Hears notes.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UsageError
        If the model has no such form, or the file cannot be written.
    InputError
        If the run's files have changed.
    PluginError
        If what is exported does not answer as the model does.

    Examples
    --------
    >>> import sartor
    >>> run = sartor.run("finance/credit-scoring", sets=["judge.redraws=100"])
    >>> sartor.export(run, "card.csv").read_text(encoding="utf-8").splitlines()[0][:14]
    'characteristic'
    """
    from sartor.access.door import enter_run
    from sartor.plugins import Plugins
    from sartor.recipe.project import Project

    named = run if isinstance(run, str) else str(getattr(run, "folder", run))
    folder = enter_run(named, project or Project.at(), "read_scores", "export").folder
    file = Path(to).expanduser()
    content = exported(
        folder, file.name, model=model, form=form, table=table, listen=listen, plugins=plugins or Plugins()
    )
    _put(content, file)
    return file


def exported(
    folder: Path,
    name: str,
    *,
    model: str | None,
    form: str | None,
    table: str,
    listen: Callable[[Event], None],
    plugins: Plugins,
) -> bytes:
    """Return what stands in the file, which is not written here; the parameters are those of `export`."""
    from sartor.context import telling
    from sartor.runs.models import load_model, saved_model
    from sartor.runs.recording import read_json

    model = model or str(read_json(folder, "summary.json").get("champion") or "")
    saved = saved_model(folder, model)
    fitted = load_model(folder, model, plugins)
    with _named(saved.use, model, "forms"):
        found = _form(fitted, model, name, form, prepared=bool(saved.prepare))
    wanted = _asked(folder, model, found, table)

    def note(text: str, *, caution: bool = False) -> None:
        listen(Note(BY, text, caution))

    with telling(note), _named(saved.use, model, "export"):
        content = fitted.export(wanted)
    if not isinstance(content, bytes):
        raise PluginError(
            f"model '{model}': '{saved.use}' breaks the contract of export: it returned {type(content).__name__} "
            "where bytes are due",
            code="X021",
        )
    return content


@contextmanager
def _named(use: str, model: str, verb: str) -> Iterator[None]:
    """Say whose failure it is that a verb of a model raises."""
    try:
        yield
    except (SartorError, *STOPS):
        raise
    except BaseException as error:
        raise PluginError(
            f"model '{model}': '{use}' failed in {verb}: {said_of(error)}",
            code="X020",
            hints=(("to mend", "tell its authors"), ("to see all", "add --traceback")),
        ) from error


def _form(fitted: Fitted, model: str, name: str, form: str | None, *, prepared: bool) -> str:
    """Return the form that is meant, by what was asked for or by the file's name."""
    forms = fitted.forms()
    if not forms:
        why = "steps of prepare stand before it, which no export repeats" if prepared else "it has no form of its own"
        others = ("to mend", "name a model that has one: --model NAME; or answer new rows here: sartor predict RUN")
        raise UsageError(f"model '{model}' cannot be exported: {why}", code="U080", hints=(others,))
    found = form or Path(name).suffix.removeprefix(".").lower()
    if found in forms:
        return found
    there = tuple(("there is", f"{one}: {about}") for one, about in forms.items())
    near = nearest(found, forms) if found else ()
    said = f"has no form '{found}'" if found else f"is to be exported to {name}, whose name tells no form"
    raise UsageError(f"model '{model}' {said}", code="U081", hints=near if near and len(there) > 3 else there)


def _asked(folder: Path, model: str, form: str, table: str) -> Export:
    from sartor.predicting.interface import read_interface
    from sartor.runs.golden import FILE, read
    from sartor.runs.models import MODELS, saved_model
    from sartor.runs.recording import read_json

    interface: Interface = read_interface(folder)
    golden = folder / MODELS / model / FILE
    return Export(
        form=form,
        recipe=str(read_json(folder, "record.json").get("recipe", "")),
        run=folder.name,
        model=model,
        answers=interface.answers,
        classes=interface.classes,
        keys=interface.keys,
        features={feature.name: feature.kind for feature in interface.features},
        built={feature.name: feature.step for feature in interface.features if feature.step is not None},
        table=table,
        golden=read(golden, interface.answers, interface.classes) if saved_model(folder, model).golden else None,
    )


# ---------------------------------------------------------------------------------------------------------------
# Where it is written
# ---------------------------------------------------------------------------------------------------------------


def _put(content: bytes, file: Path) -> None:
    """Write a file whole or not at all; one in a run's folder is entered in its ledger."""
    from sartor.runs.ledger import enter

    run = _run_around(file)
    if run is not None:
        _check_not_recorded(run, file)
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {(error.strerror or str(error)).lower()}", code="U043") from error
    finally:
        part.unlink(missing_ok=True)
    if run is not None:
        enter(run, run / file.absolute().relative_to(run.absolute()), by=BY)


def _run_around(file: Path) -> Path | None:
    """Return the folder of the run that a file lies in, or None."""
    from sartor.runs.ledger import LEDGER

    place = Path(os.path.normpath(file.absolute()))
    return next((folder for folder in place.parents if (folder / LEDGER).is_file()), None)


def _check_not_recorded(run: Path, file: Path) -> None:
    from sartor.runs.ledger import CLOSING, LEDGER, read

    name = Path(os.path.normpath(file.absolute())).relative_to(run).as_posix()
    lines, _ = read((run / LEDGER).read_bytes())
    if name == LEDGER or any(line.stage == CLOSING and name in line.files for line in lines):
        raise UsageError(
            f"{name} is what run {run.name} itself recorded, and stays as it is",
            code="U043",
            hints=(("to mend", "give the file another name"),),
        )
