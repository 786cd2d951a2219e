"""What `FeatureTests` finds: a sound feature passes, and each way to break the contract is told in words."""

from __future__ import annotations

import pandas as pd
import pytest

from sartor.testing import ComponentTests, FeatureTests, make_rows, make_table, make_tables

LINES = "test_there_is_at_most_one_line_for_each_row"
PURE = "test_the_same_rows_and_tables_give_the_same_columns"
UNCHANGED = "test_what_it_is_handed_stays_unchanged"
FUTURE = "test_no_column_sees_the_future"
ORDER = "test_the_order_of_lines_does_not_matter"
ALONE, OWN = "test_each_row_is_built_for_itself", "test_own_line_only_is_true_where_it_is_said"

FAULTS = [
    (
        "NoRowFeature",
        LINES,
        "must return __row beside the columns, and returns row",
    ),
    ("NoColumnFeature", LINES, "build returns no column but __row"),
    ("ReservedFeature", LINES, "sartor's own, and build makes __amount"),
    (
        "ManyLinesFeature",
        LINES,
        r"at most one line .*, and row \d+ has several",
    ),
    (
        "StrangeRowsFeature",
        LINES,
        "a line for 100100, which is none of the rows",
    ),
    ("InfiniteFeature", LINES, "'per_event' is infinite"),
    (
        "ImpureFeature",
        PURE,
        r"columns\['luck'\] differs in 200 of 200",
    ),
    (
        "RemembersFeature",
        UNCHANGED,
        r"build changes .*settings\['notes'\] has 1 entry",
    ),
    (
        "ChangesTableFeature",
        UNCHANGED,
        "changes a table .*events has 296 lines and had 300",
    ),
    (
        "ChangesRowsFeature",
        UNCHANGED,
        "build changes .*rows has the columns .*seen and had",
    ),
    (
        "SeesAllFeature",
        FUTURE,
        r"a column saw the future: without the lines at or after 2024-\d\d-\d\d .*, 'events_before' .*strictly before",
    ),
    (
        "FirstLineFeature",
        ORDER,
        r"in another order, the columns\['since_first'\] diff",
    ),
    (
        "CentredFeature",
        ALONE,
        "for every second row only, 'amount' differs .*step of prepare",
    ),
    (
        "NotOwnLineFeature",
        OWN,
        "without the other lines of 'events' 'events_before' differs .*leave own_line_only out",
    ),
]
INHERITED = {name for name in dir(ComponentTests) if name.startswith("test_")}
CHECKS = sorted(name for name in dir(FeatureTests) if name.startswith("test_"))


@pytest.mark.parametrize(("component", "name", "message"), FAULTS, ids=lambda value: str(value)[:40])
def test_a_feature_that_breaks_the_contract_is_found_out(check, component, name, message):
    with pytest.raises(AssertionError, match=f"(?s){message}"):
        check(FeatureTests, component, name)


@pytest.mark.parametrize("name", [name for name in CHECKS if "heavy" not in name])
@pytest.mark.parametrize("component", ["SoundFeature", "OwnLineFeature"])
def test_a_sound_feature_passes(check, component, name):
    check(FeatureTests, component, name)


def test_every_check_that_is_not_inherited_has_a_feature_that_fails_it():
    assert {name for _, name, _ in FAULTS} == set(CHECKS) - INHERITED


def two_at_one_moment(known_ahead=()):
    """Tables and rows of a day on which one customer buys twice at the same minute."""
    frame = pd.DataFrame(
        {
            "event": [1, 2, 3],
            "customer": ["ann", "ann", "ann"],
            "at": pd.to_datetime(["2024-01-01 10:00", "2024-01-02 10:00", "2024-01-02 10:00"]),
            "amount": [10.0, 20.0, 30.0],
        }
    )

    def tables(self, context):
        events = make_table("events", frame, context, key=["event"], time="at", known_ahead=known_ahead)
        return make_tables([events], context)

    def rows(self, tables, context):
        asked = frame[["event"]].assign(__row=frame["event"], __as_of=frame["at"], __known_at=frame["at"])
        return make_rows(asked.iloc[1:], context, keys=["event"], own="events")

    return {"tables": tables, "rows": rows}


def test_another_line_of_the_very_same_moment_is_the_future(check):
    check(FeatureTests, "SoundFeature", FUTURE, **two_at_one_moment())
    # Both rows of the moment are rebuilt together, so each still finds the other: lines with a row's own key stay.
    check(FeatureTests, "SeesTheMomentFeature", FUTURE, **two_at_one_moment())


def test_what_is_known_ahead_may_be_used(check):
    name = FUTURE
    with pytest.raises(AssertionError, match="'sum_of_all' differs"):
        check(FeatureTests, "SumsAllFeature", name)
    check(FeatureTests, "SumsAllFeature", name, **two_at_one_moment(known_ahead=["amount"]))
