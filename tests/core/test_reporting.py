"""Reports of other distributions: each is asked, one that fails stops no other, and what they make is entered."""

import errno
import re

import pytest

from sartor import reporting
from sartor.entry_points import Offer
from sartor.errors import MachineError, PluginError
from sartor.hookspecs import hookimpl
from sartor.runs.verifying import verify


class Headline:
    @hookimpl
    def report(self, folder):
        (folder / "headline.txt").write_text("Accept.", encoding="utf-8")
        return [folder / "headline.txt"]


class Fails:
    @hookimpl
    def report(self, folder):
        raise ZeroDivisionError("no luck today")


class Elsewhere:
    @hookimpl
    def report(self, folder):
        return [folder.parent / "page.html"]


class Changes:
    @hookimpl
    def report(self, folder):
        return [folder / "summary.json"]


class Misspelt:
    @hookimpl
    def reports(self, folder):
        return []


@pytest.fixture
def installed(monkeypatch):
    """Let some reports be all that is installed."""

    def install(**reports):
        class Point:
            def __init__(self, name, plugin):
                self.name, self._plugin = name, plugin

            def load(self):
                if self._plugin is None:
                    raise ImportError("No module named 'acme'")
                return self._plugin

        offers = [Offer(Point(name, plugin), "acme", "0.3") for name, plugin in reports.items()]
        monkeypatch.setattr(reporting, "offers_of", lambda group: offers)

    return install


def test_what_a_report_makes_is_entered_in_the_ledger(credit_copy, installed):
    installed(words=Headline())
    made = reporting.make_reports(credit_copy)
    assert made.files == (credit_copy / "headline.txt",)
    assert verify(credit_copy).untouched


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (Fails(), "report 'broken of acme' failed: ZeroDivisionError: no luck today"),
        (Elsewhere(), "report 'broken of acme' breaks the contract of report: it names no files of the run's folder"),
        (Changes(), "the run itself recorded summary.json"),
        (Misspelt(), "report 'broken of acme' implements a hook that does not exist: reports"),
        (None, "report 'broken' of acme 0.3 did not load: ImportError: No module named 'acme'"),
    ],
)
def test_a_broken_report_is_named_and_stops_no_other(credit_copy, installed, broken, message):
    installed(broken=broken, words=Headline())
    made = reporting.make_reports(credit_copy)
    assert [file.name for file in made.files] == ["headline.txt"]
    assert message in " ".join(made.troubles)
    assert verify(credit_copy).untouched


@pytest.mark.parametrize(
    ("refused", "message", "mend"),
    [
        (
            OSError(errno.EROFS, "Read-only file system", "HERE"),
            "cannot be written: read-only file system",
            "name another",
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", "HERE"),
            "cannot be written: permission denied",
            "name another",
        ),
        (OSError(errno.ENOSPC, "No space left on device", "HERE"), "no space left on device", "make room"),
    ],
)
def test_a_folder_that_nobody_may_write_to_is_no_fault_of_the_report(credit_copy, installed, refused, message, mend):
    class Refused:
        @hookimpl
        def report(self, folder):
            raise type(refused)(refused.errno, refused.strerror, str(folder / "report.html"))

    installed(page=Refused())
    with pytest.raises(MachineError, match=message) as caught:
        reporting.page_of(credit_copy)
    problem = caught.value.problems[0]
    assert (problem.code, caught.value.exit_code) == ("U043", 2)
    assert "report.html" in problem.message
    assert mend in dict(problem.hints)["to mend"]


def test_who_asks_for_a_report_hears_why_there_is_none(credit_copy, installed):
    installed(broken=Fails())
    with pytest.raises(PluginError, match="no luck today") as caught:
        reporting.page_of(credit_copy)
    assert caught.value.problems[0].code == "X040"
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    installed()
    with pytest.raises(PluginError, match=re.escape("no report is installed")) as caught:
        reporting.page_of(credit_copy)
    assert caught.value.problems[0].code == "X041"
