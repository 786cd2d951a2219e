"""The recipes on real data, run whole by the brief's protocols: numbers, and the dirt that is really in them."""

from __future__ import annotations

import numpy as np
import pytest

from sartor.errors import InputError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(data_folder):
    return data_folder("healthcare/heart-disease-uci").parents[1]


@pytest.fixture(scope="module")
def heart(run_in, data):
    return run_in("healthcare/heart-disease", "models.logistic.with.refits=5", data=data)


@pytest.fixture(scope="module")
def va(run_in, data):
    return run_in("healthcare/heart-disease-va", "models.logistic.with.refits=5", data=data)


@pytest.fixture(scope="module")
def framingham(run_in, data):
    return run_in("healthcare/framingham", "models.logistic.with.refits=5", data=data)


def meaning(run, told):
    return {one[0] + " " + one[1]: one[2] for one in told(run)[0]["meaning"]["table"]["lines"]}


class TestHeartDisease:
    def test_five_folds_of_303_patients_reach_the_brief(self, heart):
        assert heart.summary["rows"]["test"] == 303
        assert heart.metrics.loc["logistic", ("brier", "value")] <= 0.123
        assert heart.metrics.loc["logistic", ("auc", "value")] >= 0.90
        assert heart.metrics.loc["base rate", ("brier", "value")] == pytest.approx(0.252, abs=0.001)

    def test_what_can_be_changed_is_told_of_those_on_the_list(self, heart):
        told = {text for texts in heart.decisions["changeable"] for text in texts}
        assert told == {"Blood pressure at rest", "Cholesterol", "Blood sugar"}

    def test_subgroups_are_told_and_none_of_too_few(self, heart, told):
        sections, _ = told(heart)
        assert [line[0] for line in sections["by-sex"]["table"]["lines"]] == ["0", "1"]
        assert all(line[1] is None or line[1] >= 10 for line in sections["by-age"]["table"]["lines"])


class TestAnotherHospital:
    def test_cleaned_and_without_what_it_does_not_measure_it_reaches_the_brief(self, va):
        assert va.summary["rows"] == {"train": 303, "test": 200, "gap": 0}
        assert va.metrics.loc["logistic", ("brier", "value")] <= 0.172
        assert va.metrics.loc["logistic", ("observed_to_expected", "value")] == pytest.approx(1.02, abs=0.05)

    def test_columns_that_are_absent_there_are_left_out_and_named(self, va, told):
        lines = meaning(va, told)
        assert lines["Absent at a site ca"].startswith("'ca' is missing in 99 % of va.")
        assert lines["Absent at a site thal"].startswith("'thal' is missing in 83 % of va.")
        assert lines["Absent at a site slope"].startswith("'slope' is missing in 51 % of va.")
        learned = va.models["logistic"].learned()["model"]["coefficients"]
        assert not {name.partition(" ")[0].rstrip(":") for name in learned} & {"ca", "thal", "slope"}
        assert "thalach" in learned

    def test_the_event_is_not_equally_common_and_a_line_is_there_twice(self, va, told):
        lines = meaning(va, told)
        assert "46 % at cleveland and 74 % at va" in lines["The event by site all"]
        assert "1 line of patients repeats another" in lines["Lines that repeat all"]

    def test_the_untouched_file_is_flagged_and_does_worse(self, run_in, data, va, told):
        raw = run_in(
            "healthcare/heart-disease-va",
            "ingest.patients.contract=~",
            "task.with.target_site=~",
            "models.logistic.with.refits=5",
            data=data,
        )
        lines = meaning(raw, told)
        assert lines["Zeros that mean missing chol"].startswith(
            "'chol' is 0 in 49 of 496 lines, and in no other below 100: zero seems to mean that it was not measured."
        )
        assert lines["Zeros that mean missing trestbps"].startswith("'trestbps' is 0 in 1 of 447 lines")
        assert "zeros" in told(raw)[1]
        worse = raw.metrics.loc["logistic", ("brier", "value")]
        assert worse > va.metrics.loc["logistic", ("brier", "value")] + 0.02

    def test_at_the_swiss_hospital_cholesterol_is_0_for_everybody(self, run_in, data, told):
        run = run_in(
            "healthcare/heart-disease-va",
            "ingest.patients.contract=~",
            "task.with.eligible.site=[cleveland, switzerland]",
            "task.with.target_site=switzerland",
            "split.test=[switzerland]",
            "models.logistic.with.refits=5",
            "gates=[]",
            data=data,
        )
        whats = [one[2] for one in told(run)[0]["meaning"]["table"]["lines"] if one[1] == "chol"]
        assert any(what.startswith("'chol' is 0 in 100 % of switzerland, and elsewhere hardly ever") for what in whats)

    def test_negative_st_depressions_are_told_where_nobody_declared_them(self, run_in, data, told):
        run = run_in(
            "healthcare/heart-disease-va",
            "task.with.eligible={}",
            "task.with.true_zeros=[]",
            "models.logistic.with.refits=5",
            "gates=[]",
            data=data,
        )
        lines = meaning(run, told)
        assert lines["Negative values oldpeak"].startswith("'oldpeak' is below 0 in 12 of 858 lines.")
        assert "2 lines of patients repeat another" in lines["Lines that repeat all"]
        assert "93 % at switzerland" in lines["The event by site all"]


class TestFramingham:
    def test_845_people_judge_and_the_logistic_reaches_the_brief(self, framingham):
        assert framingham.summary["rows"]["test"] == 845
        assert framingham.metrics.loc["logistic", ("brier", "value")] <= 0.0837
        assert framingham.metrics.loc["logistic", ("auc", "value")] >= 0.76
        assert framingham.metrics.loc["logistic", ("calibration_slope", "value")] == pytest.approx(1.06, abs=0.03)
        assert framingham.metrics.loc["logistic", ("net_benefit_at_10_percent", "value")] >= 0.032
        assert framingham.metrics.loc["base rate", ("brier", "value")] == pytest.approx(0.0897, abs=0.0002)

    def test_the_flow_is_the_briefs(self, framingham, told):
        lines = [line[1] for line in told(framingham)[0]["flow"]["table"]["lines"]]
        assert lines == [11627, 4434, 4240, 4240, 3395, 845]

    def test_those_who_were_lost_early_are_counted(self, framingham):
        log = (framingham.folder / "log.txt").read_text(encoding="utf-8")
        assert "265 patients (6.2 %) were followed up for less than 3652 without the event" in log

    def test_outcomes_repeat_on_each_examination_and_that_stops_a_run_on_all_of_them(self, run_in, data):
        with pytest.raises(
            InputError, match="persons have 11,627 lines in table examinations: an outcome that repeats"
        ):
            run_in("healthcare/framingham", "task.with.eligible={}", data=data)

    def test_cholesterol_fractions_were_measured_at_the_third_examination_only(self, run_in, data, told):
        run = run_in(
            "healthcare/framingham",
            "task.with.predictors=[AGE, SEX, SYSBP, HDLC, LDLC]",
            "task.with.subgroups=[]",
            "models.logistic.with.refits=5",
            "actions.care.with={threshold: 0.1}",
            "gates=[]",
            data=data,
        )
        lines = meaning(run, told)
        assert lines["Nothing to learn from HDLC"].startswith("'HDLC' is missing in all 4,240 lines.")
        assert lines["Nothing to learn from LDLC"].startswith("'LDLC' is missing in all 4,240 lines.")

    def test_without_counting_the_lost_as_well_the_risk_is_higher(self, run_in, data, framingham, told):
        run = run_in("healthcare/framingham-survival", data=data)
        assert run.metrics.loc["cox", ("c_index", "value")] > 0.72
        assert run.metrics.loc["cox", ("observed_to_expected_at_3652", "value")] == pytest.approx(1.14, abs=0.05)


class TestSurvival:
    def test_whas500_reaches_the_brief_without_the_length_of_stay(self, run_in, data):
        run = run_in("healthcare/whas500", "models.cox.with.refits=5", data=data)
        assert run.metrics.loc["cox", ("c_index", "value")] >= 0.773
        assert run.metrics.loc["cox", ("ibs", "value")] <= 0.1595
        assert run.metrics.loc["Kaplan-Meier", ("ibs", "value")] == pytest.approx(0.2224, abs=0.0005)
        assert "los" not in " ".join(run.models["cox"].learned()["model"]["coefficients"])

    def test_gbsg2_is_what_the_brief_measured(self, run_in, data):
        run = run_in("healthcare/gbsg2", "models.cox.with.refits=5", data=data)
        assert run.metrics.loc["cox", ("c_index", "value")] == pytest.approx(0.678, abs=0.003)
        assert run.metrics.loc["cox", ("ibs", "value")] <= 0.1855

    def test_flchain_is_what_the_brief_measured_and_the_cause_of_death_is_refused(self, run_in, data):
        run = run_in("healthcare/flchain", data=data)
        assert run.metrics.loc["cox", ("c_index", "value")] >= 0.796
        assert run.metrics.loc["cox", ("ibs", "value")] == pytest.approx(0.1081, abs=0.0005)
        assert np.isfinite(run.metrics.loc["cox", ("brier_at_1826", "value")])
        with pytest.raises(
            InputError, match="'chapter' has a value in 2,169 of 2,169 lines with the event and in 0 of"
        ):
            run_in("healthcare/flchain", "task.with.known_after=[]", data=data)
