"""Reads the fenced examples of a page and plays them in order, as one story in one project folder.

=====================  ===========================================================================================
fence                  what happens
=====================  ===========================================================================================
``yaml title="FILE"``  written to FILE, as are other fences that have a title; later examples find it
``python``             run; the fences of a page share their names
``console``            lines after ``$`` are run, what follows must be what they print; ``...`` stands for any text,
                       on a line of its own for any lines; ``# exit 2`` after a command is the exit code it ends with
``yaml``, ``json``     must parse
``sh``                 sets something up, and is not run: make, pip, uv, git
``text``, ``toml``     only shown
=====================  ===========================================================================================
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)(?: +title=\"(?P<title>[^\"]+)\")?[^\n]*\n(?P<body>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_EXIT = re.compile(r"\s+# exit (\d+)$")
SETS_UP = ("make", "pip", "uv", "git", "python -m pip", "python -m venv", "cd")


@dataclass(frozen=True)
class Fence:
    """One fenced example, and the line of the page on which it begins."""

    language: str
    title: str
    body: str
    line: int


def fences_of(page: str) -> Iterator[Fence]:
    """Yield the fences of a page in order."""
    for match in _FENCE.finditer(page):
        indent = len(match["indent"])
        body = "".join(line[indent:] if line.strip() else "\n" for line in match["body"].splitlines(keepends=True))
        yield Fence(match["language"], match["title"] or "", body, page.count("\n", 0, match.start()) + 1)


def play(fence: Fence, page: Path, folder: Path, names: dict[str, object], first: str = "") -> None:
    """Do what a fence shows, and compare with what it says.

    Parameters
    ----------
    fence : Fence
    page : Path
        Where it stands, for tracebacks.
    folder : Path
        The project folder of this page; also the current one.
    names : dict
        What the Python fences before it have defined.
    first : str
        What is put in front of PATH for commands.
    """
    if fence.title:
        file = folder / fence.title
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(fence.body, encoding="utf-8")
    elif fence.language == "python":
        # As many empty lines in front as there are on the page, so that a traceback names the page's own line.
        exec(compile("\n" * fence.line + fence.body, str(page), "exec"), names)
    elif fence.language == "console":
        for command, expected in _commands(fence.body):
            _run(command, expected, folder, f"{page.name}:{fence.line}", first)
    elif fence.language == "yaml":
        list(yaml.safe_load_all(fence.body))
    elif fence.language == "json":
        json.loads(fence.body)
    elif fence.language == "sh":
        strange = [line for line in fence.body.splitlines() if line and not line.startswith((*SETS_UP, "#"))]
        assert not strange, f"{page.name}:{fence.line}: sh is for setting up; show {strange[0]!r} in a console fence"
    else:
        assert fence.language in {"text", "toml"}, f"{page.name}:{fence.line}: what is a fence of '{fence.language}'?"


def _commands(body: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def _run(command: str, expected: str, folder: Path, place: str, first: str) -> None:
    exit_code = int(found[1]) if (found := _EXIT.search(command)) else 0
    path = f"{first}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, shell=True, cwd=folder, env={**os.environ, "PATH": path}, text=True, encoding="utf-8", timeout=110,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.returncode == exit_code, f"{place}: $ {command}\nends with {done.returncode}:\n{done.stdout}"
    if expected.strip():
        assert says(done.stdout, expected), f"{place}: $ {command}\nprints:\n{done.stdout}\nthe page says:\n{expected}"


def says(printed: str, expected: str) -> bool:
    """Whether what was printed is what a page shows.

    Spaces at the ends of lines do not count, nor do empty lines at the beginning and the end.

    Examples
    --------
    >>> says("split  702 to learn\\nfit  0.61 s\\ndone\\n", "split  702 to learn\\n...\\ndone")
    True
    >>> says("fit  0.61 s", "fit  ... s") and not says("fit  0.61 s", "fit  0.62 s")
    True
    """
    wanted = [line.rstrip() for line in expected.strip("\n").splitlines()]
    pattern = ""
    for place, line in enumerate(wanted):
        last = place == len(wanted) - 1
        if line.strip() == "...":
            pattern += r"(?:.*(?:\n|\Z))*?"
        else:
            pattern += r".*?".join(re.escape(piece) for piece in line.split("...")) + (r"\n*\Z" if last else r"\n")
    text = "\n".join(line.rstrip() for line in printed.strip("\n").splitlines()) + "\n"
    return re.fullmatch(pattern, text) is not None
