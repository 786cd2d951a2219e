"""`sartor verify` and `sartor runs ...` as they are called: exit codes, JSON, and what is wrong with a call."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sartor.recipe.project import Project

RECIPE = """\
format: 1
recipe: shop/credit
currency: DM
ingest: {applications: {use: samples.german_credit, key: application_id}}
task: {use: learn.classification, with: {outcome: creditability, positive: bad}}
split: {hash: 0.3}
models: {tree: {use: learn.tree, with: {depth: DEPTH}}}
judge: {redraws: 100}
gates: [{metric: auc, at_least: 0.6}]
"""


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory) -> Path:
    """A project with two runs of one recipe, made once."""
    from sartor.running import run_recipe

    root = tmp_path_factory.mktemp("two-runs")
    (root / "sartor.toml").write_text("")
    for depth in "24":
        file = root / "credit.yaml"
        file.write_text(RECIPE.replace("DEPTH", depth))
        run_recipe(file, project=Project(root))
    return root


@pytest.fixture
def project(two_runs, tmp_path, monkeypatch) -> Path:
    """A copy of it, and stand in it."""
    root = tmp_path / "project"
    shutil.copytree(two_runs, root)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def last(project, sartor) -> Path:
    """The folder of the last run."""
    return Path(json.loads(sartor("runs", "list", "--json", "--limit", "1").out)["runs"][0]["folder"])


class TestVerify:
    def test_an_untouched_run_ends_with_0_by_any_of_its_names(self, sartor, last, project):
        files = sum(1 for path in last.rglob("*") if path.is_file()) - 1
        said = f"shop/credit/{last.name} is untouched: {files} files, 6 lines of the ledger\n"
        for name in (last.name, f"shop/credit/{last.name}", f"runs/shop/credit/{last.name}", str(last), "@last"):
            assert sartor("verify", name) == (0, said, "")

    def test_a_touched_run_ends_with_1_and_names_every_part(self, sartor, last):
        (last / "metrics.json").write_text("{}")
        (last / "log.txt").unlink()
        said = sartor("verify", "@last")
        size = json.loads((last / "ledger.jsonl").read_text().splitlines()[-1])["files"]["metrics.json"][1]
        assert (said.code, said.err) == (1, "")
        assert said.out.splitlines()[:2] == [
            "log.txt       missing  the ledger names it (ledger line 6)",
            f"metrics.json  changed  2 bytes in place of {size:,} (ledger line 6)",
        ]
        assert said.out.splitlines()[2].startswith(f"shop/credit/{last.name}: 2 parts are not as recorded, of ")

    def test_as_json(self, sartor, last, as_json):
        told = as_json(sartor("verify", "@last", "--json").out)
        assert (told["schema"], told["recipe"], told["run"], told["untouched"]) == (1, "shop/credit", last.name, True)
        assert told["findings"] == []
        (last / "ledger.jsonl").unlink()
        said = sartor("verify", "@last", "--json")
        assert said.code == 1
        assert as_json(said.out)["findings"] == [
            {"part": "ledger.jsonl", "what": "missing", "detail": "without it nothing can be checked", "line": None}
        ]

    def test_one_line_each_for_programs(self, sartor, last):
        (last / "extra").mkdir()
        (last / "extra" / "note").write_text("")
        said = sartor("verify", "@last", "--format", "concise")
        assert said == (1, "extra/note: added: the ledger does not name it\n", "")

    @pytest.mark.parametrize("name", ["nothing", "1124-1405", "runs", ".", "@fist"])
    def test_a_name_that_no_run_has_ends_with_2(self, sartor, project, name):
        said = sartor("verify", name)
        assert (said.code, said.out) == (2, "")
        assert "U06" in said.err

    def test_a_name_of_two_runs_ends_with_2_and_says_so(self, sartor, last, project):
        shutil.copytree(last, project / "runs" / "other" / last.name)
        said = sartor("verify", last.name)
        assert said.code == 2
        assert f"2 runs are called '{last.name}'" in said.err
        assert f"to mend:      write other/{last.name} or shop/credit/{last.name}" in said.err
        assert sartor("verify", f"shop/credit/{last.name}").code == 0
        assert sartor("verify", f"other/{last.name}").code == 1, "it is the ledger of another run"


class TestList:
    def test_the_newest_comes_first(self, sartor, project):
        said = sartor("runs", "list")
        lines = said.out.splitlines()
        assert (said.code, said.err, len(lines)) == (0, "", 4)
        assert lines[-1] == "2 runs. More on one: sartor runs show RUN"
        assert all(" tree " in line and " AUC 0." in line and " passed " in line for line in lines[1:3])

    def test_a_recipe_or_a_folder_of_recipes_can_be_asked_for(self, sartor, project, as_json):
        for name in ("shop", "shop/", "shop/credit"):
            assert len(as_json(sartor("runs", "list", name, "--json").out)["runs"]) == 2
        said = sartor("runs", "list", "shop/credits")
        assert (said.code, said.out) == (2, "")
        assert "no run of shop/credits is recorded in runs" in said.err
        assert "did you mean: shop/credit" in said.err

    def test_an_empty_project(self, sartor, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert sartor("runs", "list") == (0, "no run is recorded here. To record one: sartor run RECIPE\n", "")
        assert json.loads(sartor("runs", "list", "--json").out) == {"schema": 1, "runs": []}


class TestShow:
    def test_it_shows_what_the_run_showed(self, sartor, last):
        said = sartor("runs", "show", "@last")
        lines = said.out.splitlines()
        assert (said.code, said.err) == (0, "")
        assert lines[0] == f"shop/credit · run {last.name} · seed 0"
        assert lines[2].startswith("tree answers with AUC 0.")
        assert f"run     runs/shop/credit/{last.name}" in lines

    def test_as_json_it_is_what_run_prints(self, sartor, last, as_json):
        told = as_json(sartor("runs", "show", last.name, "--json").out)
        assert (told["schema"], told["run"], told["champion"]) == (1, last.name, "tree")
        assert set(told["models"]["tree"]["metrics"]["auc"]) == {"value", "low", "high"}

    def test_places_are_named_from_where_it_is_called(self, sartor, last, project, monkeypatch):
        monkeypatch.chdir(project / "runs")
        assert f"run     shop/credit/{last.name}" in sartor("runs", "show", "@last").out.splitlines()

    def test_a_report_that_was_entered_later_is_named(self, sartor, last):
        from sartor.runs.ledger import enter

        (last / "report.html").write_text("<p>fine</p>")
        enter(last, last / "report.html", by="report")
        assert f"report  runs/shop/credit/{last.name}/report.html" in sartor("runs", "show", "@last").out

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"models": 3}', b"\xff"])
    def test_a_damaged_summary_is_not_shown(self, sartor, last, content):
        (last / "summary.json").write_bytes(content)
        said = sartor("runs", "show", "@last")
        assert (said.code, said.out) == (2, "")
        assert "is not as it was recorded: summary.json: changed" in said.err
        assert f"sartor verify {last.name}" in said.err


class TestDiff:
    def test_two_runs(self, sartor, last):
        said = sartor("runs", "diff", "@prev", "@last")
        lines = said.out.splitlines()
        assert (said.code, said.err) == (0, "")
        assert lines[0].startswith("shop/credit   ")
        assert lines[0].endswith(f" → {last.name}   same data, same split")
        assert lines[1:3] == [
            "  changed  models.tree.with.depth    2 → 4",
            "  same     all other settings, versions, 1,000 rows",
        ]
        assert lines[4].startswith("  AUC   ")

    def test_as_json(self, sartor, project, as_json):
        told = as_json(sartor("runs", "diff", "@prev", "@last", "--json").out)
        assert [change["path"] for change in told["settings"]] == ["models.tree.with.depth"]
        assert told["unpaired"] is None
        assert told["numbers"][0]["low"] <= told["numbers"][0]["difference"] <= told["numbers"][0]["high"]

    def test_one_run_is_not_enough(self, sartor, project):
        said = sartor("runs", "diff", "@last")
        assert said.code == 2
        assert "'sartor runs diff' needs AFTER" in said.err


class TestRepro:
    def test_what_repeats_ends_with_0(self, sartor, last, as_json):
        said = sartor("runs", "repro", "@last", "--quiet", "--json")
        told = as_json(said.out)
        assert (said.code, said.err, told["same"], told["before"]) == (0, "", True, last.name)
        assert told["files"] == {"metrics.json": "same", "predictions.parquet": "same"}
        assert sartor("verify", told["after"]).code == 0

    def test_what_does_not_ends_with_1_and_says_what_has_changed_since(self, sartor, last, monkeypatch):
        from sartor_plugins.learn.models.trees import Tree

        real = Tree.fit
        monkeypatch.setattr(Tree, "fit", lambda self, training, context: real(Tree(depth=1), training, context))
        monkeypatch.setattr("sartor.runs.recording.versions", lambda: {"numpy": "9.9"})
        said = sartor("runs", "repro", "@last", "--quiet")
        lines = said.out.splitlines()
        assert said.code == 1
        assert lines[1].startswith("  changed  metrics.json")
        assert any(line.startswith("  since    numpy ") and line.endswith(" → 9.9") for line in lines)
        assert lines[-1].startswith("2 files differ of 2. More: sartor runs diff shop/credit/")


class TestGc:
    def test_looking_first(self, sartor, project):
        said = sartor("runs", "gc", "--keep", "1", "--dry-run")
        assert (said.code, said.err) == (0, "")
        assert said.out.splitlines()[-1].startswith("1 run would be removed, ")
        assert len(json.loads(sartor("runs", "list", "--json").out)["runs"]) == 2

    def test_all_but_the_newest(self, sartor, last):
        before = json.loads(sartor("runs", "list", "--json").out)["runs"][1]
        said = sartor("runs", "gc", "--keep", "1")
        assert said.out.splitlines()[0].startswith(f"shop/credit/{before['run']}  ")
        assert [run["run"] for run in json.loads(sartor("runs", "list", "--json").out)["runs"]] == [last.name]
        gone = sartor("verify", before["run"])
        assert gone.code == 2
        assert "by sartor runs gc on " in gone.err

    def test_young_runs_stay(self, sartor, project, as_json):
        assert sartor("runs", "gc") == (0, "nothing to remove\n", "")
        told = as_json(sartor("runs", "gc", "--older-than", "1 day", "--keep", "0", "--json").out)
        assert (told["runs"], told["removed"], told["cache_entries"]) == ([], True, 0)

    def test_everything_that_is_not_kept_goes_with_its_cache(self, sartor, project):
        said = sartor("runs", "gc", "--older-than", "0 days", "--keep", "0")
        assert "2 runs and " in said.out
        assert " entries of the stage cache removed, " in said.out
        assert not list((project / "runs" / ".cache").glob("*/*/entry.json"))

    def test_a_time_in_two_words_needs_no_quotes(self, sartor, project):
        assert sartor("runs", "gc", "--older-than", "30", "days", "--dry-run").code == 0

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--older-than", "soon"], "--older-than: 'soon' is not a length of time"),
            (["--older-than", "30"], "--older-than: '30' is not a length of time"),
            (["--older-than", "3 m"], "--older-than: '3 m' may be minutes or months"),
            (["--older-than", "2900 years"], "--older-than: 2900 years from"),
            (["--keep", "-1"], "--keep must lie between 0 and"),
            (["everything"], "'sartor runs gc' does not take the argument 'everything'"),
            (["--older-than", "30", "days", "please"], "does not take the arguments 'days', 'please'"),
        ],
    )
    def test_a_wrong_call(self, sartor, project, arguments, message):
        said = sartor("runs", "gc", *arguments)
        assert (said.code, said.out) == (2, "")
        assert message in said.err


def test_the_shell_completes_names_of_runs(project, last):
    from sartor.cli.completing import run_names

    assert run_names("@") == ["@last", "@prev"]
    assert run_names(last.name[:-1]) == [last.name] or len(run_names(last.name[:9])) == 2
    assert run_names("zzz") == []


@pytest.mark.parametrize("arguments", [["verify", "@last"], ["runs", "list"], ["runs", "show", "@last"]], ids=" ".join)
def test_looking_at_runs_loads_nothing_heavy(project, arguments):
    heavy = ["pandas", "numpy", "duckdb", "narwhals", "sklearn", "pyarrow", "scipy", "rich"]
    code = (
        "import sys; from sartor.cli import main\n"
        f"assert main({arguments}) == 0\n"
        f"sys.exit(' '.join(name for name in {heavy} if name in sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stderr == "\n"
