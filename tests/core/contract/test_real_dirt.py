"""Contracts on real tables, whose counts and lines are found again by pandas on its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sartor.errors import InputError

HEART = """
format: 1
recipe: demo/hearts
ingest:
  hearts:
    use: tables.csv
    key: row
    with: {path: "FILE", row_number: row}
    contract: {CONTRACT}
"""
TAIWAN = """
format: 1
recipe: demo/accounts
ingest:
  accounts:
    use: tables.csv
    key: ID
    with: {path: "FILE"}
    contract: {CONTRACT}
"""
BILLS = [f"BILL_AMT{month}" for month in range(1, 7)]


def recipe(text: str, file: Path, contract: str) -> str:
    return text.replace("FILE", str(file)).replace("CONTRACT", contract)


class TestHeartsFromFourHospitals:
    """Cholesterol is 0 where nobody measured it: in all 123 Swiss patients and in 49 others."""

    ZEROS = "columns: {chol: {missing_codes: [0]}, trestbps: {missing_codes: [0]}}"

    @pytest.fixture
    def file(self, data_folder: Callable[[str], Path]) -> Path:
        return data_folder("healthcare/heart-disease-uci") / "heart.csv.gz"

    def test_zeros_that_mean_missing_are_missing_and_counted(self, entered: Any, file: Path):
        raw = pd.read_csv(file)
        found = entered(recipe(HEART, file, self.ZEROS))
        assert "hearts: 172 codes for missing in chol were read as missing" in found.notes
        assert "hearts: 1 code for missing in trestbps was read as missing" in found.notes
        for column in ("chol", "trestbps"):
            measured = raw[column].where(raw[column] != 0)
            pd.testing.assert_series_equal(found.table[column], measured, check_dtype=False)
        swiss = found.table[found.table["site"] == "switzerland"]
        assert (len(swiss), swiss["chol"].notna().sum()) == (123, 0)
        # Zeros of other columns are values.
        assert (found.table["ca"] == 0).sum() == (raw["ca"] == 0).sum() == 181
        assert found.stages["contract"]["tables"]["hearts"]["repaired"] == 173

    def test_question_marks_as_the_repository_wrote_them_are_the_same_table(
        self, entered: Any, file: Path, project: Path
    ):
        """The data came with `?` for missing; this copy has empty fields in their place."""
        raw = pd.read_csv(file, dtype=str)
        raw.to_csv(project / "raw.csv", index=False, na_rep="?")
        marks = int(raw.isna().to_numpy().sum())
        holes = {column: int(count) for column, count in raw.isna().sum().items() if count}
        said = ", ".join(f"{column}: {{type: number, missing_codes: ['?']}}" for column in holes)
        found = entered(recipe(HEART, project / "raw.csv", f"columns: {{{said}}}"))
        assert found.stages["contract"]["tables"]["hearts"] == {
            "repaired": marks,
            "set_aside": 0,
            "rules": [
                {"column": column, "rule": "code", "outcome": "repaired", "count": count}
                for column, count in holes.items()
            ],
        }
        assert marks == 1759
        pd.testing.assert_frame_equal(found.table, entered(recipe(HEART, file, "columns: {}")).table, check_dtype=False)

    def test_lines_without_what_is_required_stand_in_the_quarantine(self, entered: Any, file: Path):
        raw = pd.read_csv(file)
        contract = (
            "otherwise: set_aside, required: [chol], columns: {chol: {missing_codes: [0]}, oldpeak: {at_least: 0}}"
        )
        found = entered(recipe(HEART, file, contract))
        unmeasured, below = raw["chol"].isna() | (raw["chol"] == 0), raw["oldpeak"] < 0
        assert (int(unmeasured.sum()), int(below.sum()), int((unmeasured | below).sum())) == (202, 12, 202)
        assert found.table["row"].tolist() == raw.index[~(unmeasured | below)].tolist()
        aside = found.quarantine["hearts"]
        assert aside["__source_row"].tolist() == raw.index[unmeasured | below].tolist()
        # Line 1 holds the names.
        assert aside["__place"].tolist() == [f"{file}:{row + 2}" for row in aside["__source_row"]]
        assert aside["__reason"].str.contains("chol is missing").sum() == 202
        assert aside["__reason"].str.contains("oldpeak is below 0").sum() == 12


class TestAccountsFromTaiwan:
    """EDUCATION has 0, 5 and 6 and MARRIAGE 0, which no codebook explains; bills are negative; 35 lines come twice."""

    @pytest.fixture
    def file(self, data_folder: Callable[[str], Path]) -> Path:
        return data_folder("finance/credit-default-taiwan") / "credit_default_taiwan.csv.gz"

    @pytest.fixture
    def raw(self, file: Path) -> pd.DataFrame:
        return pd.read_csv(file)

    def test_codes_that_nobody_explains_become_missing(self, entered: Any, file: Path, raw: pd.DataFrame):
        contract = (
            "otherwise: missing, columns: {EDUCATION: {type: integer, allowed: [1, 2, 3, 4]}, "
            "MARRIAGE: {type: integer, allowed: [1, 2, 3]}}"
        )
        found = entered(recipe(TAIWAN, file, contract))
        unknown = ~raw["EDUCATION"].isin([1, 2, 3, 4])
        first = ", ".join(f"{file}:{row + 2} ({raw['EDUCATION'][row]})" for row in raw.index[unknown][:3])
        assert f"accounts: 345 values of EDUCATION were read as missing, not one of 1, 2, 3, 4: {first}, ..." in (
            found.cautions
        )
        for column, known in (("EDUCATION", [1, 2, 3, 4]), ("MARRIAGE", [1, 2, 3])):
            kept = raw[column].where(raw[column].isin(known))
            pd.testing.assert_series_equal(found.table[column], kept, check_dtype=False)
        assert found.stages["contract"]["tables"]["accounts"]["repaired"] == 345 + 54

    def test_accounts_with_a_negative_bill_are_set_aside_once_each(self, entered: Any, file: Path, raw: pd.DataFrame):
        said = ", ".join(f"{bill}: {{type: number, at_least: 0}}" for bill in BILLS)
        found = entered(recipe(TAIWAN, file, f"otherwise: set_aside, columns: {{{said}}}"))
        below = raw[BILLS] < 0
        aside = found.quarantine["accounts"]
        assert aside["ID"].tolist() == raw["ID"][below.any(axis=1)].tolist()
        assert len(aside) == found.stages["contract"]["tables"]["accounts"]["set_aside"] == 1930
        counted = {one["column"]: one["count"] for one in found.stages["contract"]["tables"]["accounts"]["rules"]}
        assert counted == below.sum().to_dict()
        assert aside["__reason"].str.count(";").add(1).sum() == int(below.to_numpy().sum())
        assert found.table["BILL_AMT1"].sum() == raw["BILL_AMT1"][~below.any(axis=1)].sum()

    def test_lines_that_repeat_another_but_for_their_number_are_set_aside(
        self, entered: Any, file: Path, raw: pd.DataFrame
    ):
        columns = ", ".join(f"'{column}'" for column in raw.columns if column != "ID")
        found = entered(recipe(TAIWAN, file, f"unique: [{{columns: [{columns}], otherwise: set_aside}}]"))
        twice = raw.drop(columns="ID").duplicated()
        assert int(twice.sum()) == 35
        assert found.quarantine["accounts"]["ID"].tolist() == raw["ID"][twice].tolist()
        assert len(found.table) == 30_000 - 35

    def test_without_a_word_they_stop_the_run_with_their_number_and_first_lines(
        self, entered: Any, file: Path, raw: pd.DataFrame
    ):
        with pytest.raises(InputError) as stopped:
            entered(recipe(TAIWAN, file, "columns: {PAY_0: {type: integer, between: [-1, 9]}}"))
        below = raw.index[raw["PAY_0"] < -1]
        first = ", ".join(f"{file}:{row + 2} (-2)" for row in below[:3])
        (problem,) = stopped.value.problems
        assert problem.message == (
            f"PAY_0 of table accounts is not between -1 and 9 in {len(below):,} of 30,000 lines: {first}, ..."
        )
        assert (problem.code, stopped.value.exit_code) == ("D170", 2)
