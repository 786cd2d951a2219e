"""What readings and lives look like in practice: each kind of dirt with what is said of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fleet import left, readings, rows_of, tables

from sartor.engine import Engine
from sartor.errors import InputError
from sartor.testing import make_context, make_rows, make_table
from sartor_domains.manufacturing.condition_indicators import ConditionIndicators
from sartor_domains.manufacturing.units import unit_and_cycle
from sartor_plugins.tables.csv_files import CsvFiles

ORDER = {"table": "rul", "column": "rul", "order": "line"}


def csv(tmp_path, text, **settings):
    """Read a text as a CSV file."""
    (tmp_path / "file.csv").write_text(text, encoding="utf-8")
    with Engine(threads=1) as engine:
        read = CsvFiles.model_validate({"path": "file.csv", **settings})
        return read.read(make_context(tmp_path, step="ingest.table", engine=engine)).df()


def lives_of(context, rul):
    _, frame = rows_of(context, readings(), others={"rul": (rul, ["line"])}, left=ORDER)
    return left(frame)


class TestFilesOfRemainingLives:
    """RUL files come with or without a header, with blanks at the ends of their lines."""

    def test_without_a_header(self, context, tmp_path):
        rul = csv(tmp_path, "5 \n6 \n7 \n", names=["rul"], row_number="line")
        assert lives_of(context, rul) == {"A|4": 5.0, "B|3": 6.0, "C|2": 7.0}

    def test_with_a_header(self, context, tmp_path):
        rul = csv(tmp_path, "rul\n5\n6\n7\n", row_number="line")
        assert lives_of(context, rul) == {"A|4": 5.0, "B|3": 6.0, "C|2": 7.0}

    def test_a_first_life_read_as_a_header_is_found_by_the_column(self, context, tmp_path):
        rul = csv(tmp_path, "5\n6\n7\n", row_number="line")
        with pytest.raises(InputError, match="table rul has no column 'rul'") as caught:
            lives_of(context, rul)
        assert caught.value.problems[0].hints == (
            ("its columns", "5, line"),
            ("to mend", "the file seems to have no header, name its columns at ingest: names: [rul]"),
        )

    def test_a_header_read_as_a_life_is_found_by_its_type(self, context, tmp_path):
        rul = csv(tmp_path, "rul\n5\n6\n7\n", names=["rul"], row_number="line", header=False)
        with pytest.raises(InputError, match="'rul' of rul is to be a number of cycles and holds no numbers"):
            lives_of(context, rul)

    def test_one_life_too_few_shifts_nothing_but_stops(self, context, tmp_path):
        rul = csv(tmp_path, "rul\n5\n6\n", row_number="line")
        with pytest.raises(InputError, match=r"table rul has 2 lines for 3 units: which line is of which unit"):
            lives_of(context, rul)

    def test_readings_with_blanks_between_and_behind_are_read(self, tmp_path):
        text = "1 1 0.5 641.8  \n1 2 0.6 642.1  \n"
        frame = csv(tmp_path, text, delimiter=" ", names=["unit", "cycle", "setting", "heat"])
        assert frame.to_numpy().tolist() == [[1, 1, 0.5, 641.8], [1, 2, 0.6, 642.1]]


class TestTablesOfEnds:
    def ends(self, context, frame, **settings):
        others = {"ends": (frame, ["line"])}
        return rows_of(context, readings(), others=others, **settings)

    def test_a_life_below_zero(self, context):
        rul = pd.DataFrame({"line": [0, 1, 2], "unit": ["A", "B", "C"], "rul": [5, -1, 7]})
        with pytest.raises(InputError, match="'rul' of ends is below 0 in 1 line: a unit that was read cannot have"):
            self.ends(context, rul, left={"table": "ends", "column": "rul"})

    def test_a_life_that_is_missing(self, context):
        rul = pd.DataFrame({"line": [0, 1], "unit": ["A", "B"], "rul": [5.0, np.nan]})
        with pytest.raises(InputError, match="'rul' of ends is missing in 1 line"):
            self.ends(context, rul, left={"table": "ends", "column": "rul"})

    def test_a_unit_that_ends_twice(self, context):
        failures = pd.DataFrame({"line": [0, 1, 2], "unit": ["A", "A", "B"], "at": [4, 9, 3]})
        with pytest.raises(InputError, match="table ends tells of 1 unit more than once: a unit ends once") as caught:
            self.ends(context, failures, failed={"table": "ends", "column": "at"})
        assert "a name of its own for each life" in caught.value.problems[0].hints[0][1]

    def test_a_unit_that_was_never_read(self, context):
        failures = pd.DataFrame({"line": [0, 1], "unit": ["A", "Z9"], "at": [4, 9]})
        with pytest.raises(InputError, match="tells of 1 unit without a reading in readings: Z9"):
            self.ends(context, failures, failed={"table": "ends", "column": "at"})

    def test_units_that_are_named_in_another_way_in_the_two_tables(self, context):
        frame = readings({"07": 3, "08": 2})
        failures = pd.DataFrame({"line": [0, 1], "unit": ["7", "8"], "at": [3, 2]})
        with pytest.raises(InputError, match="2 units without a reading in readings: 7 and 8"):
            rows_of(
                context,
                frame,
                others={"ends": (failures, ["line"])},
                failed={"table": "ends", "column": "at"},
            )

    def test_a_table_that_names_no_unit(self, context):
        rul = pd.DataFrame({"line": [0, 1, 2], "rul": [5, 6, 7]})
        with pytest.raises(InputError, match="does not say whose life it tells: it has no column unit") as caught:
            self.ends(context, rul, left={"table": "ends", "column": "rul"})
        assert caught.value.problems[0].hints[1][1].endswith("left: {order: ...}")

    def test_failures_without_a_unit(self, context):
        with pytest.raises(InputError, match="does not say which unit failed: it has no column unit"):
            self.ends(context, pd.DataFrame({"line": [0], "at": [4]}), failed={"table": "ends", "column": "at"})

    def test_a_date_of_failure_that_is_text(self, context):
        failures = pd.DataFrame({"line": [0], "unit": ["A"], "at": [4], "on": ["31.12.24"]})
        frame = readings().assign(day=pd.Timestamp("2024-01-01"))
        with pytest.raises(InputError, match="'on' of ends is to be the date of a failure and holds no dates"):
            rows_of(
                context,
                frame,
                others={"ends": (failures, ["line"])},
                failed={"table": "ends", "column": "at", "moment": "on"},
                date="day",
            )

    def test_an_order_where_every_part_is_named(self, context):
        rul = pd.DataFrame({"line": [0, 1, 2], "unit": ["A", "B", "C"], "rul": [5, 6, 7]})
        with pytest.raises(InputError, match="left says an order of lines, and table ends names every part"):
            self.ends(context, rul, left={"table": "ends", "column": "rul", "order": "line"})


class TestReadings:
    def test_a_key_without_a_cycle(self, context):
        table = make_table("readings", readings(), context, key=["unit"])
        with pytest.raises(InputError, match="told by its unit and its cycle, and its key is unit") as caught:
            unit_and_cycle(table)
        assert caught.value.problems[0].hints == (
            ("to mend", "name both at ingest, the cycle last: key: [unit, cycle]"),
        )

    def test_a_cycle_that_is_text(self, context):
        frame = readings().assign(cycle=lambda made: "day " + made["cycle"].astype(str))
        with pytest.raises(InputError, match="'cycle' of table readings counts cycles and holds no numbers"):
            rows_of(context, frame)

    def test_a_cycle_named_by_its_role_need_not_be_the_last(self, context):
        table = make_table("readings", readings(), context, key=["cycle", "unit"], roles={"cycle": "cycle"})
        assert unit_and_cycle(table) == (("unit",), "cycle")

    def test_a_role_outside_of_the_key(self, context):
        table = make_table("readings", readings(), context, key=["unit", "heat"], roles={"cycle": "cycle"})
        with pytest.raises(InputError, match="the cycle of table readings is to be 'cycle', which is no part of its"):
            unit_and_cycle(table)

    def test_readings_without_a_cycle(self, context):
        frame = readings().assign(cycle=lambda made: made["cycle"].astype(float).where(made["unit"] != "B"))
        frame = frame.drop_duplicates(["unit", "cycle"])
        with pytest.raises(InputError, match="'cycle' is missing in 1 reading of readings"):
            rows_of(context, frame)

    def test_readings_before_the_first_cycle(self, context):
        frame = readings().assign(cycle=lambda made: made["cycle"] - 3)
        with pytest.raises(InputError, match="6 readings of readings are of a cycle below 0"):
            rows_of(context, frame)

    def test_a_day_that_is_text(self, context):
        frame = readings().assign(at="31.12.24")
        with pytest.raises(InputError, match="'at' of readings is to be the moment of a reading and holds no dates"):
            rows_of(context, frame, date="at")

    def test_gaps_in_the_cycles_are_lived_through(self, context):
        frame = readings({"A": 9})
        _, made = rows_of(context, frame[frame["cycle"].isin([1, 5, 9])])
        assert left(made) == {"A|1": 8.0, "A|5": 4.0, "A|9": 0.0}

    def test_a_unit_with_one_reading_has_indicators_of_one_reading(self, context):
        made = tables(context, readings({"A": 1}))
        rows = make_rows(readings({"A": 1})[["unit", "cycle"]].assign(__row="A|1"), context, keys=["unit", "cycle"])
        built = ConditionIndicators(windows=[2, 4]).build(rows, made, context)
        assert built.drop(columns="__row").iloc[0].to_dict() == {
            "age": 1.0, "heat_mean_4": 1.5, "heat_sd_4": 0.0, "heat_change_2_4": 0.0, "heat_shift_4": 0.0,
        }  # fmt: skip


class TestSensors:
    def build(self, context, frame, **settings):
        keys = frame[["unit", "cycle"]]
        rows = make_rows(keys.assign(__row=np.arange(len(keys))), context, keys=["unit", "cycle"])
        return ConditionIndicators(**settings).build(rows, tables(context, frame), context)

    def test_sensors_that_never_change_are_named(self, context, notes):
        built = self.build(context, readings().assign(s_1=518.67, s_18=2388))
        assert notes() == ["s_1 and s_18 never change and tell nothing"]
        assert (built["s_1_sd_30"] == 0).all()
        assert (built["s_1_shift_30"] == 0).all()

    def test_a_sensor_with_two_values_is_called_a_switch(self, context, notes):
        self.build(context, readings().assign(s_6=lambda made: 21.6 + 0.01 * (made["cycle"] % 2)))
        assert notes() == ["s_6 knows two values only: a switch, no measurement"]

    def test_a_sensor_without_a_value_is_named(self, context, notes):
        built = self.build(context, readings().assign(s_9=np.nan))
        assert notes() == ["s_9 holds no value at all"]
        assert built["s_9_mean_30"].isna().all()

    def test_a_sensor_that_is_text(self, context):
        frame = readings().assign(heat=["1,5"] * 9)
        with pytest.raises(InputError, match="'heat' of readings is to be a sensor and holds no numbers"):
            self.build(context, frame, sensors=["heat"])

    def test_a_table_without_sensors(self, context):
        frame = readings().drop(columns="heat").assign(model="X")
        with pytest.raises(InputError, match="has no column of numbers beside its key: there is no sensor"):
            self.build(context, frame)

    def test_a_sensor_that_is_not_there_is_named_with_the_nearest(self, context):
        with pytest.raises(InputError, match="table readings has no column 'heet'") as caught:
            self.build(context, readings(), sensors=["heet"])
        assert ("did you mean", "heat") in caught.value.problems[0].hints

    def test_units_in_the_names_of_columns_are_read_as_names(self, context):
        frame = readings().rename(columns={"heat": "Air temperature [K]"})
        assert "Air temperature [K]_mean_30" in self.build(context, frame)

    def test_sensors_that_are_missing_now_and_then_are_bridged(self, context):
        heat = [1.0, np.nan, 3.0, np.nan, 2.0, np.nan, np.nan, np.nan, np.nan]
        built = self.build(context, readings().assign(heat=heat), windows=[1, 2], measures=["mean"])
        assert built["heat_mean_2"].tolist()[:7] == [1.0, 1.0, 3.0, 3.0, 2.0, 2.0, pytest.approx(np.nan, nan_ok=True)]
