"""A run that is killed while a network learns answers the same when run again; an encrypted one leaves nothing."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from bad_networks import recipe_of, slates_of_a_shop, small, tables

from sartor.cli import main

pytestmark = pytest.mark.needs("tensorflow", "keras")

LASTING = "epochs: 25, patience: 25, batch: 4"
ENCRYPTED = "privacy: {encrypt: {key: secret:SHOP_KEY}}\n"
KEY = base64.b64encode(bytes(32)).decode()
PLAIN = (b"PAR1", b"PK\x03\x04", b"ARROW1", b"\x89HDF")
"""How files begin that hold rows or weights."""
TOLD = "epochs.txt"
SLOWLY = f"""
import sys, time
from sartor.runs import cache
from sartor_plugins.keras import resuming
cache.own_code = lambda: "as it is"  # sources that change meanwhile are another training
def asked_at_each_epoch(self):
    with open("{TOLD}", "a") as told:
        told.write("epoch\\n")
    time.sleep(0.05)
    return self.file is not None
resuming.Unfinished.due = property(asked_at_each_epoch)
from sartor.cli import main
sys.exit(main(["run", "recipe.yaml", "--quiet"]))
"""


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sartor.toml").write_text("report = false\n", encoding="utf-8")
    (folder / "recipe.yaml").write_text(text, encoding="utf-8")
    for name, table in tables().items():
        table.to_csv(folder / name, index=False)
    return folder


def plain_in(folder: Path) -> list[str]:
    """Return the files below the runs that anybody can read as rows or weights."""
    files = [file for file in (folder / "runs").rglob("*") if file.is_file()]
    return [file.name for file in files if file.read_bytes()[:6].startswith(PLAIN)]


def answers_in(folder: Path) -> bytes:
    (run,) = (folder / "runs" / "network").glob("*-*/summary.json")
    return (run.parent / "predictions.parquet").read_bytes()


def start(folder: Path) -> subprocess.Popen[bytes]:
    """Begin `sartor run` in a process of its own, which tells of each epoch in a file."""
    (folder / TOLD).write_text("", encoding="utf-8")
    settings = {**os.environ, "OMP_NUM_THREADS": "1", "SHOP_KEY": KEY}
    return subprocess.Popen([sys.executable, "-c", SLOWLY], cwd=folder, env=settings)


def epochs_told(folder: Path) -> int:
    return (folder / TOLD).read_text(encoding="utf-8").count("epoch\n")


def kill(folder: Path, epochs: int) -> int:
    """Run until some epochs were made, and kill it; return how many were told."""
    process = start(folder)
    while process.poll() is None and epochs_told(folder) < epochs:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    return epochs_told(folder)


def finish(folder: Path) -> int:
    """Run to the end; return how many epochs that took."""
    assert start(folder).wait() == 0
    return epochs_told(folder)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("use", ["keras.mlp", "keras.cnn"])
def test_a_killed_run_goes_on_and_answers_as_one_that_nobody_killed(use, tmp_path):
    text = recipe_of(use, LASTING)
    killed, whole = write(tmp_path / "killed", text), write(tmp_path / "whole", text)
    made = kill(killed, 5)
    assert list((killed / "runs" / ".cache" / "unfinished").glob("*/*.npz"))
    assert not list((killed / "runs").glob("network/*/summary.json"))
    again, all_epochs = finish(killed), finish(whole)
    # The last of them was told before it was written down, and may have to be made again.
    assert again in (all_epochs - made, all_epochs - made + 1)
    assert answers_in(killed) == answers_in(whole)
    assert not (killed / "runs" / ".cache" / "unfinished").exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("use", ["keras.transformer", "keras.two_tower"])
def test_a_run_of_slates_that_is_killed_twice_answers_as_one_that_nobody_killed(use, tmp_path):
    text = slates_of_a_shop(small(use, f"{LASTING}, dropout: 0.2"))
    killed, whole = write(tmp_path / "killed", text), write(tmp_path / "whole", text)
    made = kill(killed, 5) + kill(killed, 24)
    again, all_epochs = finish(killed), finish(whole)
    assert all_epochs > 25, "everything teaches once more when it is known when to stop"
    # The last epoch before each kill may have to be made again.
    assert all_epochs - made <= again <= all_epochs - made + 2
    assert answers_in(killed) == answers_in(whole)
    assert not (killed / "runs" / ".cache" / "unfinished").exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.needs("cryptography")
def test_a_killed_encrypted_run_leaves_no_plain_byte_and_begins_anew(tmp_path):
    text = recipe_of("keras.mlp", LASTING) + ENCRYPTED
    killed, whole = write(tmp_path / "killed", text), write(tmp_path / "whole", text)
    kill(killed, 5)
    assert plain_in(killed) == []
    assert not (killed / "runs" / ".cache" / "unfinished").exists()
    assert finish(killed) == finish(whole)
    assert plain_in(killed) == []
    assert (killed / "runs").is_dir()


@pytest.mark.needs("cryptography")
def test_only_a_run_that_is_not_encrypted_leaves_how_far_it_is(tmp_path, monkeypatch, capsys):
    from sartor_plugins.keras import resuming
    from sartor_plugins.keras.training import Course

    monkeypatch.setenv("SHOP_KEY", KEY)
    monkeypatch.setattr(resuming, "EVERY", 0.0)
    made: list[int] = []
    epoch = Course._epoch

    def stopped_at_4(*given):
        made.append(1)
        if len(made) == 4:
            raise KeyboardInterrupt
        return epoch(*given)

    def epochs_after_a_stop(folder, text):
        made.clear()
        monkeypatch.chdir(write(folder, text))
        assert main(["run", "recipe.yaml", "--quiet"]) == 130
        left = [file.suffix for file in Path("runs/.cache").glob("unfinished/*/*")]
        assert main(["run", "recipe.yaml", "--quiet"]) == 0
        assert not Path("runs/.cache/unfinished").exists()
        return left, len(made) - 4

    monkeypatch.setattr(Course, "_epoch", stopped_at_4)
    text = recipe_of("keras.mlp", LASTING)
    left, sealed = epochs_after_a_stop(tmp_path / "sealed", text + ENCRYPTED)
    assert left == []
    assert plain_in(tmp_path / "sealed") == []
    left, plain = epochs_after_a_stop(tmp_path / "plain", text)
    assert left == [".npz"]
    # Three epochs had been made: one run knows of them, the other must not.
    assert sealed - plain == 3
    assert "predictions.parquet" in plain_in(tmp_path / "plain")
    capsys.readouterr()
