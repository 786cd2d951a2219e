"""``sartor plugins``: list those that are installed, show one, begin a new one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sartor.cli.completing import plugin_names
from sartor.cli.layout import Cell, Column, table
from sartor.cli.listing import broken_line, component_lines
from sartor.cli.look import QUIET, STRONG, TYPED, Look
from sartor.cli.options import ColorOption, FormatOption, TracebackOption
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, VerbGroup, verb_app
from sartor.errors import PluginError, UsageError, nearest
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.components import Kind
    from sartor.plugins import Plugin, Plugins, Registered

_TITLES: dict[Kind, str] = {
    "ingest": "ingest",
    "task": "tasks",
    "feature": "features",
    "model": "models",
    "prepare": "prepare",
    "action": "actions",
    "sink": "sinks",
}

app = verb_app(
    cls=VerbGroup,
    help="List, show and begin plugins.\n\n"
    "A plugin is a Python package with an entry point in the group `sartor.plugins`; installed beside sartor, it is "
    "there.",
)


@app.command("list", cls=Verb)
def list_plugins(color: ColorOption = "auto", form: FormatOption = "full", traceback: TracebackOption = False) -> None:
    """List the plugins that are installed, and what each brings."""
    from sartor.plugins import Plugins

    output = screen().out
    found = list(Plugins().all())
    fine = [(plugin, entries) for plugin, entries, error in found if error is None]
    columns = [
        Column("", [Cell(plugin.name, STRONG) for plugin, _ in fine], gap=0),
        Column("", [Cell(f"{plugin.distribution} {plugin.version}".strip()) for plugin, _ in fine]),
        Column("", [Cell(_brings(entries)) for _, entries in fine]),
    ]
    output.lines(table(columns, output.look, headings=False))
    output.line(f"{plural(len(found), 'plugin')}. One in full: {output.look.paint('sartor plugins show NAME', TYPED)}")
    output.lines(broken_line(plugin, output.look) for plugin, _, error in found if error is not None)


def _brings(entries: list[Registered]) -> str:
    counts = Counter(entry.kind for entry in entries)
    words = {"ingest": ("ingest", "ingest"), "prepare": ("step of prepare", "steps of prepare")}
    shown = [plural(counts[kind], *words.get(kind, (kind, _TITLES[kind]))) for kind in _TITLES if counts[kind]]
    return ", ".join(shown) or "nothing"


@app.command(cls=Verb)
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", autocompletion=plugin_names, help="The plugin's name.")],
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Show a plugin: who made it, what it brings, and why it does not load where it does not."""
    from sartor.plugins import Plugins

    plugins = Plugins()
    plugin = plugins.by_name.get(name)
    if plugin is None:
        see = ("to see all", "sartor plugins list")
        raise UsageError(f"no plugin is called '{name}'", code="U040", hints=(*nearest(name, plugins.names), see))
    here = screen()
    here.out.lines(_about(plugin, here.out.look))
    try:
        entries = list(plugin.components.values())
    except PluginError as error:
        # Who asks for this plugin wants to see why; elsewhere the traceback goes to a file.
        here.traceback = True
        raise PluginError([replace(problem, hints=()) for problem in error.problems]) from error.__cause__
    here.out.lines(_components(plugin, entries, plugins, here.out.look))


def _about(plugin: Plugin, look: Look) -> list[str]:
    lines = [look.paint(plugin.name, STRONG)]
    for point, origin in plugin.entry_points:
        lines.append(f"  {'from':<10}{look.text(origin.strip())}")
        lines.append(f"  {'module':<10}{look.text(getattr(point, 'value', plugin.distribution))}")
    lines += [f"  {label:<10}{look.paint(text, QUIET)}" for label, text in _metadata(plugin)]
    return lines


def _metadata(plugin: Plugin) -> list[tuple[str, str]]:
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        said = metadata(plugin.distribution)
    except PackageNotFoundError:
        return []
    values = {key: (said.get_all(key) or [""])[0] for key in ("Summary", "License-Expression", "License")}
    licence = values["License-Expression"] or values["License"]
    found = [("about", values["Summary"]), ("licence", licence.strip().partition("\n")[0])]
    found += [("home", link.partition(", ")[2]) for link in said.get_all("Project-URL") or []][:1]
    return [(label, text) for label, text in found if text]


def _components(plugin: Plugin, entries: list[Registered], plugins: Plugins, look: Look) -> list[str]:
    lines: list[str] = []
    for kind, title in _TITLES.items():
        mine = [(plugin, entry) for entry in entries if entry.kind == kind]
        if mine:
            lines += ["", look.paint(title, STRONG), *(f"  {line}" for line in component_lines(mine, plugins, look))]
    return lines or ["  it brings nothing"]


@app.command(cls=Verb)
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the plugin will be called, such as acme.")],
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="FOLDER", show_default=False, help="Where to put it; the present folder."),
    ] = None,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Begin a plugin: a package with one component of each kind, and tests that run.

    Needs no network and no further tool.
    """
    from sartor.scaffold import new_plugin

    written = new_plugin(name, folder or Path.cwd())
    output = screen().out
    output.lines(output.look.text(str(_shown(file))) for file in written)
    root = _shown(Path(_common(written)))
    typed = output.look.paint(f"pip install -e {root}", TYPED)
    output.line(f"{plural(len(written), 'file')} written. Next: {typed}")


def _common(files: list[Path]) -> str:
    import os

    return os.path.commonpath([file.parent for file in files]) if files else "."


def _shown(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
