"""Settings: strict types, no unknown names, references and units that `check` can follow."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from pydantic import Field, ValidationError

from sartor.components import (
    BASES,
    Action,
    Column,
    Columns,
    Component,
    Duration,
    Feature,
    FileName,
    Fitted,
    Fraction,
    Ingest,
    Model,
    ModelStep,
    Money,
    Prepare,
    Refers,
    Share,
    TableName,
    Task,
    TruthColumn,
    Unit,
)
from sartor.rows import Training
from sartor.testing import make_context, make_training


class Everything(Model):
    """A component with a setting of every type."""

    column: Column = "amount"
    columns: Columns = Field(default_factory=list)
    truth: TruthColumn = "paid"
    table: TableName = "loans"
    file: FileName = "loans.csv"
    share: Share = 0.2
    fraction: Fraction = 0.0
    money: Money = 0.0
    length: Duration = Duration(7, "day")
    trees: int = 100
    base: ModelStep | None = None


def refused(**settings):
    """Return what is said of the first setting that is refused."""
    with pytest.raises(ValidationError) as caught:
        Everything.model_validate(settings)
    return caught.value.errors()[0]["msg"]


def test_the_plugin_of_a_component_is_what_its_id_begins_with():
    assert Component("hello.points", "hello_plugin.points:Points", about="Points").plugin == "hello"


def test_a_record_is_compared_by_what_it_says_and_never_changed():
    one = Component("hello.points", "hello_plugin.points:Points", about="Points")

    assert one == Component("hello.points", "hello_plugin.points:Points", about="Points")
    with pytest.raises(AttributeError):
        one.about = "Other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"trees": "400"}, "Input should be a valid integer"),
        ({"trees": 400.0}, "Input should be a valid integer"),
        ({"trees": True}, "Input should be a valid integer"),
        ({"column": 7}, "Input should be a valid string"),
        ({"column": ""}, "String should have at least 1 character"),
        ({"columns": ["a", "b", "a"]}, "Value error, names a more than once"),
        ({"columns": "a"}, "Input should be a valid list"),
        ({"share": 0.0}, "Input should be greater than 0"),
        ({"share": 1.0}, "Input should be less than 1"),
        ({"share": 20.0}, "Input should be less than 1"),
        ({"fraction": -0.3}, "Input should be greater than or equal to 0"),
        ({"fraction": 30.0}, "Input should be less than or equal to 1"),
        ({"money": float("nan")}, "Input should be a finite number"),
        ({"money": float("inf")}, "Input should be a finite number"),
        ({"money": "12"}, "Input should be a valid number"),
        ({"tree": 400}, "Extra inputs are not permitted"),
        ({"base": {"use": "learn.forest", "whit": {}}}, "Extra inputs are not permitted"),
        ({"base": {"with": {}}}, "Field required"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(settings, said):
    assert refused(**settings) == said


@pytest.mark.parametrize("value", ["soon", "5", 5, "5 parsecs"])
def test_a_length_of_time_is_written_in_words(value):
    assert "to mend" in refused(length=value)


def test_whole_numbers_are_numbers_where_a_number_is_due():
    made = Everything.model_validate({"money": 8, "fraction": 1})

    assert (made.money, made.fraction) == (8.0, 1.0)


def test_a_length_of_time_is_read_from_words():
    made = Everything.model_validate({"length": "2 weeks"})

    assert made.length.to_offset(datetime(2024, 1, 1)) == datetime(2024, 1, 15)


def test_a_nested_model_is_written_as_in_a_recipe():
    made = Everything.model_validate(
        {"base": {"use": "learn.forest", "with": {"trees": 5}, "prepare": [{"use": "learn.scale"}]}}
    )

    assert made.base.use == "learn.forest"
    assert made.base.with_ == {"trees": 5}
    assert made.base.prepare[0].with_ == {}


def test_settings_are_never_changed():
    made = Everything()

    with pytest.raises(ValidationError, match="Instance is frozen"):
        made.trees = 5


def test_settings_survive_json():
    made = Everything.model_validate(
        {"columns": ["a"], "length": "2 weeks", "base": {"use": "learn.forest", "with": {"trees": 5}}}
    )
    written = json.loads(json.dumps(made.model_dump(mode="json", by_alias=True)))

    assert written["length"] == "2 weeks"
    assert written["base"] == {"use": "learn.forest", "with": {"trees": 5}, "prepare": []}
    assert Everything.model_validate(written) == made


def test_the_schema_knows_every_setting_and_refuses_others():
    schema = Everything.model_json_schema(by_alias=True)

    assert list(schema["properties"]) == list(Everything.model_fields)
    assert schema["additionalProperties"] is False
    assert schema["properties"]["share"]["exclusiveMaximum"] == 1
    assert schema["properties"]["length"]["type"] == "string"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("column", Refers("column")),
        ("truth", Refers("column", truth=True)),
        ("table", Refers("table")),
        ("file", Refers("file")),
        ("share", Unit("share")),
        ("fraction", Unit("share")),
        ("money", Unit("money")),
    ],
)
def test_a_setting_tells_check_what_it_names_or_measures(name, told):
    assert told in Everything.model_fields[name].metadata


def test_each_of_several_columns_tells_that_it_is_one():
    inner = get_args(Everything.model_fields["columns"].annotation)[0]

    assert Refers("column") in inner.__metadata__


def test_every_kind_has_the_base_of_that_kind():
    assert {kind: base.__name__ for kind, base in BASES.items()} == {
        "ingest": "Ingest",
        "task": "Task",
        "feature": "Feature",
        "model": "Model",
        "prepare": "Prepare",
        "action": "Action",
        "sink": "Sink",
    }
    assert all(base.kind == kind for kind, base in BASES.items())


def test_what_an_author_need_not_write_has_an_answer():
    decisions = pd.DataFrame({"__row": range(1200)})

    assert list(Model().check_settings(None)) == []
    assert Ingest().columns(None) is None
    assert Ingest().source() == ""
    assert Ingest().simulated is False
    assert Fitted().explain(None) is None
    assert Fitted().learned() == {}
    assert Action().value(decisions, None) is None
    assert Action().policies(None, None, None) == {}
    assert Action().headline(decisions) == "1,200 decisions."


def test_what_an_author_must_write_says_so():
    missing: list[Any] = [
        lambda: Ingest().read(None),
        lambda: Task().rows(None, None),
        lambda: Task().trivial(),
        lambda: Task().metrics(),
        lambda: Feature().build(None, None, None),
        lambda: Model().fit(None, None),
        lambda: Model().load(None),
        lambda: Prepare().fit(None, None),
        lambda: Action().decide(None, None, None),
        lambda: Fitted().predict(None),
        lambda: Fitted().save(None),
    ]
    for verb in missing:
        with pytest.raises(NotImplementedError):
            verb()


class Halves:
    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        return X / 2


class Half(Prepare):
    def fit(self, training: Training, context: Any) -> Any:
        return Halves()


def test_a_step_that_does_not_look_at_the_target_prepares_training_rows_like_others(tmp_path):
    training = make_training(pd.DataFrame({"items": [2.0, 4.0]}), [0, 1])

    step, X = Half().fit_transform(training, make_context(tmp_path))

    assert X["items"].tolist() == [1.0, 2.0]
    assert np.array_equal(X, step.transform(training.X))
