"""Simulated lending: as many rows as asked for, at the rate asked for, the same for the same settings."""

from __future__ import annotations

from datetime import date

import narwhals as nw
import numpy as np
import pytest
from pydantic import ValidationError

from sartor.context import Context
from sartor.errors import SettingError
from sartor_plugins.samples import lending
from sartor_plugins.samples.applicants import BLOCK, blocks
from sartor_plugins.samples.lending import Lending


def rows(**settings):
    return Lending.model_validate(settings).read(Context()).to_pandas()


def test_the_same_settings_give_the_same_rows():
    assert Lending(rows=500).read(Context()).equals(Lending(rows=500).read(Context()))


def test_another_seed_gives_other_rows():
    assert not Lending(rows=500).read(Context()).equals(Lending(rows=500, seed=1).read(Context()))


@pytest.mark.parametrize("bad_rate", [0.01, 0.08, 0.3])
def test_as_many_loans_go_bad_as_the_settings_say(bad_rate):
    share = (rows(rows=60_000, bad_rate=bad_rate)["outcome"] == "bad").mean()
    # Four standard errors of a share among 60,000.
    assert share == pytest.approx(bad_rate, abs=4 * np.sqrt(bad_rate * (1 - bad_rate) / 60_000))


def test_the_rate_holds_under_drift_too_and_rises_with_the_dates():
    data = rows(rows=60_000, bad_rate=0.1, drift=1.5)
    bad = data["outcome"] == "bad"
    assert bad.mean() == pytest.approx(0.1, abs=0.005)
    assert bad[40_000:].mean() > 1.5 * bad[:20_000].mean()


def test_outcomes_follow_the_true_probability():
    data = rows(rows=60_000, bad_rate=0.2, true_probability=True)
    tenth = np.minimum((data["true_probability"] * 10).astype(int), 9)
    tenths = data.assign(bad=data["outcome"] == "bad").groupby(tenth)
    for _, group in tenths:
        chance = group["true_probability"].mean()
        error = 4 * np.sqrt(chance * (1 - chance) / len(group))
        assert group["bad"].mean() == pytest.approx(chance, abs=error)


def test_the_true_probability_is_absent_unless_it_is_asked_for():
    assert "true_probability" not in Lending().columns(Context())
    assert "true_probability" not in rows(rows=5)


def test_names_and_types_are_known_without_reading_and_are_those_that_are_read():
    words = {"int64": "integer", "double": "number", "string": "text", "date32[day]": "date"}
    for settings in (Lending(rows=3), Lending(rows=3, true_probability=True)):
        read = {field.name: words[str(field.type)] for field in settings.read(Context()).schema}
        assert dict(settings.columns(Context())) == read


def test_applications_come_by_date_and_their_outcome_is_known_a_performance_window_later():
    data = rows(rows=2000, start="2023-01-31", end="2023-03-01", performance_window="1 month")
    dates = data["application_date"].tolist()
    assert (dates[0], dates[-1]) == (date(2023, 1, 31), date(2023, 3, 1))
    assert dates == sorted(dates)
    later = dict(zip(dates, data["outcome_date"], strict=True))
    assert later[date(2023, 1, 31)] == date(2023, 2, 28)
    assert later[date(2023, 2, 15)] == date(2023, 3, 15)


def test_values_are_missing_as_often_as_the_settings_say():
    data = rows(rows=60_000, missing=0.1, no_hit=0.2)
    assert data["income"].isna().mean() == pytest.approx(0.1, abs=0.006)
    assert data["employment_years"].isna().mean() == pytest.approx(0.1, abs=0.006)
    assert data["bureau_score"].isna().mean() == pytest.approx(0.2, abs=0.01)
    complete = [name for name in data if name not in ("income", "employment_years", "bureau_score")]
    assert not data[complete].isna().any().any()


def test_nothing_is_missing_when_nothing_shall_be():
    assert not rows(rows=2000, missing=0, no_hit=0).isna().any().any()


def test_columns_depend_on_each_other_as_they_do_in_practice():
    data = rows(rows=60_000)
    bad = data["outcome"] == "bad"
    assert data["bureau_score"][bad].mean() < data["bureau_score"][~bad].mean() - 20
    assert data.groupby("employment")["income"].median()["student"] < data["income"].median() / 2
    assert (
        data["bureau_score"].isna()[data["age"] < 26].mean() > 3 * data["bureau_score"].isna()[data["age"] > 40].mean()
    )
    assert data["amount"].corr(data["duration_months"], method="spearman") > 0.3
    assert (data["employment_years"].fillna(0) <= data["age"] - 17).all()
    assert data["amount"].between(500, 80_000).all()
    assert (data["income"].dropna() >= 400).all()


def test_a_third_outcome_can_be_mixed_in():
    shares = rows(rows=60_000, indeterminate=0.05)["outcome"].value_counts(normalize=True)
    assert shares["indeterminate"] == pytest.approx(0.05, abs=0.004)


def test_rows_beyond_one_block_go_on_numbering_and_differ_from_the_first_block():
    data = rows(rows=BLOCK + 10)
    assert data["application_id"].tolist() == list(range(BLOCK + 10))
    assert data["income"][BLOCK:].tolist() != data["income"][:10].tolist()


def test_many_rows_are_written_to_the_scratch_folder_and_are_the_same(tmp_path, monkeypatch):
    import duckdb

    connection = duckdb.connect()
    told = []
    context = Context(step="ingest.loans", scratch=tmp_path, connection_of=lambda: connection, tell=told.append)
    in_memory = Lending(rows=300).read(context)
    monkeypatch.setattr(lending, "MOST_ROWS_IN_MEMORY", 299)
    written = nw.from_native(Lending(rows=300).read(context)).collect("pyarrow").to_native()
    assert written.to_pylist() == in_memory.to_pylist()
    assert (tmp_path / "ingest.loans.parquet").is_file()
    assert (told[-1].done, told[-1].total) == (300, 300)
    connection.close()


def test_blocks_hold_no_more_than_their_share_of_the_rows():
    sizes = [block.num_rows for block in blocks(Lending(rows=2 * BLOCK + 1))]
    assert sizes == [BLOCK, BLOCK, 1]


def test_nothing_but_the_settings_decides_on_the_rows():
    assert Lending(seed=1).fingerprint(Context()) == Lending(seed=2).fingerprint(Context()) == "simulated"


def test_it_says_that_nobody_in_it_exists():
    assert Lending.simulated
    assert Lending(seed=3).source() == "simulated by samples.lending, seed 3; not real"


def test_dates_the_wrong_way_round_are_refused():
    with pytest.raises(ValidationError, match="end, 2022-01-01, lies before start, 2023-01-01"):
        Lending.model_validate({"start": "2023-01-01", "end": "2022-01-01"})


def test_a_date_that_is_none_is_refused_with_the_form_to_write():
    with pytest.raises(ValidationError, match=r"'31\.01\.2023' is not a date"):
        Lending.model_validate({"start": "31.01.2023"})
    with pytest.raises(SettingError, match="to mend: write it like 2024-01-31"):
        lending._date("next year")


@pytest.mark.parametrize("settings", [{"rows": 0}, {"bad_rate": 30}, {"missing": 0.9}, {"drift": 9.0}, {"seed": -1}])
def test_settings_out_of_bounds_are_refused(settings):
    with pytest.raises(ValidationError, match=next(iter(settings))):
        Lending.model_validate(settings)


def test_the_lenders_present_policy_looks_at_two_things_and_changes_nothing_else():
    plain, data = rows(rows=2_000), rows(rows=2_000, present_policy=True)
    assert data.drop(columns="approved").equals(plain)
    yes = (data["bureau_score"] >= 620) & (data["previous_delinquencies"] <= 1)
    expected = np.where(data["bureau_score"].isna(), "looked at", np.where(yes, "yes", "no"))
    assert data["approved"].tolist() == expected.tolist()
    assert Lending(present_policy=True).columns(Context())["approved"] == "text"
