"""``sartor explain``: a recorded run, an error code, a component with its settings, or a section of a recipe."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from sartor.cli.completing import explainable
from sartor.cli.look import DOUBT, QUIET, STRONG, TYPED, Look, cells, pad, wrap
from sartor.cli.options import ColorOption, FormatOption, JsonOption, TracebackOption, whole_number
from sartor.cli.screen import screen
from sartor.cli.verbs import Verb, verb_app
from sartor.errors import UsageError, nearest

if TYPE_CHECKING:
    from sartor.catalogue.code import Code
    from sartor.cli.settings import Setting
    from sartor.plugins import Plugins

_CODE = re.compile(r"[A-Za-z]\d{3}")
_RUN = re.compile(r"\d{4}-\d{4}-[0-9a-z]{2,}")
_WIDEST = 100
_WIDEST_NAME = 24

_ModelOption = Annotated[
    str | None, typer.Option("--model", metavar="NAME", show_default=False, help="A run's model; else the champion.")
]
_MetricOption = Annotated[
    str | None,
    typer.Option("--metric", metavar="NAME", show_default=False, help="What is held against it; else the run's first."),
]
_RowOption = Annotated[
    list[str] | None,
    typer.Option("--row", metavar="KEY", show_default=False, help="Why this row is answered so; may be repeated."),
]
_RowsOption = Annotated[
    int | None,
    typer.Option(
        "--rows",
        metavar="NUMBER",
        parser=whole_number(50, 1_000_000),
        show_default=False,
        help="Held-out rows to ask, drawn by the run's seed; else 2,000.",
    ),
]
_QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on stderr but errors.")]

app = verb_app()


class Item(NamedTuple):
    """A name with what is said of it: a setting, or a key."""

    name: str
    facts: str
    about: str


@app.command(cls=Verb)
def explain(
    topic: Annotated[
        str,
        typer.Argument(
            metavar="TOPIC",
            autocompletion=explainable,
            help="A run such as @last; or a code (R021), a component (learn.forest), a section of a recipe (split).",
        ),
    ],
    model: _ModelOption = None,
    metric: _MetricOption = None,
    row: _RowOption = None,
    rows: _RowsOption = None,
    as_json: JsonOption = False,
    quiet: _QuietOption = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Say why a run answers as it does; or explain an error code, a component, a section of a recipe.

    Of a run it is told what its answers lean on: each feature is shuffled among the held-out rows, and how much worse
    the metric gets is said with an interval. With --row the parts of one answer are told, and of a slate what of
    somebody's past speaks for each item. This works for every model; nothing is recorded, and nothing chosen by it.

      sartor explain @last
      sartor explain @last --model forest --row 17
      sartor explain R021
      sartor explain learn.forest
    """
    from sartor.cli.topics import section_names

    output = screen().out
    if _is_run(topic):
        _explain_run(topic, model, metric, row or [], rows, as_json=as_json, quiet=quiet)
        return
    if any((model, metric, row, rows, as_json)):
        raise UsageError(
            f"'{topic}' is no run, and --model, --metric, --row, --rows and --json explain a run",
            code="U142",
            hints=(("to mend", f"name a run: sartor explain @last; or the word alone: sartor explain {topic}"),),
        )
    if _CODE.fullmatch(topic.strip()):
        from sartor.codes import explain as code_entry

        output.lines(code_lines(code_entry(topic), output.look))
    elif topic in section_names():
        output.lines(section_lines(topic, output.look))
    else:
        from sartor.plugins import Plugins

        output.lines(component_lines(topic, Plugins(), output.look))


def _is_run(topic: str) -> bool:
    """Whether a run is meant: by @, by a path, or by a name that runs have; no other topic looks so."""
    return topic.startswith("@") or "/" in topic or "\\" in topic or bool(_RUN.fullmatch(topic))


def _explain_run(
    name: str,
    model: str | None,
    metric: str | None,
    keys: Sequence[str],
    rows: int | None,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    from sartor.access.door import enter_run
    from sartor.cli.explained import leaning_lines, row_lines
    from sartor.cli.progress import Teller
    from sartor.explaining.leaning import leaning_of
    from sartor.explaining.one_row import row_explained
    from sartor.explaining.taking_up import taken_up
    from sartor.recipe.project import Project

    project, here = Project.at(), screen()
    # Whoever reads several persons is written down with each of them.
    for key in keys:
        found = enter_run(name, project, "read_person", "explain", key)
    if not keys:
        found = enter_run(name, project, "read_scores", "explain")
    with Teller(here.err, quiet=quiet) as teller, taken_up(found, project, model, teller) as run:
        told = [row_explained(run, key) for key in keys] if keys else [leaning_of(run, metric, rows)]
    if not quiet:
        here.err.line()
    if as_json:
        import json

        said = {"schema": 1, "run": found.run, **({"rows": told} if keys else told[0])}
        here.out.line(json.dumps(said, ensure_ascii=not here.out.look.unicode, allow_nan=False))
        return
    for place, one in enumerate(told):
        lines = row_lines(one, here.out.look) if keys else leaning_lines(one, here.out.look)
        here.out.lines(["", *lines] if place else lines)


def code_lines(entry: Code, look: Look) -> list[str]:
    """Return what is known of an error code."""
    lines = [
        f"{look.paint(entry.code, STRONG)}  {look.paint(entry.title, STRONG)}",
        "",
        *_folded(entry.explanation, look),
    ]
    for label, example in (("wrong", entry.wrong), ("right", entry.right)):
        if example:
            lines += ["", f"{label}:", *_example(example, look)]
    return lines


def section_lines(name: str, look: Look) -> list[str]:
    """Return what may stand in a section of a recipe."""
    from sartor.cli.settings import in_words
    from sartor.cli.topics import SECTIONS, STEPS, keys_of

    schema = SECTIONS.get(name) or STEPS[name]
    about = schema["description"] if name in SECTIONS else "Steps between features and model, in each fold anew."
    words = "" if keys_of(name) else in_words(schema, {})
    lines = [f"{look.paint(name, STRONG)}  {look.paint(words, QUIET)}".rstrip(), "", *_folded(about, look)]
    items = [Item(key, in_words(found, {}), found.get("description", "")) for key, found in keys_of(name).items()]
    if items:
        lines += ["", "keys:" if name in SECTIONS and not _has_items(name) else "keys of each:", *_items(items, look)]
    for example in schema.get("examples", []):
        lines += ["", *_example(example, look)]
    return lines


def component_lines(name: str, plugins: Plugins, look: Look) -> list[str]:
    """Return what a component does and its settings.

    Raises
    ------
    UsageError
        If nothing is called so.
    PluginError
        If its plugin does not load.
    """
    from sartor.cli.listing import need_of
    from sartor.cli.settings import opening, settings_of
    from sartor.plugins import KIND_NAMES

    plugin = plugins.by_name.get(name.split(".", 1)[0])
    if plugin is None or name not in plugin.components:
        raise _unknown(name, plugins)
    entry = plugin.components[name]
    cls = plugins.class_of(entry)
    kind = KIND_NAMES[entry.kind].split(" ", 1)[1]
    origin = f"{kind}, from {plugin.distribution} {plugin.version}".rstrip()
    lines = [f"{look.paint(name, STRONG)}  {look.paint(origin, QUIET)}"]
    need = need_of(plugin, entry, plugins)
    lines += [look.paint(need, DOUBT)] if need else []
    for paragraph in (opening(cls) or entry.component.about).replace("``", "`").split("\n\n"):
        lines += ["", *_folded(paragraph, look)]
    items = [Item(one.name, "; ".join(filter(None, (one.type, _default(one)))), one.about) for one in settings_of(cls)]
    return [*lines, "", *(["settings, under `with`:", *_items(items, look)] if items else ["no settings"])]


def _has_items(section: str) -> bool:
    from sartor.cli.topics import SECTIONS

    return "items" in SECTIONS[section] or isinstance(SECTIONS[section].get("additionalProperties"), dict)


def _default(setting: Setting) -> str:
    return f"{setting.default} unless given" if setting.default else "must be given"


def _unknown(name: str, plugins: Plugins) -> UsageError:
    from sartor.cli.topics import section_names

    plugin = name.split(".", 1)[0]
    known: Sequence[str] = [*section_names(), *plugins.names]
    if "." in name and plugin in plugins.by_name:
        known = list(plugins.by_name[plugin].components)
    elif "." in name:
        known = [f"{one}.{name.split('.', 1)[1]}" for one in plugins.names]
    near = nearest(name, known)
    if plugin in plugins.by_name and "." not in name:
        near = (("to see it", f"sartor plugins show {plugin}"),)
    elif "." in name and plugin not in plugins.by_name:
        near = near if near and near[0][0] == "did you mean" else nearest(plugin, plugins.names)
    see = ("to see all", "sartor list models, or ingest, tasks, features, prepare, actions, sinks")
    what = "no code, no component and no section"
    return UsageError(f"'{name}' is {what}", code="U044", hints=(*near, see))


def _items(items: Sequence[Item], look: Look) -> list[str]:
    """Names at the left, what is said of them beside, facts first."""
    left = 2 + min(_WIDEST_NAME, max(cells(look.text(item.name)) for item in items)) + 2
    lines: list[str] = []
    for item in items:
        begin = f"  {look.paint(item.name, TYPED)}"
        if cells(begin) > left - 2:
            lines.append(begin)
            begin = ""
        facts = [look.paint(line, QUIET) for line in _folded_in(item.facts, look, left)] if item.facts else []
        texts = [*facts, *(_folded_in(item.about, look, left) if item.about else [])] or [""]
        lines.append(f"{pad(begin, left)}{texts[0]}".rstrip())
        lines += [" " * left + text for text in texts[1:]]
    return lines


def _folded(text: str, look: Look) -> list[str]:
    return _folded_in(text, look, 0)


def _folded_in(text: str, look: Look, left: int) -> list[str]:
    return wrap(look.text(" ".join(text.split())), max(30, min(look.width, _WIDEST) - left))


def _example(text: str, look: Look) -> list[str]:
    return [f"    {look.paint(line, TYPED)}" for line in text.splitlines()]
