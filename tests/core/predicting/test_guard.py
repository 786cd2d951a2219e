"""New rows go through the privacy and the contract of the recipe, as the run's own did."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError, PrivacyStop

RECIPE = """
format: 1
recipe: parts/guarded
ingest:
  people:
    use: parts.table
    key: id
    with: {of: people}
CONTRACT
privacy:
PRIVACY
task: {use: learn.classification, with: {outcome: won}}
split: {hash: 0.3}
models:
  tree: {use: learn.tree, with: {depth: 3}}
judge: {redraws: 100}
"""


def people(n=300, seed=0):
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, n)
    income = rng.gamma(3.0, 900.0, n).round(0)
    return pd.DataFrame(
        {
            "id": np.arange(n) + 5000,
            "age": age,
            "income": income,
            "agreed": np.where(rng.random(n) < 0.9, "yes", "no"),
            "won": (income / 2000 + age / 60 + rng.normal(size=n) > 2.5).astype("int64"),
        }
    )


@pytest.fixture
def guarded(run_parts):
    def run(privacy="  purpose: test", contract="", table=None):
        text = RECIPE.replace("PRIVACY", privacy).replace("CONTRACT", contract)
        return run_parts(text, people=people() if table is None else table)

    return run


def judged(run, answers, rows):
    """Return how far answers lie from those that the run recorded, by the place of its rows in `rows`."""
    places = [rows.index(row) for row in run.predictions["row"]]
    return float(np.abs(answers["probability"].to_numpy()[places] - run.predictions["tree: probability"]).max())


class TestPrivacy:
    def test_a_key_is_answered_under_its_pseudonym(self, guarded, ask, monkeypatch):
        from sartor.guard.pseudonyms import Key

        monkeypatch.setenv("GUARD_KEY", "a key of more than sixteen bytes")
        run = guarded("  key: secret:GUARD_KEY\n  columns: {id: pseudonymise}")
        answers = ask(people().drop(columns="won"))
        key = Key(b"a key of more than sixteen bytes")
        names = [key.pseudonym(str(number)) for number in people()["id"]]
        assert answers["id"].tolist() == names
        assert judged(run, answers, names) <= 1e-12
        as_decimals = people().astype({"id": "float64"})
        assert ask(as_decimals)["id"].tolist() == names
        stream = io.BytesIO(people().head(3).to_json(orient="records", lines=True).encode())
        assert ask(stream)["id"].tolist() == names[:3]

    def test_without_the_key_nothing_is_answered(self, guarded, ask, monkeypatch):
        monkeypatch.setenv("GUARD_KEY", "a key of more than sixteen bytes")
        guarded("  key: secret:GUARD_KEY\n  columns: {id: pseudonymise}")
        monkeypatch.delenv("GUARD_KEY")
        with pytest.raises(PrivacyStop, match="the secret GUARD_KEY is not set"):
            ask(people())

    def test_with_another_key_than_the_run_was_made_with_nothing_is_answered(self, guarded, ask, monkeypatch):
        from sartor.guard.pseudonyms import Key

        monkeypatch.setenv("GUARD_KEY", "a key of more than sixteen bytes")
        run = guarded("  key: secret:GUARD_KEY\n  columns: {id: pseudonymise}")
        check = Key(b"a key of more than sixteen bytes").check
        assert json.loads((run.folder / "record.json").read_text())["key_check"] == check
        monkeypatch.setenv("GUARD_KEY", "another key of more than sixteen")
        with pytest.raises(PrivacyStop, match="the secret GUARD_KEY is another key than the run was made with") as stop:
            ask(people())
        (problem,) = stop.value.problems
        assert problem.code == "P003"
        assert problem.hints[0] == ("to mend", f"set GUARD_KEY to the key of then, whose check is {check}")

    def test_what_is_made_coarser_comes_in_coarser(self, guarded, ask):
        run = guarded("  columns: {age: {generalise: {bands: [30, 50]}}, income: {generalise: {width: 500}}}")
        answers = ask(people())
        assert judged(run, answers, people()["id"].tolist()) <= 1e-12
        nearly = people().assign(income=lambda frame: frame["income"] // 500 * 500 + 1, age=lambda frame: frame["age"])
        pd.testing.assert_frame_equal(ask(nearly), answers)

    @pytest.mark.parametrize("form", ["frame", "stream"])
    def test_who_did_not_agree_has_no_answer(self, guarded, ask, form):
        cautions: list[str] = []
        run = guarded("  consent: {column: agreed, value: yes}\n  columns: {agreed: drop}".replace("yes", '"yes"'))
        table = people().assign(agreed=lambda frame: frame["agreed"].where(frame["id"] != 5000, None))
        data = table if form == "frame" else io.BytesIO(table.to_json(orient="records", lines=True).encode())
        answers = ask(data, cautions=cautions)
        agreed = (table["agreed"] == "yes").to_numpy()
        assert answers["probability"].notna().tolist() == agreed.tolist()
        assert answers["id"].notna().tolist() == agreed.tolist()
        expected = f"{int((~agreed).sum())} rows are not answered: whom they are about did not agree"
        assert expected in cautions
        assert judged(run, answers, people()["id"].tolist()) <= 1e-12

    def test_nobody_agreed_where_nothing_says_so(self, guarded, ask):
        guarded('  consent: {column: agreed, value: "yes"}\n  columns: {agreed: drop}')
        with pytest.raises(
            PrivacyStop, match="table people has no column 'agreed' that says who agreed, so nobody did"
        ):
            ask(people().drop(columns="agreed"))

    def test_if_nobody_agrees_there_is_no_answer_at_all(self, guarded, ask):
        guarded('  consent: {column: agreed, value: "yes"}\n  columns: {agreed: drop}')
        answers = ask(people().head(4).assign(agreed="no"))
        assert answers.columns.tolist() == ["id", "probability"]
        assert answers["probability"].isna().tolist() == [True] * 4


CODES = """
    contract:
      columns:
        income: {missing_codes: [-1], between: [0, 50000], otherwise: OUTCOME}
"""


class TestContract:
    def test_codes_for_missing_are_missing(self, guarded, ask):
        guarded(contract=CODES.replace("OUTCOME", "stop"))
        answers = ask(people().assign(income=-1))
        pd.testing.assert_frame_equal(answers, ask(people().assign(income=np.nan)))

    def test_a_value_that_is_read_as_missing_is_noted(self, guarded, ask):
        cautions: list[str] = []
        guarded(contract=CODES.replace("OUTCOME", "missing"))
        table = people()
        table.loc[[2, 5], "income"] = 1e6
        answers = ask(table, cautions=cautions)
        table.loc[[2, 5], "income"] = np.nan
        pd.testing.assert_frame_equal(answers, ask(table))
        assert "2 values of income were read as missing: not between 0 and 50,000" in cautions

    def test_a_row_that_is_set_aside_has_no_answer(self, guarded, ask):
        cautions: list[str] = []
        guarded(contract=CODES.replace("OUTCOME", "set_aside"))
        table = people()
        table.loc[[2, 5], "income"] = 1e6
        answers = ask(table, cautions=cautions)
        assert np.flatnonzero(answers["probability"].isna()).tolist() == [2, 5]
        assert answers["id"].tolist() == people()["id"].tolist()
        assert "2 rows are not answered: income is not between 0 and 50,000" in cautions

    def test_a_row_that_would_have_stopped_the_run_stops(self, guarded, ask):
        guarded(contract=CODES.replace("OUTCOME", "stop"))
        table = people()
        table.loc[[2, 5], "income"] = 1e6
        with pytest.raises(InputError, match=r"row 3: income is not between 0 and 50,000  D170"):
            ask(table)

    def test_texts_are_read_as_the_contract_says(self, guarded, ask):
        contract = (
            "    contract:\n      columns:\n"
            "        income: {type: number, decimal: ',', thousands: '.'}\n        age: {type: integer}\n"
        )
        said = people().assign(
            income=lambda frame: [f"{value:,.2f}".translate(str.maketrans(",.", ".,")) for value in frame["income"]],
            age=lambda frame: frame["age"].map(str),
        )
        run = guarded(contract=contract, table=said)
        answers = ask(said)
        assert judged(run, answers, people()["id"].tolist()) <= 1e-12
        stream = io.BytesIO(said.to_csv(index=False).encode())
        pd.testing.assert_frame_equal(ask(stream), answers)
        as_numbers = people().astype({"income": "float64"})
        pd.testing.assert_frame_equal(ask(as_numbers), answers)
        with pytest.raises(InputError, match=r"row 1: income is not a number.*D170"):
            ask(said.assign(income="much"))


FRESH = """
    contract:
      fresh: {column: day, within: 7 days}
      columns: {day: {type: date, at_most: 2024-12-31, otherwise: set_aside}}
"""


class TestFresh:
    """How old rows are is a caution when all are answered; they are answered whatever their age."""

    @pytest.fixture
    def dated(self, guarded):
        """Return a function that gives people a day; a run has learned from such."""
        today = pd.Timestamp.now().strftime("%Y-%m-%d")
        contract = FRESH.replace("2024-12-31", "2999-01-01")
        guarded(contract=contract, table=people().assign(day=today))

        def on(*days):
            return people().head(len(days)).assign(day=list(days))

        return on

    def test_rows_whose_newest_is_young_enough_are_answered_without_a_word(self, dated, ask):
        cautions: list[str] = []
        answers = ask(dated("2024-01-01", "2024-06-10"), cautions=cautions, as_of=pd.Timestamp("2024-06-17"))
        assert answers["probability"].notna().all()
        assert cautions == []

    @pytest.mark.parametrize("form", ["frame", "stream"])
    def test_stale_rows_are_answered_with_a_caution(self, dated, ask, form):
        cautions: list[str] = []
        table = dated("2024-01-01", "2024-06-10")
        data = table if form == "frame" else io.BytesIO(table.to_json(orient="records", lines=True).encode())
        answers = ask(data, cautions=cautions, as_of=pd.Timestamp("2024-06-18"))
        assert answers["probability"].notna().all()
        (caution,) = cautions
        assert caution == (
            "table people is stale: the newest day is 2024-06-10, which is 8 days before 2024-06-18; "
            "the contract asks for 7 days at most"
        )

    def test_a_row_that_is_set_aside_makes_nothing_fresh(self, dated, ask):
        cautions: list[str] = []
        answers = ask(dated("2024-06-10", "2999-12-31"), cautions=cautions, as_of=pd.Timestamp("2024-06-30"))
        assert answers["probability"].isna().tolist() == [False, True]
        assert any("the newest day is 2024-06-10, which is 20 days before 2024-06-30" in text for text in cautions)

    def test_rows_without_any_date_say_nothing_of_their_age(self, dated, ask):
        cautions: list[str] = []
        ask(dated(None, None), cautions=cautions, as_of=pd.Timestamp("2024-06-30"))
        assert cautions == ["day of table people holds no date that would say how fresh it is"]

    def test_a_row_that_repeats_another_is_answered_again(self, guarded, ask):
        guarded(contract="    contract: {unique: [[age, income]]}\n", table=people().drop_duplicates(["age", "income"]))
        first = people().head(1)
        answers = ask(pd.concat([first, first.assign(id=9)]))
        assert answers["probability"].nunique() == 1
        assert answers["id"].tolist() == [5000, 9]


def test_a_run_and_new_data_tell_of_levels_that_training_never_saw(run_parts, ask):
    rng = np.random.default_rng(0)
    table = people().assign(home=rng.choice(["own", "rent"], 300), part=np.where(np.arange(300) % 3 == 0, "b", "a"))
    table["won"] = ((table["home"] == "own") + rng.normal(size=300) > 0.5).astype("int64")
    table.loc[0, "home"] = "boat"
    text = RECIPE.replace("PRIVACY", "  purpose: test").replace("CONTRACT", "")
    text = text.replace("hash: 0.3", "given: part, train: [a], test: [b]")
    run = run_parts(text.replace("learn.tree, with: {depth: 3}", "finance.scorecard"), people=table)
    said = "home holds 1 level that training never saw, in {} ({}): counted neither for nor against"
    assert said.format("1 row", "'...'") in [note["text"] for note in run.summary["notes"]]
    cautions: list[str] = []
    ask(table.assign(home="tent").drop(columns=["won", "part"]), cautions=cautions)
    assert said.format("300 rows", "'tent'") in cautions
