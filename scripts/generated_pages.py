"""Write the pages that come from the code, at every build of the docs: error codes and components.

MkDocs loads this file (``hooks`` in mkdocs.yml). Pages that are made at each build cannot fall behind the code.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING

import griffe

from sartor.codes import CODES, Code
from sartor.components import Settings
from sartor.plugins import Plugins, Registered

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

GROUPS = {"R": "Recipe", "D": "Data", "P": "Privacy", "X": "Plugins", "G": "Gates", "U": "Usage"}
KINDS = {
    "ingest": "Ingest",
    "task": "Tasks",
    "feature": "Features",
    "model": "Models",
    "prepare": "Steps of prepare",
    "action": "Actions",
    "sink": "Sinks",
}


def errors_page() -> str:
    """Return the page of error codes: a heading for each group, and in it one for each code."""
    lines = [
        "# Errors",
        "",
        "Every message ends with a code. `sartor explain CODE` shows in the terminal what stands here.",
    ]
    for letter, title in GROUPS.items():
        lines += ["", f"## {title}"]
        for code in CODES.values():
            if code.code.startswith(letter):
                lines += _error(code)
    return "\n".join(lines) + "\n"


def _error(code: Code) -> Iterator[str]:
    yield from ("", f"### {code.code}: {code.title} {{ #{code.code.lower()} }}", "", code.explanation)
    for label, example in (("Wrong", code.wrong), ("Right", code.right)):
        if example:
            yield from ("", f"{label}:", "", "```text", *example.splitlines(), "```")


def components_page() -> str:
    """Return the page of components: a heading for each kind, and in it one for each component with its settings.

    Raises
    ------
    PluginError
        If a built-in plugin does not load.
    """
    lines = [
        "# Components",
        "",
        "What the built-in plugins bring; `sartor explain NAME` shows the same of every component, yours too.",
        "Settings stand under `with`.",
    ]
    plugins = Plugins()
    found = [entry for plugin in plugins.by_name.values() if plugin.distribution == "sartor"
             for entry in plugin.components.values()]  # fmt: skip
    for kind, title in KINDS.items():
        lines += ["", f"## {title}"]
        for entry in sorted((entry for entry in found if entry.kind == kind), key=lambda entry: entry.id):
            lines += _component(entry, plugins.class_of(entry))
    return "\n".join(lines) + "\n"


def _component(entry: Registered, settings: type[Settings]) -> Iterator[str]:
    yield from ("", f"### {entry.id} {{ #{entry.id.replace('.', '-')} }}", "", f"{entry.component.about}.")
    if entry.component.extra:
        yield from ("", f"Needs the extra `{entry.component.extra}`: `pip install 'sartor[{entry.component.extra}]'`.")
    sections = _sections(settings)
    about = [section.value for section in sections if section.kind is griffe.DocstringSectionKind.text]
    yield from (line for text in about for line in ("", text))
    if not settings.model_fields:
        return
    described = {
        name.strip(): parameter
        for base in reversed(settings.__mro__)  # a class describes what it adds to its bases
        for section in _sections(base)
        if section.kind is griffe.DocstringSectionKind.parameters
        for parameter in section.value
        for name in parameter.name.split(",")
    }
    yield from ("", "| setting | type | default | |", "|---|---|---|---|")
    for name, field in settings.model_fields.items():
        said = described.get(name)
        kind = str(said.annotation or "") if said else ""
        default = (
            "must be given" if field.is_required() else f"`{_written(field.get_default(call_default_factory=True))}`"
        )
        about_it = " ".join((said.description if said else "").split())
        cells = (f"`{field.alias or name}`", _cell(kind), default, _cell(about_it))
        yield f"| {' | '.join(cells)} |"


def _sections(cls: type) -> list[griffe.DocstringSection]:
    return griffe.Docstring(inspect.cleandoc(cls.__doc__ or ""), lineno=1).parse("numpy", warnings=False)


def _written(value: object) -> str:
    """Return a default as a recipe would write it."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return _cell(str(value))


def _cell(text: str) -> str:
    """Keep a table's own sign out of its cells, and one kind of code marks in them."""
    return text.replace("``", "`").replace("|", "\\|")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages to those of docs/."""
    from mkdocs.structure.files import File

    for place, text in {"reference/errors.md": errors_page(), "reference/components.md": components_page()}.items():
        files.append(File.generated(config, place, content=text))
    return files
