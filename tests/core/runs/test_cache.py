"""What is kept from run to run: found when nothing changed, made anew when anything did."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from sartor.runs.cache import Cache, folder_digest, key_of, plugin_code


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def writes(text):
    def write(folder):
        (folder / "made.txt").write_text(text, encoding="utf-8")
        return {"said": text}

    return write


class TestEntries:
    def test_an_entry_is_found_under_its_key_and_no_other(self, cache):
        made = cache.make("fit", "a" * 64, writes("one"))
        assert cache.find("fit", "a" * 64) == made
        assert cache.about(made)["said"] == "one"
        assert cache.find("fit", "b" * 64) is None
        assert cache.find("features", "a" * 64) is None

    def test_nothing_is_left_of_an_entry_whose_writing_fails(self, cache):
        def fails(folder):
            (folder / "half.txt").write_text("half", encoding="utf-8")
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            cache.make("fit", "a" * 64, fails)
        assert cache.find("fit", "a" * 64) is None
        assert [path for path in cache.folder.rglob("*") if path.is_file()] == []

    @pytest.mark.parametrize("harm", ["change", "remove", "add"])
    def test_an_entry_whose_files_are_not_what_was_written_is_none(self, cache, harm):
        made = cache.make("fit", "a" * 64, writes("one"))
        file = made / "made.txt"
        if harm == "change":
            file.write_text("eno", encoding="utf-8")
        elif harm == "remove":
            file.unlink()
        else:
            (made / "more.txt").write_text("more", encoding="utf-8")
        assert cache.find("fit", "a" * 64) is None
        assert cache.make("fit", "a" * 64, writes("two")) == made
        assert file.read_text(encoding="utf-8") == "two"
        assert cache.find("fit", "a" * 64) == made

    def test_who_comes_second_keeps_the_first_entry_unless_it_is_made_instead(self, cache):
        cache.make("fit", "a" * 64, writes("first"))
        made = cache.make("fit", "a" * 64, writes("second"))
        assert (made / "made.txt").read_text(encoding="utf-8") == "first"
        made = cache.make("fit", "a" * 64, writes("third"), instead=True)
        assert (made / "made.txt").read_text(encoding="utf-8") == "third"

    def test_old_entries_and_what_killed_runs_left_are_collected(self, cache):
        old, young = cache.make("fit", "a" * 64, writes("old")), cache.make("fit", "b" * 64, writes("young"))
        long_ago = time.time() - 1000
        os.utime(old / "entry.json", (long_ago, long_ago))
        (cache.folder / "parts" / "abc-999999999-1").mkdir()
        (cache.folder / "parts" / f"abc-{os.getpid()}-1").mkdir()
        removed, freed = cache.collect(older_than=500)
        assert removed == 1
        assert freed > 0
        assert not old.exists()
        assert young.exists()
        assert [part.name for part in (cache.folder / "parts").iterdir()] == [f"abc-{os.getpid()}-1"]

    def test_many_writers_of_one_key_leave_one_whole_entry(self, tmp_path):
        context = multiprocessing.get_context("spawn")
        with context.Pool(4) as pool:
            made = pool.map(_make, [(str(tmp_path / "cache"), number) for number in range(12)])
        assert len(set(made)) == 1
        cache = Cache(tmp_path / "cache")
        assert cache.find("fit", "a" * 64) == Path(made[0])
        assert list((tmp_path / "cache" / "parts").iterdir()) == []


def _make(arguments):
    folder, number = arguments
    return str(Cache(Path(folder)).make("fit", "a" * 64, writes("same"), instead=number % 2 == 1))


class TestKeys:
    def test_order_of_settings_does_not_matter_and_everything_else_does(self):
        assert key_of({"a": 1, "b": [1, 2]}) == key_of({"b": [1, 2], "a": 1})
        assert len({key_of(1), key_of("1"), key_of([1]), key_of(1, 1), key_of({"a": 1}), key_of(None)}) == 6

    def test_a_helper_module_in_a_plugins_folder_is_part_of_its_code(self, tmp_path, monkeypatch):
        package = tmp_path / "some_plugin"
        (package / "deep").mkdir(parents=True)
        (package / "__init__.py").write_text("", encoding="utf-8")
        (package / "deep" / "helper.py").write_text("FACTOR = 1\n", encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        before = plugin_code("some_plugin")
        (package / "deep" / "helper.py").write_text("FACTOR = 2\n", encoding="utf-8")
        assert plugin_code("some_plugin") != before

    def test_compiled_leftovers_are_no_code(self, tmp_path):
        (tmp_path / "a.py").write_text("", encoding="utf-8")
        before = folder_digest(tmp_path)
        (tmp_path / "__pycache__").mkdir()
        (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"x")
        assert folder_digest(tmp_path) == before


RECIPE = """
format: 1
recipe: small
currency: DM
ingest:
  applications: {use: samples.german_credit, key: application_id}
task: {use: learn.classification, with: {outcome: creditability, positive: bad}}
split: {hash: 0.3}
models:
  forest: {use: learn.forest, with: {trees: 40}}
  tuned:
    use: learn.tuned
    with: {model: {use: learn.tree}, over: {depth: [2, 3, 4]}, candidates: 3, budget: 5 minutes}
judge: {redraws: 100}
"""


def start(project):
    code = "from sartor.cli import main; raise SystemExit(main(['run', 'small.yaml', '--json']))"
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finished(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)["run"]


def results(project, run):
    folder = project / "runs" / "small" / run
    return [(folder / name).read_bytes() for name in ("metrics.json", "predictions.parquet")]


@pytest.fixture
def small(project):
    (project / "small.yaml").write_text(textwrap.dedent(RECIPE), encoding="utf-8")
    return project


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_run_that_was_killed_goes_on_and_gives_the_bytes_of_an_undisturbed_one(small):
    for pause in (0.8, 1.4, 2.0):
        process = start(small)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    resumed = results(small, finished(start(small)))
    subprocess.run(["rm", "-rf", str(small / "runs")], check=True)
    assert resumed == results(small, finished(start(small)))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_runs_at_once_in_one_project_give_the_same_bytes(small):
    both = [start(small), start(small)]
    first, second = (finished(process) for process in both)
    assert first != second
    assert results(small, first) == results(small, second)
