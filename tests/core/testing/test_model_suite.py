"""What `ModelTests` finds: a sound model passes, and each way to break the contract is told in words."""

from __future__ import annotations

import pytest

from sartor.testing import ModelTests

FOUND = "test_the_entry_is_found_and_is_of_its_kind"
SCHEMA = "test_settings_round_trip_through_their_schema"
SEED = "test_the_same_seed_gives_the_same_results"
UNCHANGED = "test_what_it_is_handed_stays_unchanged"
REFIT = "test_fitting_again_forgets_the_first_fit"
SAVED = "test_what_is_saved_and_loaded_gives_the_same_results"
ANSWERS = "test_there_is_one_answer_for_each_row"
UNSEEN = "test_what_training_never_showed_is_answered"
CLASSES = "test_a_class_without_training_rows_keeps_its_column"
EXPLAINED = "test_explanations_add_up_to_the_answer"
TOLD = "test_what_was_learned_is_told_in_json"
SECTIONS = "test_sections_keep_their_contract"
ON_DISK = "test_rows_that_lie_on_disk_are_never_read_whole"

FAULTS = [
    ("ReadsAllModel", ON_DISK, "fit asks for X or rows of all training rows; ask for pieces\\(\\) or drawn\\(\\)"),
    ("DrawsPictureModel", SECTIONS, "has a spec with an address or a picture: a report fetches nothing"),
    ("Nobody", FOUND, "plugin 'stranger' offers .*, and not 'stranger.Nobody'"),
    (
        "nowhere.Model",
        FOUND,
        "no plugin is called 'nowhere': is the distribution",
    ),
    ("SoundTask", FOUND, "comes as a task, and this suite tests a model"),
    (
        "SaysTooMuch",
        FOUND,
        "in one line what it is, without a full stop: about='It",
    ),
    ("SaysNothing", FOUND, "must say in one line what it is"),
    (
        "IsNotThere",
        FOUND,
        "cannot be imported from stranger_plugin.models:IsNot",
    ),
    ("IsATask", FOUND, "must be a subclass of sartor.components.Model"),
    ("TupleModel", SCHEMA, "do not read what they wrote: .*\n.*layers"),
    (
        "MissingDefaultModel",
        SCHEMA,
        "the JSON Schema of .* cannot be written as JSON: Out",
    ),
    ("ForgetfulSettingModel", SCHEMA, "does not write the setting 'trees'"),
    ("TakesAnySettingModel", SCHEMA, "takes unknown settings"),
    ("BadDefaultModel", "test_defaults_are_valid", "the default of 'smoothing' is refused .*: Input should be greater"),
    (
        "SelfDoubtingModel",
        "test_the_settings_pass_their_own_check",
        "the settings of 'stranger.SelfDoubtingModel' are refused at smoothing.0: is too smooth",
    ),
    ("PlacelessModel", "test_the_settings_pass_their_own_check", "must say the place as a tuple, and says 'smoothing'"),
    ("TakesAnySettingModel", "test_a_setting_that_does_not_exist_is_refused", "to 'no_such_setting' it says nothing"),
    (
        "SoundModel",
        "test_importing_the_component_loads_nothing_heavy",
        "importing stranger_plugin and stranger_plugin.models loads .*numpy, pandas.*: import them inside the verbs",
    ),
    (
        "UnseededModel",
        SEED,
        "number: two fits with one seed differ: .*seed every",
    ),
    ("GlobalSeedModel", UNCHANGED, "fit uses or seeds the global random generator"),
    ("GlobalNumpyModel", UNCHANGED, "fit uses or seeds the global random generator"),
    (
        "FillsInPlaceModel",
        UNCHANGED,
        r"fit changes .*training.X\['amount'\] differs in \d+ of",
    ),
    (
        "SortsTruthModel",
        UNCHANGED,
        r"fit changes .*training.y differs in \d+ of 160 lines",
    ),
    ("GrowingSettingModel", UNCHANGED, r"settings\['notes'\] has 1 entry and had 0"),
    (
        "MarksRowsModel",
        UNCHANGED,
        "predict changes .*scoring.rows has the columns .*seen and",
    ),
    ("RemembersModel", REFIT, "a second fit of one component remembers the first"),
    ("RemembersForAllModel", REFIT, "a second fit of one component remembers the first"),
    ("SharedModel", REFIT, "a second fit changes what the first had learned"),
    (
        "RoundsOnSaveModel",
        SAVED,
        "gives another result when it is loaded",
    ),
    (
        "SavesNothingModel",
        SAVED,
        "save writes nothing into its folder",
    ),
    (
        "SavesItsPlaceModel",
        SAVED,
        "cannot be loaded once its folder has moved: FileNotFound",
    ),
    ("PicklesModel", "test_nothing_is_pickled_in_the_saved_folder", "must be data, and holds model.bin: a pickle"),
    ("RanksModel", "test_each_row_is_answered_for_itself", "number: rows in another order are answered differently"),
    ("AnswersAsListModel", "test_it_says_what_it_answers", r"answers must be a frozenset .*and is \['probability'\]"),
    ("ReturnsAnArrayModel", ANSWERS, "are ndarray and must be a DataFrame"),
    ("LosesARowModel", ANSWERS, "there are 79 lines of predictions for 80 rows"),
    ("OwnNumbersModel", ANSWERS, "must be numbered as the rows are, 0 to n - 1"),
    (
        "OtherColumnModel",
        ANSWERS,
        r"columns \['my_number'\] and must have \['number'\]",
    ),
    ("MissingAnswerModel", ANSWERS, "number: 'number' is nan in line 2"),
    ("WholeNumbersModel", ANSWERS, "'number' is of type int64 and must be a float"),
    ("BeyondOneModel", ANSWERS, r"a probability of 1.\d+ stands in line \d+ of 'proba"),
    (
        "HalfSharesModel",
        ANSWERS,
        "three classes: the probabilities of line 0 add up to 0.5",
    ),
    (
        "KnowsOnlyItsLabelsModel",
        UNSEEN,
        "predict raises KeyError: 'never seen before'",
    ),
    (
        "SpreadsMissingModel",
        UNSEEN,
        "with unseen .* values 'number' is nan in line",
    ),
    (
        "OnlyClassesSeenModel",
        CLASSES,
        r"none of class 'middle' in training: predictions have the columns \['probability:low', 'probability:high'\]",
    ),
    (
        "ExplainsProbabilitiesModel",
        EXPLAINED,
        "do not add up to the log-odds of the answer",
    ),
    ("ExplainsHalfModel", EXPLAINED, "a line for each row, numbered as the rows are"),
    (
        "ExplainsMissingModel",
        EXPLAINED,
        "contributions of explain are missing or infinite",
    ),
    ("LearnedArraysModel", TOLD, "JSON types only: Object of type ndarray"),
    (
        "LearnedNumbersAsKeysModel",
        TOLD,
        "JSON types only: .*'by class'.* entries 0, 1",
    ),
    ("LearnedMissingModel", TOLD, "JSON types only: Out of range float"),
]
CHECKS = sorted(name for name in dir(ModelTests) if name.startswith("test_"))


@pytest.mark.parametrize(("component", "name", "message"), FAULTS, ids=lambda value: str(value)[:40])
def test_a_model_that_breaks_the_contract_is_found_out(check, component, name, message):
    with pytest.raises(AssertionError, match=f"(?s){message}"):
        check(ModelTests, component, name)


@pytest.mark.parametrize("name", [name for name in CHECKS if "heavy" not in name])
@pytest.mark.parametrize("component", ["SoundModel", "ExplainsModel"])
def test_a_sound_model_passes(check, component, name):
    check(ModelTests, component, name)


def test_a_model_that_learns_from_pieces_passes(check):
    check(ModelTests, "PiecewiseModel", ON_DISK)


def test_every_check_has_a_model_that_fails_it():
    assert {name for _, name, _ in FAULTS} == set(CHECKS)


def test_a_model_of_two_classes_is_not_asked_for_three(check):
    name = CLASSES
    check(ModelTests, "OnlyClassesSeenModel", name, many_classes=False)


def test_a_model_that_ranks_may_say_so(check):
    check(ModelTests, "RanksModel", "test_each_row_is_answered_for_itself", rows_alone=False)


def test_an_approximate_explanation_may_say_so(check):
    name = EXPLAINED
    check(ModelTests, "ExplainsProbabilitiesModel", name, explanations_add_up=False)


def test_a_model_stands_behind_the_steps_that_it_needs(check):
    steps = [{"use": "stranger.CrossFittedPrepare"}]
    # Alone it knows its labels only; behind the step a channel is a number, and an unseen one is -1.
    with pytest.raises(AssertionError, match="predict raises KeyError: 'never seen before'"):
        check(ModelTests, "KnowsOnlyItsLabelsModel", UNSEEN)
    with pytest.raises(AssertionError, match=r"predict raises KeyError: '\d"):
        check(ModelTests, "KnowsOnlyItsLabelsModel", UNSEEN, prepare=steps)
    check(ModelTests, "SoundModel", SAVED, prepare=steps)


def test_a_model_of_other_answers_brings_its_own_rows(check):
    with pytest.raises(AssertionError, match=r"no sample data for a model that answers .*: override cases\(\)"):
        check(ModelTests, "AnswersAsListModel", ANSWERS, sample=lambda self, answers: [])
