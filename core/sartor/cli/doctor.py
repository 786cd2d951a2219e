"""``sartor doctor``: what is missing or broken in this installation, found without running a recipe."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sartor.cli.figures import size
from sartor.cli.installed import Extra, base_state, extras
from sartor.cli.look import BAD, GOOD, QUIET, STRONG, TYPED, Look
from sartor.cli.options import ColorOption, FormatOption, JsonOption, TracebackOption
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, verb_app
from sartor.errors import SartorError
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.recipe.project import Project

_LABELS = 12
BROKEN = 1

app = verb_app()


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    label : str
    text : str
        What was found.
    broken : bool
        Whether something cannot work as it is.
    mend : str
        What to type, where that is known.
    """

    label: str
    text: str
    broken: bool = False
    mend: str = ""


@app.command(cls=Verb)
def doctor(
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Look for what is missing or broken in this installation.

    Loads every library of the base and every plugin once, which takes a few seconds. Exit code 1 when something is
    broken; an extra that is not installed is no fault.
    """
    output = screen().out
    findings: list[Finding] = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            output.lines(_lines(finding, output.look))
    broken = [finding for finding in findings if finding.broken]
    if as_json:
        output.line(_as_json(findings))
    else:
        verdict = f"{plural(len(broken), 'thing is', 'things are')} broken" if broken else "nothing is broken"
        output.line(output.look.paint(verdict, BAD if broken else GOOD))
    if broken:
        raise typer.Exit(BROKEN)


def examine() -> Iterator[Finding]:
    """Look at everything, one thing after the other."""
    yield Finding("python", f"{platform.python_version()}, {platform.platform(terse=True)}")
    yield from _base()
    yield from map(_extra, extras())
    yield from _plugins()
    yield _threads()
    yield _memory()
    yield from _project()


def _base() -> Iterator[Finding]:
    yield from (Finding("library", trouble, broken=True, mend=mend) for trouble, mend in base_state().troubles)
    yield Finding("libraries", ", ".join(base_state().versions))


def _extra(extra: Extra) -> Finding:
    if not extra.missing:
        return Finding("extra", f"{extra.name}: {', '.join(extra.versions)}")
    return Finding("extra", f"{extra.name}: not installed", mend=f'pip install "sartor[{extra.name}]"')


def _plugins() -> Iterator[Finding]:
    from sartor.plugins import Plugins, observers

    found = list(Plugins().all())
    fine = [plugin.name for plugin, _, error in found if error is None]
    yield Finding("plugins", ", ".join(fine) or "none", broken=not fine)
    for plugin, _, error in found:
        if error is not None:
            mend = f"sartor plugins show {plugin.name}"
            yield Finding("plugin", error.problems[0].message, broken=True, mend=mend)
    yield from (Finding("observer", trouble, broken=True) for trouble in observers()[1])


def _threads() -> Finding:
    from sartor.threads import free_threads, processors

    return Finding("threads", f"{free_threads()} free of {processors()}")


def _memory() -> Finding:
    from sartor.memory import available_and_total

    available, total = available_and_total()
    if not total:
        return Finding("memory", "unknown")
    return Finding("memory", f"{size(available)} free of {size(total)}" if available else size(total))


def _project() -> Iterator[Finding]:
    from sartor.recipe.finding import all_recipes
    from sartor.recipe.project import SETTINGS_FILE, Project

    try:
        project = Project.at()
    except SartorError as error:
        yield from (Finding("project", str(problem).splitlines()[0], broken=True) for problem in error.problems)
        return
    settings = SETTINGS_FILE if (project.root / SETTINGS_FILE).is_file() else f"no {SETTINGS_FILE}"
    yield Finding("project", f"{project.root}, {settings}")
    recipes = all_recipes(project)
    own = sum(not recipe.built_in for recipe in recipes)
    yield Finding("recipes", f"{len(recipes)}, {own} of them yours", broken=not recipes)
    yield _data(project)
    yield _writing(project.runs)


def _data(project: Project) -> Finding:
    folder = project.data_folder(None, os.environ)
    if folder.is_dir():
        return Finding("data", str(folder))
    # Recipes on data that sartor carries run without it.
    return Finding("data", f"{folder} is not there", mend="export SARTOR_DATA=FOLDER")


def _writing(runs: Path) -> Finding:
    """Try to write where runs are recorded: permissions alone do not tell (read-only mounts, quotas)."""
    place = next(folder for folder in (runs, *runs.parents) if folder.exists())
    try:
        with tempfile.TemporaryDirectory(prefix=".sartor-doctor-", dir=place):
            return Finding("runs", f"{runs} can be written")
    except OSError as error:
        mend = "call sartor in a folder that you may write, or set runs in sartor.toml"
        return Finding("runs", f"{runs} cannot be written: {error.strerror}", broken=True, mend=mend)


def _lines(finding: Finding, look: Look) -> list[str]:
    from sartor.cli.look import wrap

    room = max(30, look.width - _LABELS)
    folded = wrap(look.text(finding.text), room) if look.fold else [look.text(finding.text)]
    mark = look.paint("! ", BAD) if finding.broken else ""
    label = f"{finding.label:<{_LABELS - (2 if finding.broken else 0)}}"
    style = BAD if finding.broken else ""
    lines = [f"{mark}{look.paint(label, STRONG)}{look.paint(folded[0], style)}"]
    lines += [" " * _LABELS + look.paint(line, style) for line in folded[1:]]
    if finding.mend:
        lines.append(f"{' ' * _LABELS}{look.paint('to mend:', QUIET)} {look.paint(finding.mend, TYPED)}")
    return lines


def _as_json(findings: list[Finding]) -> str:
    import json

    entries = [
        {"label": finding.label, "text": finding.text, "broken": finding.broken, "mend": finding.mend}
        for finding in findings
    ]
    return json.dumps({"schema": 1, "broken": any(finding.broken for finding in findings), "findings": entries})
