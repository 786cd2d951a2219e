"""`sartor.predict`: from a recorded run and new data to answers, as a frame or as a file."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from sartor.errors import UsageError
from sartor.events import Event, StageFinished, StageStarted
from sartor.wording import plural

if TYPE_CHECKING:
    import pandas as pd

    from sartor.plugins import Plugins
    from sartor.predicting.answering import OnError
    from sartor.predicting.asking import Asked, Ready
    from sartor.predicting.writing import Writer
    from sartor.recipe.project import Project
    from sartor.runs.result import Run

Form = Literal["csv", "jsonl", "parquet"]
FORMS: tuple[Form, ...] = ("csv", "jsonl", "parquet")


def _silent(event: Event) -> None:
    """Listen to nothing."""


@overload
def predict(
    run: str | Path | Run,
    data: Any,
    *,
    out: None = None,
    table: str | None = None,
    model: str | None = None,
    decide: bool = False,
    as_of: str | datetime | None = None,
    form: Form | None = None,
    memory: str | None = None,
    threads: int | None = None,
    listen: Callable[[Event], None] = _silent,
) -> pd.DataFrame: ...


@overload
def predict(
    run: str | Path | Run,
    data: Any,
    *,
    out: str | Path,
    table: str | None = None,
    model: str | None = None,
    decide: bool = False,
    as_of: str | datetime | None = None,
    form: Form | None = None,
    memory: str | None = None,
    threads: int | None = None,
    listen: Callable[[Event], None] = _silent,
) -> Path: ...


def predict(
    run: str | Path | Run,
    data: Any,
    *,
    out: str | Path | None = None,
    table: str | None = None,
    model: str | None = None,
    decide: bool = False,
    as_of: str | datetime | None = None,
    form: Form | None = None,
    memory: str | None = None,
    threads: int | None = None,
    listen: Callable[[Event], None] = _silent,
) -> pd.DataFrame | Path:
    """Answer new data with a model of a recorded run; nothing is fitted.

    Parameters
    ----------
    run : Run, str or Path
        What `sartor.run` returned, or its name: ``1124-1405-k7``, ``finance/credit-scoring/1124-1405-k7``, a folder,
        ``@last``.
    data : object
        Rows whose outcome is not known yet: a frame (pandas, Arrow, Polars, DuckDB, Narwhals), or a file or glob (CSV,
        Parquet, JSON lines, packed or not). A mapping gives several tables by their names; what it does not give is
        read as the recipe says. Columns that the recipe does not know are ignored.
    out : str or Path, optional
        File to write to, piece by piece, in the form that its name tells. Without it a frame is returned, which must
        fit into memory.
    table : str, optional
        The table that `data` stands for; that of the rows unless given.
    model : str, optional
        The champion unless given.
    decide : bool
        Adds what the actions of the recipe decide, with their reasons.
    as_of : str or datetime, optional
        When rows are asked that have no moment of their own; other tables are read up to then. Without it rows are
        asked now, and tables are read as they are.
    form : {"csv", "jsonl", "parquet"}, optional
        Of the file, where its name does not tell.
    memory : str, optional
        How much memory tables may take, such as ``2 GB``.
    threads : int, optional
        For native code; else what is free.
    listen : callable, optional
        Hears notes and progress.

    Returns
    -------
    DataFrame or Path
        A line a row, in the order of the data: the key, the answer (``probability``, ``probability:CLASS`` or
        ``number``), and the decisions. With `out` the file.

    Raises
    ------
    SartorError
        If the run cannot answer, or cannot answer this data; with what, where and how to mend.

    Examples
    --------
    >>> import sartor
    >>> run = sartor.run("finance/credit-scoring", sets=["judge.redraws=100"])
    >>> from sartor.context import Context
    >>> from sartor_plugins.samples.german_credit import GermanCredit
    >>> applications = GermanCredit().read(Context()).drop_columns("creditability").slice(0, 3)
    >>> sartor.predict(run, applications, decide=True)[["application_id", "decision"]].to_dict("list")
    {'application_id': [0, 1, 2], 'decision': ['accept', 'decline', 'accept']}
    """
    from sartor.plugins import Plugins
    from sartor.predicting.asking import Asked
    from sartor.recipe.project import Project
    from sartor.running import memory_of, moment_of

    several = isinstance(data, Mapping) and not hasattr(data, "columns")
    given = list(data.items()) if several else [("", data)]
    asked = Asked(_name_of(run), given, table, model, decide, moment_of(as_of), memory_of(memory), threads)
    if out is None:
        return framed(asked, Project.at(), Plugins(), listen)
    write_answers(asked, Path(out), form, listen=listen)
    return Path(out)


def _name_of(run: str | Path | Run) -> str:
    folder = getattr(run, "folder", None)
    if folder is not None:
        return str(folder.absolute())
    return str(run.absolute()) if isinstance(run, Path) else str(run)


def framed(asked: Asked, project: Project, plugins: Plugins, listen: Callable[[Event], None] = _silent) -> pd.DataFrame:
    """Return all answers as one frame."""
    import pyarrow as pa

    from sartor.predicting.answering import answers
    from sartor.predicting.asking import ready

    with ready(asked, project, plugins, listen) as opened:
        tables = [written.table for written in answers(opened)]
    frame: pd.DataFrame = pa.concat_tables(tables, promote_options="permissive").to_pandas()
    return frame


def form_for(out: Path, form: Form | None) -> Form:
    """Return the form of a file of answers, by what was asked for or by its name.

    Raises
    ------
    UsageError
        If neither tells.
    """
    from sartor.predicting.sources import form_of

    found = form or form_of(out.name)
    packed = out.suffix.lower() in (".gz", ".zst", ".zstd", ".bz2")
    if found in FORMS and not packed:
        return found
    why = "answers are not packed" if packed else "the end of its name does not tell in which form to write"
    raise UsageError(
        f"{out.name}: {why}",
        code="U072",
        hints=(("to mend", "name it FILE.csv, FILE.jsonl or FILE.parquet, or say the form"),),
    )


def write_answers(
    asked: Asked,
    out: Path,
    form: Form | None = None,
    *,
    on_error: OnError = "stop",
    project: Project | None = None,
    plugins: Plugins | None = None,
    listen: Callable[[Event], None] = _silent,
) -> int:
    """Answer new data into a file, which is there whole or not at all; a stream's file grows with it.

    Parameters
    ----------
    asked : Asked
    out : Path
        A file of that name is replaced.
    form : {"csv", "jsonl", "parquet"}, optional
    on_error : {"stop", "skip"}
    project, plugins
        Found where not given.
    listen : callable

    Returns
    -------
    int
        How many lines could not be answered.

    Raises
    ------
    UsageError
        If the file cannot be written, or is the data itself.
    """
    import os

    from sartor.plugins import Plugins
    from sartor.predicting.asking import ready
    from sartor.recipe.project import Project

    form = form_for(out, form)
    _check_no_input(out, asked)
    with ready(asked, project or Project.at(), plugins or Plugins(), listen) as opened:
        streamed = opened.source is not None and opened.source.streamed
        part = out if streamed else out.with_name(f".{out.name}.{os.getpid()}.part")
        try:
            refused = _into_file(opened, part, form, on_error)
            if part != out:
                part.replace(out)
        except OSError as error:
            raise UsageError(
                f"{out} cannot be written: {(error.strerror or str(error)).lower()}", code="U043"
            ) from error
        finally:
            if part != out:
                part.unlink(missing_ok=True)
    return refused


def _into_file(opened: Ready, file: Path, form: Form, on_error: OnError) -> int:
    from sartor.predicting.writing import Parquet

    skipping = on_error == "skip"
    if form == "parquet":
        return pass_on(opened, Parquet(file, errors=skipping), on_error)
    with file.open("wb") as stream:

        def write(content: bytes) -> None:
            stream.write(content)
            if opened.source is not None and opened.source.streamed:
                stream.flush()

        return pass_on(opened, writer_for(form, write, errors=skipping), on_error)


def writer_for(form: Form, write: Callable[[bytes], Any], *, errors: bool) -> Writer:
    """Return what writes answers as text."""
    from sartor.predicting.writing import Csv, JsonLines

    return JsonLines(write) if form == "jsonl" else Csv(write, errors=errors)


def pass_on(
    opened: Ready, writer: Writer, on_error: OnError, *, gone: Callable[[], bool] = lambda: False, live: bool = True
) -> int:
    """Write all answers, and tell how many there were.

    Parameters
    ----------
    opened : Ready
    writer : Writer
    on_error : {"stop", "skip"}
    gone : callable
        Whether nobody reads any more.
    live : bool
        Whether to tell how far it is; not where the answers go to the same terminal.

    Returns
    -------
    int
        How many lines could not be answered.
    """
    from sartor.predicting.answering import answers

    began, rows, refused = time.perf_counter(), 0, 0
    if live:
        opened.session.tell(StageStarted("predict"))
    for written in answers(opened, on_error):
        writer.write(written)
        rows, refused = rows + written.table.num_rows, refused + len(written.refused)
        if gone():
            return refused
    writer.close()
    _tell(opened, rows, refused, time.perf_counter() - began)
    return refused


def _tell(opened: Ready, rows: int, refused: int, seconds: float) -> None:
    scorer = opened.scorer
    line = f"{plural(rows, 'row')} answered by {scorer.model}"
    if scorer.decider.actions:
        line += f", decided by {', '.join(scorer.decider.actions)}"
    if refused:
        line += f"; {plural(refused, 'line')} passed over"
    summary = {"rows": rows, "refused": refused, "model": scorer.model}
    opened.session.tell(
        StageFinished(opened.session.recipe.name, opened.opened.run_id, "predict", line, seconds, summary)
    )


def _check_no_input(out: Path, asked: Asked) -> None:
    """Refuse to write over what is read."""
    for _, what in asked.data:
        if not isinstance(what, str | Path) or not out.exists():
            continue
        # `TABLE=FILE` names a file, too; whether there is such a table is not known yet.
        if any(Path(name).exists() and out.samefile(name) for name in (what, str(what).partition("=")[2])):
            raise UsageError(
                f"{out} is the data itself, and would be written over",
                code="U075",
                hints=(("to mend", "write the answers to another file"),),
            )
