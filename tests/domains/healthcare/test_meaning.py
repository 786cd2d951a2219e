"""The dirt of real patients' tables: each kind is found, and said with how to mend it."""

from __future__ import annotations

import numpy as np
import pytest

from sartor.errors import InputError

N = 200


@pytest.fixture
def patients():
    """200 patients, every second one ill, with honest columns."""
    rng = np.random.default_rng(1)
    return {
        "ill": np.tile([0, 1], N // 2),
        "age": rng.integers(30, 80, N).astype(float),
        "chol": rng.normal(240, 30, N).round(),
        "cigarettes": np.where(rng.random(N) < 0.5, 0, rng.integers(1, 40, N)).astype(float),
        # Zero is where a slope begins, and no missing code.
        "oldpeak": np.where(rng.random(N) < 0.4, 0, rng.exponential(1.5, N).round(2)),
    }


def found(rows, kind):
    return [one for one in rows.facts["meaning"] if one["kind"] == kind]


def test_nothing_is_found_in_honest_columns(risk_rows, patients, said):
    rows, _ = risk_rows(patients)
    assert rows.facts["meaning"] == []
    assert said == []


def test_zeros_that_mean_missing_are_flagged_with_the_contract_to_write(risk_rows, patients, said):
    patients["chol"][:49] = 0
    rows, _ = risk_rows(patients)
    least = f"{patients['chol'][49:].min():g}"
    text = (
        f"'chol' is 0 in 49 of 200 lines, and in no other below {least}: zero seems to mean that it was not measured; "
        "say so at ingest, contract: {columns: {chol: {missing_codes: [0]}}}; if it is a true zero, say "
        "true_zeros: [chol]"
    )
    assert said == [(text, True)]
    assert [one["column"] for one in found(rows, "zeros")] == ["chol"]


def test_one_zero_is_enough(risk_rows, patients, said):
    patients["chol"][7] = 0
    risk_rows(patients)
    assert said[0][0].startswith("'chol' is 0 in 1 of 200 lines")


def test_declared_zeros_are_not_flagged(risk_rows, patients, said):
    patients["chol"][:49] = 0
    risk_rows(patients, true_zeros=["chol"])
    assert said == []


def test_a_cause_of_death_is_refused_whatever_its_values(risk_rows, patients):
    patients["chapter"] = np.where(patients["ill"] == 1, np.tile(["Circulatory", "Neoplasms"], N // 2), None)
    with pytest.raises(InputError) as caught:
        risk_rows(patients)
    (problem,) = caught.value.problems
    assert problem.code == "D193"
    assert problem.message == (
        "'chapter' has a value in 100 of 100 lines with the event and in 0 of 100 without it: it can only be known "
        "afterwards"
    )
    assert "known_after: [chapter]" in problem.hints[0][1]
    rows, _ = risk_rows(patients, known_after=["chapter"])
    assert "chapter" in rows.truth


def test_a_cause_of_death_is_found_where_only_deaths_within_a_time_count(risk_rows, patients):
    patients["chapter"] = np.where(patients["ill"] == 1, "Circulatory", None)
    days = np.tile([10.0, 50.0, 400.0, 900.0], N // 4)
    with pytest.raises(InputError, match="'chapter' has a value in 100 of 100 lines with the event and in 0 of 100"):
        risk_rows({**patients, "days": days}, time="days", within=365)


def test_a_few_values_below_zero_are_told(risk_rows, patients):
    patients["oldpeak"][:9] = -0.5
    rows, _ = risk_rows(patients)
    (one,) = found(rows, "negative")
    assert one["what"] == "'oldpeak' is below 0 in 9 of 200 lines"
    assert "at_least: 0, otherwise: missing" in one["mend"]


def test_lines_that_repeat_each_other_are_told(risk_rows, patients, said):
    for values in patients.values():
        values[10], values[20] = values[12], values[22]
    risk_rows(patients)
    assert [caution for _, caution in said] == [True]
    assert said[0][0] == (
        "2 lines of patients repeat another in all columns but the key; if a patient was entered twice, one of the "
        "lines teaches while the other judges: unique: [COLUMN, ...]"
    )


def test_a_column_that_is_empty_or_constant_is_told(risk_rows, patients):
    # HDL was measured at the third examination only; zprior is 1 for everybody.
    rows, _ = risk_rows({**patients, "hdl": np.full(N, np.nan), "zprior": np.ones(N)})
    assert [one["what"] for one in found(rows, "constant")] == [
        "'hdl' is missing in all 200 lines",
        "'zprior' has one value in all 200 lines",
    ]


def test_tokens_with_blanks_and_question_marks_are_told(risk_rows, patients, said):
    patients["thal"] = np.tile(["3", " 7", "?", "3", "7\t"], N // 5)
    risk_rows(patients)
    assert said[0][0] == (
        "'thal' holds texts with blanks around them (80 lines) and signs for a missing value (40 lines); say at "
        "ingest, contract: {columns: {thal: {type: text, tidy: strip, missing_codes: ['?']}}}"
    )


class TestSites:
    @pytest.fixture
    def hospitals(self, patients):
        """The event at 20 % of the first hospital and 80 % of the second, which measured no slope and a chol of 0."""
        rng = np.random.default_rng(2)
        second = np.arange(N) >= N // 2
        return {
            **patients,
            "ill": (rng.random(N) < np.where(second, 0.8, 0.2)).astype(int),
            "hospital": np.where(second, "zurich", "cleveland"),
            "slope": np.where(second & (rng.random(N) < 0.9), np.nan, rng.integers(1, 4, N)),
            "chol": np.where(second, 0.0, patients["chol"]),
        }

    def test_predictors_that_the_target_site_lacks_are_left_out(self, risk_rows, hospitals, said):
        rows, _ = risk_rows(hospitals, site="hospital", target_site="zurich", true_zeros=["chol"])
        assert rows.never == ("hospital", "slope")
        share = np.isnan(hospitals["slope"][N // 2 :]).mean()
        assert (
            f"'slope' is missing in {100 * share:.0f} % of zurich; it is left out, as zurich does not have it",
            True,
        ) in said

    def test_without_a_target_site_what_one_lacks_is_told(self, risk_rows, hospitals, said):
        rows, _ = risk_rows(hospitals, site="hospital", true_zeros=["chol"])
        assert rows.never == ("hospital",)
        assert any("'slope' is missing in" in text and "target_site: SITE" in text for text, _ in said)

    def test_a_number_that_is_0_for_all_of_one_site_was_not_measured_there(self, risk_rows, hospitals):
        rows, _ = risk_rows(hospitals, site="hospital")
        whats = [one["what"] for one in found(rows, "zeros")]
        assert "'chol' is 0 in 100 % of zurich, and elsewhere hardly ever: it was not measured there" in whats

    def test_an_event_that_is_rarer_at_one_site_is_told(self, risk_rows, hospitals):
        rows, _ = risk_rows(hospitals, site="hospital")
        (one,) = found(rows, "prevalence")
        ill = hospitals["ill"]
        first, second = ill[: N // 2].mean(), ill[N // 2 :].mean()
        assert one["what"] == (
            f"the event is not equally common at all sites: {100 * first:.0f} % at cleveland and "
            f"{100 * second:.0f} % at zurich"
        )
        assert rows.facts["sites"] == [
            ["cleveland", 100, int(ill[: N // 2].sum())],
            ["zurich", 100, int(ill[N // 2 :].sum())],
        ]

    def test_a_target_site_that_is_not_there_is_an_error(self, risk_rows, hospitals):
        with pytest.raises(InputError, match="no line has the site 'zurch' in 'hospital'") as error:
            risk_rows(hospitals, site="hospital", target_site="zurch")
        assert error.value.problems[0].code == "D194"
        assert ("did you mean", "zurich") in error.value.problems[0].hints
