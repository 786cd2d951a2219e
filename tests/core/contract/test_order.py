"""Lines keep the order of their source through whatever is asked of them, so that those named are those meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LINES = 300_000
"""So many of so wide lines that two threads read the file, each its own part."""
WIDE = "x" * 60


def write(file: Path, flag: Callable[[int], str]) -> None:
    rows = (f"{number};{flag(number)};{number % 1000};{WIDE}\n" for number in range(LINES))
    file.write_text(f"id;flag;who;wide\n{''.join(rows)}", encoding="utf-8")


RECIPE = """
format: 1
recipe: demo/order
ingest:
  t:
    use: tables.csv
    key: id
    with: {path: t.csv}
    contract:
      columns:
        COLUMNS
"""


@pytest.mark.parametrize(
    ("terms", "good", "says"),
    [
        ("type: boolean", "yes", "neither true nor false"),
        ("type: text, allowed: [a, b, c, d, e, f]", "e", "not one of a, b, c, d, e and 1 more"),
        ("type: integer, allowed: [1, 2, 3, 5, 8, 13]", "13", "not one of 1, 2, 3, 5, 8 and 1 more"),
        ("type: number, missing_codes: [-1, -2, -3, -4, -5.5, '?'], at_least: 0", "7.5", "below 0"),
    ],
)
def test_the_one_odd_line_of_many_is_named(
    project: Path, entered: Callable[..., Any], terms: str, good: str, says: str
) -> None:
    write(project / "t.csv", lambda number: "-99" if number == 222_222 else good)
    columns = f"id: {{type: integer}}\n        flag: {{{terms}, otherwise: set_aside}}"

    found = entered(RECIPE.replace("COLUMNS", columns))

    assert any(f"flag is {says}: t.csv:222224" in note for note in found.notes)
    assert found.quarantine["t"]["id"].tolist() == [222_222]
    assert found.table["id"].tolist() == [number for number in range(LINES) if number != 222_222]


def test_lines_of_persons_who_agreed_keep_their_order(project: Path, entered: Callable[..., Any]) -> None:
    write(project / "t.csv", lambda number: "-1" if number == 222_222 else "1")
    people = "".join(f"{who};{'no' if who == 7 else 'yes'}\n" for who in range(1000))
    (project / "people.csv").write_text(f"who;agreed\n{people}", encoding="utf-8")
    recipe = RECIPE.replace("COLUMNS", "flag: {type: integer, at_least: 0, otherwise: set_aside}")
    recipe += "  people:\n    use: tables.csv\n    key: who\n    with: {path: people.csv}\n"
    recipe += "privacy:\n  consent: {column: agreed, value: 'yes', person: who}\n"

    found = entered(recipe)

    assert any("flag is below 0: t.csv:222224" in note for note in found.notes)
    assert found.quarantine["t"]["id"].tolist() == [222_222]
    ids = [number for number in range(LINES) if number % 1000 != 7 and number != 222_222]
    assert found.tables["t"]["id"].tolist() == ids
