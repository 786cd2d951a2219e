"""What an output can show is found out from the terminal, the environment and the options."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from sartor.cli.look import Look, look_of, printable, shorten, wrap
from sartor.cli.screen import Output, screen_for


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Latin(io.StringIO):
    encoding = "ISO-8859-1"


@pytest.mark.parametrize(
    ("choice", "environment", "coloured"),
    [
        ("auto", {"TERM": "xterm"}, True),
        ("auto", {"TERM": "dumb"}, False),
        ("auto", {"TERM": "xterm", "NO_COLOR": "1"}, False),
        ("auto", {"TERM": "xterm", "NO_COLOR": ""}, True),
        ("never", {"TERM": "xterm"}, False),
        ("always", {"TERM": "dumb", "NO_COLOR": "1"}, True),
    ],
)
def test_colour_in_a_terminal(choice, environment, coloured):
    assert look_of(Terminal(), choice, environment).colour is coloured


def test_a_file_has_no_colour_unless_it_is_asked_for():
    assert look_of(io.StringIO(), "auto", {"TERM": "xterm"}).colour is False
    assert look_of(io.StringIO(), "always", {"TERM": "xterm"}).colour is True


def test_a_file_is_80_columns_wide_and_never_folded():
    look = look_of(io.StringIO(), "auto", {})
    assert (look.width, look.fold, look.live) == (80, False, False)


def test_columns_in_the_environment_win():
    assert look_of(Terminal(), "auto", {"COLUMNS": "120"}).width == 120
    assert look_of(Terminal(), "auto", {"COLUMNS": "many"}).width == 80


def test_an_output_that_is_not_utf_8_gets_ascii():
    assert look_of(Latin(), "auto", {}).unicode is False
    assert Look(unicode=False).text("● auc ≥ 0.70 → − · │ …") == "* auc >= 0.70 -> - - | ..."


@pytest.mark.parametrize(
    ("environment", "has_unicode"),
    [
        ({"LC_ALL": "C"}, False),
        ({"LC_ALL": "POSIX"}, False),
        ({"LC_ALL": "C.UTF-8"}, True),
        ({"LC_ALL": "C", "PYTHONUTF8": "1"}, True),
        ({"LC_ALL": "C", "PYTHONIOENCODING": "utf-8"}, True),
        # As containers are: Python itself then makes LC_CTYPE one with UTF-8.
        ({"LANG": "C"}, True),
    ],
)
def test_who_asks_for_the_plain_locale_gets_ascii(environment, has_unicode):
    assert look_of(Terminal(), "auto", environment).unicode is has_unicode


@pytest.mark.parametrize(
    ("arguments", "colour", "form"),
    [
        (["run", "x", "--color", "always"], True, "full"),
        (["run", "x", "--color=always", "--format=concise"], True, "concise"),
        (["run", "x", "--color", "pink"], False, "full"),
        (["run", "x", "--color"], False, "full"),
        (["run", "--", "--color=always"], False, "full"),
        (["run", "--color=always", "--color=never"], False, "full"),
    ],
)
def test_options_on_looks_hold_before_anything_is_parsed(arguments, colour, form):
    screen = screen_for(arguments)
    assert (screen.out.look.colour, screen.form) == (colour, form)


def test_a_reader_that_goes_away_ends_the_output_and_nothing_else():
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    output = Output(Gone(), Look())
    output.line("one")
    output.line("two")
    assert output.gone


@pytest.mark.parametrize("arguments", ["explain split", "--help"])
def test_a_pipe_into_head_is_silent_and_no_error(arguments):
    command = f"{sys.executable} -m sartor.cli {arguments} | head -1; echo ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stderr == ""
    assert ended.stdout.splitlines()[-1] == "0"


def test_latin_1_output_ends_well(sartor_process):
    ended = sartor_process("explain", "gates", env={"PYTHONIOENCODING": "latin-1"})
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_name_that_the_output_cannot_encode_is_spelled_out(sartor_process):
    ended = sartor_process("check", "森.yaml", env={"PYTHONIOENCODING": "ascii"})
    assert ended.returncode == 2
    assert ended.stdout.startswith("there is no file '\\u68ee.yaml'")


def test_control_characters_are_made_visible():
    assert printable("a\tb\x00\u202ec\ud800") == "a b\\x00\\u202ec\\ud800"
    assert printable("naïve 森林 👩\u200d🔬") == "naïve 森林 👩\u200d🔬"


def test_texts_are_cut_and_folded_by_what_is_seen():
    assert shorten("森林森林", 5) == "森林…"
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("森林 森林", 5) == ["森林", "森林"]
    assert wrap("unbreakable", 4) == ["unbreakable"]
