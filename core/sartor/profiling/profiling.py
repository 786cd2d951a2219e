"""Profiles a file: opens it with its reader, looks twice at all values, and proposes a contract."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.blame import hushed
from sartor.context import Context
from sartor.engine import Engine
from sartor.errors import SartorError, UsageError
from sartor.profiling.first_look import glances
from sartor.profiling.proposing import Proposal, personal, proposal, readings
from sartor.profiling.second_look import look_again
from sartor.stages.building import component
from sartor.threads import free_threads

if TYPE_CHECKING:
    from sartor.events import Event
    from sartor.plugins import Plugins
    from sartor.recipe.project import Project

_EXCEL = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def _silent(event: Event) -> None:
    """Listen to nothing."""


@dataclass(frozen=True)
class Asked:
    """Which file is profiled, and how it is read.

    Parameters
    ----------
    file : str
        A file or glob; an address that the reader knows.
    use : str or None
        The reader; told by the end of the file's name unless given.
    table : str
        What the table is to be called.
    settings : mapping
        Further ones of the reader's.
    memory : str or None
    threads : int or None
    """

    file: str
    use: str | None = None
    table: str = "table"
    settings: Mapping[str, Any] = field(default_factory=dict)
    memory: str | None = None
    threads: int | None = None


def reader_for(file: str) -> str:
    """Return the component that reads a file, by the end of its name.

    Raises
    ------
    UsageError
        If it does not tell.

    Examples
    --------
    >>> reader_for("loans.csv.gz"), reader_for("loans.XLSX")
    ('tables.csv', 'tables.excel')
    """
    from sartor.predicting.sources import FORMS, READERS, form_of

    form = form_of(file)
    if form:
        return READERS[form]
    if Path(file).suffix.lower() in _EXCEL:
        return "tables.excel"
    if Path(file).is_dir():
        raise UsageError(
            f"{file} is a folder",
            code="U072",
            hints=(("to mend", f"name its files: '{file.rstrip('/')}/*.csv', or another ending"),),
        )
    if _is_sqlite(Path(file)):
        raise UsageError(
            f"{file} is an SQLite database, and it is not said which of its tables is meant",
            code="U072",
            hints=(("to mend", "name it: --use databases.table --with table=NAME"),),
        )
    raise UsageError(
        f"the end of its name does not tell what {file} is",
        code="U072",
        hints=(("to mend", f"say what reads it: --use tables.csv; names end in {', '.join([*FORMS, *_EXCEL])}"),),
    )


def _is_sqlite(file: Path) -> bool:
    if not file.is_file():
        return False
    try:
        with file.open("rb") as opened:
            return opened.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


def place_setting(use: str, plugins: Plugins) -> str:
    """Return the setting by which a reader is told what to read: the path of a file, or the address of a database."""
    try:
        settings = plugins.class_of(plugins.find(use)).model_fields
    except (SartorError, KeyError):
        # No such component: that is said with all else that is wrong.
        return "path"
    return "url" if "url" in settings and "path" not in settings else "path"


def profile(
    asked: Asked, project: Project, plugins: Plugins, listen: Callable[[Event], None] = _silent
) -> tuple[Proposal, str, dict[str, Any]]:
    """Look over a file, and return what is proposed, the reader's id, and its settings as a recipe has them.

    Raises
    ------
    RecipeError, UsageError, SettingError, InputError
    """
    use = asked.use or reader_for(asked.file)
    place = place_setting(use, plugins)
    settings = {place: asked.file, **asked.settings}
    check_reader(asked.table, use, settings, project, plugins)
    reader: Any = component(plugins, use, settings)
    threads = asked.threads or project.settings.threads or free_threads()
    with (
        tempfile.TemporaryDirectory(prefix="sartor-") as scratch,
        project.spill_folder(Path(scratch)) as spill,
        Engine(threads, memory=asked.memory or project.settings.memory, spill=spill) as engine,
        # Nobody has said yet what is private.
        hushed(hides=True),
    ):
        context = Context(
            step="data.profile", threads=threads, folder=Path.cwd(), scratch=Path(scratch), tell=listen,
            connection_of=lambda: engine.connection,
        )  # fmt: skip
        return _looked(engine, reader, context), use, {**settings, place: in_recipe(asked.file, project)}


def in_recipe(file: str, project: Project) -> str:
    """Return how a recipe names a file, wherever the recipe lies.

    Examples
    --------
    >>> from sartor.recipe.project import Project
    >>> home = Project(Path("/home/ada"))
    >>> [in_recipe(file, home) for file in ("/home/ada/data/loans/*.csv", "/srv/loans.csv", "s3://a/b.csv")]
    ['${data}/loans/*.csv', '/srv/loans.csv', 's3://a/b.csv']
    >>> in_recipe("secret:WAREHOUSE_URL", home)
    'secret:WAREHOUSE_URL'
    """
    if "://" in file or file.startswith("secret:"):
        return file
    path, data = Path(file).expanduser().absolute(), project.data_folder(None, os.environ).absolute()
    return f"${{data}}/{path.relative_to(data).as_posix()}" if path.is_relative_to(data) else path.as_posix()


def check_reader(table: str, use: str, settings: Mapping[str, Any], project: Project, plugins: Plugins) -> None:
    """Find what is wrong with the reader, its settings and the table's name as `sartor check` would of a recipe."""
    from sartor.recipe.checking import check
    from sartor.recipe.loading import error_of, load_text
    from sartor.recipe.writing import to_yaml

    step = {"use": use, "with": dict(settings)}
    text = to_yaml({"format": 1, "recipe": "data/profile", "ingest": {table: step}})
    loaded = load_text(text, folder=Path.cwd(), project=project)
    problems = list(loaded.problems)
    if loaded.recipe is not None and not problems:
        problems = check(loaded.recipe, plugins, project.root)
    if problems:
        # They have no place: nobody has written this recipe.
        raise error_of(replace(problem, where=None) for problem in problems)


def _looked(engine: Engine, reader: Any, context: Context) -> Proposal:
    import narwhals as nw

    known = reader.columns(context) or {}
    said = set(getattr(reader, "types", {}))
    texts = frozenset(name for name in known if name not in said)
    with engine.explained():
        relation = nw.to_native(engine.frame(reader.read(replace(context, texts=texts))))
        first = glances(relation)
        terms = readings(first)
        looks = personal(first, terms)
        second = look_again(relation, first, terms, looks)
    return proposal(first, terms, looks, second)
