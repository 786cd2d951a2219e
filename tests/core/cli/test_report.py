"""The report from the command line: made at the end of a run, left out where asked, and made anew."""

import json
import re
import shutil
import webbrowser
from pathlib import Path

import pytest

PLACE = "runs/finance/credit-scoring/1124-1405-k7"


def test_a_run_ends_with_the_place_of_its_report(sartor, fake_run):
    fake_run(files=("report.html", "charts/value.vl.json"))
    said = sartor("run", "finance/credit-scoring")
    assert f"\nreport  {PLACE}/report.html\n" in said.out
    assert PLACE + "\n" not in said.out
    assert re.search(r"^    report  report\.html, with 1 file beside it(  \d+\.\d\d s)?$", said.err, re.MULTILINE)
    assert fake_run.reported == [Path(PLACE)]
    assert sartor("run", "finance/credit-scoring", "-q").out.endswith(f"\n{PLACE}/report.html\n")


def test_a_report_that_failed_is_a_caution_and_the_run_is_fine(sartor, fake_run):
    fake_run(troubles=("report 'pages of acme' failed: ZeroDivisionError: no luck today",))
    said = sartor("run", "finance/credit-scoring")
    assert said.code == 0
    assert "!  report 'pages of acme' failed: ZeroDivisionError: no luck today" in said.err
    assert f"\nrun     {PLACE}\n" in said.out
    assert not re.search("^ +report ", said.err, re.MULTILINE)


def test_no_report_leaves_it_out(sartor, fake_run):
    fake_run(files=("report.html",))
    assert f"\nrun     {PLACE}\n" in sartor("run", "finance/credit-scoring", "--no-report").out
    assert fake_run.reported == []


def test_a_project_can_leave_reports_out(sartor, fake_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sartor.toml").write_text("report = false\n", encoding="utf-8")
    fake_run(files=("report.html",))
    assert sartor("run", "finance/credit-scoring").code == 0
    assert fake_run.reported == []


def test_the_project_says_it_with_true_or_false(sartor, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sartor.toml").write_text('report = "no"\n', encoding="utf-8")
    said = sartor("runs", "list")
    assert said.code == 2
    assert "report must be true or false, got 'no'" in said.err
    assert "write report = false" in said.err


class TestMakingItAnew:
    @pytest.fixture
    def run(self, credit, tmp_path, monkeypatch):
        """A copy of a recorded run in a project of its own, so that nothing is entered in the one that others share."""
        (tmp_path / "sartor.toml").write_text("", encoding="utf-8")
        folder = tmp_path / "runs" / "finance" / "credit-scoring" / credit.run_id
        shutil.copytree(credit.folder, folder)
        shutil.copyfile(credit.folder.parents[2] / "heads.jsonl", tmp_path / "runs" / "heads.jsonl")
        monkeypatch.chdir(tmp_path)
        return folder

    def test_it_says_where_the_page_is_and_the_run_stays_untouched(self, sartor, run):
        said = sartor("report", "@last")
        assert (said.code, said.out) == (0, f"runs/finance/credit-scoring/{run.name}/report.html\n")
        assert (run / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
        assert sartor("verify", "@last").code == 0
        assert sartor("report", "@last").code == 0
        assert sartor("verify", "@last").code == 0

    def test_a_page_that_somebody_changed_is_found(self, sartor, run):
        sartor("report", "@last")
        page = run / "report.html"
        page.write_text(page.read_text(encoding="utf-8").replace("Accept", "Decline", 1), encoding="utf-8")
        said = sartor("verify", "@last")
        assert said.code == 1
        assert "report.html" in said.out

    def test_a_run_that_somebody_changed_has_no_report(self, sartor, run):
        summary = run / "summary.json"
        summary.write_text(summary.read_text(encoding="utf-8").replace("Accept", "Decline", 1), encoding="utf-8")
        said = sartor("report", "@last")
        assert said.code == 2
        assert "is not as it was recorded: summary.json: changed" in said.err
        assert not (run / "report.html").exists()

    def test_open_shows_it_in_the_browser(self, sartor, run, monkeypatch):
        opened = []
        monkeypatch.setattr(webbrowser, "open", opened.append)
        sartor("report", "@last", "--open")
        assert opened == [(run / "report.html").as_uri()]

    def test_json_names_all_files(self, sartor, run):
        found = json.loads(sartor("report", "@last", "--json").out)
        assert found["run"] == run.name
        assert found["report"] == str(run / "report.html")
        assert str(run / "model-card.md") in found["files"]

    def test_python_makes_it_too(self, run):
        from sartor.runs.result import Run

        summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
        assert Run(summary, run).report() == run / "report.html"
