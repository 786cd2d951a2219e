"""Columns may be called as they like: what sartor calls something for itself is in nobody's way."""

from __future__ import annotations

import numpy as np
import pandas as pd

NAMES = ("row", "place", "n", "first", "t", "g", "a0", "b0", "t0", "st0", "d0", "v", "i", "lines", "places", "person",
         "value", "person_", "line", "file", "key", "reason", "count", "agreed", "s", "select", "No. 1")  # fmt: skip
LINES = 60


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    columns: dict[str, object] = {name: rng.integers(100, 900, LINES) for name in NAMES}
    columns["place"] = [f"at {line % 7}" for line in range(LINES)]
    columns["t0"] = [line / 8 for line in range(LINES)]
    columns["row"] = [*range(LINES - 1), 3]
    columns["n"] = [*range(LINES - 2), 4, LINES]
    columns["agreed"] = ["yes", "yes", "no"] * (LINES // 3)
    return pd.DataFrame(columns)


def test_rules_quarantine_and_uniqueness(entered, project):
    made = table()
    made.to_csv(project / "t.csv", index=False)
    said = ", ".join(
        f"'{name}': {{type: integer, at_most: 890}}" for name in NAMES if name not in ("place", "t0", "agreed")
    )
    found = entered(
        "format: 1\nrecipe: demo/names\ningest:\n  lines:\n    use: tables.csv\n    with: {path: t.csv}\n"
        "    contract:\n      otherwise: set_aside\n      required: [place]\n"
        "      unique: [[row], ['n'], [first, a0, t, g, person]]\n"
        f"      columns: {{{said}}}\n"
    )
    numbers = made.select_dtypes("integer").to_numpy()
    aside = (numbers > 890).any(axis=1)
    assert not aside[[3, 4, LINES - 2, LINES - 1]].any()
    aside[LINES - 2 :] = True
    assert found.quarantine["lines"]["__source_row"].tolist() == np.flatnonzero(aside).tolist()
    assert found.quarantine["lines"]["__reason"].tolist()[-2:] == ["n stands before", "row stands before"]
    assert "lines: 1 line was set aside, n stands before: t.csv:60 repeats t.csv:6" in found.notes
    pd.testing.assert_frame_equal(found.table, made[~aside].reset_index(drop=True), check_dtype=False)


def test_consent_by_persons(entered, project):
    table().assign(row=range(LINES)).to_csv(project / "t.csv", index=False)
    pd.DataFrame({"n": range(9), "row": range(9)}).to_csv(project / "u.csv", index=False)
    found = entered(
        "format: 1\nrecipe: demo/names\ningest:\n"
        "  lines: {use: tables.csv, with: {path: t.csv}}\n  places: {use: tables.csv, with: {path: u.csv}}\n"
        "privacy: {consent: {column: agreed, value: 'yes', person: row}}\n"
    )
    assert found.tables["lines"]["row"].tolist() == [row for row in range(LINES) if row % 3 < 2]
    assert found.tables["places"]["row"].tolist() == [0, 1, 3, 4, 6, 7]


def test_a_profile(entered, project, monkeypatch):
    from sartor.plugins import Plugins
    from sartor.profiling.profiling import Asked, profile
    from sartor.profiling.writing import yaml_of
    from sartor.recipe.project import Project

    monkeypatch.setenv("PSEUDONYM_KEY", "k" * 32)
    table().to_parquet(project / "t.parquet")
    found, use, said = profile(Asked("t.parquet", table="lines", threads=1), Project.at(), Plugins())
    assert [column.name for column in found.columns] == list(NAMES)
    text = yaml_of(found, "lines", use, said)
    assert "at_least" not in text
    assert len(entered(f"format: 1\nrecipe: demo/names\n{text}").table) == LINES
