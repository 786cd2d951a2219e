"""``sartor schema``: the JSON Schema of recipes with the settings of every component, for editors."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sartor.cli.look import TYPED
from sartor.cli.options import ColorOption, FormatOption, TracebackOption
from sartor.cli.schema_parts import Schema
from sartor.cli.screen import screen
from sartor.cli.topics import MODEL_STEP, SECTIONS, STEPS
from sartor.cli.verbs import Verb, verb_app
from sartor.errors import PluginError, UsageError

if TYPE_CHECKING:
    from sartor.plugins import Plugins

FILE = "recipe.schema.json"
TITLE = "sartor recipe"
_SECTION_OF = {
    "ingest": "ingest",
    "task": "task",
    "feature": "features",
    "model": "models",
    "prepare": "prepare",
    "action": "actions",
    "sink": "deliver",
}
# What a reference may stand for is known only when it is resolved; null takes an inherited key away.
_REFERENCE: Schema = {"type": "string", "pattern": r"\$\{|^secret:"}
_ABSENT: Schema = {"type": "null"}

app = verb_app()


@app.command(cls=Verb)
def schema(
    write: Annotated[bool, typer.Option("--write", help=f"Write {FILE} into the project.")] = False,
    color: ColorOption = "auto",
    form: FormatOption = "full",
    traceback: TracebackOption = False,
) -> None:
    """Print the JSON Schema of recipes, with the settings of every component, for editors.

    Print it again when plugins are installed or change. `sartor check` knows more than a schema can say.
    """
    from sartor.plugins import Plugins

    here = screen()
    text = json.dumps(recipe_schema(Plugins()), indent=2, ensure_ascii=not here.out.look.unicode or write)
    if not write:
        here.out.line(text)
        return
    place = _write(text + "\n")
    here.out.line(f"wrote {here.out.look.text(place)}. As the first line of a recipe in recipes/:")
    here.out.line("  " + here.out.look.paint(f"# yaml-language-server: $schema=../{FILE}", TYPED))


def _write(text: str) -> str:
    from sartor.recipe.project import Project

    place = Project.at().root / FILE
    try:
        if place.exists() and f'"title": "{TITLE}"' not in place.read_text(encoding="utf-8", errors="replace"):
            mend = (("to mend", "move it, or write the schema elsewhere: sartor schema > FILE"),)
            raise UsageError(f"{place} is there already, and is not a schema of recipes", code="U042", hints=mend)
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{place} cannot be written: {error.strerror}", code="U043") from error
    return str(place.relative_to(Path.cwd())) if place.is_relative_to(Path.cwd()) else str(place)


def recipe_schema(plugins: Plugins) -> Schema:
    """Return the JSON Schema (2020-12) of a recipe.

    Parameters
    ----------
    plugins : Plugins
        Those that do not load are left out.

    Returns
    -------
    dict
        What it takes, `sartor.recipe` may still refuse; what it refuses, `sartor.recipe` refuses too.
    """
    definitions: dict[str, Schema] = {}
    components: dict[str, list[tuple[str, str]]] = {section: [] for section in STEPS}
    for _, entries, error in plugins.all():
        if error is not None:
            continue
        for entry in entries:
            try:
                definitions |= _settings(entry.id, plugins.class_of(entry))
            except PluginError:
                # Named and explained by `sartor check`; the editor goes on without its settings.
                definitions[entry.id] = {"type": "object"}
            components[_SECTION_OF[entry.kind]].append((entry.id, entry.component.about))
    for section, step in STEPS.items():
        definitions[f"step-of-{section}"] = _step(step, components[section])
    definitions["step-of-models"]["properties"]["prepare"] = _list_of_steps()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": TITLE,
        "description": "A recipe of sartor, format 1.",
        "type": "object",
        "properties": {name: _section(name) for name in SECTIONS},
        "additionalProperties": False,
        "required": ["format"],
        "anyOf": [{"required": ["recipe", "ingest"]}, {"required": ["extends"]}, {"required": ["abstract"]}],
        "$defs": definitions,
    }


def _section(name: str) -> Schema:
    schema = copy.deepcopy(SECTIONS[name])
    # Editors show examples one by one; in a recipe they are for `sartor explain`.
    schema.pop("examples", None)
    if name == "task":
        return {"anyOf": [{"$ref": "#/$defs/step-of-task"}, _ABSENT], "description": schema["description"]}
    if name in STEPS:
        step = {"anyOf": [{"$ref": f"#/$defs/step-of-{name}"}, _ABSENT]}
        return {"type": ["object", "null"], "additionalProperties": step, "description": schema["description"]}
    if name in ("format", "recipe", "extends", "abstract"):
        return schema
    return _lenient(schema)


def _list_of_steps() -> Schema:
    described: str = MODEL_STEP["properties"]["prepare"]["description"]
    return {"type": ["array", "null"], "items": {"$ref": "#/$defs/step-of-prepare"}, "description": described}


def _step(step: Schema, components: list[tuple[str, str]]) -> Schema:
    """Return the schema of a step: `with` is what the component named by `use` takes."""
    schema = copy.deepcopy(step)
    schema.pop("examples", None)
    schema["properties"] = {key: _lenient(found) for key, found in schema["properties"].items()}
    known = [{"const": name, "description": about} for name, about in components]
    schema["properties"]["use"] = {
        "anyOf": [*known, _REFERENCE],
        "description": step["properties"]["use"]["description"],
    }
    if not components:
        return schema
    schema["allOf"] = [
        {
            "if": {"properties": {"use": {"const": name}}, "required": ["use"]},
            "then": {"properties": {"with": {"anyOf": [{"$ref": f"#/$defs/{name}"}, _ABSENT]}}},
        }
        for name, _ in components
    ]
    return schema


def _lenient(schema: Schema) -> Schema:
    """Let a reference or a null stand in a value's place, and in the places inside it."""
    inner = dict(schema)
    if "properties" in inner:
        inner["properties"] = {key: _lenient(found) for key, found in inner["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(inner.get(key), dict):
            inner[key] = _lenient(inner[key])
    # Whether everything is there is known when bases are merged.
    inner.pop("required", None)
    described = {"description": inner.pop("description")} if "description" in inner else {}
    if not inner or inner.get("const") is not None:
        return {**inner, **described}
    choices = inner["anyOf"] if set(inner) == {"anyOf"} else [inner]
    # A text takes a reference as it is.
    more = [_ABSENT] if any(set(choice) == {"type"} and choice["type"] == "string" for choice in choices) else []
    more = more or [_REFERENCE, _ABSENT]
    return {"anyOf": [*choices, *(choice for choice in more if choice not in choices)], **described}


def _settings(name: str, cls: Any) -> dict[str, Schema]:
    """Return the definitions of a component's settings, those of nested records under the component's name."""
    from sartor.cli.settings import documented, schema_of

    schema = schema_of(cls)
    texts = documented(cls)
    nested = schema.pop("$defs", {})
    for key, found in schema["properties"].items():
        field = key if key in cls.model_fields else f"{key}_"
        if texts.get(field) and "description" not in found:
            found["description"] = texts[field]
        found.pop("title", None)
    schema["description"] = schema.get("description", "").split("\n\n")[0]
    schema.pop("title", None)
    found = {name: schema, **{f"{name}.{inner}": one for inner, one in nested.items()}}
    return {place: _lenient_keys(_moved(one, name)) for place, one in found.items()}


def _lenient_keys(schema: Schema) -> Schema:
    """Keep the mapping itself strict, so that an unknown setting is seen; be lenient inside it."""
    lenient = _lenient(schema)
    return {**lenient["anyOf"][0], "description": lenient["description"]} if "anyOf" in lenient else lenient


def _moved(value: Any, name: str) -> Any:
    """Point references at where definitions stand in the whole schema."""
    places = {"ModelStep": "step-of-models", "PrepareStep": "step-of-prepare"}
    if isinstance(value, dict):
        moved = {key: _moved(inner, name) for key, inner in value.items()}
        target = str(value.get("$ref", "")).removeprefix("#/$defs/")
        if target:
            moved["$ref"] = f"#/$defs/{places.get(target) or f'{name}.{target}'}"
        return moved
    return [_moved(inner, name) for inner in value] if isinstance(value, list) else value
