"""What `TaskTests` finds: a sound task passes, and each way to break the contract is told in words."""

from __future__ import annotations

import pytest

from sartor.testing import ComponentTests, TaskTests

IDENTITY, TRUTH = "test_each_row_has_an_identity_of_its_own", "test_the_truth_is_known_and_kept_apart"
TIMES, SAME = "test_times_are_in_order", "test_the_same_tables_give_the_same_rows"
NAMES, FINITE = "test_metrics_have_names_of_their_own", "test_metrics_are_finite"
SECTIONS, SCORES = "test_sections_keep_their_contract", "test_log_scores_are_finite"
ORDER = "test_the_order_of_lines_does_not_matter"
TRIVIAL, NEW = "test_the_trivial_answers_fit", "test_new_lines_make_the_same_rows_without_truth"
FAULTS = [
    ("ReturnsAFrameTask", IDENTITY, "must return sartor.rows.Rows, and returns LazyFrame"),
    ("EagerTask", IDENTITY, "must hold a lazy Narwhals frame, and holds DataFrame"),
    ("NoKeyTask", IDENTITY, "the rows have no column 'customer', and have event, __row"),
    ("NoRowsTask", IDENTITY, "the task makes no row of its tables"),
    ("RowMissingTask", IDENTITY, "__row is missing in 5 rows"),
    ("RowTwiceTask", IDENTITY, "__row must be unique, and 0 stands for several rows"),
    ("OwnReservedNameTask", IDENTITY, "the rows have the column '__label', a name that sartor does not know"),
    ("NoTargetTask", TRUTH, "the rows have no __target"),
    ("UnknownTruthTask", TRUTH, "the truth is known for no row"),
    ("NoClassesTask", TRUTH, r"classes must name the labels, the positive one last, and is \(\)"),
    ("OtherClassesTask", TRUTH, r"__target holds 'yes', which is none of the classes \('no', 'maybe'\)"),
    ("NoSuchTableTask", TRUTH, "own names table 'orders', and there are events"),
    ("TruthElsewhereTask", TRUTH, "truth names 'refund', which table 'events' does not have"),
    ("LeakingTask", TRUTH, "column 'returned' of 'events' is the truth itself: name it in truth"),
    ("OneTimeTask", TIMES, "rows in time need both __as_of and __known_at, and __known_at is not there"),
    ("KnownBeforeTask", TIMES, "in 300 rows the truth is known before the row is asked"),
    ("NoMomentTask", TIMES, "__as_of is missing in 10 rows"),
    ("CountingTask", SAME, r"made twice from the same tables, the frame has \d+ lines and had \d+"),
    ("RemembersTask", SAME, r"rows changes what it is handed: settings\['seen'\] has 2 entries and had 0"),
    ("ChangesTableTask", SAME, "rows changes a table that it is handed: events has the columns .*seen and had"),
    (
        "PlaceAsIdentityTask",
        ORDER,
        r"in another order, the frame\['event'\] differs",
    ),
    ("CountsLabelsTask", NEW, "lines without truth make no rows to be scored: nothing was returned"),
    ("KnowsAnywayTask", NEW, r"in \d+ rows there is a truth, and the columns that hold it are empty"),
    ("NumbersLinesTask", NEW, r"made of some lines without truth, the rows\['__row'\] differs"),
    ("NothingTrivialTask", TRIVIAL, "must return at least one answer, by name, and returns {}"),
    ("TrivialClassTask", TRIVIAL, "'by channel' must be a Model, and is ModelMetaclass"),
    (
        "OtherAnswersTask",
        TRIVIAL,
        "asks for 'probability', and trivial answer 'number' gives number",
    ),
    ("TrivialMissingTask", TRIVIAL, "trivial answer 'gappy': 'probability' is nan in line 2"),
    ("NoMetricTask", NAMES, r"at least one sartor.evidence.metric.Metric, and returns \[\]"),
    ("MetricNamesTask", NAMES, r"at least one sartor.evidence.metric.Metric, and returns \['brier'\]"),
    ("MetricTwiceTask", NAMES, "two metrics are called 'brier'"),
    ("LoudMetricTask", NAMES, "metric 'Brier score' must be written in small letters"),
    ("SilentMetricTask", NAMES, "metric 'brier' must say its label and what it is about"),
    ("MissingMetricTask", FINITE, "metric 'brier' is compared first, and is nan for 'by channel'"),
    ("MissingSecondMetricTask", FINITE, "metric 'second' is finite for no answer: {'by channel': nan, 'an informed"),
    ("InfiniteMetricTask", FINITE, "metric 'second' is infinite: {'by channel': inf"),
    ("SaysHtmlTask", SECTIONS, "sections: it yields str where a Section is due"),
    ("ShortMetricTask", FINITE, r"gave losses of shape \(3,\) for 100 rows"),
    ("ShortLogScoreTask", SCORES, "'by channel': a log score is due for each of 100 rows"),
    ("InfiniteLogScoreTask", SCORES, "'by channel': a log score is not finite"),
]
INHERITED = {name for name in dir(ComponentTests) if name.startswith("test_")}
CHECKS = sorted(name for name in dir(TaskTests) if name.startswith("test_"))


@pytest.mark.parametrize(("component", "name", "message"), FAULTS, ids=lambda value: str(value)[:40])
def test_a_task_that_breaks_the_contract_is_found_out(check, component, name, message):
    with pytest.raises(AssertionError, match=f"(?s){message}"):
        check(TaskTests, component, name)


@pytest.mark.parametrize("name", [name for name in CHECKS if "heavy" not in name])
@pytest.mark.parametrize("component", ["SoundTask", "SoundNumberTask", "UndefinedForConstantsTask"])
def test_a_sound_task_passes(check, component, name):
    check(TaskTests, component, name)


def test_every_check_that_is_not_inherited_has_a_task_that_fails_it():
    assert {name for _, name, _ in FAULTS} == set(CHECKS) - INHERITED
