"""Lines from a pipe: one in, one out; what is broken is told by its line, and the stream stops or goes on."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pandas as pd
import pytest

import sartor
from sartor.errors import InputError
from sartor.predicting.pieces import Wanted
from sartor.predicting.streams import LineStream, Writing

WANTED = Wanted(
    "loans",
    {"id": "integer", "amount": "number", "term": "integer", "paid": "boolean", "on": "date", "home": "text"},
    required={"id": "the key of its rows", "amount": "which the models learned from"},
    whole=frozenset({"id"}),
)


class InPieces(io.RawIOBase):
    """Gives bytes piece by piece, as a pipe does."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)

    def read(self, size: int = -1) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def read(text: str | bytes, wanted: Wanted = WANTED, writing: Writing | None = None):
    """Return rows, their lines, and what was refused."""
    content = text if isinstance(text, bytes) else text.encode()
    rows, lines, refused = [], [], []
    for piece in LineStream(io.BytesIO(content), wanted, writing=writing).pieces():
        rows += piece.data.to_pylist()
        lines += piece.lines.tolist()
        refused += [f"{one.line}: {one.problem.message}" for one in piece.refused]
    return rows, lines, refused


class TestJson:
    def test_a_line_is_a_row_and_what_is_not_wanted_is_ignored(self):
        rows, lines, refused = read('{"id": 1, "amount": 2.5, "more": [1]}\n{"id": 2, "amount": null}\n')
        assert rows == [{"id": 1, "amount": 2.5}, {"id": 2, "amount": None}]
        assert (lines, refused) == ([1, 2], [])

    def test_blank_lines_count_and_say_nothing(self):
        rows, lines, _ = read('\n{"id": 1, "amount": 2}\n  \r\n{"id": 2, "amount": 3}')
        assert [row["id"] for row in rows] == [1, 2]
        assert lines == [2, 4]

    def test_lines_with_other_columns_make_pieces_of_their_own(self):
        text = b'{"id": 1, "amount": 2}\n{"id": 2, "amount": 3, "home": "own"}\n{"id": 3, "amount": 4, "home": null}\n'
        pieces = list(LineStream(io.BytesIO(text), WANTED).pieces())
        assert [piece.data.column_names for piece in pieces] == [["id", "amount"], ["id", "amount", "home"]]

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("{", "line 2 is not a JSON object: Expecting property name enclosed in double quotes at character 2"),
            ("[1]", "line 2 is not a JSON object"),
            ("7", "line 2 is not a JSON object"),
            ('{"id": 1, "id": 2, "amount": 1}', "line 2 names 'id' twice"),
            ('{"amount": 1}', "line 2 has no column 'id', the key of its rows"),
            ('{"id": "7", "amount": 1}', "line 2: column 'id' holds a text where a number is due"),
            ('{"id": 7.5, "amount": 1}', "line 2: column 'id' holds no whole number, and names something by whole"),
            ('{"id": 1, "amount": true}', "line 2: column 'amount' holds true or false where a number is due"),
            ('{"id": 1, "amount": [1]}', "line 2: column 'amount' holds a list where a number is due"),
            ('{"id": 1, "amount": 1, "home": {}}', "line 2: column 'home' holds an object where a text is due"),
            ('{"id": 1, "amount": 1, "home": 7}', "line 2: column 'home' holds a number where a text is due"),
            ('{"id": 1, "amount": 1, "paid": 1}', "line 2: column 'paid' holds a number where true or false is due"),
            ('{"id": 1, "amount": 1, "on": "31.12.2024"}', "line 2: column 'on' holds what is not a date as in 2024"),
            ("[" * 100_000, "line 2 is not a JSON object"),
            (b'{"id": 1, "amount": 1, "home": "\xff"}', "line 2 holds the byte 0xFF, which is not UTF-8"),
        ],
    )
    def test_a_broken_line_is_named_and_the_others_are_read(self, line, said):
        broken = line if isinstance(line, bytes) else line.encode()
        rows, lines, refused = read(b'{"id": 1, "amount": 1}\n' + broken + b'\n{"id": 3, "amount": 3}\n')
        assert lines == [1, 3]
        assert [row["id"] for row in rows] == [1, 3]
        assert len(refused) == 1
        assert refused[0].startswith(f"2: {said}")

    def test_nothing_of_a_value_is_told(self):
        _, _, refused = read('{"id": 1, "amount": "secret 4711"}\n')
        assert "4711" not in refused[0]

    def test_numbers_that_are_no_numbers_and_texts_of_spaces_are_missing(self):
        rows, _, _ = read('{"id": 1, "amount": NaN, "home": "  "}\n')
        assert rows == [{"id": 1, "amount": None, "home": None}]

    def test_whole_numbers_written_with_a_point_name_the_same(self):
        rows, _, _ = read('{"id": 7.0, "amount": 1}\n{"id": 8, "amount": 100000000000000000000}\n')
        assert rows == [{"id": 7, "amount": 1.0}, {"id": 8, "amount": 1e20}]


class TestCsv:
    def test_the_header_names_the_columns_in_any_order(self):
        rows, lines, _ = read("more,amount,id\nx,2.5,1\ny,,2\n")
        assert rows == [{"amount": 2.5, "id": 1}, {"amount": None, "id": 2}]
        assert lines == [2, 3]

    @pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
    def test_the_sign_that_finds_the_columns_separates(self, sign):
        rows, _, _ = read(f"id{sign}amount\n1{sign}2\n")
        assert rows == [{"id": 1, "amount": 2.0}]

    def test_values_are_read_as_files_are_read(self):
        head = "id,amount,term,paid,on,home\n"
        rows, _, _ = read(head + " 1 , 1e3,12,yes,2024-12-31, x \n2,NA,null,F,,\n3,.5,3.5,true,2024-12-31T10:00,007\n")
        assert [row["amount"] for row in rows] == [1000.0, None, 0.5]
        assert [row["term"] for row in rows] == [12, None, 3.5]
        assert [row["paid"] for row in rows] == [True, False, True]
        assert [str(row["on"]) for row in rows] == ["2024-12-31", "None", "2024-12-31"]
        assert [row["home"] for row in rows] == ["x ", None, "007"]

    def test_the_recipe_says_how_it_is_written(self):
        writing = Writing(delimiter=";", decimal=",", missing=frozenset({"?"}), names=("id", "amount"))
        rows, lines, _ = read("1;2,5\n2;?\n", writing=writing)
        assert rows == [{"id": 1, "amount": 2.5}, {"id": 2, "amount": None}]
        assert lines == [1, 2]

    def test_a_mark_and_returns_at_the_ends_of_lines_are_no_part_of_it(self):
        rows, _, _ = read(b"\xef\xbb\xbfid,amount\r\n1,2\r\n")
        assert rows == [{"id": 1, "amount": 2.0}]

    def test_a_delimiter_in_quotes_is_none(self):
        rows, _, _ = read('id,amount,home\n1,2,"a, ""b"""\n')
        assert rows[0]["home"] == 'a, "b"'

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("1", "line 2 has 1 field where the header names 3"),
            ("1,2,x,y", "line 2 has 4 fields where the header names 3"),
            ('1,2,"x', "line 2 has a quote that does not close"),
            ("1,much,x", "line 2: column 'amount' holds what is no number"),
            ("1,1_000,x", "line 2: column 'amount' holds what is no number"),
            ("1.5,1,x", "line 2: column 'id' holds no whole number"),
        ],
    )
    def test_a_broken_line_is_named_and_the_others_are_read(self, line, said):
        _, lines, refused = read(f"id,amount,home\n{line}\n3,4,z\n")
        assert lines == [3]
        assert [one.partition(": ")[2][: len(said)] for one in refused] == [said]

    def test_empty_fields_at_the_end_are_no_harm(self):
        assert read("id,amount,\n1,2,\n3,4,,,\n")[0] == [{"id": 1, "amount": 2.0}, {"id": 3, "amount": 4.0}]

    def test_a_header_without_a_column_that_is_needed_ends_it(self):
        with pytest.raises(
            InputError, match="the stream has no column 'amount', which the models learned from"
        ) as caught:
            read("id,amnt\n1,2\n")
        assert ("did you mean", "amnt") in caught.value.problems[0].hints

    def test_a_header_that_names_a_column_twice_ends_it(self):
        with pytest.raises(InputError, match="the stream has the column 'id' more than once  D004"):
            read("id,amount,id\n1,2,3\n")


@pytest.mark.parametrize("text", ["", "\n\n", "id,amount\n"])
def test_a_stream_without_a_row_is_an_error(text):
    with pytest.raises(InputError, match="no row came from the stream  D002"):
        read(text)


def test_lines_may_come_in_pieces_that_end_anywhere():
    text = '{"id": 1, "amount": 2, "home": "Zürich"}\n{"id": 2, "amount": 3, "home": "Köln"}'.encode()
    for size in (1, 3, 7, 40):
        file = InPieces(*(text[start : start + size] for start in range(0, len(text), size)))
        found = [row for piece in LineStream(file, WANTED).pieces() for row in piece.data.to_pylist()]
        assert [row["home"] for row in found] == ["Zürich", "Köln"]


class TestAnswers:
    @pytest.fixture
    def lines(self, applications) -> list[str]:
        return [json.dumps(row) for row in applications.drop_columns("creditability").slice(0, 6).to_pylist()]

    def answered(self, credit, lines, on_error="stop"):
        """Return answers, by line, until it ends; and the error that ended it."""
        from sartor.plugins import Plugins
        from sartor.predicting.answering import answers
        from sartor.predicting.asking import Asked, ready
        from sartor.recipe.project import Project

        file = io.BytesIO("\n".join(lines).encode())
        found: dict[int, object] = {}
        with ready(Asked("@last", [("", file)]), Project.at(), Plugins(), lambda event: None) as opened:
            try:
                for written in answers(opened, on_error):
                    found |= dict(zip(written.lines.tolist(), written.table.to_pylist(), strict=True))
                    found |= {one.line: one.problem.code for one in written.refused}
            except InputError as error:
                return found, str(error).splitlines()[0]
        return found, ""

    def test_it_stops_at_the_first_broken_line_after_the_answers_before_it(self, credit, lines):
        found, error = self.answered(credit, [*lines[:2], "{", *lines[2:], "{"])
        assert sorted(found) == [1, 2]
        assert error.startswith("line 3 is not a JSON object")

    def test_it_goes_on_where_it_is_told_to(self, credit, lines):
        found, error = self.answered(credit, [*lines[:2], "{", *lines[2:]], "skip")
        assert error == ""
        assert found.pop(3) == "D164"
        assert sorted(found) == [1, 2, 4, 5, 6, 7]
        assert [found[line]["application_id"] for line in sorted(found)] == list(range(6))

    def test_a_line_without_a_key_is_refused_by_its_number(self, credit, lines):
        keyless = json.dumps({**json.loads(lines[0]), "application_id": None})
        found, error = self.answered(credit, [lines[0], keyless, lines[1]])
        assert (sorted(found), error) == ([1], "line 2 has no application_id, which is its key  D162")
        found, _ = self.answered(credit, [lines[0], keyless, lines[1]], "skip")
        assert found[2] == "D162"

    def test_a_column_that_only_a_step_needs_is_missed_in_its_lines_only(self, credit, lines):
        less = {name: value for name, value in json.loads(lines[0]).items() if name != "credit_amount"}
        found, _ = self.answered(credit, [lines[0], json.dumps(less), lines[1]], "skip")
        assert found[2] == "D160"
        assert isinstance(found[3], dict)

    def test_each_line_is_answered_before_the_next_one_comes(self, credit, lines):
        command = [sys.executable, "-m", "sartor.cli", "predict", "@last", "--data", "-", "--decide", "--quiet"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8") as process:
            assert process.stdin
            assert process.stdout
            found = []
            for line in lines[:3]:
                process.stdin.write(f"{line}\n")
                process.stdin.flush()
                found.append(json.loads(process.stdout.readline()))
            process.stdin.close()
            assert process.stdout.read() == ""
            assert process.wait(timeout=30) == 0
        frame = pd.DataFrame([json.loads(line) for line in lines[:3]])
        expected = sartor.predict(credit, frame, decide=True)
        assert [one["decision"] for one in found] == expected["decision"].tolist()
        assert [one["probability"] for one in found] == expected["probability"].tolist()
