"""`sartor verify` finds every part of a run that is not as it was recorded, and names it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from pathlib import Path

import pytest

from sartor.errors import InputError
from sartor.runs.ledger import FIRST, LEDGER, chained, digest_of, enter, files_below
from sartor.runs.verifying import Finding, verify


def lines_of(folder: Path) -> list[bytes]:
    return (folder / LEDGER).read_bytes().splitlines(keepends=True)


def rewrite(folder: Path, lines: list[bytes]) -> None:
    (folder / LEDGER).write_bytes(b"".join(lines))


def told(folder: Path) -> list[str]:
    return [str(finding) for finding in verify(folder).findings]


class TestALedger:
    def test_a_line_can_be_checked_by_hand(self, recorded):
        previous = FIRST
        for place, raw in enumerate(lines_of(recorded.first), 1):
            line = json.loads(raw)
            assert (line["line"], line["previous"]) == (place, previous)
            body = raw.removesuffix(f',"hash":"{line["hash"]}"}}\n'.encode()) + b"}"
            assert hashlib.sha256(body).hexdigest() == line["hash"]
            previous = line["hash"]

    def test_there_is_a_line_for_each_stage_of_each_step(self, recorded):
        lines = [json.loads(raw) for raw in lines_of(recorded.first)]
        assert [(line["stage"], line.get("step")) for line in lines] == [
            ("run", None),
            ("ingest", "ingest.people"),
            ("features", "task"),
            ("fit", "models.tree"),
            ("fit", "models.logistic"),
            ("judge", None),
            ("decide", "actions.accept"),
            ("record", None),
        ]

    def test_what_one_stage_makes_the_next_one_takes(self, recorded):
        lines = {line["stage"]: line for line in map(json.loads, lines_of(recorded.first))}
        assert lines["features"]["inputs"] == lines["ingest"]["made"]
        assert lines["fit"]["inputs"] == lines["features"]["made"]
        assert lines["decide"]["inputs"] == {
            "predictions.parquet": lines["judge"]["files"]["predictions.parquet"][0],
        }

    def test_the_last_line_names_every_file_with_its_digest_and_size(self, recorded):
        named = json.loads(lines_of(recorded.first)[-1])["files"]
        there = {path.relative_to(recorded.first).as_posix(): path for path in files_below(recorded.first)}
        assert named == {
            name: [hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size] for name, path in there.items()
        }

    def test_another_setting_of_a_model_changes_its_digest_and_no_other(self, recorded):
        first, deeper = (
            {line["step"]: line["settings"] for line in map(json.loads, lines_of(folder)) if "step" in line}
            for folder in (recorded.first, recorded.folders["deeper"])
        )
        assert [step for step in first if first[step] != deeper[step]] == ["models.tree"]


class TestAnUntouchedRun:
    def test_is_found_to_be_so_with_nothing_left_unknown(self, recorded):
        verified = verify(recorded.first, runs=recorded.project.runs)
        assert (verified.untouched, verified.notes) == (True, ())
        assert (verified.recipe, verified.run) == ("shop/win", recorded.first.name)
        assert (verified.files, verified.lines) == (len(files_below(recorded.first)), 8)

    def test_a_copy_elsewhere_is_untouched_too_but_its_end_is_not_vouched_for(self, recorded, tmp_path):
        copy = tmp_path / "archive" / "a-run"
        shutil.copytree(recorded.first, copy)
        verified = verify(copy, runs=recorded.project.runs)
        assert verified.untouched
        assert verified.notes == (
            "the folder lies outside its project: whether lines at the end of ledger.jsonl are gone is not known",
        )

    def test_reading_it_changes_nothing(self, recorded):
        before = {path: path.stat().st_mtime_ns for path in recorded.first.rglob("*")}
        verify(recorded.first)
        assert {path: path.stat().st_mtime_ns for path in recorded.first.rglob("*")} == before


class TestFiles:
    def test_one_changed_byte_in_any_file_is_found_in_that_file(self, recorded):
        rng = random.Random(1)
        for file in files_below(recorded.first):
            content = file.read_bytes()
            place = rng.randrange(len(content))
            file.write_bytes(content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :])
            name = file.relative_to(recorded.first).as_posix()
            size = f"{len(content):,}"
            assert told(recorded.first) == [f"{name}: changed: the same {size} bytes long, but not the same bytes"]
            file.write_bytes(content)
        assert told(recorded.first) == []

    def test_a_file_that_was_cut_off(self, recorded):
        file = recorded.first / "metrics.json"
        size = file.stat().st_size
        file.write_bytes(file.read_bytes()[:100])
        assert verify(recorded.first).findings == (
            Finding("metrics.json", "changed", f"100 bytes in place of {size:,}", 8),
        )

    def test_a_missing_and_an_added_file(self, recorded):
        (recorded.first / "log.txt").unlink()
        (recorded.first / "models" / "tree" / "extra.bin").write_bytes(b"")
        assert told(recorded.first) == [
            "log.txt: missing: the ledger names it",
            "models/tree/extra.bin: added: the ledger does not name it",
        ]

    def test_a_file_by_another_name_is_missing_here_and_added_there(self, recorded):
        (recorded.first / "log.txt").rename(recorded.first / "Log.txt")
        assert told(recorded.first) == [
            "Log.txt: added: the ledger does not name it",
            "log.txt: missing: the ledger names it",
        ]

    def test_a_link_to_the_same_bytes_elsewhere_is_a_change(self, recorded, tmp_path):
        file = recorded.first / "log.txt"
        shutil.move(file, tmp_path / "log.txt")
        file.symlink_to(tmp_path / "log.txt")
        assert told(recorded.first) == ["log.txt: changed: it is no plain file any more"]

    def test_what_cannot_be_read_to_its_end_is_not_waited_for(self, recorded):
        (recorded.first / "log.txt").unlink()
        os.mkfifo(recorded.first / "log.txt")
        assert told(recorded.first) == ["log.txt: changed: it is no plain file any more"]

    def test_only_a_part_of_the_files_can_be_checked(self, recorded):
        (recorded.first / "log.txt").write_text("nothing happened")
        assert verify(recorded.first, below="models/tree/").untouched
        assert not verify(recorded.first, below="log.txt").untouched


class TestTheLedgerItself:
    def test_every_byte_of_a_line_counts(self, recorded):
        lines = lines_of(recorded.first)
        raw = lines[2]
        rng = random.Random(2)
        for place in [*rng.sample(range(len(raw) - 1), 60), *range(len(raw) - 70, len(raw) - 1)]:
            changed = raw[:place] + bytes([raw[place] ^ 1 << rng.randrange(8)]) + raw[place + 1 :]
            rewrite(recorded.first, [*lines[:2], changed, *lines[3:]])
            findings = verify(recorded.first).findings
            assert findings[0].part == LEDGER, place
            assert findings[0].line in (3, 4), place

    def test_a_changed_line_is_named(self, recorded):
        lines = lines_of(recorded.first)
        rewrite(recorded.first, [*lines[:3], lines[3].replace(b'"seed":', b'"seed": '), *lines[4:]])
        assert told(recorded.first) == ["ledger.jsonl: changed: line 4: it does not match its own hash"]

    def test_a_line_written_anew_with_a_hash_of_its_own_does_not_fit_its_neighbours(self, recorded):
        lines = lines_of(recorded.first)
        line = json.loads(lines[3])
        del line["hash"]
        line["seed"] = 7
        body = json.dumps(line, separators=(",", ":"))
        forged = f'{body[:-1]},"hash":"{hashlib.sha256(body.encode()).hexdigest()}"}}\n'.encode()
        rewrite(recorded.first, [*lines[:3], forged, *lines[4:]])
        assert told(recorded.first) == [
            "ledger.jsonl: changed: line 5: it does not follow from line 4: one of them was replaced"
        ]

    def test_exchanged_lines(self, recorded):
        lines = lines_of(recorded.first)
        lines[3], lines[4] = lines[4], lines[3]
        rewrite(recorded.first, lines)
        assert told(recorded.first) == ["ledger.jsonl: reordered: line 5: line 4 was moved here"]

    def test_a_missing_a_repeated_and_an_empty_line(self, recorded):
        lines = lines_of(recorded.first)
        rewrite(recorded.first, [*lines[:3], *lines[4:]])
        assert told(recorded.first) == ["ledger.jsonl: missing: line 4 is gone"]
        rewrite(recorded.first, [*lines[:3], lines[2], *lines[3:]])
        assert told(recorded.first) == ["ledger.jsonl: added: line 4: line 3 stands here once more"]
        rewrite(recorded.first, [*lines[:3], b"\n", *lines[3:]])
        assert told(recorded.first) == ["ledger.jsonl: added: line 4: it is empty"]

    def test_the_first_line_gone(self, recorded):
        rewrite(recorded.first, lines_of(recorded.first)[1:])
        assert told(recorded.first)[0] == "ledger.jsonl: missing: line 1 is gone"

    def test_a_ledger_without_its_last_line(self, recorded):
        rewrite(recorded.first, lines_of(recorded.first)[:-1])
        assert told(recorded.first) == [
            "ledger.jsonl: missing: line 7: the lines behind it are gone, the one that closes the run among them",
            "ledger.jsonl: missing: the last line is gone, as heads.jsonl of the project tells",
        ]

    @pytest.mark.parametrize("cut", [1, 2, 40, 300])
    def test_a_ledger_cut_off_in_its_last_line(self, recorded, cut):
        content = (recorded.first / LEDGER).read_bytes()
        (recorded.first / LEDGER).write_bytes(content[:-cut])
        what = "the end of the line is gone" if cut == 1 else "it is cut off"
        assert told(recorded.first)[0] == f"ledger.jsonl: changed: line 8: {what}"

    def test_a_missing_an_empty_and_a_strange_ledger(self, recorded):
        (recorded.first / LEDGER).write_bytes(b"")
        assert told(recorded.first)[0] == "ledger.jsonl: changed: it is empty"
        (recorded.first / LEDGER).write_bytes(b"\xff\x00not a ledger\n")
        assert told(recorded.first)[0] == "ledger.jsonl: changed: line 1: it does not match its own hash"
        (recorded.first / LEDGER).unlink()
        assert told(recorded.first) == ["ledger.jsonl: missing: without it nothing can be checked"]
        (recorded.first / LEDGER).mkdir()
        assert told(recorded.first) == [
            "ledger.jsonl: changed: it is no plain file any more, so nothing can be checked"
        ]

    @pytest.mark.parametrize(
        "body",
        [
            b"[1]",
            b'{"line":"one"}',
            b'{"line":1,"previous":"0","files":[]}',
            b'{"line":1,"previous":"","files":{"a":3}}',
        ],
    )
    def test_a_line_of_another_form_is_no_line_though_its_hash_is_right(self, recorded, body):
        digest = hashlib.sha256(body[:-1] + b"}").hexdigest().encode()
        rewrite(recorded.first, [body[:-1] + b',"hash":"' + digest + b'"}\n', *lines_of(recorded.first)[1:]])
        assert told(recorded.first)[0] == "ledger.jsonl: changed: line 1: it does not match its own hash"

    def test_a_ledger_of_a_newer_sartor_is_not_judged(self, recorded):
        line = json.loads(lines_of(recorded.first)[0])
        del line["hash"]
        body = json.dumps({**line, "format": 2}, separators=(",", ":"))
        first = f'{body[:-1]},"hash":"{hashlib.sha256(body.encode()).hexdigest()}"}}\n'.encode()
        rewrite(recorded.first, [first])
        with pytest.raises(InputError, match=r"is in format 2, and this sartor reads format 1  D152"):
            verify(recorded.first)

    def test_the_folder_of_one_run_put_in_the_place_of_another(self, recorded):
        other = recorded.folders["deeper"]
        shutil.rmtree(recorded.first)
        other.rename(recorded.first)
        (finding,) = verify(recorded.first, runs=recorded.project.runs).findings
        assert finding.detail == f"it is the ledger of shop/win/{other.name}, not of shop/win/{recorded.first.name}"


class TestHeads:
    def test_the_last_entered_file_and_its_line_cannot_go_unnoticed(self, recorded):
        (recorded.first / "report.html").write_text("<p>fine</p>")
        enter(recorded.first, recorded.first / "report.html", by="report")
        assert told(recorded.first) == []
        rewrite(recorded.first, lines_of(recorded.first)[:-1])
        (recorded.first / "report.html").unlink()
        assert told(recorded.first) == [
            "ledger.jsonl: missing: the last line is gone, as heads.jsonl of the project tells"
        ]

    def test_a_ledger_written_anew_from_its_first_line_on_is_not_the_one_that_the_project_knows(self, recorded):
        (recorded.first / "log.txt").write_text("nothing happened")
        entries = []
        for line in map(json.loads, lines_of(recorded.first)):
            entry = {key: value for key, value in line.items() if key not in ("line", "previous", "hash")}
            if "log.txt" in entry.get("files", {}):
                entry["files"]["log.txt"] = list(digest_of(recorded.first / "log.txt"))
            entries.append(entry)
        (recorded.first / LEDGER).write_text("".join(f"{line}\n" for line, _ in chained(entries)))
        assert told(recorded.first) == [
            "ledger.jsonl: changed: its last line is not the one that heads.jsonl of the project tells"
        ]

    def test_a_damaged_line_is_told_of_and_no_reason_to_call_the_run_changed(self, recorded):
        heads = recorded.project.runs / "heads.jsonl"
        heads.write_text(heads.read_text() + '{"recipe": "shop/w\n')
        verified = verify(recorded.first)
        assert verified.untouched
        assert verified.notes == ("heads.jsonl of the project is damaged in line 4",)

    def test_a_changed_head_is_found(self, recorded):
        heads = recorded.project.runs / "heads.jsonl"
        head = verify(recorded.first).head
        heads.write_text(heads.read_text().replace(head, head[::-1]))
        assert told(recorded.first) == [
            "ledger.jsonl: changed: its last line is not the one that heads.jsonl of the project tells"
        ]

    def test_without_heads_the_end_is_not_vouched_for(self, recorded):
        (recorded.project.runs / "heads.jsonl").unlink()
        verified = verify(recorded.first)
        assert verified.untouched
        assert verified.notes == (
            "heads.jsonl of the project does not know the run: whether lines at its end are gone is not known",
        )
