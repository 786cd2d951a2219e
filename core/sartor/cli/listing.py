"""``sartor list KIND``: the components that are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sartor.cli.layout import Cell, Column, table
from sartor.cli.look import DOUBT, STRONG, TYPED, Look
from sartor.cli.options import ColorOption, FormatOption, JsonOption, TracebackOption, one_of
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, verb_app
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.components import Kind
    from sartor.errors import PluginError
    from sartor.plugins import Plugin, Plugins, Registered

KINDS: dict[str, Kind] = {
    "ingest": "ingest",
    "tasks": "task",
    "features": "feature",
    "models": "model",
    "prepare": "prepare",
    "actions": "action",
    "sinks": "sink",
}
_COUNTED: dict[str, tuple[str, str]] = {
    "ingest": ("ingest", "ingests"),
    "prepare": ("step of prepare", "steps of prepare"),
}

app = verb_app()


@app.command(cls=Verb)
def list_components(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            parser=one_of(tuple(KINDS)),
            autocompletion=lambda: list(KINDS),
            help="ingest, tasks, features, models, prepare, actions or sinks.",
        ),
    ],
    as_json: JsonOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """List the components of a kind, such as models or features.

    They are what a recipe may write behind `use`. A plugin that does not load is named below, and costs only the
    recipes that use it.
    """
    from sartor.plugins import Plugins

    plugins = Plugins()
    found = list(plugins.all())
    entries = [(plugin, entry) for plugin, mine, _ in found for entry in mine if entry.kind == KINDS[kind]]
    broken = [(plugin, error) for plugin, _, error in found if error is not None]
    output = screen().out
    if as_json:
        output.line(_as_json(kind, entries, broken, plugins))
        return
    output.lines(component_lines(entries, plugins, output.look))
    output.lines(_footer(kind, entries, output.look))
    output.lines(broken_line(plugin, output.look) for plugin, _ in broken)


def component_lines(entries: list[tuple[Plugin, Registered]], plugins: Plugins, look: Look) -> list[str]:
    """Return a line for each component: its id, what it is, and what it needs that is not installed."""
    needs = [need_of(plugin, entry, plugins) for plugin, entry in entries]
    columns = [
        Column("", [Cell(entry.id, STRONG) for _, entry in entries], gap=0),
        Column("", [Cell(entry.component.about) for _, entry in entries]),
        Column("", [Cell(need, DOUBT) for need in needs]),
    ]
    return table(columns, look, headings=False)


def need_of(plugin: Plugin, entry: Registered, plugins: Plugins) -> str:
    """Say what a component needs that is not installed: ``needs sartor[keras]``; empty if all is there."""
    missing = plugins.missing(entry)
    if not missing:
        return ""
    extra = entry.component.extra
    return f"needs {distribution_of(plugin, extra)}[{extra}]" if extra else f"needs {', '.join(missing)}"


def distribution_of(plugin: Plugin, extra: str) -> str:
    """Return the distribution that has an extra: the plugin's own, or sartor."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        own = metadata(plugin.distribution).get_all("Provides-Extra") or []
    except PackageNotFoundError:
        own = []
    return plugin.distribution if extra in own else "sartor"


def broken_line(plugin: Plugin, look: Look) -> str:
    """Return the line of a plugin that does not load."""
    said = f"{plugin.name} {plugin.version} did not load"
    return f"{look.paint('!', DOUBT)} {look.text(said)}: {look.paint(f'sartor plugins show {plugin.name}', TYPED)}"


def _footer(kind: str, entries: list[tuple[Plugin, Registered]], look: Look) -> list[str]:
    one, many = _COUNTED.get(kind, (KINDS[kind], kind))
    if not entries:
        return [f"no {one} is installed"]
    said = f"{plural(len(entries), one, many)}, {plural(len({plugin.name for plugin, _ in entries}), 'plugin')}."
    return [f"{said} Settings: {look.paint(f'sartor explain {entries[0][1].id}', TYPED)}"]


def _as_json(
    kind: str,
    entries: list[tuple[Plugin, Registered]],
    broken: list[tuple[Plugin, PluginError]],
    plugins: Plugins,
) -> str:
    import json

    listed: dict[str, Any] = {
        "schema": 1,
        "kind": kind,
        "components": [
            {
                "id": entry.id,
                "about": entry.component.about,
                "plugin": plugin.name,
                "distribution": plugin.distribution,
                "version": plugin.version,
                "missing": plugins.missing(entry),
                "extra": entry.component.extra,
            }
            for plugin, entry in entries
        ],
        "broken": [{"plugin": plugin.name, "error": error.problems[0].message} for plugin, error in broken],
    }
    return json.dumps(listed)
