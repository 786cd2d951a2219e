"""A card elsewhere scores as it does here: as a table of points, as JSON, as SQL; and what would not is not written."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cards import answers, borrowers, training

from sartor.errors import InputError, PluginError, UsageError
from sartor.exporting import Export
from sartor_domains.finance.card.exports import FORMS
from sartor_domains.finance.card.exports.edges import edge_rows
from sartor_domains.finance.card.exports.proving import check_alike, queried, reckoned
from sartor_domains.finance.card.exports.query import Query
from sartor_domains.finance.card.exports.table import read_table
from sartor_domains.finance.scorecard import Scorecard

HOSTILE = [
    "=1+1", "+cmd|' /C calc'!A0", "@sum", "-5", "it's", 'a "quoted" one', "x'); DROP TABLE loans; --", "a\\b", "%", "",
    "<script>alert(1)</script>", "tab\there", "line\nbreak", "ä×漢😀", "NULL", "a, b", "  space ",
]  # fmt: skip
NAMES = ["income; DROP TABLE x --\n", 'the "years"', "=job", "Amount", "amount", "<b>", "a × b", "score", "é" * 40]


@pytest.fixture
def card(context):
    X, bad = borrowers()
    X["days"] = np.where(np.arange(len(bad)) % 7 == 0, 999.0, np.arange(len(bad)) % 5 + 0.1)
    settings = Scorecard(special_codes={"days": [999, -1]}, pairs=[["income", "job"]], min_information_value=0)
    return settings.fit(training(X, bad), context)


@pytest.fixture
def hostile(context):
    """A card whose columns and levels are called what nobody would call them."""
    rng = np.random.default_rng(0)
    rows = 3000
    X = {name: rng.normal(size=rows).round(2) for name in NAMES}
    X["level"] = rng.choice(HOSTILE, rows)
    risk = sum(X[name] for name in NAMES) / 3 + np.array([HOSTILE.index(level) for level in X["level"]]) / 10
    bad = (rng.random(rows) < 1 / (1 + np.exp(1 - risk))).astype(int)
    return Scorecard(min_share=0.02, pairs=[["Amount", "amount"], ["level", "score"]]).fit(training(X, bad), context)


def export(form, **more):
    return Export(**{"form": form, "recipe": "a/b", "run": "1124-0700-ab", "model": "card", "keys": ("id",), **more})


def same(card, found, X):
    check_alike(card.answers(X), found, X, "tested")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_checked_and_says_on_how_many_rows(form, card, caplog):
    caplog.set_level("INFO")
    assert card.export(export(form))
    assert "scores as the card does in " in caplog.text


def test_the_query_scores_new_rows_as_the_card_does(card):
    X, _ = borrowers(rows=500, seed=9)
    X["days"] = np.where(np.arange(500) % 3 == 0, -1.0, 2.0)
    frame = pd.DataFrame(X).assign(job=lambda rows: rows["job"].where(rows.index % 11 > 0, "pilot"))
    same(card, queried(Query(card, export("sql")), frame), frame)


def test_json_scores_new_rows_as_the_card_does_by_the_rules_that_it_states(card):
    X, _ = borrowers(rows=200, seed=9)
    frame = pd.DataFrame({**X, "days": np.nan})
    document = json.loads(card.export(export("json")))
    assert document["what"] == "sartor scorecard"
    assert (document["recipe"], document["run"], document["model"]) == ("a/b", "1124-0700-ab", "card")
    assert document["probability_of"] == "bad"
    same(card, reckoned(document, frame), frame)


def test_the_table_scores_new_rows_as_the_card_does(card):
    X, _ = borrowers(rows=200, seed=9)
    frame = pd.DataFrame({**X, "days": 999.0})
    same(card, reckoned(read_table(card.export(export("csv"))), frame), frame)


def test_the_table_has_a_line_for_each_bin(card):
    lines = list(csv.DictReader(io.StringIO(card.export(export("csv")).decode())))
    days = next(entry for entry in card.characteristics if entry.name == "days")
    shown = [line for line in lines if line["characteristic"] == "days"]
    assert [float(line["points"]) for line in shown[: len(days.bins)]] == [one.points for one in days.bins]
    assert [line["kind"] for line in shown][-4:] == ["special", "special_codes", "type", "unseen"]
    assert json.loads(shown[-3]["values"]) == ["999", "-1"]
    base = next(line for line in lines if line["kind"] == "base_points")
    assert float(base["points"]) == card.base_points


@pytest.mark.parametrize("form", FORMS)
def test_names_and_levels_that_nobody_would_use_do_no_harm(form, hostile):
    assert hostile.export(export(form))


def test_no_cell_of_the_table_is_taken_for_a_formula(hostile, caplog):
    content = hostile.export(export("csv")).decode()
    cells = [cell for line in csv.reader(io.StringIO(content, newline="")) for cell in line]
    texts = [cell for cell in cells if not _is_number(cell)]
    assert not [cell for cell in texts if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'=job" in cells
    assert "begin like a formula or with an apostrophe, and an apostrophe is put before it" in caplog.text


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_what_a_column_is_called_cannot_end_a_comment_or_a_name(hostile):
    import duckdb

    written = Query(hostile, export("sql", recipe="x\n; DROP TABLE y", table='risk"; DROP TABLE z; --')).written()
    assert '"income; DROP TABLE x --\n"' in written
    with duckdb.connect() as connection:
        assert len(connection.extract_statements(written)) == 1
    assert written.splitlines()[0] == "-- Scorecard: x ; DROP TABLE y, run 1124-0700-ab, card."


def test_names_that_differ_in_case_only_are_told_of_and_still_checked(hostile, caplog):
    hostile.export(export("sql"))
    assert "mount' differ in case only: PostgreSQL tells them apart, DuckDB and other databases" in caplog.text
    assert "PostgreSQL keeps 63 bytes of a name, and 'éééé" in caplog.text


def test_outputs_have_names_of_their_own(hostile):
    outputs = Query(hostile, export("sql", keys=("score", "id"))).outputs
    assert outputs[:2] == ["answer: score", "id"]
    assert outputs[-3:] == ["score", "probability", "status"]
    assert len({name.casefold() for name in outputs}) == len(outputs)
    assert max(len(name.encode()) for name in outputs) <= 63


def test_the_query_reads_the_table_that_is_named(card):
    query = Query(card, export("sql", table="risk.the applications"))
    assert 'FROM "risk"."the applications"' in query.written()
    rows = edge_rows(card, None)
    same(card, queried(query, rows), rows)
    with pytest.raises(UsageError, match=r"a table is called NAME or SCHEMA.NAME, and not 'risk.'"):
        Query(card, export("sql", table="risk.")).written()


def test_numbers_are_written_to_the_last_bit(context):
    rng = np.random.default_rng(0)
    number = rng.choice([0.1 + 0.2, 0.3, 1 / 3, np.nextafter(1 / 3, 1), 1e-17, 2.5e300], 2000)
    bad = (rng.random(2000) < np.where(number > 0.3, 0.5, 0.2)).astype(int)
    fitted = Scorecard().fit(training({"number": number}, bad), context)
    (cut, *_) = fitted.characteristics[0].cuts.tolist()
    assert f"CAST('{cut!r}' AS DOUBLE PRECISION)" in Query(fitted, export("sql")).written()
    frame = pd.DataFrame({"number": [cut, np.nextafter(cut, 1), np.nextafter(cut, 0)]})
    same(fitted, queried(Query(fitted, export("sql")), frame), frame)
    assert len(set(answers(fitted, frame)["score"])) == 2


@pytest.mark.parametrize("decimals", [0, 2, 6])
def test_decimals_are_exact_in_every_form(context, decimals):
    X, bad = borrowers()
    fitted = Scorecard(decimals=decimals, base_score=12.345678).fit(training(X, bad), context)
    for form in FORMS:
        assert fitted.export(export(form))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fewest", [0, 1, 3])
def test_rows_that_cannot_be_scored_are_told_apart_in_every_form(context, form, fewest):
    X, bad = borrowers()
    fitted = Scorecard(fewest_known=fewest).fit(training(X, bad), context)
    assert fitted.export(export(form))
    rows = edge_rows(fitted, None)
    unknown = answers(fitted, rows)["status"].notna()
    assert unknown.any() == (fewest > 0)


@pytest.mark.parametrize("form", FORMS)
def test_a_card_of_nothing_can_be_exported_too(context, form):
    fitted = Scorecard().fit(training({"same": ["x"] * 40}, [0] * 30 + [1] * 10), context)
    assert fitted.export(export(form))
    assert fitted.export(export(form, keys=()))


def test_an_export_that_does_not_score_alike_is_refused(card):
    frame = edge_rows(card, None)
    query = Query(card, export("sql"))
    wrong = replace(card, base_points=card.base_points + 1)
    with pytest.raises(
        PluginError, match=r"the scorecard as sql does not score as the card does, in .* rows: "
    ) as told:
        check_alike(wrong.answers(frame), queried(query, frame), frame, "sql")
    assert told.value.problems[0].code == "X050"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace(" <= ", " < ", 1),
        lambda text: text.replace("x1 IS NULL OR ", "", 1),
        lambda text: text.replace("WHEN b2 = 0 THEN", "WHEN b2 = 1 THEN", 1),
        lambda text: text.replace("known < 1", "known < 0", 1),
    ],
)
def test_the_rows_of_the_check_find_what_is_wrong_with_a_query(card, monkeypatch, spoil):
    written = Query.written
    right = Query(card, export("sql")).written()
    assert spoil(right) != right
    monkeypatch.setattr(Query, "written", lambda query: spoil(written(query)))
    with pytest.raises(PluginError, match="does not score as the card does"):
        card.export(export("sql"))


def test_a_level_that_no_database_can_hold_is_refused_with_its_name(context):
    column = ["a\0b"] * 100 + ["c"] * 100
    fitted = Scorecard().fit(training({"x": column}, [0] * 80 + [1] * 20 + [0] * 20 + [1] * 80), context)
    with pytest.raises(InputError, match="holds a character that no SQL text can hold") as told:
        fitted.export(export("sql"))
    assert told.value.problems[0].code == "D089"
    assert fitted.export(export("json"))


def test_flags_and_whole_numbers_as_levels_are_compared_as_databases_write_them(context):
    rng = np.random.default_rng(0)
    flag, code = rng.random(2000) < 0.5, rng.integers(0, 3, 2000)
    bad = (rng.random(2000) < np.where(flag, 0.5, 0.2) + code / 10).astype(int)
    X = {"flag": flag, "code": pd.Series(code).astype("category")}
    fitted = Scorecard().fit(training(X, bad), context)
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE rows_to_score AS SELECT 1 AS id, true AS flag, 2 AS code")
        found = connection.sql(Query(fitted, export("sql")).written()).fetchall()
    frame = pd.DataFrame({"flag": [True], "code": pd.Series([2]).astype("category")})
    assert found[0][-3] == answers(fitted, frame)["score"][0]


def test_many_characteristics_and_levels_are_exported_in_time(context):
    rng = np.random.default_rng(0)
    X = {f"column {place}": rng.normal(size=3000) for place in range(60)}
    X["town"] = rng.choice([f"town {place}" for place in range(400)], 3000)
    risk = sum(X[f"column {place}"] for place in range(60)) / 8
    bad = (rng.random(3000) < 1 / (1 + np.exp(1 - risk))).astype(int)
    fitted = Scorecard(min_information_value=0).fit(training(X, bad), context)
    assert len(fitted.parts) > 40
    for form in FORMS:
        assert fitted.export(export(form))
