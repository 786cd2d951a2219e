"""Help pages: one for each verb, in one look, made without importing what the verb needs."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module

import pytest
import typer.main

from sartor.cli.app import Sartor

CHECK = """\
Check recipes without reading a row of data: every problem in one go.

usage  sartor check RECIPE... [OPTIONS]

arguments
  RECIPE...                  Names of recipes, or paths of files.

options
  --set KEY=VALUE            Change a value of the recipe; may be repeated.
  --data FOLDER              Folder of the data; else SARTOR_DATA, sartor.toml,
                             or data.
  --json                     Print one JSON object on stdout.
  --color auto|always|never  Colour; auto asks the terminal and NO_COLOR.
  --format full|concise      Errors with their line and hints, or one line each.
  --traceback                Show the traceback of a plugin that fails.
  --help, -h                 Show this page.

The problems are the answer and go to stdout; the exit code is 2 where there is
one.
"""

COPY_USAGE = "usage  sartor recipes copy NAME [TARGET] [OPTIONS]\n"

PAGES = [
    (), ("run",), ("predict",), ("check",), ("explain",), ("recipes",), ("recipes", "list"), ("recipes", "show"),
    ("recipes", "copy"), ("list",), ("schema",), ("plugins",), ("plugins", "list"), ("plugins", "show"),
    ("plugins", "new"), ("doctor",),
    ("verify",), ("runs",), ("runs", "list"), ("runs", "show"), ("runs", "diff"), ("runs", "repro"), ("runs", "gc"),
]  # fmt: skip


def test_a_help_page(sartor):
    assert sartor("check", "--help") == (0, CHECK, "")


def test_a_wide_terminal_gets_the_same_page_with_longer_lines(sartor, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    said = sartor("check", "-h")
    assert "  --data FOLDER              Folder of the data; else SARTOR_DATA, sartor.toml, or data.\n" in said.out


def test_arguments_that_may_be_left_out_stand_in_brackets(sartor):
    assert COPY_USAGE in sartor("recipes", "copy", "--help").out


def test_colour_adds_nothing_but_colour(sartor):
    coloured = sartor("check", "--color=always", "--help").out
    assert "\x1b[36m--set KEY=VALUE\x1b[0m" in coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == CHECK


@pytest.mark.parametrize("verb", PAGES, ids=" ".join)
def test_every_page_fits_the_terminal_and_explains_every_option(sartor, verb):
    said = sartor(*verb, "--help")
    assert (said.code, said.err) == (0, "")
    assert max(map(len, said.out.splitlines())) <= 80
    first, options = said.out.splitlines()[0], said.out.split("\noptions\n")[1].split("\n\n")[0]
    assert first[0].isupper()
    for line in options.splitlines():
        if line.startswith("  -"):
            name, _, text = line.strip().partition("  ")
            assert text.strip(), f"{name} is not explained"


def test_the_first_page_says_of_every_verb_what_its_own_page_says():
    for verb, (module, about) in Sartor.homes.items():
        command = typer.main.get_command(import_module(module).app)
        own = " ".join((command.help or "").split("\n\n")[0].split())
        assert own == about, verb


def test_the_first_page_imports_no_verb():
    code = "import sys; from sartor.cli import main; main(['--help']); print([m for m in sys.modules if 'sartor' in m])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = ended.stdout.splitlines()[-1]
    assert "'sartor.cli.app'" in loaded
    for module, _ in Sartor.homes.values():
        assert f"'{module}'" not in loaded
