"""CSV files one below the other: which part a line is of, and what parts must have in common."""

from __future__ import annotations

import pytest

from sartor.components import Ingest
from sartor.errors import InputError, SettingError
from sartor_plugins.tables.csv_files import CsvFiles
from sartor_plugins.tables.stacked import StackedCsv


def stacked(tmp_path, context, part="part", types=None, **files):
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    reader = StackedCsv(parts={name: CsvFiles(path=f"{name}.csv", types=(types or {})) for name in files}, part=part)
    assert isinstance(reader, Ingest)
    return reader, reader.read(context)


def test_lines_stand_in_the_order_of_the_parts_with_their_name(tmp_path, context):
    _, table = stacked(tmp_path, context, train="unit,x\n1,5\n2,6\n", test="unit,x\n1,7\n")
    assert table.columns == ["part", "unit", "x"]
    assert table.fetchall() == [("train", 1, 5), ("train", 2, 6), ("test", 1, 7)]


def test_columns_are_matched_by_name_and_whole_numbers_join_numbers(tmp_path, context):
    _, table = stacked(tmp_path, context, part="site", a="unit,x\n1,5\n", b="x,unit\n6.5,2\n")
    assert table.fetchall() == [("a", 1, 5.0), ("b", 2, 6.5)]


def test_a_part_with_other_columns_is_named(tmp_path, context):
    with pytest.raises(InputError, match="part a lacks column 'y' of part b"):
        stacked(tmp_path, context, a="unit,x\n1,5\n", b="unit,y\n1,5\n")


def test_text_in_one_part_and_numbers_in_another_are_refused(tmp_path, context):
    with pytest.raises(InputError, match="'x' holds numbers in part a and text in part b") as caught:
        stacked(tmp_path, context, a="unit,x\n1,5\n", b="unit,x\n1,five\n")
    assert caught.value.problems[0].hints == (("to mend", "say of both parts what it holds: types: {x: text}"),)
    _, table = stacked(tmp_path, context, types={"x": "text"}, a="unit,x\n1,5\n", b="unit,x\n1,five\n")
    assert table.fetchall() == [("a", 1, "5"), ("b", 1, "five")]


def test_the_added_column_must_be_new(tmp_path, context):
    with pytest.raises(SettingError, match="part is 'unit', and the files have such a column"):
        stacked(tmp_path, context, part="unit", a="unit,x\n1,5\n")


def test_a_line_is_found_in_its_own_file(tmp_path, context):
    reader, _ = stacked(tmp_path, context, a="unit,x\n1,5\n2,6\n", b="unit,x\n3,7\n")
    assert reader.places(context, [1, 2], 3) == ["a.csv:3", "b.csv:2"]


def test_every_file_is_an_input(tmp_path, context):
    reader, _ = stacked(tmp_path, context, a="unit,x\n1,5\n", b="unit,x\n3,7\n")
    assert [file["name"] for file in reader.inputs(context)] == ["a.csv", "b.csv"]
    assert len(reader.stamp(context).split("/")) >= 2


def test_a_part_may_be_called_anything(tmp_path, context):
    (tmp_path / "a.csv").write_text("unit\n1\n", encoding="utf-8")
    table = StackedCsv(parts={'it\'s "one"': CsvFiles(path="a.csv")}).read(context)
    assert table.fetchall() == [('it\'s "one"', 1)]
