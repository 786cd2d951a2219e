"""What `PrepareTests` finds: a sound step passes, and each way to break the contract is told in words."""

from __future__ import annotations

import pytest

from sartor.testing import ComponentTests, PrepareTests
from sartor.testing.learner import LearnerTests

KEPT = "test_every_line_is_kept"
COLUMNS = "test_training_rows_and_others_get_the_same_columns"
UNSEEN = "test_what_training_never_showed_is_prepared"
TARGET = "test_no_training_row_sees_its_own_target"

FAULTS = [
    ("DropsMissingPrepare", KEPT, r"fit_transform: 160 lines have become \d+"),
    ("RenumbersPrepare", KEPT, "fit_transform: the lines must be numbered as they were"),
    ("DividesByZeroPrepare", KEPT, "fit_transform: 'months' has become infinite"),
    ("ReturnsArrayPrepare", KEPT, "transform must return a DataFrame, and returns ndarray"),
    (
        "TrainingColumnPrepare",
        COLUMNS,
        "training rows get the columns .*'is_training'.*, and others",
    ),
    (
        "TrainingTypePrepare",
        COLUMNS,
        "'months' is str in training rows and float64 in others",
    ),
    (
        "DummiesPrepare",
        UNSEEN,
        "change the columns from .*'channel_web'.* to .*'channel_never seen before'",
    ),
    (
        "KnownLabelsPrepare",
        UNSEEN,
        "transform raises KeyError: 'never seen before'",
    ),
    (
        "TargetMeanPrepare",
        TARGET,
        r"row 0\['channel'\] differs .*; and 'channel' goes along with a target that was drawn by lot .*cross-fitted",
    ),
]
INHERITED = {name for name in dir(LearnerTests) if name.startswith("test_")}
CHECKS = sorted(name for name in dir(PrepareTests) if name.startswith("test_"))


@pytest.mark.parametrize(("component", "name", "message"), FAULTS, ids=lambda value: str(value)[:40])
def test_a_step_that_breaks_the_contract_is_found_out(check, component, name, message):
    with pytest.raises(AssertionError, match=f"(?s){message}"):
        check(PrepareTests, component, name)


@pytest.mark.parametrize("name", [name for name in CHECKS if "heavy" not in name])
@pytest.mark.parametrize("component", ["SoundPrepare", "CrossFittedPrepare", "StratifiedPrepare"])
def test_a_sound_step_passes(check, component, name):
    check(PrepareTests, component, name)


def test_every_check_that_is_not_inherited_has_a_step_that_fails_it():
    # What is inherited from LearnerTests and ComponentTests fails in test_model_suite.py.
    assert issubclass(PrepareTests, LearnerTests)
    assert issubclass(LearnerTests, ComponentTests)
    assert {name for _, name, _ in FAULTS} == set(CHECKS) - INHERITED


def test_a_step_for_numbers_only_is_not_asked_about_classes(check):
    check(PrepareTests, "SoundPrepare", KEPT, answers=("number",))
