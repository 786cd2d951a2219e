"""Choosing, tuning and calibrating: on inner rows only, recorded, repeatable, and within their time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sartor.components import ModelStep
from sartor.context import Context
from sartor.durations import Duration
from sartor.errors import InputError, SettingError
from sartor.plugins import Plugins
from sartor.rows import AS_OF, GROUP, ROW, Judged, Training
from sartor_plugins.learn.fitting import tuning
from sartor_plugins.learn.fitting.rounds import folds_of, held_out, rounds_of
from sartor_plugins.learn.fitting.tuning import draw, sample_sizes, sampling_order
from sartor_plugins.learn.models.calibrated import Calibrated
from sartor_plugins.learn.models.chosen import Chosen
from sartor_plugins.learn.models.tuned import Between, Tuned

Rows = Callable[..., Training]


class Spy:
    """Fits as the context does, and remembers which rows it was given."""

    def __init__(self, context: Context) -> None:
        assert context.fit_model is not None
        self.fit_model, self.fits = context.fit_model, []
        self.context = replace(context, fit_model=self)

    def __call__(self, step: ModelStep, training: Training, context: Context) -> Any:
        self.fits.append((step, set(training.rows[ROW]), context.step))
        return self.fit_model(step, training, context)


MODELS = [
    Chosen(among={"tree": {"use": "learn.tree"}, "bayes": {"use": "learn.naive_bayes"}}),
    Tuned(model={"use": "learn.tree"}, over={"depth": [1, 3]}),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_candidates_see_inner_rows_only_and_the_last_fit_all_training_rows(model, make_rows: Rows, context: Context):
    training = make_rows("probability")
    learn, validate = training.inner()
    spy = Spy(context)
    model.fit(training, spy.context)
    *tries, (_, last_rows, _) = spy.fits
    assert len(tries) >= 2
    assert all(rows <= set(learn.rows[ROW]) for _, rows, _ in tries)
    assert not any(rows & set(validate.rows[ROW]) for _, rows, _ in tries)
    assert last_rows == set(training.rows[ROW])


def test_calibration_learns_its_curve_from_rows_that_its_models_had_not_seen(make_rows: Rows, context: Context):
    training = make_rows("probability")
    spy = Spy(context)
    Calibrated(model={"use": "learn.tree"}, rounds=3).fit(training, spy.context)
    *rounds, (_, last_rows, _) = spy.fits
    assert len(rounds) == 3
    for (_, rows, _), (learn, held) in zip(rounds, held_out(training, 3, context), strict=True):
        assert rows == set(learn.rows[ROW])
        assert rows.isdisjoint(held.rows[ROW])
    assert last_rows == set(training.rows[ROW])


def test_the_best_model_is_chosen_and_every_score_recorded(make_rows: Rows, context: Context, told: list[str]):
    training = make_rows("probability", n_rows=300)
    among = {
        "rate": {"use": "learn.base_rate"},
        "logistic": {"use": "learn.logistic"},
        "deep": {"use": "learn.tree", "with": {"min_leaf": 1}},
    }
    fitted = Chosen(among=among, by="auc").fit(training, context)
    learned = fitted.learned()
    assert learned["chosen"] == "logistic"
    assert learned["by"] == "auc"
    assert learned["scores"]["rate"] == pytest.approx(0.5)
    assert learned["scores"]["logistic"] > learned["scores"]["deep"] > 0.5
    assert "intercept" in learned["model"]
    assert any(note.startswith("logistic has the best AUC on inner rows") for note in told)
    alone = context.fit(ModelStep(use="learn.logistic"), training)
    np.testing.assert_allclose(fitted.predict(training), alone.predict(training))


def test_of_equally_good_models_the_first_is_chosen(make_rows: Rows, context: Context):
    among = {"b": {"use": "learn.logistic"}, "a": {"use": "learn.logistic"}}
    assert Chosen(among=among).fit(make_rows("probability"), context).learned()["chosen"] == "b"


def test_a_metric_that_asks_for_a_target_value_is_met_from_both_sides(make_rows: Rows, context: Context):
    training = make_rows("number")
    among = {"median": {"use": "learn.median"}, "linear": {"use": "learn.linear"}}
    learned = Chosen(among=among, by="bias").fit(training, context).learned()
    assert learned["chosen"] == min(learned["scores"], key=lambda name: abs(learned["scores"][name]))


def test_a_metric_of_other_answers_is_refused(make_rows: Rows, context: Context):
    with pytest.raises(SettingError, match="a probability is not judged by 'rmse'  R042"):
        Chosen(among={"a": {"use": "learn.logistic"}}, by="rmse").fit(make_rows("probability"), context)


def test_a_metric_that_does_not_exist_is_refused_with_the_nearest():
    with pytest.raises(ValidationError, match="no metric is called 'brierr'"):
        Chosen(among={"a": {"use": "learn.logistic"}}, by="brierr")


def test_a_model_of_other_answers_inside_is_refused(make_rows: Rows, context: Context):
    with pytest.raises(SettingError, match="Linear answers a number, and the task asks for a probability  R025"):
        Chosen(among={"a": {"use": "learn.linear"}}).fit(make_rows("probability"), context)


# Tuning ---------------------------------------------------------------------------------------------------------


def test_tuning_finds_the_better_setting_and_tells_every_trial(make_rows: Rows, context: Context):
    training = make_rows("probability", n_rows=400)
    tuned = Tuned(model={"use": "learn.logistic", "with": {"penalty": 1e6}}, over={"penalty": [1.0, 1e5]})
    fitted = tuned.fit(training, context)
    learned = fitted.learned()
    assert learned["settings"] == {"penalty": 1.0}
    assert [trial["settings"] for trial in learned["trials"]] == [{}, {"penalty": 1.0}, {"penalty": 1e5}]
    assert learned["score"] == min(trial["score"] for trial in learned["trials"])
    assert learned["out_of_time"] is False
    alone = context.fit(ModelStep(use="learn.logistic", **{"with": {"penalty": 1.0}}), training)
    np.testing.assert_allclose(fitted.predict(training), alone.predict(training))
    judged = Judged(training.y, fitted.predict(training), training.rows, training.classes)
    section = next(iter(fitted.sections(judged, context)))
    assert section.id == "trials"
    assert section.sentence.startswith(
        "**3 trials learned from inner rows, and the best learned anew from all training"
    )
    assert section.sentence.endswith("rows**: penalty 1.0, by log loss.")
    assert [line[0] for line in section.table.lines] == ["penalty 1.0", "penalty 100000.0", "as written"]
    scores = [line[2] for line in section.table.lines]
    assert scores == sorted(scores)


def test_the_settings_as_written_win_where_nothing_is_better(make_rows: Rows, context: Context):
    tuned = Tuned(model={"use": "learn.logistic"}, over={"penalty": [1e5, 1e6]})
    assert tuned.fit(make_rows("probability"), context).learned()["settings"] == {}


def test_halving_tries_many_on_few_rows_and_few_on_all(make_rows: Rows, context: Context):
    training = make_rows("probability", n_rows=6_100)
    tuned = Tuned(
        model={"use": "learn.naive_bayes"}, over={"smoothing": {"from": 0.1, "to": 100, "log": True}}, candidates=8
    )
    learned = tuned.fit(training, context).learned()
    by_rows: dict[int, int] = {}
    for trial in learned["trials"]:
        by_rows[trial["rows"]] = by_rows.get(trial["rows"], 0) + 1
    n = learned["rows"]["learn"]
    assert list(by_rows) == [round(n / 9), round(n / 3), n]
    # A third goes on, rounded up, and the model as it is written where it is not among them: 9, 3 or 4, 1 to 3.
    first, second, last = by_rows.values()
    assert first == 9
    assert second in (3, 4)
    assert last in (1, 2, 3)
    assert sum(trial["settings"] == {} for trial in learned["trials"]) == 3


def test_the_same_seed_tunes_the_same(make_rows: Rows, context: Context):
    training = make_rows("probability", n_rows=300)
    tuned = Tuned(
        model={"use": "learn.tree"},
        over={"depth": {"from": 1, "to": 8, "whole": True}, "min_leaf": [1, 5, 20]},
        candidates=6,
    )
    first, again = (tuned.fit(training, context).learned() for _ in range(2))
    assert json.dumps(first) == json.dumps(again)


def test_no_time_still_gives_the_best_so_far_and_says_so(
    make_rows: Rows, context: Context, told: list[str], monkeypatch: pytest.MonkeyPatch
):
    hours = iter(range(0, 3600 * 1000, 3600))
    monkeypatch.setattr(tuning, "clock", lambda: next(hours))
    tuned = Tuned(model={"use": "learn.tree"}, over={"depth": [1, 2, 3]}, budget=Duration(1, "minute"))
    fitted = tuned.fit(make_rows("probability"), context)
    learned = fitted.learned()
    assert learned["out_of_time"] is True
    assert [trial["settings"] for trial in learned["trials"]] == [{}]
    assert learned["settings"] == {}
    assert any(note.startswith("1 minute was enough for 1 trial only") for note in told)


def test_time_that_ends_in_a_later_round_goes_by_the_last_whole_one(
    make_rows: Rows, context: Context, monkeypatch: pytest.MonkeyPatch
):
    training = make_rows("probability", n_rows=2_400)
    tuned = Tuned(
        model={"use": "learn.logistic", "with": {"penalty": 1e6}},
        over={"penalty": [1.0, 1e5]},
        budget=Duration(10, "second"),
    )
    # The clock is read at the start and before each trial but the first: three on a third of the rows, one on all.
    moments = iter([0, 1, 2, 3, 11, 11])
    monkeypatch.setattr(tuning, "clock", lambda: next(moments))
    learned = tuned.fit(training, context).learned()
    n = learned["rows"]["learn"]
    assert [trial["rows"] for trial in learned["trials"]] == [round(n / 3)] * 3 + [n]
    assert learned["settings"] == {"penalty": 1.0}


def test_candidates_are_all_there_are_or_spread_over_the_range():
    assert len(draw({"depth": [1, 2], "min_leaf": [1, 2, 3]}, 10, np.random.default_rng(0))) == 6
    over = {"penalty": Between(from_=0.01, to=100, log=True), "depth": Between(from_=1, to=4, whole=True)}
    drawn = draw(over, 8, np.random.default_rng(0))
    # Eight values, one in each half order of magnitude from 0.01 to 100.
    places = sorted(int((np.log10(found["penalty"]) + 2) * 2) for found in drawn)
    assert places == list(range(8))
    assert sorted(found["depth"] for found in drawn) == [1, 1, 2, 2, 3, 3, 4, 4]
    assert draw({"depth": [5, 5]}, 1, np.random.default_rng(0)) == [{"depth": 5}]


def test_samples_grow_by_three_and_never_fall_below_the_least():
    assert sample_sizes(15_000, 27) == [556, 1667, 5000, 15_000]
    assert sample_sizes(1_499, 27) == [1_499]
    assert sample_sizes(9_000, 1) == [9_000]


def test_every_beginning_of_the_order_holds_a_rare_class_in_its_share(make_rows: Rows):
    training = make_rows("probability", n_rows=1_000)
    rare = replace(training, y=(np.arange(1_000) % 50 == 0).astype(np.int64))
    order = sampling_order(rare, np.random.default_rng(0))
    assert sorted(order) == list(range(1_000))
    for size in (100, 300, 500):
        assert rare.y[order[:size]].sum() == pytest.approx(size / 50, abs=1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"from": 3, "to": 3}, "must rise, got from 3 to 3"),
        ({"from": 0, "to": 3, "log": True}, "must begin above 0 where log is true"),
        ({"from": 1.5, "to": 3, "whole": True}, "must have whole ends where whole is true, got from 1.5 to 3"),
        ([], "at least 1 item"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(values, message):
    with pytest.raises(ValidationError, match=message):
        Tuned(model={"use": "learn.tree"}, over={"depth": values})


def test_what_is_searched_is_checked_against_the_models_settings():
    over = {"deph": [1], "depth": [2, "deep"], "min_leaf": {"from": 1, "to": 9}, "class_weights": ["none", "balanced"]}
    problems = list(Tuned(model={"use": "learn.tree"}, over=over).check_settings(Plugins()))
    assert [(path, problem.code, problem.message, problem.hints[0]) for path, problem in problems] == [
        (("over", "deph"), "R030", "learn.tree has no setting 'deph'", ("did you mean", "depth")),
        (
            ("over", "depth", 1),
            "R034",
            "learn.tree does not take 'deep' as depth: input should be a valid integer",
            ("to mend", "see sartor explain learn.tree"),
        ),
        (
            ("over", "min_leaf"),
            "R034",
            "learn.tree does not take 1.0 as min_leaf: input should be a valid integer",
            ("to mend", "write whole: true"),
        ),
    ]


def test_a_model_without_probabilities_cannot_be_calibrated():
    ((path, problem),) = Calibrated(model={"use": "learn.mean"}).check_settings(Plugins())
    assert path == ("model", "use")
    assert problem.message == "'learn.mean' answers a number; learn.calibrated bends probabilities"


def test_a_number_is_no_probability_to_bend(make_rows: Rows, context: Context):
    training = make_rows("number")
    bent = Calibrated(model={"use": "learn.tree"})
    with pytest.raises(SettingError, match=r"learn\.calibrated bends probabilities, and the task asks for a number"):
        bent.fit(training, context)
    among = {
        "tree": {"use": "learn.tree"},
        "bent": {"use": "learn.calibrated", "with": {"model": {"use": "learn.tree"}}},
    }
    with pytest.raises(SettingError, match="Calibrated answers a probability, and the task asks for a number"):
        Chosen(among=among).fit(training, context)


def test_models_that_no_task_asks_together_cannot_be_chosen_among():
    among = {"a": {"use": "learn.logistic"}, "b": {"use": "learn.forest"}, "c": {"use": "learn.linear"}}
    ((path, problem),) = Chosen(among=among).check_settings(Plugins())
    assert path == ("among", "c", "use")
    assert problem.message.startswith("'learn.linear' answers a number; those before it answer a probability")


# Calibration ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration_mends_probabilities_that_are_too_extreme(method, make_rows: Rows, context: Context):
    training, test = make_rows("probability", n_rows=1_500), make_rows("probability", n_rows=1_500, seed=3)

    def log_loss(fitted: Any) -> float:
        said = np.clip(fitted.predict(test)["probability"], 1e-12, 1 - 1e-12)
        return float(-np.where(test.y == 1, np.log(said), np.log(1 - said)).mean())

    deep = {"use": "learn.tree", "with": {"min_leaf": 1, "depth": 30}}
    plain = log_loss(context.fit(ModelStep(**deep), training))
    assert log_loss(Calibrated(model=deep, method=method).fit(training, context)) < 0.75 * plain


def test_a_model_that_is_wrong_on_held_out_rows_falls_back_to_the_base_rate(make_rows: Rows, context: Context):
    training = make_rows("probability", n_rows=400)
    noise = training.with_features(training.X[["agent"]])
    # Means of agents without smoothing tell training rows apart and know nothing of others.
    model = {
        "use": "learn.tree",
        "with": {"min_leaf": 1},
        "prepare": [{"use": "learn.target_mean", "with": {"smoothing": 0}}],
    }
    learned = Calibrated(model=model).fit(noise, context).learned()
    slope = learned["calibration"]["bad"]["slope"]
    assert 0 <= slope < 0.25


def test_without_a_method_nothing_is_bent(make_rows: Rows, context: Context):
    training = make_rows("probability")
    spy = Spy(context)
    fitted = Calibrated(model={"use": "learn.tree"}, method="none").fit(training, spy.context)
    assert len(spy.fits) == 1
    plain = context.fit(ModelStep(use="learn.tree"), training)
    np.testing.assert_allclose(fitted.predict(training), plain.predict(training), atol=1e-15)


def test_an_isotonic_curve_from_few_rows_is_called_daring(make_rows: Rows, context: Context, told: list[str]):
    Calibrated(model={"use": "learn.tree"}, method="isotonic").fit(make_rows("probability"), context)
    assert any(note.endswith("held-out rows are few for an isotonic curve; sigmoid is safer") for note in told)


def test_an_isotonic_curve_is_never_certain(make_rows: Rows, context: Context):
    training = make_rows("probability", n_rows=300)
    perfect = training.with_features(training.X.assign(answer=training.y.astype(float)))
    said = (
        Calibrated(model={"use": "learn.logistic"}, method="isotonic")
        .fit(perfect, context)
        .predict(perfect)["probability"]
    )
    assert said.min() > 1e-3
    assert said.max() < 1 - 1e-3


# Rows held out --------------------------------------------------------------------------------------------------


def test_rounds_go_by_the_recipes_own_rule_at_other_levels(make_rows: Rows, context: Context):
    training = make_rows("probability")
    rounds = rounds_of(training, 3, context)
    assert len(rounds) == 3
    for place, (learn, held) in enumerate(rounds):
        by_rule = training.split_again(replace(training, level=place))
        np.testing.assert_array_equal(learn, np.flatnonzero(by_rule[0]))
        np.testing.assert_array_equal(held, np.flatnonzero(by_rule[1]))


def test_models_inside_a_round_split_again_at_a_level_of_their_own(make_rows: Rows, context: Context):
    training = make_rows("probability")
    for learn, held in held_out(training, 3, context):
        inner_learn, inner_validate = learn.inner()
        assert len(inner_learn)
        assert len(inner_validate)
        assert set(inner_validate.rows[ROW]).isdisjoint(held.rows[ROW])


def test_a_rule_by_time_holds_out_one_window(make_rows: Rows, context: Context):
    training = make_rows("probability")
    dated = training.rows.assign(**{AS_OF: np.arange(len(training))})
    by_time = replace(training, rows=dated, split_again=lambda rows: (rows.rows[AS_OF] < 120, rows.rows[AS_OF] >= 120))
    (round_,) = rounds_of(by_time, 5, context)
    assert round_[1].tolist() == list(range(120, 160))


def test_without_a_rule_rows_are_cut_into_folds_of_whole_groups(make_rows: Rows, context: Context):
    training = make_rows("probability")
    grouped = replace(training, rows=training.rows.assign(**{GROUP: np.arange(160) // 3}), split_again=None)
    folds = rounds_of(grouped, 4, context)
    assert sorted(np.concatenate([held for _, held in folds])) == list(range(160))
    for learn, held in folds:
        assert not set(grouped.rows[GROUP][learn]) & set(grouped.rows[GROUP][held])


def test_one_group_cannot_be_cut_into_folds(make_rows: Rows, context: Context):
    training = make_rows("probability")
    single = replace(training, rows=training.rows.assign(**{GROUP: 1}))
    with pytest.raises(InputError, match="160 training rows in 1 group cannot be cut into folds  D035"):
        folds_of(single, 4, context)
