"""Arguments and options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sartor.cli.completing import recipe_names
from sartor.cli.look import COLOUR_CHOICES
from sartor.cli.screen import FORMATS
from sartor.errors import nearest


def one_of(choices: Sequence[str]) -> Callable[[str], str]:
    """Return a reader of option values that takes a few words only."""

    def read(text: str) -> str:
        if text in choices:
            return text
        near = nearest(text, choices)
        meant = f"; did you mean {near[0][1]}?" if near and near[0][0] == "did you mean" else ""
        raise typer.BadParameter(f"must be one of {', '.join(choices)}, got '{text}'{meant}")

    return read


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of option values that takes whole numbers in a range."""

    def read(text: str) -> int:
        digits = text.removeprefix("-")
        # `int` takes 1_000 and digits of every script; neither is meant here.
        if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(most))):
            raise typer.BadParameter(f"must be a whole number from {least:,} to {most:,}, got '{text}'")
        if not least <= int(text) <= most:
            raise typer.BadParameter(f"must lie between {least:,} and {most:,}, got {text}")
        return int(text)

    return read


def moment(text: str) -> datetime:
    """Read a date, or a date and a time of day."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"must be a date such as 2024-12-31 or 2024-12-31T18:00, got '{text}'") from None


def amount_of_memory(text: str) -> str:
    """Read an amount of memory."""
    from sartor.recipe.project import is_memory

    if not is_memory(text):
        raise typer.BadParameter(f"must be a number and a unit such as '4 GB', got '{text}'")
    return text


def existing_folder(text: str) -> Path:
    """Read the name of a folder that is there."""
    try:
        folder = Path(text).expanduser()
        found = folder.is_dir()
    except (OSError, RuntimeError, ValueError):
        # A home folder that nobody has, or a name that no file can have.
        found = False
    if not found:
        raise typer.BadParameter(f"must be a folder that is there, got '{text}'")
    return folder


_MOST_THREADS = 4096

# The screen has read these before the command line is parsed; declared here they are refused when wrong, and explained.
ColorOption = Annotated[
    str,
    typer.Option(
        "--color",
        metavar="auto|always|never",
        parser=one_of(COLOUR_CHOICES),
        expose_value=False,
        show_default=False,
        autocompletion=lambda: list(COLOUR_CHOICES),
        help="Colour; auto asks the terminal and NO_COLOR.",
    ),
]
FormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="full|concise",
        parser=one_of(FORMATS),
        expose_value=False,
        show_default=False,
        autocompletion=lambda: list(FORMATS),
        help="Errors with their line and hints, or one line each.",
    ),
]
TracebackOption = Annotated[
    bool,
    typer.Option("--traceback", expose_value=False, help="Show the traceback of a plugin that fails."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", show_default=False, help="Change a value of the recipe; may be repeated."
    ),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="FOLDER",
        parser=existing_folder,
        show_default=False,
        help="Folder of the data; else SARTOR_DATA, sartor.toml, or data.",
    ),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(
        "--threads",
        metavar="NUMBER",
        parser=whole_number(1, _MOST_THREADS),
        show_default=False,
        help="Threads of native code; else the processors that are free.",
    ),
]
MemoryOption = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        parser=amount_of_memory,
        show_default=False,
        help="Memory that tables may take, such as '4 GB'; what does not fit goes to disk.",
    ),
]
RecipeArgument = Annotated[
    str, typer.Argument(metavar="RECIPE", autocompletion=recipe_names, help="A recipe's name, or the path of its file.")
]
