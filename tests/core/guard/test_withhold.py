"""What a run does without, to learn what it is worth: at the guard, so that no step can see it."""

from __future__ import annotations

import pytest

from sartor.errors import InputError
from sartor.guard.entering import Delay, Withhold

PEOPLE = "id,score,sex,won\n1,5.5,f,1\n2,7.5,m,0\n3,,f,1\n"
SALES = "sale,id,shop\n1,1,north\n2,2,south\n3,1,west\n"


def test_a_withheld_column_is_there_and_holds_nothing(guarded):
    found = guarded("{columns: {sex: audit_only}}", people=PEOPLE, withhold=Withhold(columns={"people": ("score",)}))
    assert found.table.columns.tolist() == ["id", "score", "won"]
    assert found.table["score"].isna().all()
    assert str(found.table["score"].dtype) == "float64"


def test_of_a_withheld_table_no_line_enters(guarded):
    found = guarded("{purpose: test}", people=PEOPLE, sales=SALES, withhold=Withhold(tables=frozenset({"sales"})))
    assert len(found.tables["sales"]) == 0
    assert found.tables["sales"].columns.tolist() == ["sale", "id", "shop"]
    assert len(found.tables["people"]) == 3


@pytest.mark.parametrize("privacy", ["{purpose: test}", "{columns: {shop: drop}}"])
def test_withheld_lines_stay_out(guarded, privacy):
    withheld = Withhold(lines={"sales": (("shop", ("north", "south")),)})
    found = guarded(privacy, people=PEOPLE, sales=SALES, withhold=withheld)
    assert found.tables["sales"]["sale"].tolist() == [3]


def test_nothing_of_what_is_withheld_is_told_or_set_aside(guarded):
    contract = "contract: {columns: {score: {at_most: 6, otherwise: set_aside}, won: {at_most: 0, otherwise: missing}}}"
    withheld = Withhold(columns={"people": ("score",)})
    found = guarded("{purpose: test}", more={"people": contract}, people=PEOPLE, withhold=withheld)
    assert found.cautions == [
        "people: 1 line was set aside, score is above 6: people.csv:3",
        "people: 2 values of won were read as missing, above 0: people.csv:2, people.csv:4",
    ]
    assert found.quarantine["people"]["score"].isna().all()


def test_consent_is_asked_of_what_is_withheld_all_the_same(guarded):
    privacy = "{consent: {column: agreed, value: 'yes', person: id}}"
    found = guarded(
        privacy, people="id,agreed\n1,yes\n2,no\n", sales=SALES, withhold=Withhold(tables=frozenset({"people"}))
    )
    assert found.tables["sales"]["sale"].tolist() == [1, 3]


DATED = "sale,day,at,shop\n1,2024-01-31,2024-01-31T08:00,north\n2,2024-02-28,2024-02-28T22:00,south\n"


@pytest.mark.parametrize(
    ("time", "seconds", "known"),
    [
        ("day", 7 * 86_400, ["2024-02-07", "2024-03-06"]),
        ("day", 3_600, ["2024-02-01", "2024-02-29"]),  # a day has no hours: rounded up
        ("at", 3 * 3_600, ["2024-01-31 11:00:00", "2024-02-29 01:00:00"]),
    ],
)
def test_delayed_lines_are_known_later(guarded, time, seconds, known):
    withheld = Withhold(delays={"sales": Delay(seconds)})
    found = guarded("{purpose: test}", {"sales": f"time: {time}"}, sales=DATED, withhold=withheld)
    assert found.table[time].astype(str).tolist() == known


def test_lines_of_others_are_known_when_they_were(guarded):
    withheld = Withhold(delays={"sales": Delay(86_400, ("shop", ("south",)))})
    found = guarded("{purpose: test}", {"sales": "time: day"}, sales=DATED, withhold=withheld)
    assert found.table["day"].astype(str).tolist() == ["2024-01-31", "2024-02-29"]


def test_what_is_no_date_cannot_be_delayed(guarded):
    withheld = Withhold(delays={"sales": Delay(86_400)})
    with pytest.raises(InputError, match="the time of table sales was not read as dates, so nothing tells how late"):
        guarded("{purpose: test}", {"sales": "time: shop"}, sales=DATED, withhold=withheld)


def test_lines_of_two_kinds_stay_out_together(guarded):
    withheld = Withhold(lines={"sales": (("shop", ("north",)), ("sale", (3,)))})
    assert guarded("{purpose: test}", sales=SALES, withhold=withheld).table["sale"].tolist() == [2]
