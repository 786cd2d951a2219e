"""New data that differs from the run's own: what is refused, what is noted, and in which words."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import sartor
from sartor.errors import InputError, UsageError


@pytest.fixture
def ten(applications) -> pd.DataFrame:
    """Ten applications whose outcome is not known."""
    return applications.to_pandas().drop(columns="creditability").head(10)


class TestColumns:
    def test_a_column_that_the_models_learned_from_is_named_when_it_is_missing(self, credit, ten):
        with pytest.raises(InputError) as caught:
            sartor.predict(credit, ten.rename(columns={"credit_amount": "credit_amnt"}).drop(columns="purpose"))
        assert [str(problem).splitlines()[0] for problem in caught.value.problems] == [
            "the data has no column 'purpose', which the models learned from  D160",
            "the data has no column 'credit_amount', which the models learned from  D160",
        ]
        assert ("did you mean", "credit_amnt") in caught.value.problems[1].hints

    def test_the_key_is_needed(self, credit, ten):
        with pytest.raises(InputError, match=r"the data has no column 'application_id', the key of its rows  D160"):
            sartor.predict(credit, ten.drop(columns="application_id"))

    @pytest.mark.parametrize(
        ("column", "values", "message"),
        [
            ("credit_amount", ["1,000"] * 10, "'credit_amount' of the data holds text, and held numbers"),
            ("purpose", [3] * 10, "'purpose' of the data holds numbers, and held text"),
            ("purpose", [True] * 10, "'purpose' of the data holds true and false, and held text"),
            ("duration_in_month", pd.to_datetime(["2024-01-01"] * 10), "holds dates, and held numbers"),
        ],
    )
    def test_a_column_of_another_kind_is_refused_in_plain_words(self, credit, ten, column, values, message):
        with pytest.raises(InputError, match=f"{message} when the models learned  D161"):
            sartor.predict(credit, ten.assign(**{column: values}))

    def test_whole_numbers_may_have_decimals_now(self, credit, ten):
        expected = sartor.predict(credit, ten)
        answers = sartor.predict(credit, ten.assign(credit_amount=ten["credit_amount"] + 0.25))
        assert answers["probability"].notna().all()
        assert sartor.predict(credit, ten.astype({"credit_amount": "float64"})).equals(expected)

    def test_a_column_of_nothing_but_missing_values_is_missing_values(self, credit, ten):
        answers = sartor.predict(credit, ten.assign(telephone=np.nan, housing=None))
        assert answers["probability"].between(0, 1).all()

    def test_two_columns_of_one_name_are_refused(self, credit, ten):
        twice = pd.concat([ten, ten[["housing"]]], axis=1)
        with pytest.raises(InputError, match="column 'housing' appears twice  D004"):
            sartor.predict(credit, twice)

    def test_what_is_separated_by_another_sign_than_is_looked_for_is_told_from_a_missing_column(self, credit, ten):
        with pytest.raises(InputError, match=r"has one column only, 'application_id;.*': its fields are separated by"):
            sartor.predict(credit, pd.DataFrame({";".join(ten.columns): ["1;2"]}))


class TestRows:
    def test_no_row_is_an_error(self, credit, ten, tmp_path):
        with pytest.raises(InputError, match="the data: there is no row to answer  D002"):
            sartor.predict(credit, ten.head(0))
        (tmp_path / "new.csv").write_text(ten.head(0).to_csv(index=False), encoding="utf-8")
        with pytest.raises(InputError, match=r"new.csv has a header and no row  D002"):
            sartor.predict(credit, tmp_path / "new.csv")

    def test_a_row_without_a_key_is_refused_by_its_number(self, credit, ten):
        with pytest.raises(InputError, match=r"row 3 has no application_id, which is its key  D162") as caught:
            sartor.predict(credit, ten.assign(application_id=[1, 2, None, 4, None, 6, 7, 8, 9, 10]))
        assert ("more", "1 others like it near by") in caught.value.problems[0].hints

    def test_a_key_that_comes_again_is_answered_again_and_noted(self, credit, ten, heard):
        cautions, listen = heard
        other = ten.assign(application_id=7, credit_amount=ten["credit_amount"] * 2)
        both = pd.concat([ten, other], ignore_index=True).copy()
        answers = sartor.predict(credit, both, listen=listen)
        assert answers["application_id"].tolist() == [*range(10), *([7] * 10)]
        expected = [*sartor.predict(credit, ten)["probability"]]
        expected += sartor.predict(credit, other.assign(application_id=range(10)))["probability"].tolist()
        assert answers["probability"].tolist() == expected
        assert "keys come again, at least 10 times: each row is answered by itself" in cautions

    def test_infinite_values_are_read_as_missing_and_counted(self, credit, ten, heard):
        cautions, listen = heard
        wild = ten.assign(credit_amount=[np.inf, -np.inf, *ten["credit_amount"].tolist()[2:]])
        missing = ten.assign(credit_amount=[None, None, *ten["credit_amount"].tolist()[2:]])
        answers = sartor.predict(credit, wild, listen=listen)
        assert answers.equals(sartor.predict(credit, missing))
        assert "2 values of credit_amount were read as missing: infinite" in cautions

    def test_a_value_that_is_no_number_is_named_with_file_and_line(self, credit, ten, tmp_path):
        text = ten.to_csv(index=False).splitlines()
        text[4] = text[4].replace(str(ten["credit_amount"][3]), "much")
        file = tmp_path / "new.csv"
        file.write_text("\n".join(text), encoding="utf-8")
        with pytest.raises(InputError, match=r"1 value of column 'credit_amount' is not a number: \S*new.csv:5"):
            sartor.predict(credit, file)

    def test_levels_never_seen_are_told_of_loudly(self, credit, ten, heard):
        cautions, listen = heard
        new = ten.assign(status_of_existing_checking_account=["gold"] * 4 + ["old"] * 6)
        sartor.predict(credit, new, listen=listen)
        (said,) = [text for text in cautions if "training never saw" in text]
        # Values that few rows hold may be somebody's own.
        told = "holds 2 levels that training never saw, in 10 rows ('...', '...'): counted neither for nor against"
        assert said == f"status_of_existing_checking_account {told}"

    def test_applications_without_an_amount_are_referred_also_when_all_are(self, credit, ten):
        answers = sartor.predict(credit, ten.head(2).assign(credit_amount=[None, None]), decide=True)
        assert answers["decision"].tolist() == ["refer", "refer"]


class TestTheRun:
    def test_a_run_that_there_is_not(self, credit, ten):
        with pytest.raises(UsageError, match=r"no run is called '1124-0000-zz'.*U060"):
            sartor.predict("1124-0000-zz", ten)

    @pytest.mark.parametrize("name", ["run id", "recipe/run id", "folder", "@last", "recipe/@last", "run"])
    def test_a_run_goes_by_all_its_names(self, credit, ten, name):
        names = {
            "run id": credit.run_id,
            "recipe/run id": f"finance/credit-scoring/{credit.run_id}",
            "folder": credit.folder,
            "@last": "@last",
            "recipe/@last": "finance/credit-scoring/@last",
            "run": credit,
        }
        assert len(sartor.predict(names[name], ten.head(1))) == 1

    def test_a_model_that_there_is_not(self, credit, ten):
        with pytest.raises(UsageError, match=f"run {credit.run_id} has no model 'forrest'") as caught:
            sartor.predict(credit, ten, model="forrest")
        assert ("did you mean", "forest") in caught.value.problems[0].hints

    def test_a_table_that_there_is_not(self, credit, ten):
        with pytest.raises(UsageError, match="finance/credit-scoring has no table 'applicants'  U073"):
            sartor.predict(credit, ten, table="applicants")
        with pytest.raises(UsageError, match="finance/credit-scoring has no table 'loans'  U073"):
            sartor.predict(credit, {"loans": ten})

    def test_a_run_without_models(self, run_parts, ask):
        run_parts("format: 1\nrecipe: bare\ningest: {orders: {use: parts.table, with: {of: orders}}}\n",
                  orders=pd.DataFrame({"order": [1, 2]}))  # fmt: skip
        with pytest.raises(UsageError, match=r"has no models: its recipe has no task.*U071"):
            ask(pd.DataFrame({"order": [3]}))

    @pytest.fixture
    def copied(self, credit, tmp_path):
        return shutil.copytree(credit.folder, tmp_path / "finance" / "credit-scoring" / credit.run_id)

    @pytest.mark.parametrize("file", ["record.json", "interface.json"])
    def test_a_run_of_a_newer_format(self, copied, ten, file):
        written = json.loads((copied / file).read_text(encoding="utf-8"))
        (copied / file).write_text(json.dumps({**written, "format": 2}), encoding="utf-8")
        with pytest.raises(InputError, match=r"format 2.*D152"):
            sartor.predict(copied, ten)

    @pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 1, "answers": 3, "classes": 4}'])
    def test_a_damaged_run(self, copied, ten, text):
        (copied / "interface.json").write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=r"interface.json of run \S+ cannot be read.*D150"):
            sartor.predict(copied, ten)

    def test_a_model_that_was_changed_does_not_answer(self, copied, ten):
        card = copied / "models" / "scorecard" / "card.json"
        card.write_text(card.read_text(encoding="utf-8").replace("600.0", "601.0"), encoding="utf-8")
        with pytest.raises(InputError, match=r"model 'scorecard' of run \S+ is not as it was recorded.*D150"):
            sartor.predict(copied, ten)
        assert len(sartor.predict(copied, ten, model="logistic")) == 10

    def test_a_run_that_was_recorded_before_it_told_what_it_asks_for(self, copied, ten):
        (copied / "interface.json").unlink()
        with pytest.raises(UsageError, match=r"recorded by an older sartor  U071"):
            sartor.predict(copied, ten)

    def test_failed_gates_are_said(self, project, applications, heard):
        cautions, listen = heard
        text = "format: 1\nextends: finance/credit-scoring\nrecipe: strict\ngates: [{metric: auc, at_least: 0.99}]\n"
        more = "models: {forest: ~, boosting: ~, logistic: ~}\njudge: {redraws: 100}\n"
        (project / "strict.yaml").write_text(text + more, encoding="utf-8")
        run = sartor.run(project / "strict.yaml")
        sartor.predict(run, applications, listen=listen)
        assert cautions[0] == "the run failed its gates: auc; its answers are not good enough by its own recipe"


class TestFiles:
    def test_a_file_that_there_is_not_is_named_with_its_neighbour(self, credit, ten, tmp_path):
        (tmp_path / "new.csv").write_text(ten.to_csv(index=False), encoding="utf-8")
        with pytest.raises(InputError, match=r"there is no file \S+nex.csv  D101") as caught:
            sartor.predict(credit, tmp_path / "nex.csv")
        assert ("did you mean", "new.csv") in caught.value.problems[0].hints

    def test_a_file_whose_name_does_not_tell_its_form(self, credit, tmp_path):
        (tmp_path / "new.dat").write_text("x", encoding="utf-8")
        with pytest.raises(UsageError, match=r"the end of its name does not tell what \S+new.dat is  U072"):
            sartor.predict(credit, tmp_path / "new.dat")

    @pytest.mark.parametrize("name", ["answers.xlsx", "answers", "answers.csv.gz"])
    def test_answers_whose_name_does_not_tell_their_form(self, credit, ten, tmp_path, name):
        with pytest.raises(UsageError, match=rf"{name}: .*  U072"):
            sartor.predict(credit, ten, out=tmp_path / name)
        assert list(tmp_path.iterdir()) == []

    def test_the_form_can_be_said(self, credit, ten, tmp_path):
        sartor.predict(credit, ten, out=tmp_path / "answers", form="jsonl")
        assert json.loads((tmp_path / "answers").read_text(encoding="utf-8").splitlines()[0])["application_id"] == 0

    def test_the_data_is_never_written_over(self, credit, ten, tmp_path):
        file = tmp_path / "new.csv"
        file.write_text(ten.to_csv(index=False), encoding="utf-8")
        before = file.read_bytes()
        for data in (file, str(file), f"applications={file}"):
            with pytest.raises(UsageError, match=r"new.csv is the data itself, and would be written over  U075"):
                sartor.predict(credit, data, out=file)
        assert file.read_bytes() == before

    def test_a_file_is_there_whole_or_not_at_all(self, credit, ten, tmp_path):
        out = tmp_path / "answers.csv"
        out.write_text("of yesterday", encoding="utf-8")
        with pytest.raises(InputError, match="D162"):
            sartor.predict(credit, ten.assign(application_id=[*range(9), None]), out=out)
        assert out.read_text(encoding="utf-8") == "of yesterday"
        assert [path.name for path in tmp_path.iterdir()] == ["answers.csv"]
        sartor.predict(credit, ten, out=out)
        assert out.read_text(encoding="utf-8").startswith("application_id,probability,score,status\n0,")

    def test_a_folder_that_is_not_there(self, credit, ten, tmp_path):
        with pytest.raises(UsageError, match=r"answers.csv cannot be written: no such file or directory  U043"):
            sartor.predict(credit, ten, out=tmp_path / "nowhere" / "answers.csv")

    def test_a_table_given_twice(self, credit, ten):
        with pytest.raises(UsageError, match="data is given twice for table applications  U073"):
            sartor.predict(credit, {"": ten, "applications": ten})


def test_the_memory_that_tables_may_take_is_shared_by_reading_and_working(credit, ten):
    from sartor.plugins import Plugins
    from sartor.predicting.asking import Asked, ready
    from sartor.recipe.project import Project

    asked = Asked("@last", [("", ten)], memory="800 MiB")
    with ready(asked, Project.at(), Plugins(), lambda event: None) as opened:
        limit = opened.session.engine.connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0]
    assert limit == "600.0 MiB"


def test_memory_that_is_no_amount_is_refused(credit, ten):
    with pytest.raises(UsageError, match="memory must be a number and a unit, got 'much'  U024"):
        sartor.predict(credit, ten, memory="much")


def test_nothing_is_written_into_the_project(credit, ten):
    before = sorted(path for path in credit.folder.parents[3].rglob("*"))
    sartor.predict(credit, ten, decide=True)
    assert sorted(path for path in credit.folder.parents[3].rglob("*")) == before


def test_large_keys_stay_exact(credit, ten):
    large = [2**62 + number for number in range(10)]
    assert sartor.predict(credit, ten.assign(application_id=large))["application_id"].tolist() == large
    table = pa.Table.from_pandas(ten.assign(application_id=[f"{number:05d}" for number in range(10)]))
    with pytest.raises(InputError, match="column 'application_id' of the data holds text, and held numbers"):
        sartor.predict(credit, table)
