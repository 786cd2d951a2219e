"""Write the pages that come from the code, at every build of the docs: error codes and components.

MkDocs loads this file (``hooks`` in mkdocs.yml). Pages that are made at each build cannot fall behind the code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sartor.codes import CODES, Code

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

GROUPS = {
    "R": "Recipe",
    "D": "Data",
    "P": "Privacy",
    "X": "Plugins",
    "G": "Gates",
    "U": "Usage",
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
                lines += _section(code)
    return "\n".join(lines) + "\n"


def _section(code: Code) -> Iterator[str]:
    yield from ("", f"### {code.code}: {code.title} {{ #{code.code.lower()} }}", "", code.explanation)
    for label, example in (("Wrong", code.wrong), ("Right", code.right)):
        if example:
            yield from ("", f"{label}:", "", "```text", *example.splitlines(), "```")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages to those of docs/."""
    from mkdocs.structure.files import File

    for place, text in {"reference/errors.md": errors_page()}.items():
        files.append(File.generated(config, place, content=text))
    return files
