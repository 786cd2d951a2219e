"""What is made after a run is entered in its ledger by the verb that makes it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sartor.errors import InputError, UsageError
from sartor.runs.appending import appending
from sartor.runs.ledger import LEDGER, enter
from sartor.runs.verifying import verify


def write(folder, name, text="fine"):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


class TestEntering:
    def test_a_file_that_was_made_later_is_no_change(self, recorded):
        report = write(recorded.first, "report.html")
        assert [finding.what for finding in verify(recorded.first).findings] == ["added"]
        enter(recorded.first, report, by="report")
        assert verify(recorded.first).untouched
        last = json.loads((recorded.first / LEDGER).read_text().splitlines()[-1])
        assert (last["line"], last["stage"], last["by"], list(last["files"])) == (9, "enter", "report", ["report.html"])

    def test_several_files_are_one_line(self, recorded):
        (recorded.first / "charts").mkdir()
        files = [write(recorded.first, "report.html"), write(recorded.first, "charts/auc.vl.json", "{}")]
        enter(recorded.first, files, by="report")
        assert verify(recorded.first).untouched
        assert verify(recorded.first).lines == 9

    def test_a_file_made_anew_is_entered_again(self, recorded):
        enter(recorded.first, write(recorded.first, "report.html", "one"), by="report")
        write(recorded.first, "report.html", "another")
        assert not verify(recorded.first).untouched
        enter(recorded.first, recorded.first / "report.html", by="report")
        assert verify(recorded.first).untouched

    def test_what_the_run_itself_recorded_cannot_be_entered_anew(self, recorded):
        file = write(recorded.first, "metrics.json", "{}")
        with pytest.raises(InputError, match=r"the run itself recorded metrics.json  D150"):
            enter(recorded.first, file, by="report")
        assert [finding.part for finding in verify(recorded.first).findings] == ["metrics.json"]

    def test_nothing_is_entered_behind_a_damaged_line(self, recorded):
        ledger = recorded.first / LEDGER
        ledger.write_bytes(ledger.read_bytes().replace(b'"seed":0', b'"seed":1', 1))
        before = ledger.read_bytes()
        with pytest.raises(InputError, match=r"ledger.jsonl is damaged") as caught:
            enter(recorded.first, write(recorded.first, "report.html"), by="report")
        assert f"to see all: sartor verify {recorded.first.name}" in str(caught.value)
        assert ledger.read_bytes() == before

    def test_a_folder_without_a_ledger_gets_none(self, recorded):
        (recorded.first / LEDGER).unlink()
        with pytest.raises(InputError, match=r"there is no ledger.jsonl"):
            enter(recorded.first, write(recorded.first, "report.html"), by="report")
        assert not (recorded.first / LEDGER).exists()

    def test_on_a_read_only_disk_is_said_and_changes_nothing(self, recorded, monkeypatch):
        def read_only(file):
            raise OSError(30, "Read-only file system", str(file))

        before = (recorded.first / LEDGER).read_bytes()
        monkeypatch.setattr("sartor.runs.ledger.appending", read_only)
        with pytest.raises(UsageError, match=r"nothing can be entered in the ledger of run .*: read-only file system"):
            enter(recorded.first, recorded.first / "log.txt", by="hand")
        assert (recorded.first / LEDGER).read_bytes() == before
        assert verify(recorded.first).untouched

    def test_many_who_enter_at_once_keep_one_chain(self, recorded):
        files = [write(recorded.first, f"page-{number}.html") for number in range(12)]
        threads = [threading.Thread(target=enter, args=(recorded.first, file), kwargs={"by": "x"}) for file in files]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        verified = verify(recorded.first)
        assert (verified.untouched, verified.lines) == (True, 8 + 12)


class TestAppending:
    def test_lines_of_many_processes_stay_whole(self, tmp_path):
        log = tmp_path / "log.jsonl"
        code = (
            "import sys; from pathlib import Path; from sartor.runs.appending import appending\n"
            "for number in range(100):\n"
            "    with appending(Path(sys.argv[1])) as log:\n"
            "        log.line(sys.argv[2] * 5000)\n"
        )
        running = [subprocess.Popen([sys.executable, "-c", code, str(log), letter]) for letter in "abc"]
        assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
        lines = log.read_text().splitlines()
        assert sorted(lines) == sorted(letter * 5000 for letter in "abc" for _ in range(100))

    def test_a_full_disk_leaves_the_file_as_it_was(self, tmp_path, monkeypatch):
        log = tmp_path / "log.jsonl"
        log.write_text("one\n")
        real = os.write

        def half(descriptor, content):
            if len(content) < 5:
                raise OSError(28, "No space left on device")
            return real(descriptor, content[:5])

        monkeypatch.setattr("sartor.runs.appending.os.write", half)
        with appending(log) as held, pytest.raises(OSError, match="No space left"):
            held.line("another line")
        assert log.read_text() == "one\n"

    def test_a_device_that_is_full(self, tmp_path):
        if not Path("/dev/full").exists():
            pytest.skip("this system has no /dev/full")
        (tmp_path / "log").symlink_to("/dev/full")
        with appending(tmp_path / "log") as held, pytest.raises(OSError, match="No space left"):
            held.line("a line")

    def test_a_line_that_a_crash_has_cut_off_does_not_swallow_the_next_one(self, tmp_path):
        log = tmp_path / "log.jsonl"
        log.write_text('{"whole": 1}\n{"cut')
        with appending(log) as held:
            held.line('{"next": 2}')
        assert log.read_text() == '{"whole": 1}\n{"cut\n{"next": 2}\n'
