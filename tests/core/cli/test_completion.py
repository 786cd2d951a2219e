"""The shell completes verbs, options, recipes, plugins and topics, in bash and zsh."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sartor.cli.completing import explainable, plugin_names, recipe_names


def completed(line: str, shell: str = "bash", **settings: object) -> list[str]:
    """Ask as the shell's own completion script asks."""
    words = line.split(" ")
    asked = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
    }[shell]
    code = "import sys; from sartor.cli import main; sys.exit(main())"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **asked, "_SARTOR_COMPLETE": f"complete_{shell}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **settings,
    )
    assert ended.stderr == ""
    return ended.stdout.split()


def test_bash_completes_verbs_and_options():
    assert completed("sartor rec") == ["recipes"]
    assert "schema" in completed("sartor ")
    assert completed("sartor recipes c") == ["copy"]
    assert completed("sartor run x --th") == ["--threads"]


def test_bash_completes_the_values_of_options():
    assert completed("sartor run x --color a") == ["auto", "always"]
    assert completed("sartor list fe") == ["features"]
    assert completed("sartor run x --from fi") == ["fit"]


def test_bash_completes_recipe_names(recipe, project):
    assert completed("sartor run acme/p", cwd=project) == ["acme/politeness"]
    assert completed("sartor check acme/politeness acme/p", cwd=project) == ["acme/politeness"]
    assert completed("sartor recipes copy acme/", cwd=project) == ["acme/politeness"]


def test_zsh_completes_recipe_names(recipe, project):
    assert "acme/politeness" in "".join(completed("sartor run acme/p", "zsh", cwd=project))


def test_a_wrong_project_completes_nothing_and_says_nothing(project):
    (project / "sartor.toml").write_text("nonsense", encoding="utf-8")
    assert completed("sartor run f", cwd=project) == []


def test_topics_are_codes_sections_and_components(plugin_folder):
    assert explainable("R02")[:2] == ["R021", "R022"]
    assert explainable("spl") == ["split"]
    assert explainable("acm") == ["acme."]
    assert explainable("acme.m") == ["acme.majority"]
    assert explainable("broken.") == []
    assert plugin_names("ac") == ["acme"]


def test_recipe_names_are_completed_from_the_project(recipe):
    assert recipe_names("acme/") == ["acme/politeness"]


def command_on_path(folder: Path) -> dict[str, str]:
    """Put a command `sartor` into a folder and return an environment that finds it first."""
    folder.mkdir()
    script = folder / "sartor"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sartor.cli "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def test_the_script_for_bash_completes_in_bash_itself(recipe, project, tmp_path):
    environment = command_on_path(tmp_path / "bin")
    typed = (
        'eval "$(_SARTOR_COMPLETE=source_bash sartor)"\n'
        "COMP_WORDS=(sartor run acme/p); COMP_CWORD=2; COMP_LINE='sartor run acme/p'\n"
        '_sartor_completion sartor acme/p run; printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    ended = subprocess.run(
        ["bash", "--norc", "-c", typed],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout.splitlines()[-1] == "acme/politeness"


@pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
def test_the_script_for_zsh_completes_in_zsh_itself(recipe, project, tmp_path):
    typed = (
        "compdef() { }; _arguments() { print -r -- $@ }\n"
        'eval "$(_SARTOR_COMPLETE=source_zsh sartor)"\n'
        "words=(sartor run acme/p); CURRENT=3; _sartor_completion\n"
    )
    ended = subprocess.run(
        ["zsh", "-f", "-c", typed],
        cwd=project,
        env=command_on_path(tmp_path / "bin"),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (ended.stdout, ended.stderr) == ('*: :(("acme/politeness"))\n', "")
