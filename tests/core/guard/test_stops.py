"""A privacy stop ends with exit code 3, says what would help, and writes nothing at all."""

from __future__ import annotations

import os
import tempfile
import traceback
from pathlib import Path

import pandas as pd
import pytest

from sartor.cli.endings import call
from sartor.errors import PluginError, PrivacyStop, SartorError

KEY = "a key of more than sixteen bytes"
RECIPE = """
format: 1
recipe: shop/stops
ingest:
  visits: {use: tables.csv, key: visit, fresh: 1 day, with: {path: visits.csv}VISITS}
  people: {use: tables.csv, key: person, with: {path: people.csv}PEOPLE}
privacy:
  PRIVACY
"""
STOPS = {
    "the purpose is another one": (
        "purpose: marketing", {"PEOPLE": ", purposes: [care]"}, "P001",
        "table people may be used for care, and the recipe is for 'marketing'",
    ),
    "no purpose is said": ("columns: {name: drop}", {"PEOPLE": ", purposes: [care]"}, "P001", "does not say what for"),
    "a treated column is in no table": ("columns: {nome: drop}", {}, "P002", "no table has the column 'nome'"),
    "the secret is not set": (
        "{key: secret:NOT_SET, columns: {name: pseudonymise}}", {}, "P003", "the secret NOT_SET is not set",
    ),
    "the secret is another one": (
        "{key: secret:GUARD_KEY, key_check: 0123456789abcdef, columns: {name: pseudonymise}}", {}, "P003",
        "the secret GUARD_KEY is another key than this recipe is for",
    ),
    "no column says who agreed": (
        "consent: {column: agreed, value: 'yes'}", {}, "P004",
        "table visits has no column 'agreed' that says who agreed, so nobody did",
    ),
    "dates are shifted by nobody": (
        "{key: secret:GUARD_KEY, columns: {seen: {shift_dates: {by: client}}}}", {}, "P005",
        "the dates 'seen' of table visits are shifted by 'client', and the table has no such column",
    ),
    "a column of the second table does not suit its treatment": (
        "columns: {age: {generalise: {width: 5}}}", {}, "P005",
        "column 'age' of table people is text, and to be generalised it must be a number",
    ),
    "a shifted column holds no dates": (
        "{key: secret:GUARD_KEY, columns: {age: {shift_dates: {by: person}}}}", {}, "P005",
        "column 'age' of table people is text, and to be with dates shifted it must be a date",
    ),
}  # fmt: skip


def everything(*folders: Path) -> dict[str, tuple[int, int]]:
    """Return every file and folder with its size and time."""
    found = [path for folder in folders for path in [folder, *folder.rglob("*")]]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in found}


@pytest.fixture
def shop(project, monkeypatch):
    """A project with two tables; temporary files go beside it, where nobody else's are."""
    temporary = project.parent / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("GUARD_KEY", KEY)
    (project / "visits.csv").write_text("visit,person,seen\n1,7,2024-01-31\n2,7,2024-02-29\n3,8,2024-01-01\n")
    (project / "people.csv").write_text("person,name,age\n7,Ann,44\n8,Bob,unknown\n", encoding="utf-8")
    return project


@pytest.mark.parametrize("why", STOPS)
def test_it_ends_with_3_and_writes_nothing(shop, capfd, why):
    privacy, more, code, says = STOPS[why]
    text = RECIPE.replace("PRIVACY", privacy)
    for place in ("VISITS", "PEOPLE"):
        text = text.replace(place, more.get(place, ""))
    (shop / "recipe.yaml").write_text(text, encoding="utf-8")
    before = everything(shop, shop.parent / "temporary")
    assert call(["run", "recipe.yaml"]) == 3
    printed = capfd.readouterr()
    assert says in printed.err
    assert code in printed.err
    assert KEY not in printed.out + printed.err
    left = everything(shop, shop.parent / "temporary")
    assert {path for path in left if left[path] != before.get(path)} - {
        str(shop),
        str(shop.parent / "temporary"),
    } == set()


def test_a_column_that_is_written_otherwise_in_another_table_does_not_slip_through(guarded):
    tables = {"people": "person,email\n7,a@x.org\n", "letters": "letter,EMail\n1,a@x.org\n"}
    with pytest.raises(PrivacyStop, match=r"table letters has the column 'EMail', and privacy treats 'email'  P002"):
        guarded("{columns: {email: drop}}", **tables)
    found = guarded("{columns: {email: drop, EMail: drop}}", **tables)
    assert [list(table) for table in found.tables.values()] == [["person"], ["letter"]]


def test_what_an_earlier_run_has_kept_stays_and_nothing_is_added(shop, capfd):
    recipe = RECIPE.replace("VISITS", "").replace("PEOPLE", "")
    (shop / "recipe.yaml").write_text(recipe.replace("PRIVACY", "columns: {name: drop}"), encoding="utf-8")
    assert call(["run", "recipe.yaml"]) == 0
    (shop / "recipe.yaml").write_text(recipe.replace("PRIVACY", "columns: {age: {generalise: {width: 5}}}"))
    before = everything(shop / "runs")
    assert call(["run", "recipe.yaml"]) == 3
    assert "P005" in capfd.readouterr().err
    assert set(everything(shop / "runs")) == set(before)


TOYS = """
format: 1
recipe: toy/stops
ingest:
  visits: {use: toy.table, key: visit, fresh: 1 day, with: {of: visits, known: false}}
  people: {use: toy.table, key: person, fresh: 1 day, with: {of: people, known: false}}
privacy:
  PRIVACY
"""


@pytest.mark.parametrize(
    ("privacy", "says"),
    [
        ("columns: {nome: drop}", "no table has the column 'nome'"),
        ("consent: {column: agreed, value: 'yes', tables: [people]}", "table people has no column 'agreed'"),
        ("columns: {age: {generalise: {width: 5}}}", "column 'age' of table people is text"),
        ("{key: secret:GUARD_KEY, columns: {seen: {shift_dates: {by: name}}}}", "are shifted by 'name', and the table"),
    ],
)
def test_what_only_the_read_can_tell_stops_before_anything_is_written_too(shop, run_toys, privacy, says):
    visits = pd.DataFrame({"visit": [1, 2], "person": [7, 8], "seen": pd.to_datetime(["2024-01-31", "2024-02-29"])})
    people = pd.DataFrame({"person": [7, 8], "name": ["Ann", "Bob"], "age": ["44", "unknown"]})
    before = set(everything(shop, shop.parent / "temporary"))
    with pytest.raises(PrivacyStop, match=says):
        run_toys(TOYS.replace("PRIVACY", privacy), {"visits": visits, "people": people})
    assert set(everything(shop, shop.parent / "temporary")) - before == {str(shop / "toy.yaml")}


def test_the_secret_is_never_shown_or_kept(shop, capfd):
    privacy = "{key: secret:GUARD_KEY, columns: {name: pseudonymise, seen: {shift_dates: {by: person}}}}"
    text = RECIPE.replace("VISITS", "").replace("PEOPLE", "").replace("PRIVACY", privacy)
    (shop / "recipe.yaml").write_text(text, encoding="utf-8")
    assert call(["run", "recipe.yaml"]) == 0
    printed = capfd.readouterr()
    assert KEY not in printed.out + printed.err
    kept = [path.read_bytes() for path in (shop / "runs").rglob("*") if path.is_file()]
    assert kept
    assert not any(KEY.encode() in content for content in kept)
    assert os.environ["GUARD_KEY"] == KEY


class TestWordsThatMayHoldValues:
    """What a reader says of rows that no guard has seen may hold what privacy hides."""

    RECIPE = (
        "format: 1\nrecipe: shop/words\ningest:\n"
        "  t: {use: toy.table, key: id, with: {of: t, known: false}}\nprivacy: PRIVACY\n"
    )

    @pytest.fixture
    def fails(self, toys, monkeypatch):
        def read(self, context):
            try:
                return float(self.NAME)
            except ValueError as error:
                raise RuntimeError(f"no sense in {self.NAME!r}") from error

        monkeypatch.setattr(toys.TableOf, "read", read)
        monkeypatch.setattr(toys.TableOf, "NAME", "Ann Miller", raising=False)

    def test_are_not_told_where_privacy_hides_any(self, run_toys, fails):
        with pytest.raises(PluginError) as failed:
            run_toys(self.RECIPE.replace("PRIVACY", "{columns: {name: drop}}"), {"t": pd.DataFrame({"id": [1]})})
        told = "".join(traceback.format_exception(failed.value.__cause__))
        assert "RuntimeError: its words are not told, they may hold values that privacy hides" in str(failed.value)
        assert "Miller" not in str(failed.value)
        assert "Miller" not in told
        assert "return float(self.NAME)" not in told
        assert "in read" in told

    def test_are_told_where_it_hides_nothing(self, run_toys, fails):
        with pytest.raises(PluginError, match=r"RuntimeError: no sense in 'Ann Miller'"):
            run_toys(self.RECIPE.replace("PRIVACY", "{purpose: test}"), {"t": pd.DataFrame({"id": [1]})})


class TestFilesWithoutAHeader:
    """Their first line is taken for names, and must not be listed as such where privacy hides anything."""

    LINES = "Ann Miller,7001,1980-05-17\nBob,7002,1981-01-01\n"

    @pytest.mark.parametrize(
        ("privacy", "more"), [("{columns: {name: drop}}", {}), ("{columns: {Bob: drop}}", {"people": "key: person"})]
    )
    def test_names_that_may_be_values_are_not_listed(self, guarded, privacy, more):
        with pytest.raises(SartorError) as stopped:
            guarded(privacy, more=more, people=self.LINES)
        assert "Miller" not in str(stopped.value)
        assert "perhaps: the first line holds values and no names: header: false, names: [NAME, ...]" in str(
            stopped.value
        )

    def test_a_column_that_is_known_tells_that_they_are_names(self, guarded):
        with pytest.raises(PrivacyStop, match=r"has no column 'nmae'  P002\n  nearest: name, in people"):
            guarded("{columns: {nmae: drop}}", more={"people": "key: person"}, people="person,name\n7,Ann\n")

    def test_of_two_files_of_one_table_without_a_common_column_none_is_listed(self, guarded, project):
        (project / "people-2.csv").write_text(self.LINES, encoding="utf-8")
        text = "format: 1\nrecipe: d/x\ningest:\n  t: {use: tables.csv, with: {path: 'people*.csv'}}\n"
        (project / "people-1.csv").write_text("name,person,born\nAnn,1,1980-01-01\n", encoding="utf-8")
        (project / "glob.yaml").write_text(text, encoding="utf-8")
        from sartor.running import run_recipe

        with pytest.raises(SartorError, match=r"people-2.csv has no column of people-1.csv  D116") as stopped:
            run_recipe(project / "glob.yaml")
        assert "Miller" not in str(stopped.value)

    def test_values_that_stand_there_twice_are_not_taken_for_a_name(self, guarded):
        with pytest.raises(SartorError, match=r"columns 2, 3 of people.csv have one name  D004"):
            guarded("{columns: {name: drop}}", people="7,Miller,Miller\n8,a,b\n")
