"""How calls end: exit codes, errors in the command line itself, interruptions, failing plugins, bugs of ours."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from sartor.errors import InputError, PluginError, Position, PrivacyStop, Problem, RecipeError, UsageError
from sartor.events import RunStarted, StageFinished, StageStarted

HEADLINE = "Accept 118 of 298 applications, have a person look at 43, decline 137."
STARTED = (
    RunStarted("finance/credit-scoring", "1124-1405-k7", 0),
    StageStarted("ingest"),
    StageFinished("finance/credit-scoring", "1124-1405-k7", "ingest", "applications: 1,000 rows", 0.01),
)


def test_a_run_answers_on_stdout_and_tells_on_stderr(sartor, fake_run):
    fake_run(events=STARTED)
    said = sartor("run", "finance/credit-scoring")
    assert said.code == 0
    assert said.out.startswith(HEADLINE + "\n")
    assert said.out.endswith("done in 3.0 s\n")
    assert said.err == ("finance/credit-scoring · run 1124-1405-k7 · seed 0\n    ingest  applications: 1,000 rows\n\n")


def test_quiet_is_two_lines(sartor, fake_run):
    fake_run(events=STARTED)
    said = sartor("run", "finance/credit-scoring", "-q")
    assert said == (0, f"{HEADLINE}\nruns/finance/credit-scoring/1124-1405-k7\n", "")


def test_json_is_one_object_and_nothing_else(sartor, fake_run, as_json):
    fake_run(events=STARTED)
    said = sartor("run", "finance/credit-scoring", "--json")
    found = as_json(said.out)
    assert said.code == 0
    assert list(found) == [
        "schema", "recipe", "run", "champion", "models", "policies", "gates", "tables", "rows", "seconds",
    ]  # fmt: skip
    assert found["models"]["scorecard"]["value"] == {"unit": "DM", "value": 18428.4, "low": 6093, "high": 30375}
    assert found["models"]["base rate"]["trivial"] is True
    assert found["tables"] == {"applications": {"rows": 1000, "repaired": 0, "set_aside": 0}}
    assert "ingest" in said.err


def test_json_and_quiet_are_silent_on_stderr(sartor, fake_run):
    fake_run(events=STARTED)
    assert sartor("run", "finance/credit-scoring", "--json", "--quiet").err == ""


def test_a_failed_gate_is_exit_code_1(sartor, fake_run, summary):
    summary["gates"][0].update(passed=False, value=0.6, low=0.55, high=0.65)
    fake_run()
    said = sartor("run", "finance/credit-scoring")
    assert said.code == 1
    assert said.out.startswith("gates   failed 1 of 2: auc 0.600, 0.550 to 0.650 (≥ 0.70); nothing was delivered.")
    quiet = sartor("run", "finance/credit-scoring", "--quiet")
    assert quiet.code == 1
    assert quiet.out.startswith(HEADLINE)
    assert quiet.err.startswith("gates   failed 1 of 2: auc")
    assert sartor("run", "finance/credit-scoring", "--json").code == 1


def test_options_reach_the_run(sartor, fake_run, tmp_path):
    calls = fake_run()
    sartor(
        "run", "a/b", "--set", "seed=3", "--set", "models.forest.with.trees=9", "--data", str(tmp_path), "--threads",
        "2", "--memory", "4 GB", "--seed", "7", "--as-of", "2024-12-31", "--from", "fit", "--live",
    )  # fmt: skip
    listen = calls[0].pop("listen")
    assert callable(listen)
    assert calls == [
        {
            "recipe": "a/b",
            "sets": ["seed=3", "models.forest.with.trees=9"],
            "data": tmp_path,
            "threads": 2,
            "memory": "4 GB",
            "seed": 7,
            "as_of": datetime.fromisoformat("2024-12-31"),
            "from_stage": "fit",
            "live": True,
        }
    ]


def test_the_beginnings_offered_are_those_of_the_core():
    from sartor.cli.run import BEGINNINGS
    from sartor.running import STAGES

    assert BEGINNINGS == STAGES


@pytest.mark.parametrize(
    ("ending", "code", "first"),
    [
        (RecipeError("the recipe reads no table", code="R065"), 2, "the recipe reads no table"),
        (InputError("table a has no rows", code="D002"), 2, "table a has no rows"),
        (UsageError("no recipe is called 'x'", code="U001"), 2, "no recipe is called 'x'"),
        (PrivacyStop("column 'sex' is kept for audit only", code="P000"), 3, "column 'sex' is kept for audit only"),
        (
            PluginError("a/b: step models.m: 'acme.m' failed in fit: ValueError: no", code="X020"),
            4,
            "a/b: step models.m",
        ),
    ],
)
def test_every_kind_of_error_has_its_exit_code(sartor, fake_run, ending, code, first):
    fake_run(ending)
    said = sartor("run", "a/b")
    assert said.code == code
    assert said.out == ""
    assert said.err.startswith(first)
    assert "Traceback" not in said.err


def test_an_error_is_shown_with_its_line_and_counted(sartor, fake_run):
    where = Position("a.yaml", 3, 9, 1, "models: m")
    fake_run(RecipeError([Problem("R062", "models must be a mapping", where), Problem("R066", "no task", where)]))
    lines = sartor("run", "a.yaml").err.splitlines()
    assert lines[1:3] == ["  3 │ models: m", "    │         ^"]
    assert lines[-1] == "2 errors; no data was read. More on one: sartor explain R062"


def test_format_concise_is_one_line_each(sartor, fake_run):
    where = Position("a.yaml", 3, 9, 1, "models: m")
    fake_run(RecipeError([Problem("R062", "models must be a mapping", where), Problem("R066", "no task", where)]))
    assert sartor("run", "a.yaml", "--format", "concise").err == (
        "a.yaml:3:9: R062 models must be a mapping\na.yaml:3:9: R066 no task\n"
    )


def plugin_failure() -> PluginError:
    try:
        raise ValueError("the matrix is singular")
    except ValueError as cause:
        error = PluginError(
            "a/b: step models.m: 'acme.m' failed in fit: ValueError: the matrix is singular", code="X020"
        )
        error.__cause__ = cause
        return error


def test_the_traceback_of_a_plugin_goes_to_a_file(sartor, fake_run, project):
    (project / "runs").mkdir()
    fake_run(plugin_failure())
    said = sartor("run", "a/b")
    assert said.code == 4
    assert "Traceback" not in said.err
    name = re.search(r"traceback: +(runs/plugin-failure-\S+\.txt)\n", said.err)[1]
    assert "in plugin_failure" in Path(name).read_text(encoding="utf-8")


def test_the_traceback_of_a_plugin_is_shown_when_it_is_asked_for(sartor, fake_run):
    fake_run(plugin_failure())
    said = sartor("run", "a/b", "--traceback")
    assert "Traceback (most recent call last):" in said.err
    assert "in plugin_failure" in said.err
    assert "traceback:  " not in said.err


def test_a_bug_is_no_traceback_but_a_file_and_a_place_to_report_it(sartor, fake_run, project):
    (project / "runs").mkdir()
    fake_run(ZeroDivisionError("division by zero"))
    said = sartor("run", "a/b")
    assert said.code == 70
    assert said.out == ""
    lines = said.err.splitlines()
    assert lines[0] == "this is a bug in sartor: ZeroDivisionError: division by zero"
    report = Path(re.fullmatch(r"  traceback: +(runs/bug-\S+\.txt)", lines[1])[1]).read_text(encoding="utf-8")
    assert lines[2].startswith("  to report:    ")
    assert lines[3] == "  please add:   the traceback, the smallest recipe that shows it, what 'sartor doctor' prints"
    assert len(lines) == 4
    assert report.startswith("$ sartor run a/b\npython ")
    assert "ZeroDivisionError: division by zero" in report


def test_a_bug_in_a_folder_without_runs_is_kept_where_temporary_files_go(
    sartor, fake_run, project, monkeypatch, tmp_path
):
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    fake_run(ZeroDivisionError("division by zero"))
    sartor("run", "a/b")
    assert len(list(elsewhere.glob("bug-*.txt"))) == 1
    assert list(project.glob("**/bug-*")) == []


def test_bugs_are_reported_where_the_metadata_says(monkeypatch):
    from email.message import Message

    from sartor.cli.endings import issue_tracker

    links = Message()
    links["Project-URL"] = "Homepage, https://example.org"
    links["Project-URL"] = "Issues, https://example.org/issues"
    monkeypatch.setattr("importlib.metadata.metadata", lambda name: links)
    assert issue_tracker() == "https://example.org/issues"
    monkeypatch.setattr("importlib.metadata.metadata", lambda name: Message())
    assert issue_tracker() == ""


def test_without_an_address_of_its_own_the_files_that_tell_how_to_report_are_named(
    sartor, fake_run, project, monkeypatch
):
    monkeypatch.setattr("sartor.cli.endings.issue_tracker", lambda: "")
    fake_run(ZeroDivisionError("division by zero"))
    told = [line for line in sartor("run", "a/b").err.splitlines() if "to report:" in line]
    assert told == ["  to report:    as CONTRIBUTING.md of sartor's repository says; a weakness as SECURITY.md says"]
    root = Path(__file__).parents[3]
    assert "## Report a bug" in (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert "**To report a weakness**" in (root / "SECURITY.md").read_text(encoding="utf-8")
    monkeypatch.setattr("sartor.cli.endings.issue_tracker", lambda: "https://example.org/issues")
    assert "  to report:    https://example.org/issues" in sartor("run", "a/b").err.splitlines()


def test_ctrl_c_is_one_line_and_130(sartor, fake_run):
    fake_run(KeyboardInterrupt())
    assert sartor("run", "a/b") == (130, "", "interrupted\n")


def test_a_real_ctrl_c_is_one_line_and_130():
    code = (
        "import sys, time, sartor.running as r\n"
        "def run_recipe(*a, **k):\n    print('ready', flush=True, file=sys.__stdout__)\n    time.sleep(60)\n"
        "r.run_recipe = run_recipe\n"
        "from sartor.cli import main\nsys.exit(main(['run', 'a/b']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.1)
            os.kill(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, err) == (130, "interrupted\n")


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        ("runn", "'sartor' has no verb 'runn'", "did you mean: run"),
        ("recipes lst", "'sartor recipes' has no verb 'lst'", "did you mean: list"),
        ("--colour", "'sartor' has no option '--colour'", "to see all:   sartor --help"),
        ("run x --thread 2", "'sartor run' has no option '--thread'", "did you mean: --threads"),
        ("run x --jsn", "'sartor run' has no option '--jsn'", "did you mean: --json"),
        ("run x -z", "'sartor run' has no option '-z'", "to see all:   sartor run --help"),
        ("run", "'sartor run' needs RECIPE", "to mend:      sartor run RECIPE [OPTIONS]"),
        ("check", "'sartor check' needs RECIPE...", "to mend:      sartor check RECIPE... [OPTIONS]"),
        ("run a b", "'sartor run' does not take the argument 'b'", "to mend:      sartor run RECIPE [OPTIONS]"),
        ("run a b c", "'sartor run' does not take the arguments 'b', 'c'", "to see all:   sartor run --help"),
        ("run x --seed", "option '--seed' needs a value", "to see all:   sartor run --help"),
        ("run x --json=yes", "option '--json' takes no value", "to see all:   sartor run --help"),
        ("run x --threads two", "--threads must be a whole number from 1 to 4,096, got 'two'", "to see all:"),
        ("run x --threads 0", "--threads must lie between 1 and 4,096, got 0", "to see all:"),
        ("run x --threads 1_0", "--threads must be a whole number from 1 to 4,096, got '1_0'", "to see all:"),
        ("run x --seed -1", "--seed must lie between 0 and 4,294,967,295, got -1", "to see all:"),
        ("run x --seed 1.5", "--seed must be a whole number from 0 to 4,294,967,295, got '1.5'", "to see all:"),
        ("run x --as-of today", "--as-of must be a date such as 2024-12-31 or 2024-12-31T18:00, got 'today'", "to see"),
        (
            "run x --from fitt",
            "--from must be one of ingest, features, fit, got 'fitt'; did you mean fit?",
            "to see all:",
        ),
        ("run x --data nowhere", "--data must be a folder that is there, got 'nowhere'", "to see all:"),
        ("run x --color pink", "--color must be one of auto, always, never, got 'pink'", "to see all:"),
        (
            "list modls",
            "KIND must be one of ingest, tasks, features, models, prepare, actions, sinks, got 'modls'; did",
            "to",
        ),
    ],
)
def test_a_wrong_call_says_what_is_wrong_and_how_to_mend_it(sartor, fake_run, arguments, message, hint):
    fake_run()
    said = sartor(*arguments.split())
    assert said.code == 2
    assert said.out == ""
    first, *rest = said.err.splitlines()
    assert first.startswith(message)
    assert re.search(r" U03\d$", first)
    assert any(line.strip().startswith(hint) for line in rest), said.err


def test_a_wrong_call_in_one_line(sartor):
    assert sartor("runn", "--format=concise").err == "U031 'sartor' has no verb 'runn' (did you mean: run)\n"


def test_a_call_without_a_verb_shows_what_there_is_and_is_no_success(sartor):
    for arguments in ((), ("recipes",), ("plugins",)):
        said = sartor(*arguments)
        assert (said.code, said.out) == (2, "")
        assert "\nverbs\n" in said.err


def test_the_version_is_one_line(sartor):
    said = sartor("--version")
    assert said.code == 0
    assert re.fullmatch(r"sartor \d+\.\d+\S*\n", said.out)


def test_every_code_of_the_command_line_is_in_the_catalogue():
    from sartor.codes import CODES

    folder = Path(__file__).resolve().parents[3] / "core" / "sartor" / "cli"
    named = {code for file in folder.glob("*.py") for code in re.findall(r'"([UGRDXP]\d{3})"', file.read_text())}
    assert "U031" in named
    assert sorted(named - set(CODES)) == []


def test_json_of_names_that_are_not_ascii_arrives_in_any_encoding(sartor_process, tmp_path):
    (tmp_path / "森.yaml").write_text("format: 1\n", encoding="utf-8")
    ended = sartor_process("check", "森.yaml", "--json", cwd=tmp_path, env={"PYTHONIOENCODING": "ascii"})
    assert json.loads(ended.stdout)["recipes"][0]["recipe"] == "森.yaml"


def test_what_a_plugin_prints_does_not_get_into_the_answer(sartor, fake_run, monkeypatch, as_json):
    fake_run()
    from sartor import running

    quiet = running.run_recipe

    def talking(*arguments, **options):
        sys.stdout.write("LightGBM says hello\n")
        return quiet(*arguments, **options)

    monkeypatch.setattr(running, "run_recipe", talking)
    said = sartor("run", "a/b", "--json")
    assert as_json(said.out)["recipe"] == "finance/credit-scoring"
    assert "LightGBM says hello\n" in said.err


def test_a_warning_of_a_library_is_a_caution_of_one_line(sartor, fake_run, monkeypatch):
    import warnings

    fake_run()
    from sartor import running

    quiet = running.run_recipe

    def warning(*arguments, **options):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            for _ in range(2):
                warnings.warn("lbfgs failed to converge\nand more", UserWarning, stacklevel=1)
        return quiet(*arguments, **options)

    monkeypatch.setattr(running, "run_recipe", warning)
    assert sartor("run", "a/b").err == "         !  UserWarning: lbfgs failed to converge\n\n"
    assert sartor("run", "a/b", "--quiet").err == ""


def test_a_plugin_that_ends_python_is_a_failing_plugin(sartor, fake_run):
    fake_run(SystemExit(0))
    said = sartor("run", "a/b")
    assert said.code == 4
    assert said.err.startswith("a plugin ended Python: SystemExit(0)")


def test_a_full_disk_is_no_bug(sartor, fake_run):
    fake_run(OSError(28, "No space left on device", "runs/a/b"))
    said = sartor("run", "a/b")
    assert said.code == 2
    assert said.err.startswith("no space left on device (runs/a/b)")


def test_too_little_memory_is_no_bug(sartor, fake_run):
    fake_run(MemoryError())
    said = sartor("run", "a/b")
    assert said.code == 2
    assert said.err.startswith("memory ran out")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_answer_that_cannot_be_written_is_an_error():
    command = f"{sys.executable} -m sartor.cli explain split > /dev/full"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("the answer cannot be written: no space left on device")
    assert "Traceback" not in ended.stderr


def test_a_closed_output_is_no_error():
    command = f"{sys.executable} -m sartor.cli explain split >&-; echo $?"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.stdout, ended.stderr) == ("0\n", "")
