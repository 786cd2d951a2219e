r"""What a person sees of a call, word for word and at its place: golden texts, see ``golden/README.md``."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sartor.cli import main
from sartor.cli.look import cells

GOLDEN = Path(__file__).parent / "golden"
# Read here: no setting of the caller's reaches a test.
RENEW = bool(os.environ.get("RENEW_GOLDEN"))

RECIPE = """\
format: 1
recipe: post/parcels
about: Insure the parcels that are likely to come late.
currency: EUR
ingest:
  parcels: {use: post.parcels, key: parcel}
task: {use: learn.classification, with: {outcome: late, positive: "yes"}}
split: {hash: 0.3}
models:
  weather: {use: post.shares, with: {columns: [weather]}}
  both: {use: post.shares, with: {columns: [weather, road]}}
  road: {use: post.shares, with: {columns: [road]}}
judge: {redraws: 201}                           # ends of intervals are redraws then, not between two
actions:
  insure: {use: post.insure, with: {above: 0.4}}
gates:
  - {metric: auc, at_least: 0.6}
  - {metric: calibration_error, at_most: 0.3}
"""
TWO_ACTIONS = RECIPE.replace("gates:", "  warn: {use: post.warn}\ngates:").partition("gates:")[0]
NO_MONEY = RECIPE.partition("actions:")[0] + "actions:\n  warn: {use: post.warn}\n"
WRONG = (
    RECIPE.replace("post.shares, with: {columns: [road]}", "post.sharse, with: {columns: [road]}")
    .replace("above: 0.4", "above: 40")
    .replace("outcome: late", "outcome: lat")
)
_RUN_ID = re.compile(r"\b\d{4}-\d{4}-[a-z0-9]{2}\b")
_STAGE_TIME = re.compile(r"^( *(?:\w+) {2}.*?) {2,}(?:\x1b\[2m)?\d+\.\d+ s(?:\x1b\[0m)?$", re.MULTILINE)
_DONE = re.compile(r"done in \d+\.\d s")
_SECONDS = re.compile(r'"seconds": \d+\.\d+')
_ESCAPE = re.compile("\x1b")


class Writings:
    """Writes what differs from call to call alike: run ids become names of the same length."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        text = text.replace("\r\n", "\n")
        text = _RUN_ID.sub(lambda found: self._ids.setdefault(found[0], f"1124-1405-a{len(self._ids) + 1}"), text)
        text = _STAGE_TIME.sub(r"\1", text)
        text = _SECONDS.sub('"seconds": 1.0', _DONE.sub("done in 1.0 s", text))
        return _ESCAPE.sub(r"\\e", text)


@pytest.fixture
def alike() -> Writings:
    """Return what writes alike; one for a test, so that a run keeps its name."""
    return Writings()


@pytest.fixture
def parcels(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stand in a project with the recipe and the plugin that it needs; runs make no report."""
    site = tmp_path / "site"
    shutil.copytree(GOLDEN / "post_plugin", site / "post_plugin", ignore=shutil.ignore_patterns("__pycache__"))
    info = site / "post_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.4\nName: post-plugin\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[sartor.plugins]\npost = post_plugin\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH", "")))))
    (project / "sartor.toml").write_text("report = false\n", encoding="utf-8")
    (project / "parcels.yaml").write_text(RECIPE, encoding="utf-8")
    yield project
    for module in [name for name in sys.modules if name.startswith("post_plugin")]:
        del sys.modules[module]


Call = Callable[..., str]


@pytest.fixture
def transcript(
    parcels: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, alike: Writings
) -> Call:
    """Return a function that calls sartor and returns all that it wrote, stderr first, with command and exit code."""

    def call(*arguments: str, columns: int = 80) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        capsys.readouterr()
        code = main(list(arguments))
        said = capsys.readouterr()
        return alike(f"$ sartor {' '.join(arguments)}\n{said.err}{said.out}exit {code}\n")

    return call


def held(name: str, text: str) -> None:
    """Hold a text to its golden file, or write the file where that was asked for."""
    file = GOLDEN / f"{name}.txt"
    if RENEW:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), f"if this is meant: see {GOLDEN.name}/README.md"


@pytest.mark.parametrize("columns", [80, 120])
def test_a_run_that_is_piped(transcript, columns):
    held(f"run-{columns}", transcript("run", "parcels.yaml", columns=columns))


def test_from_80_to_120_columns_only_the_models_change():
    narrow, wide = ((GOLDEN / f"run-{columns}.txt").read_text(encoding="utf-8").splitlines() for columns in (80, 120))
    changed = [one for one, other in zip(narrow, wide, strict=True) if one != other]
    assert len(changed) == 5
    assert changed[0].split()[0] == "AUC"
    assert max(map(cells, wide)) <= 120
    assert max(map(cells, narrow)) <= 80


def test_colours_that_were_asked_for(transcript):
    coloured = transcript("run", "parcels.yaml", "--color", "always")
    held("run-80-colours", coloured)
    plain = (
        (GOLDEN / "run-80.txt")
        .read_text(encoding="utf-8")
        .replace("parcels.yaml\n", "parcels.yaml --color always\n", 1)
    )
    assert re.sub(r"\\e\[\d*m", "", coloured) == plain


def test_quiet(transcript):
    held("quiet", transcript("run", "parcels.yaml", "--quiet"))


def test_json(transcript):
    said = transcript("run", "parcels.yaml", "--json", "--quiet").splitlines()
    assert (len(said), said[2]) == (3, "exit 0")
    held("json", "\n".join([said[0], json.dumps(_rounded(json.loads(said[1])), indent=2), said[2], ""]))


def _rounded(value: Any) -> Any:
    """Return JSON with its numbers at six digits: the last bits of a sum are a library's own."""
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return round(value, 6) + 0.0 if isinstance(value, float) else value


def test_a_failed_gate(transcript):
    gates = "gates=[{metric: auc, at_least: 0.95}, {metric: calibration_error, at_most: 0.3}]"
    held("gate-failed", transcript("run", "parcels.yaml", "--set", gates))


def test_a_failed_gate_in_two_lines(transcript):
    held(
        "gate-failed-quiet",
        transcript("run", "parcels.yaml", "--quiet", "--set", "gates=[{metric: auc, at_least: 0.95}]"),
    )


def test_two_actions(transcript, parcels):
    (parcels / "two.yaml").write_text(TWO_ACTIONS, encoding="utf-8")
    held("two-actions", transcript("run", "two.yaml"))


def test_decisions_that_are_worth_no_money(transcript, parcels):
    (parcels / "warn.yaml").write_text(NO_MONEY, encoding="utf-8")
    held("no-money", transcript("run", "warn.yaml"))


@pytest.mark.parametrize("columns", [80, 120])
def test_what_a_changed_setting_did(transcript, columns):
    transcript("run", "parcels.yaml", "--quiet")
    transcript("run", "parcels.yaml", "--quiet", "--set", "actions.insure.with.above=0.6", "--set",
               "models.weather.with.columns=[weather, road]")  # fmt: skip
    held(f"diff-{columns}", transcript("runs", "diff", "@prev", "@last", columns=columns))


@pytest.mark.parametrize("form", ["full", "concise"])
def test_a_recipe_with_several_mistakes(transcript, parcels, form):
    (parcels / "wrong.yaml").write_text(WRONG, encoding="utf-8")
    held(f"check-{form}", transcript("check", "wrong.yaml", "--format", form))


def test_new_data_is_answered(transcript, parcels):
    (parcels / "new.csv").write_text(
        "parcel,weather,road,price\n900,snow,town,50\n901,sun,hills,20\n", encoding="utf-8"
    )
    transcript("run", "parcels.yaml", "--quiet")
    held("predict", transcript("predict", "@last", "--data", "new.csv", "--decide"))


# ---------------------------------------------------------------------------------------------------------------
# In a process of its own: what the locale and a terminal change.
# ---------------------------------------------------------------------------------------------------------------

COMMAND = [sys.executable, "-m", "sartor.cli", "run", "parcels.yaml"]


def test_in_the_plain_locale_all_is_ascii(parcels, alike):
    said = subprocess.run(
        COMMAND, capture_output=True, env={**os.environ, "COLUMNS": "80", "LC_ALL": "C"}, timeout=60, check=True
    )
    text = (said.stderr + said.stdout).decode("ascii")
    held("run-80-ascii", alike(f"$ LC_ALL=C sartor run parcels.yaml\n{text}exit 0\n"))


def in_terminal(columns: int, **settings: str) -> str:
    """Run the recipe in a terminal and return every byte that it got."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "TERM")}
    with subprocess.Popen(
        COMMAND, stdout=theirs, stderr=theirs, stdin=theirs, env={**environment, **settings}
    ) as process:
        os.close(theirs)
        got = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                # Linux tells so that the other side has gone.
                break
            if not part:
                break
            got += part
        os.close(ours)
        assert process.wait(timeout=60) == 0
    return got.decode("utf-8")


def stays(text: str) -> str:
    """Return what stands on a screen of endless length in the end: lines written over are gone."""
    lines, row, column = [""], 0, 0
    for part in re.findall("\x1b\\[[0-9;?]*[A-Za-z]|.", text, re.DOTALL):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part.endswith("A") and part.startswith("\x1b"):
            row -= int(part[2:-1] or 1)
        elif part == "\x1b[2K":
            lines[row] = ""
        elif not part.startswith("\x1b"):
            lines[row] = lines[row][:column].ljust(column) + part + lines[row][column + 1 :]
            column += 1
    return "\n".join(line.rstrip() for line in lines)


@pytest.mark.parametrize("columns", [80, 120])
def test_what_stays_in_a_terminal_is_what_a_file_gets(parcels, alike, columns):
    got = in_terminal(columns, TERM="xterm-256color")
    assert "\x1b[1mInsure " in got
    assert "\x1b[32mpassed\x1b[0m" in got
    golden = (GOLDEN / f"run-{columns}.txt").read_text(encoding="utf-8").splitlines()[1:-1]
    assert alike(stays(got)).rstrip("\n").splitlines() == golden


@pytest.mark.parametrize(("settings", "live"), [({"TERM": "xterm", "NO_COLOR": "1"}, True), ({"TERM": "dumb"}, False)])
def test_a_terminal_without_colour_gets_the_same_words(parcels, alike, settings, live):
    got = in_terminal(80, **settings)
    assert not re.search("\x1b\\[[0-9;]*m", got)
    assert ("\x1b[2K" in got) is live
    golden = (GOLDEN / "run-80.txt").read_text(encoding="utf-8").splitlines()[1:-1]
    assert alike(stays(got)).rstrip("\n").splitlines() == golden
