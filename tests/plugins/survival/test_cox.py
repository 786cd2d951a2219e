"""Cox regression: likelihoods by hand, published coefficients, curves, and data that no coefficient fits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError
from sartor.rows import Judged
from sartor.testing import make_training
from sartor_plugins.survival.cox import Cox
from sartor_plugins.survival.curves import survival_at
from sartor_plugins.survival.estimating import kaplan_meier
from sartor_plugins.survival.fitting.partial_likelihood import Events
from sartor_plugins.survival.kaplan_meier import KaplanMeier
from sartor_plugins.survival.scores import Watched


def rows(X, time, event, **more):
    y = pd.DataFrame({"time": np.asarray(time, dtype=float), "event": np.asarray(event, dtype=int)})
    return make_training(pd.DataFrame(X), y, answers="survival", classes=(), **more)


def events(x, time, event, efron=True, weight=None):
    X = np.array(x, dtype=float)[:, None]
    return Events.of(X, np.array(time, dtype=float), np.array(event, dtype=bool), weight, efron=efron)


def test_the_likelihood_is_that_of_each_event_among_those_at_risk():
    made = events([1.0, 0.0, 2.0], [1, 2, 3], [True, True, False])
    beta = 0.3
    hazard = np.exp(beta * np.array([1.0, 0.0, 2.0]))
    expected = np.log(hazard[0] / hazard.sum()) + np.log(hazard[1] / hazard[1:].sum())
    assert made.derivatives(np.array([beta]))[0] == pytest.approx(expected)


def test_events_at_one_time_leave_the_risk_one_by_one_by_efron_and_not_at_all_by_breslow():
    x, hazard = [1.0, 0.0, 2.0], np.exp(0.3 * np.array([1.0, 0.0, 2.0]))
    top = np.log(hazard[0] * hazard[1])
    tied, all_of_them = hazard[:2].sum(), hazard.sum()
    by_efron = events(x, [1, 1, 3], [True, True, False]).derivatives(np.array([0.3]))[0]
    by_breslow = events(x, [1, 1, 3], [True, True, False], efron=False).derivatives(np.array([0.3]))[0]
    assert by_efron == pytest.approx(top - np.log(all_of_them) - np.log(all_of_them - tied / 2))
    assert by_breslow == pytest.approx(top - 2 * np.log(all_of_them))


@pytest.mark.parametrize("efron", [True, False])
def test_gradient_and_curve_are_those_of_the_likelihood(efron):
    rng = np.random.default_rng(4)
    X, time, event = rng.normal(size=(40, 3)), rng.integers(1, 9, 40).astype(float), rng.random(40) < 0.7
    made = Events.of(X, time, event, rng.uniform(0.5, 2, 40), efron=efron)
    beta, step = np.array([0.2, -0.1, 0.4]), 1e-5
    _, gradient, curve = made.derivatives(beta)
    for place, unit in enumerate(np.eye(3)):
        above, below = made.derivatives(beta + step * unit), made.derivatives(beta - step * unit)
        assert gradient[place] == pytest.approx((above[0] - below[0]) / (2 * step), rel=1e-5)
        assert curve[place] == pytest.approx((below[1] - above[1]) / (2 * step), rel=1e-5)


def test_a_whole_weight_is_as_many_equal_rows_by_breslow():
    weighed = events([1.0, 0.0, 2.0], [1, 2, 3], [True, True, False], False, np.array([1.0, 1.0, 2.0]))
    repeated = events([1.0, 0.0, 2.0, 2.0], [1, 2, 3, 3], [True, True, False, False], False)
    for one, other in zip(weighed.derivatives(np.array([0.3])), repeated.derivatives(np.array([0.3])), strict=True):
        assert np.allclose(one, other)


def test_a_known_hazard_ratio_is_found(context):
    rng = np.random.default_rng(1)
    treated = np.repeat([0.0, 1.0], 2000)
    time = rng.exponential(np.where(treated == 1, 0.5, 1.0))
    fitted = Cox(penalty=0).fit(rows({"treated": treated}, time, np.ones(4000)), context)
    (coefficient,) = fitted.learned()["coefficients"].values()
    # Flags of 0 and 1 stay as they are: twice the hazard is a coefficient of log 2.
    assert coefficient == pytest.approx(np.log(2), abs=0.07)


def test_with_no_effect_the_curve_is_nearly_that_of_kaplan_and_meier(context, watched):
    training = watched(200)
    alone = training.with_features(pd.DataFrame({"nothing": np.zeros(200)}))
    said = Cox().fit(alone, context).predict(alone.without_truth())
    truth = training.y
    real = kaplan_meier(truth["time"].to_numpy(), truth["event"].to_numpy() == 1)
    at = np.array([1.0, 5.0, 20.0])
    assert survival_at(said, at)[0] == pytest.approx(real.at(at), abs=0.02)


def test_it_says_more_than_one_curve_for_all(context, watched):
    training, held = watched(400), watched(200, seed=9)

    def scores(model):
        said = model.fit(training, context).predict(held.without_truth())
        seen = Watched.of(Judged(held.y, said, held.rows, (), training))
        return seen.concordance(np.ones((1, 200)))[0], seen.integrated().mean()

    cox, trivial = scores(Cox()), scores(KaplanMeier())
    assert cox[0] > 0.7 > trivial[0] == 0.5
    assert cox[1] < 0.8 * trivial[1]


def test_contributions_add_up_to_the_log_hazard(context, watched):
    training = watched(100)
    fitted = Cox().fit(training, context)
    rest = fitted.predict(training.without_truth())["hazard_score"] - fitted.explain(training.without_truth()).sum(
        axis=1
    )
    assert np.abs(rest).max() < 1e-9


def test_where_a_column_separates_those_with_the_event_a_penalty_is_asked_for(tmp_path):
    from sartor.testing import make_context

    heard = []
    separating = rows({"x": np.arange(20.0)}, np.arange(20, 0, -1), np.ones(20))
    Cox(penalty=0).fit(separating, make_context(tmp_path, heard=heard))
    assert [note.text for note in heard] == ["the Cox regression did not settle; a larger penalty helps"]


def test_rows_without_an_event_teach_nothing(context):
    with pytest.raises(InputError, match="the event happened to none of 5 training rows") as error:
        Cox().fit(rows({"x": np.arange(5.0)}, np.arange(5.0), np.zeros(5)), context)
    assert error.value.problems[0].code == "D197"


def test_times_of_0_are_times(context):
    fitted = Cox().fit(rows({"x": [0.0, 1.0, 2.0, 1.0]}, [0, 0, 3, 2], [1, 0, 1, 1]), context)
    assert fitted.times.tolist() == [0.0, 2.0, 3.0]


@pytest.mark.needs("sksurv")
class TestBesideScikitSurvival:
    @pytest.mark.parametrize("ties", ["efron", "breslow"])
    def test_coefficients_and_curves_are_the_same(self, context, ties):
        from sksurv.linear_model import CoxPHSurvivalAnalysis
        from sksurv.util import Surv

        rng = np.random.default_rng(0)
        X = pd.DataFrame(rng.normal(size=(200, 3)), columns=list("abc"))
        Z = (X - X.mean()) / X.std(ddof=0)
        time = np.ceil(rng.exponential(np.exp(-X["a"])) * 20)
        event = rng.random(200) < 0.7
        theirs = CoxPHSurvivalAnalysis(ties=ties, alpha=4.0).fit(Z, Surv.from_arrays(event, time))
        ours = Cox(penalty=4.0, ties=ties).fit(rows(X, time, event), context)
        assert ours.coefficients == pytest.approx(theirs.coef_, abs=1e-6)
        at = np.array([2.0, 10.0, 30.0])
        curves = np.stack([curve(at) for curve in theirs.predict_survival_function(Z)])
        said = survival_at(ours.predict(rows(X, time, event).without_truth()), at)
        assert np.abs(said - curves).max() < 1e-6

    def test_scores_are_the_same_where_no_two_times_are(self):
        from sksurv.metrics import concordance_index_censored, integrated_brier_score
        from sksurv.util import Surv

        from sartor_plugins.survival.curves import answers

        rng = np.random.default_rng(2)
        time, event = rng.exponential(10, 150), rng.random(150) < 0.6
        learned = rows({"x": np.zeros(150)}, [*rng.exponential(10, 149), 200.0], event)
        times = np.sort(rng.exponential(10, 40))
        curves = np.sort(rng.random((150, 40)))[:, ::-1]
        said = answers(rng.normal(size=150), times, curves)
        held = rows({"x": np.zeros(150)}, time, event)
        seen = Watched.of(Judged(held.y, said, held.rows, (), learned))
        grid = seen.grid()
        theirs = integrated_brier_score(
            Surv.from_arrays(learned.y["event"] == 1, learned.y["time"]),
            Surv.from_arrays(event, time),
            survival_at(said, grid),
            grid,
        )
        assert seen.integrated().mean() == pytest.approx(theirs, abs=1e-9)
        harrell = concordance_index_censored(event, time, said["hazard_score"].to_numpy())[0]
        assert seen.concordance(np.ones((1, 150)))[0] == pytest.approx(harrell, abs=1e-12)


@pytest.mark.needs("sksurv")
def test_a_forest_answers_without_the_library_as_with_it(context, watched):
    from sksurv.ensemble import RandomSurvivalForest
    from sksurv.util import Surv

    from sartor_plugins.survival.trees import Forest

    training = watched(150)
    ours = Forest(trees=20).fit(training, context)
    matrix = ours.encoder.matrix(training.X)
    surv = Surv.from_arrays(training.y["event"] == 1, training.y["time"])
    theirs = RandomSurvivalForest(
        n_estimators=20, min_samples_leaf=15, max_features="sqrt", random_state=context.seed
    ).fit(matrix, surv)
    said = ours.predict(training.without_truth())
    assert said["hazard_score"].to_numpy() == pytest.approx(theirs.predict(matrix), rel=1e-6)
    at = np.array([3.0, 10.0])
    curves = np.stack([curve(at) for curve in theirs.predict_survival_function(matrix)])
    assert np.abs(survival_at(said, at) - curves).max() < 1e-6


@pytest.mark.needs("sksurv")
def test_boosted_trees_rank_as_the_library_does(context, watched):
    from sksurv.ensemble import GradientBoostingSurvivalAnalysis
    from sksurv.util import Surv

    from sartor_plugins.survival.trees import Boosting

    training = watched(150)
    ours = Boosting(trees=20).fit(training, context)
    matrix = ours.encoder.matrix(training.X)
    theirs = GradientBoostingSurvivalAnalysis(
        n_estimators=20, learning_rate=0.1, max_depth=2, subsample=0.5, random_state=context.seed
    ).fit(matrix, Surv.from_arrays(training.y["event"] == 1, training.y["time"]))
    said = ours.predict(training.without_truth())["hazard_score"].to_numpy()
    apart = said - theirs.predict(matrix)
    assert np.ptp(apart) < 1e-6
