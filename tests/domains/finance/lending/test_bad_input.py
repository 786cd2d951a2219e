"""Credit recipes on data and settings as they should not be: whole runs, each ending as it is promised."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import sartor
from sartor.errors import InputError, RecipeError, SartorError
from sartor.runs.verifying import verify

RECIPE = {
    "format": 1,
    "recipe": "test/lending",
    "currency": "EUR",
    "ingest": {"loans": {"use": "tables.csv", "key": "loan", "with": {"path": "loans.csv"}}},
    "privacy": {"purpose": "credit-decision", "columns": {"sex": "audit_only", "age": "audit_only"}},
    "task": {"use": "finance.default_risk", "with": {"outcome": "outcome", "bad": "bad", "good": "good"}},
    "split": {"hash": 0.4},
    "models": {"logistic": {"use": "learn.logistic"}},
    "actions": {
        "decision": {
            "use": "finance.credit_decision",
            "with": {"amount": "amount", "loss_given_default": 0.6, "margin": 0.12},
        }
    },
    "judge": {"redraws": 100},
    "gates": [{"metric": "acceptance_ratio", "by": "sex", "at_least": 0.2}],
}


def loans(n=400, **columns):
    rng = np.random.default_rng(1)
    income = rng.lognormal(7.5, 0.5, n).round()
    bad = rng.random(n) < 1 / (1 + np.exp((np.log(income) - 7.0) * 3))
    table = {
        "loan": np.arange(n),
        "income": income,
        "amount": 1000.0,
        "region": np.where(rng.random(n) < 0.5, "north", "south"),
        "sex": np.where(np.arange(n) % 2, "m", "f"),
        "age": rng.integers(18, 80, n),
        "outcome": np.where(bad, "bad", "good"),
    }
    return pd.DataFrame({**table, **columns})


def merged(base, changes):
    for key, value in changes.items():
        base[key] = merged(dict(base.get(key, {})), value) if isinstance(value, dict) else value
    return {key: value for key, value in base.items() if value is not None}


@pytest.fixture
def run(project):
    def go(table=None, **changes):
        (loans() if table is None else table).to_csv(project / "loans.csv", index=False)
        recipe = merged(json.loads(json.dumps(RECIPE)), changes)
        (project / "lending.yaml").write_text(json.dumps(recipe), encoding="utf-8")
        return sartor.run("lending.yaml")

    return go


def with_settings(**settings):
    return {"actions": {"decision": {"with": settings}}}


def notes_of(run):
    return [note["text"] for note in run.summary["notes"]]


def test_it_runs_as_it_is(run):
    assert run().passed


class TestCosts:
    @pytest.mark.parametrize("setting", ["loss_given_default", "margin"])
    @pytest.mark.parametrize("value", [0, -0.1, 1.5, "a lot"])
    def test_of_zero_or_less_are_refused_before_a_row_is_read(self, run, setting, value):
        with pytest.raises(RecipeError, match=setting):
            run(**with_settings(**{setting: value}))

    def test_of_a_look_may_be_zero(self, run):
        done = run(**with_settings(refer_cost=0, refer_within=0.05))
        assert done.summary["models"]["logistic"]["value"]["value"]
        rule = done.summary["policies"]["one-line rule"]["about"]
        assert rule.startswith("accept where income is over ")
        assert "about" not in done.summary["policies"]["accept everyone"]

    def test_that_make_no_one_acceptable_say_so_and_compare_nobody(self, run):
        done = run(**with_settings(margin=0.0001))
        # Of some of them nothing is worse than the average: no notice could say why, and a person has to look.
        without = int((done.decisions["reasons_from"].str.startswith("none: no factor")).sum())
        assert 0 < without < len(done.decisions)
        total, declined = len(done.decisions), len(done.decisions) - without
        assert done.headline == f"Accept 0 of {total} loans, have a person look at {without}, decline {declined}."
        assert done.summary["models"]["logistic"]["value"]["value"] == 0
        assert any(note.startswith("nobody is accepted: no chance of default lies below") for note in notes_of(done))
        (gate,) = done.summary["gates"]
        assert not gate["passed"]
        assert gate["value"] is None
        assert verify(done.folder).untouched

    def test_that_make_everyone_acceptable_find_no_reason_to_name(self, run):
        done = run(**with_settings(accept_below=0.999))
        assert set(done.decisions["decision"]) == {"accept"}
        assert done.summary["gates"][0]["reason"] == "no two groups have enough rows of either kind"


def test_amounts_that_would_add_up_to_infinity_are_no_amounts(run):
    table = loans()
    table["amount"] = table["amount"].astype(float)
    table.loc[::4, "amount"] = 1.7e308
    done = run(table)
    lost = done.decisions["amount"].isna()
    assert 0 < lost.sum() < len(lost)
    assert set(done.decisions.loc[lost, "decision"]) == {"refer"}
    assert abs(done.summary["models"]["logistic"]["value"]["value"]) < 1e9


class TestReasons:
    def test_that_may_all_not_be_named_leave_every_decline_to_a_person(self, run):
        done = run(**with_settings(not_reasons=["income", "amount", "region"]))
        assert (done.decisions["decision"] != "decline").all()
        assert any("would be declined without a reason that may be named" in note for note in notes_of(done))

    def test_for_a_column_that_is_not_there_stop_the_run_with_the_nearest(self, run):
        with pytest.raises(SartorError, match="incme"):
            run(**with_settings(reasons={"incme": "Income"}))

    def test_about_a_protected_column_are_refused_as_no_step_can_see_it(self, run):
        with pytest.raises(RecipeError, match="privacy keeps 'sex' for audit only, and no step can see it"):
            run(**with_settings(reasons={"sex": "Sex"}))

    def test_of_a_model_that_does_not_explain_itself_are_not_invented(self, run):
        done = run(models={"logistic": None, "neighbours": {"use": "learn.nearest"}})
        declined = done.decisions[done.decisions["decision"] == "decline"]
        assert len(declined)
        assert declined["reasons"].map(len).eq(0).all()
        assert any("the model does not explain itself" in note for note in notes_of(done))

    def test_that_look_like_html_or_a_formula_are_written_as_they_are(self, run, project):
        wild = "=1+1 <script>alert('x')</script>"
        done = run(**with_settings(reasons={"income": wild}))
        declined = done.decisions[done.decisions["decision"] == "decline"]
        assert wild in {text for texts in declined["reasons"] for text in texts}
        page = report_of(done)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def report_of(run):
    from sartor.reporting import make_reports

    reported = make_reports(run.folder)
    assert not reported.troubles
    return reported.files[0].read_text(encoding="utf-8")


class TestGroupsOfPeople:
    def test_three_of_them_are_told_of_nowhere(self, run):
        table = loans()
        judged = run(table).decisions["loan"]
        table.loc[table.index[table["loan"].isin(judged)][:3], "sex"] = "diverse"
        done = run(table)
        assert ", with 1 small group" in report_of(done)
        for file in ("metrics.json", "sections.json", "summary.json"):
            assert "diverse" not in (done.folder / file).read_text(encoding="utf-8")
        assert "diverse" not in report_of(done)

    def test_of_a_column_that_is_missing_throughout_are_said_to_be(self, run):
        done = run(loans(sex=None))
        assert any(note == "nothing is compared by 'sex': it is missing in all rows" for note in notes_of(done))
        (gate,) = done.summary["gates"]
        assert (gate["passed"], gate["reason"]) == (False, "it is missing in all rows")
        assert "it is missing in all rows" in report_of(done)

    def test_whose_names_look_like_html_or_a_formula_stay_text(self, run):
        n = 400
        names = np.where(np.arange(n) % 2, "=HYPERLINK(1)", "<img src=x onerror=alert(1)>")
        done = run(loans(sex=names))
        groups = [group["group"] for group in done.summary["audit"]["decision"]["by"]["sex"]["groups"]]
        assert sorted(groups) == ["<img src=x onerror=alert(1)>", "=HYPERLINK(1)"]
        page = report_of(done)
        assert "<img" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;" in page

    def test_each_alone_in_its_group_compare_nothing(self, run):
        done = run(loans(sex=[f"person {number}" for number in range(400)]))
        assert any(note.startswith("nothing is compared by 'sex': ") for note in notes_of(done))

    def test_by_dates_of_birth_compare_nothing_and_say_so(self, run):
        born = pd.date_range("1950-01-01", periods=400, freq="50D").astype(str)
        done = run(loans(age=born))
        assert "age" in done.summary["audit"]["decision"]["by"]


class TestWeights:
    def weighing(self, weight):
        return {"task": {"with": {"weight": "times"}}}, loans(times=weight)

    def test_of_zero_throughout_leave_no_row_to_learn_from(self, run):
        changes, table = self.weighing(0.0)
        with pytest.raises(InputError, match=r"no row to learn from: \d+ training rows have a weight of 0, and none"):
            run(table, **changes)

    def test_of_zero_count_nothing_in_learning(self, run):
        table = loans()
        wrong = table.assign(outcome=np.where(table["outcome"] == "bad", "good", "bad"), loan=table["loan"] + 1000)
        both = pd.concat([table.assign(times=1.0), wrong.assign(times=0.0)], ignore_index=True)
        # Rows that weigh nothing judge all the same; those that judge in either run are answered alike.
        done = run(both, task={"with": {"weight": "times"}})
        alone = run(table.assign(times=1.0), task={"with": {"weight": "times"}})
        chances = done.decisions.set_index("loan")["probability"].loc[alone.decisions["loan"]]
        np.testing.assert_allclose(chances.to_numpy(), alone.decisions["probability"].to_numpy(), atol=1e-6)

    def test_of_zero_leave_the_share_of_bad_loans_that_was_learned_from(self, run):
        table = loans()
        weight = np.where(table["outcome"] == "bad", 0.5, 1.0)
        settings = {**with_settings(bad_rate_of_population=0.05), "task": {"with": {"weight": "times"}}}
        done = run(table.assign(times=weight), **settings)
        said = json.loads((done.folder / "interface.json").read_text(encoding="utf-8"))["class_shares"]
        train = ~table["loan"].isin(done.decisions["loan"])
        expected = weight[train & (table["outcome"] == "bad")].sum() / weight[train].sum()
        assert said[1] == pytest.approx(expected)


class TestThePresentPolicy:
    def test_with_values_that_nobody_explains_stops_the_run(self, run):
        said = {"column": "approved", "accept": ["yes"], "decline": ["no"]}
        table = loans(approved=np.where(np.arange(400) % 3 == 0, "perhaps", "yes"))
        with pytest.raises(InputError, match=r"the recipe does not say what 'perhaps' \(\d+ rows\) means"):
            run(table, **with_settings(present_policy=said), task={"with": {"never": ["approved"]}})

    def test_stands_among_the_policies_with_its_money(self, run):
        said = {"column": "approved", "accept": ["yes"], "decline": ["no"]}
        table = loans(approved=np.where(np.arange(400) % 3 == 0, "no", "yes"))
        done = run(table, **with_settings(present_policy=said), task={"with": {"never": ["approved"]}})
        assert next(iter(done.summary["policies"])) == "present policy"
        held = table.set_index("loan").loc[done.decisions["loan"]]
        worth = np.where(held["outcome"] == "bad", -600, 120)[held["approved"] == "yes"].sum()
        assert done.summary["policies"]["present policy"]["value"] == pytest.approx(worth)


class TestThePopulation:
    def test_new_data_is_decided_on_by_its_chances_as_in_the_run(self, run):
        done = run(**with_settings(bad_rate_of_population=0.05))
        asked = loans().drop(columns=["outcome", "sex", "age"])
        asked = asked[asked["loan"].isin(done.decisions["loan"])]
        again = sartor.predict(done, asked, decide=True).set_index("loan").loc[done.decisions["loan"]]
        np.testing.assert_allclose(again["expected_value"].to_numpy(), done.decisions["expected_value"].to_numpy())
        assert again["decision"].tolist() == done.decisions["decision"].tolist()

    def test_metrics_stay_those_of_the_data(self, run):
        plain, moved = run(), run(**with_settings(bad_rate_of_population=0.05))
        assert plain.summary["models"]["logistic"]["metrics"] == moved.summary["models"]["logistic"]["metrics"]
        assert (moved.decisions["probability"] < plain.decisions["probability"]).all()


class TestHeadlineTableAndReport:
    """What is said of a decision in several places is the same thing."""

    def test_the_curve_holds_this_runs_worth_and_interval_as_the_table_does(self, run):
        done = run(judge={"redraws": 200})
        told = json.loads((done.folder / "sections.json").read_text(encoding="utf-8"))["sections"]
        curve = next(one for one in told if one["id"] == "value-by-cut-off")["figure"]["table"]
        (ours,) = [line for line in curve["lines"] if line[5] is not None]
        own = done.summary["models"]["logistic"]["value"]
        assert ours[2] == pytest.approx(own["value"])
        assert ours[3] == pytest.approx([own["low"], own["high"]])

    def test_rows_are_called_by_one_word(self, run):
        table = loans()
        table.loc[::9, "amount"] = np.nan
        assert "loans, have a person look at" in (headline := run(table).summary["headline"])
        done = run(table, **with_settings(noun="small loans"))
        assert done.summary["headline"] == headline.replace(" loans", " small loans")
        assert any("small loans have no 'amount' above 0" in note for note in notes_of(done))
        page = report_of(done)
        assert "Value of each policy on the" in page
        assert "small loans that judge" in page
        assert " applications" not in page
