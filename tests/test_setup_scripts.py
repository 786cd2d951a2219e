"""Setting up says what it will do, and what to type where it cannot: no uv, no venv module, no Python that suits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
TOOLS = ("cat", "cksum", "dirname", "env", "grep", "id", "rm", "sed", "sh")

# A Python of version 3.12 whose venv module lacks what Debian keeps in another package.
WITHOUT_VENV = """#!/bin/sh
case "$*" in
    *ensurepip*|*"import venv, pip"*) exit 1 ;;
    *-venv*) echo python3.12-venv ;;
esac
"""
# What a version manager leaves for a version that is not chosen.
SHIM = """#!/bin/sh
echo 'that version is not set' >&2
exit 127
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a folder with a few tools and nothing else, to be the only one on the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool))
    return folder


def program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    (folder / name).chmod(0o755)


def call(script: str, *arguments: str, path: Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = [shutil.which("sh"), str(SCRIPTS / script), *arguments]
    kept = {name: value for name, value in os.environ.items() if name in {"HOME", "TMPDIR"}}
    return subprocess.run(
        command, env={**kept, "PATH": str(path), **more}, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_python_that_does_not_start_is_passed_over(machine: Path):
    program(machine, "python3.13", SHIM)
    (machine / "python3.11").symlink_to(sys.executable)
    done = call("find-python.sh", path=machine)
    assert (done.returncode, done.stdout) == (0, f"{machine / 'python3.11'}\n")


def test_a_python_that_is_too_old_is_passed_over(machine: Path):
    program(machine, "python3", "#!/bin/sh\nexit 1\n")
    done = call("find-python.sh", path=machine)
    assert done.returncode == 1
    assert "no Python from 3.11 to 3.13 found" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


def test_a_python_that_was_named_and_does_not_suit_is_named_again(machine: Path):
    program(machine, "mine", SHIM)
    done = call("find-python.sh", path=machine, SARTOR_PYTHON="mine")
    assert done.returncode == 1
    assert "SARTOR_PYTHON=mine is not a Python from 3.11 to 3.13" in done.stderr


def test_without_a_whole_venv_module_it_says_what_to_install(machine: Path, tmp_path: Path):
    program(machine, "python3.12", WITHOUT_VENV)
    done = call("setup.sh", "base", path=machine, SARTOR_VENV=str(tmp_path / "venv"), SARTOR_APT="no")
    assert done.returncode == 1
    assert "python3.12 cannot make virtual environments: its venv module is not complete" in done.stderr
    assert "on Debian, as root:  apt-get install python3.12-venv" in done.stderr
    assert "without root:        install uv" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_what_will_be_downloaded_is_said_before(machine: Path, tmp_path: Path):
    program(machine, "python3.12", WITHOUT_VENV)
    done = call("setup.sh", "test", path=machine, SARTOR_VENV=str(tmp_path / "venv"), SARTOR_APT="no")
    said = done.stdout.splitlines()
    assert said[0] == f"sartor: setting up {tmp_path / 'venv'} for 'test'"
    assert said[1].startswith("  downloads: about 100 Python packages, ")
    assert said[2] == "  from:      the package index that pip is set up to use"


def test_an_environment_of_another_python_is_not_removed_but_named(machine: Path, tmp_path: Path):
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    old = '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.18"\n'
    program(tmp_path / "venv" / "bin", "python", old)
    done = call("setup.sh", "base", path=machine, SARTOR_VENV=str(tmp_path / "venv"))
    assert done.returncode == 1
    assert f"{tmp_path / 'venv'} was made with Python 3.9.18, and sartor wants 3.11 to 3.13" in done.stderr
    assert (tmp_path / "venv" / "bin" / "python").exists()


def test_a_second_call_does_nothing(machine: Path, tmp_path: Path):
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(sys.executable)
    texts = b"".join(
        (SCRIPTS.parent / name).read_bytes() for name in ("pyproject.toml", "constraints.txt", "scripts/setup.sh")
    )
    sum_of = subprocess.run(["cksum"], input=texts, capture_output=True, check=True).stdout.decode().strip()
    (tmp_path / "venv" / "sartor-stamp").write_text(f"test {sum_of} {SCRIPTS.parent}\n", encoding="utf-8")
    done = call("setup.sh", "base", path=machine, SARTOR_VENV=str(tmp_path / "venv"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_unknown_kind_is_refused(machine: Path):
    done = call("setup.sh", "everything", path=machine)
    assert done.returncode == 2
    assert done.stderr == "sartor: setup.sh knows 'base' and 'test', not 'everything'\n"
