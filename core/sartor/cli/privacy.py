"""``sartor privacy``: find what tells of persons, hold tables to anonymity, erase a person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sartor.cli.options import ColorOption, FormatOption, JsonOption, TracebackOption, whole_number
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, VerbGroup, verb_app
from sartor.errors import PrivacyStop, UsageError

if TYPE_CHECKING:
    import pandas as pd

UNREACHED = 1
_MOST = 1_000_000

app = verb_app(cls=VerbGroup, help="Find what tells of persons, hold tables to anonymity, erase a person.")


@app.callback()
def privacy() -> None:
    """Find what tells of persons, hold tables to anonymity, erase a person."""


@app.command(cls=Verb)
def scan(
    what: Annotated[str, typer.Argument(metavar="FILE|RECIPE", help="A table, or all tables of a recipe.")],
    use: Annotated[
        str | None,
        typer.Option("--use", metavar="ID", show_default=False, help="The reader; else as the file's name tells."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="KEY=VALUE", show_default=False, help="A setting of the reader."),
    ] = None,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Propose treatments for columns that tell of persons, as YAML to paste into a recipe.

    Columns are known by their names, by forms and check digits of their values, and by what stands inside texts. No
    value is shown. It is a hint and no promise: you know what the columns mean.

      sartor privacy scan people.csv
      sartor privacy scan finance/credit-scoring
    """
    from sartor.cli.data import _settings
    from sartor.cli.persons import scan_json, scan_lines
    from sartor.plugins import Plugins
    from sartor.profiling.scanning import recipe_file, scan_file, scan_recipe
    from sartor.profiling.writing import table_name
    from sartor.recipe.project import Project

    here, project, plugins = screen(), Project.at(), Plugins()
    if use is None and recipe_file(what, project):
        from sartor.running import load_checked

        recipe, plugins, project = load_checked(what, project=project, plugins=plugins)
        found = scan_recipe(recipe, project, plugins)
    else:
        found = [scan_file(what, use, _settings(settings or []), table_name(what), project, plugins)]
    if as_json:
        here.out.json(scan_json(found))
    else:
        here.out.lines(scan_lines(found, here.out.look))


def _count(short: str, long: str, about: str) -> Any:
    """Return an option that takes a whole number."""
    reader = whole_number(1, _MOST)
    return typer.Option(short, long, metavar="NUMBER", parser=reader, show_default=False, help=about)


@app.command(cls=Verb)
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or Parquet: the table that is to leave.")],
    by: Annotated[
        str,
        typer.Option("--by", metavar="COLUMNS", help="Quasi-identifiers, with commas: age,zip."),
    ],
    k: Annotated[int | None, _count("-k", "--k", "Lines of a class at least; else 5.")] = None,
    sensitive: Annotated[
        str | None,
        typer.Option("--sensitive", metavar="COLUMNS", show_default=False, help="What nobody shall find out."),
    ] = None,
    least: Annotated[int | None, _count("-l", "--l", "Different values of it in a class at least; else 2.")] = None,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Hold a table to k-anonymity and l-diversity before it leaves; the exit code is 3 where it does not hold.

    Classes are told by their sizes only.

      sartor privacy check people.csv --by age,zip -k 5 --sensitive illness -l 2
    """
    from sartor.guard.anonymity import anonymity_of, problems_of
    from sartor.guard.limits import Release

    here = screen()
    columns = _listed(by)
    hidden = _listed(sensitive or "")
    if not columns:
        raise UsageError("--by names no column", code="U033", hints=(("to mend", "write --by age,zip"),))
    release = Release(columns, 5 if k is None else k, hidden, least if least is not None else 2 if hidden else 1)
    table = _table(file)
    problems = problems_of(str(file), table, release)
    lost = [column for column in (*columns, *hidden) if column not in table]
    if lost:
        raise UsageError([_as_usage(problem) for problem in problems])
    found = anonymity_of(table, release)
    if as_json:
        here.out.json({"schema": 1, **found.to_json()})
        if not found.holds:
            raise typer.Exit(PrivacyStop.exit_code)
    elif problems:
        raise PrivacyStop(problems)
    else:
        here.out.lines(_anonymous(found, release, columns))


def _as_usage(problem: Any) -> Any:
    from dataclasses import replace

    return replace(problem, code="U033", message=problem.message.replace(", named under release", ""))


def _anonymous(found: Any, release: Any, columns: tuple[str, ...]) -> list[str]:
    from sartor.guard.anonymity import sizes_told
    from sartor.wording import listed, plural

    classes, rows = plural(found.classes, "class", "classes"), plural(found.rows, "line")
    lines = [f"{rows} in {classes} by {listed(list(columns))}; the smallest of {sizes_told(found.smallest)}"]
    lines += [f"each holds at least {count:,} different values of {column}" for column, count in found.l.items()]
    kept = f"{release.k}-anonymous" + (f" and {release.l}-diverse" if release.sensitive else "")
    return [*lines, f"it is {kept}"]


@app.command(cls=Verb)
def retention(
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """List runs and entries of the stage cache that are older than their recipe says that they may be kept.

    `sartor runs gc` removes them. The exit code is 1 where there are any.

      sartor privacy retention
    """
    from datetime import datetime

    from sartor.recipe.project import Project
    from sartor.runs.expiring import expired
    from sartor.runs.finding import all_runs
    from sartor.wording import plural

    here, project, now = screen(), Project.at(), datetime.now().astimezone()
    found = expired(all_runs(project.runs), project.runs / ".cache", now)
    if as_json:
        names = [run.name for run in found.runs]
        here.out.json({"schema": 1, "runs": names, "cache_entries": len(found.entries)})
    else:
        entries = plural(len(found.entries), "entry of the stage cache", "entries of the stage cache")
        lines = [here.out.look.text(run.name) for run in found.runs]
        old = f"{plural(len(found.runs), 'run')} and {entries} may be kept no more: sartor runs gc removes them"
        here.out.lines([*lines, old] if found.runs or found.entries else ["nothing is older than it may be kept"])
    if found.runs or found.entries:
        raise typer.Exit(UNREACHED)


@app.command(cls=Verb)
def erase(
    key: Annotated[str, typer.Option("--key", metavar="ID", help="The person's key, as the source has it.")],
    table: Annotated[
        str | None,
        typer.Option("--table", metavar="TABLE", show_default=False, help="The table whose key it is."),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option("--column", metavar="COLUMN", show_default=False, help="The column that holds it, in any table."),
    ] = None,
    receipt: Annotated[
        Path | None,
        typer.Option("--receipt", metavar="FILE", show_default=False, help="Where the receipt goes."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be erased.")] = False,
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Erase a person from quarantine, caches, predictions and decisions of all runs, and prove it.

    All of it or nothing, also where it is killed: called again it goes on. Models that learned from the person are
    marked. Ledgers say that somebody was erased, and not who. The exit code is 1 where a run could not be reached.

      sartor privacy erase --key P003 --table people --dry-run
    """
    from datetime import datetime

    from sartor.cli.persons import erasure_json, erasure_lines
    from sartor.erasing import erase as erasing
    from sartor.recipe.project import Project

    here, project, now = screen(), Project.at(), datetime.now().astimezone()
    if dry_run:
        found = erasing.look_for(project, key, table, column)
    else:
        found = erasing.erase(project, key, table, column, now)
    written = [] if dry_run else _keep_receipts(found.receipts, receipt)
    if as_json:
        here.out.json(erasure_json(found, written, done=not dry_run))
    else:
        here.out.lines(erasure_lines(found, written, here.out.look, done=not dry_run))
    if found.left:
        raise PrivacyStop(
            f"a second search still finds the person: {'; '.join(found.left[:5])}",
            code="P011",
            hints=(("to mend", "remove what is named by hand, or with sartor runs gc, and erase again"),),
        )
    if any(one.unsure for one in found.unsure):
        raise typer.Exit(UNREACHED)


def _keep_receipts(receipts: list[dict[str, Any]], to: Path | None) -> list[str]:
    import json

    written = []
    for number, one in enumerate(receipts):
        file = Path(f"erasure-{one['person'][:12]}.json") if to is None or number else to
        file.write_text(json.dumps(one, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        written.append(str(file))
    return written


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _table(file: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        if file.suffix == ".parquet":
            return pd.read_parquet(file)
        # As texts: 07 and 7 are two postal codes, and a class is told by what stands there.
        return pd.read_csv(file, dtype=str, sep=None, engine="python", keep_default_na=False, na_values=[""])
    except FileNotFoundError:
        raise UsageError(f"no file is called {file}", code="U033") from None
    except (OSError, ValueError) as error:
        why = (str(error).splitlines() or [""])[0]
        raise UsageError(f"{file} cannot be read: {why}", code="U033") from None
