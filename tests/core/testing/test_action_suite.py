"""What `ActionTests` finds: a sound action passes, and each way to break the contract is told in words."""

from __future__ import annotations

import pytest

from sartor.testing import ActionTests, ComponentTests

LINES, SAME = "test_there_is_one_decision_for_each_row", "test_the_same_seed_gives_the_same_decisions"
UNCHANGED, VALUE = "test_what_it_is_handed_stays_unchanged", "test_each_decision_is_worth_a_finite_amount"
SECTIONS = "test_sections_keep_their_contract"
POLICIES, SENTENCE = "test_policies_decide_on_the_same_rows", "test_the_headline_is_one_sentence"
FAULTS = [
    ("AnswersTextAction", "test_it_says_what_it_decides_on", "answers must be a frozenset .*, and is 'probability'"),
    ("NoAnswersAction", "test_it_says_what_it_decides_on", r"answers must be a frozenset .*, and is frozenset\(\)"),
    ("NoAnswersAction", LINES, r"there is no sample data for no answer: override cases\(\)"),
    ("ReturnsDictAction", LINES, "number: decide must return a DataFrame, and returns dict"),
    ("NoRowAction", LINES, "decide: the first column must be __row, and the columns are act, __row"),
    ("OnlyThoseAction", LINES, "there are 40 decisions for 80 rows"),
    ("SortsAction", LINES, "the decisions are not in the order of the rows"),
    ("InfiniteAction", LINES, "'score' is infinite"),
    (
        "MisnamesAction",
        "test_columns_agree_with_what_is_decided",
        r"columns\(\) says action, reasons, and decide gives act",
    ),
    (
        "NotRowByRowAction",
        "test_row_by_row_is_true_where_it_is_said",
        r"decided among \d+ rows, the decisions\['act'\] differs in .*leave row_by_row out",
    ),
    ("DrawsLotsAction", SAME, r"decided twice with one seed, the decisions\['act'\] differs in"),
    ("RemembersAction", UNCHANGED, r"decide changes .*settings\['seen'\] has 1 entry and had 0"),
    ("ChangesPredictionsAction", UNCHANGED, "decide changes .*predictions has the columns number, act and had number"),
    (
        "ChangesTrainingAction",
        UNCHANGED,
        "policies changes .*training.X has the columns months, .* and had amount, months",
    ),
    ("ChangesDecisionsAction", UNCHANGED, "value changes .*decisions has the columns __row, act, value and had"),
    ("ChangesInHeadlineAction", UNCHANGED, r"headline changes .*decisions\['act'\] differs in 1 of 80 lines"),
    ("TotalValueAction", VALUE, r"value must return an array of shape \(80,\), and returns float"),
    ("MissingValueAction", VALUE, "value is nan for 1 decisions"),
    ("TextValueAction", VALUE, "value must return numbers, and returns <U"),
    ("ListOfPoliciesAction", POLICIES, "policies must return a dict of decisions by name"),
    ("PolicyOnTrainingAction", POLICIES, "policy 'act on all': there are 160 decisions for 80 rows"),
    ("PolicyWithoutMoneyAction", POLICIES, "policy 'act on all' and the decisions must both have a value in money"),
    ("PolicyWorthNothingAction", POLICIES, "policy 'act on all': value is .*inf for"),
    (
        "ComparesNothingAction",
        "test_measures_are_numbers_of_groups",
        "measures: measure 'gap' compares 'acted', which is no measure with per_group",
    ),
    ("CountsNobodyAction", SECTIONS, "the table of section 'decisions' has counts for other than its 1 lines"),
    ("NoSentenceAction", SENTENCE, "must be one line that ends with a full stop, and is 'Decisions: 80'"),
    (
        "TwoLinesAction",
        SENTENCE,
        r"must be one line that ends with a full stop, and is 'Act on some.\\nNot on others.'",
    ),
]
INHERITED = {name for name in dir(ComponentTests) if name.startswith("test_")}
CHECKS = sorted(name for name in dir(ActionTests) if name.startswith("test_"))


@pytest.mark.parametrize(("component", "name", "message"), FAULTS, ids=lambda value: str(value)[:40])
def test_an_action_that_breaks_the_contract_is_found_out(check, component, name, message):
    with pytest.raises(AssertionError, match=f"(?s){message}"):
        check(ActionTests, component, name)


@pytest.mark.parametrize("name", [name for name in CHECKS if "heavy" not in name])
@pytest.mark.parametrize("component", ["SoundAction", "NoMoneyAction", "MeasuredAction", "RowByRowAction"])
def test_a_sound_action_passes(check, component, name):
    check(ActionTests, component, name)


def test_every_check_that_is_not_inherited_has_an_action_that_fails_it():
    assert {name for _, name, _ in FAULTS} == set(CHECKS) - INHERITED


def test_a_plan_need_not_have_a_line_for_each_row(check):
    check(ActionTests, "OnlyThoseAction", LINES, line_per_row=False)
