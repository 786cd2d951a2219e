"""Records of the metrics by the names that recipes use; light, so that ``check`` knows the names without NumPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from sartor.errors import SettingError
from sartor.evidence.metric import Metric
from sartor_plugins.learn.metrics.once import Once

if TYPE_CHECKING:
    from sartor_plugins.learn.metrics.prepared import Binary, Multiclass, Numbers

LIFT_PERCENT = 10
"""Share of rows whose lift is shown."""

SHARE: dict[str, Any] = {"least": 0.0, "most": 1.0}


def binary_metrics(answers: Callable[[Any], Binary] | None = None) -> list[Metric]:
    """Metrics of probabilities of one event.

    Parameters
    ----------
    answers : callable, optional
        From the judged rows to their outcomes and probabilities; by default the column ``probability``.

    Returns
    -------
    list of Metric
        The first is the one that models are compared by.

    Examples
    --------
    >>> [metric.name for metric in binary_metrics()][:3]
    ['auc', 'average_precision', 'ks']
    """
    of = Once(answers or _probability)
    return [
        *_ranking(of),
        _brier(of, "Squared distance of the probability from what happened, on average."),
        _log_loss(of, "Surprise at what happened, in nats, on average."),
        *_calibration(of),
        *_calls(of),
        Metric(
            f"lift_at_{LIFT_PERCENT}_percent",
            f"lift at {LIFT_PERCENT} %",
            "higher",
            f"How many times more events the highest {LIFT_PERCENT} % of scores hold than as many rows at random.",
            overall=lambda judged, weights: of(judged).lift(weights, LIFT_PERCENT / 100),
            least=0.0,
        ),
    ]


def multiclass_metrics(answers: Callable[[Any], Multiclass] | None = None) -> list[Metric]:
    """Metrics of probabilities of several classes.

    Parameters
    ----------
    answers : callable, optional
        From the judged rows to their classes and probabilities; by default the columns ``probability:LABEL``.

    Returns
    -------
    list of Metric
        The first is the one that models are compared by.

    Examples
    --------
    >>> [metric.name for metric in multiclass_metrics()]
    ['log_loss', 'brier', 'auc', 'accuracy', 'macro_f1']
    """
    of = Once(answers or _probabilities)
    return [
        _log_loss(of, "Surprise at the class that came, in nats, on average."),
        _brier(of, "Squared distance of the probabilities from what happened, summed over the classes, on average."),
        _auc(of, "AUC of each class against all others, averaged over the classes."),
        *_calls(of),
    ]


def regression_metrics(answers: Callable[[Any], Numbers] | None = None) -> list[Metric]:
    """Metrics of numbers.

    Parameters
    ----------
    answers : callable, optional
        From the judged rows to the truth and what was said; by default the column ``number``.

    Returns
    -------
    list of Metric
        The first is the one that models are compared by.

    Examples
    --------
    >>> [metric.name for metric in regression_metrics()]
    ['rmse', 'mae', 'r2', 'bias']
    """
    of = Once(answers or _number)
    return [
        Metric(
            "rmse",
            "RMSE",
            "lower",
            "How far off an answer is, large misses weighing more.",
            per_row=lambda judged: of(judged).squared_error(),
            then=lambda means: means**0.5,
            least=0.0,
        ),
        Metric(
            "mae",
            "mean absolute error",
            "lower",
            "How far off an answer is, on average.",
            per_row=lambda judged: of(judged).absolute_error(),
            least=0.0,
        ),
        Metric(
            "r2",
            "R2",
            "higher",
            "Share of the variance that the answers tell.",
            overall=lambda judged, weights: of(judged).r2(weights),
            most=1.0,
        ),
        Metric(
            "bias",
            "bias",
            0.0,
            "How much too high the answers are, on average.",
            per_row=lambda judged: of(judged).surplus(),
        ),
    ]


def pinball_metric(quantile: float, answers: Callable[[Any], Numbers] | None = None) -> Metric:
    """Pinball loss of one quantile.

    Parameters
    ----------
    quantile : float
        Strictly between 0 and 1.
    answers : callable, optional
        From the judged rows to the truth and what was said of this quantile; by default the column ``quantile:0.9``
        of a model that answers this quantile, and ``number`` of one that does not.

    Raises
    ------
    SettingError
        If `quantile` is not strictly between 0 and 1.

    Examples
    --------
    >>> pinball_metric(0.9).name, pinball_metric(0.975).name
    ('pinball_90_percent', 'pinball_97_5_percent')
    """
    if not 0 < quantile < 1:
        raise SettingError(f"the quantile must lie strictly between 0 and 1, got {quantile:g}")
    of = Once(answers or partial(_quantile, quantile))
    percent = f"{100 * quantile:g}"
    return Metric(
        f"pinball_{percent.replace('.', '_')}_percent",
        f"pinball loss at {percent} %",
        "lower",
        f"How far off the {percent} % quantile is, too little and too much weighed as the quantile asks.",
        per_row=lambda judged: of(judged).pinball(quantile),
        least=0.0,
    )


def _auc(of: Once[Binary] | Once[Multiclass], about: str) -> Metric:
    return Metric("auc", "AUC", "higher", about, overall=lambda judged, weights: of(judged).auc(weights), **SHARE)


def _brier(of: Once[Binary] | Once[Multiclass], about: str) -> Metric:
    return Metric("brier", "Brier score", "lower", about, per_row=lambda judged: of(judged).brier(), least=0.0)


def _log_loss(of: Once[Binary] | Once[Multiclass], about: str) -> Metric:
    return Metric("log_loss", "log loss", "lower", about, per_row=lambda judged: of(judged).log_loss(), least=0.0)


def _ranking(of: Once[Binary]) -> list[Metric]:
    return [
        _auc(of, "How often, of an event and a non-event, the event has the higher score."),
        Metric(
            "average_precision",
            "average precision",
            "higher",
            "Share of events among the rows picked, averaged over the events found from the highest score down.",
            overall=lambda judged, weights: of(judged).average_precision(weights),
            **SHARE,
        ),
        Metric(
            "ks",
            "KS",
            "higher",
            "Largest distance between the shares of events and of non-events that a cut-off picks.",
            overall=lambda judged, weights: of(judged).ks(weights),
            **SHARE,
        ),
        Metric(
            "gini",
            "Gini",
            "higher",
            "The AUC on a scale on which a coin has 0.",
            overall=lambda judged, weights: of(judged).gini(weights),
            least=-1.0,
            most=1.0,
        ),
    ]


def _calibration(of: Once[Binary]) -> list[Metric]:
    return [
        Metric(
            "calibration_slope",
            "calibration slope",
            1.0,
            "Slope of what happened on the log-odds that were said; below 1 the probabilities are too extreme.",
            overall=lambda judged, weights: of(judged).calibration_slope(weights),
        ),
        Metric(
            "calibration_intercept",
            "calibration intercept",
            0.0,
            "Intercept of what happened on the log-odds that were said.",
            overall=lambda judged, weights: of(judged).calibration_intercept(weights),
        ),
        Metric(
            "calibration_error",
            "calibration error",
            "lower",
            "Distance between what was said and what happened, in ten groups of equal size by probability.",
            overall=lambda judged, weights: of(judged).calibration_error(weights),
            beside=lambda judged: of(judged).calibration_error_expected(),
            **SHARE,
        ),
    ]


def _calls(of: Once[Binary] | Once[Multiclass]) -> list[Metric]:
    return [
        Metric(
            "accuracy",
            "accuracy",
            "higher",
            "Share of rows of which the likeliest class is the true one.",
            per_row=lambda judged: of(judged).calls.correct(),
            **SHARE,
        ),
        Metric(
            "macro_f1",
            "macro F1",
            "higher",
            "F1 of the likeliest class, averaged over the classes: rare ones count as much as common ones.",
            overall=lambda judged, weights: of(judged).calls.macro_f1(weights),
            **SHARE,
        ),
    ]


def _probability(judged: Any) -> Binary:
    from sartor_plugins.learn.metrics.prepared import Binary

    return Binary.of(judged.truth, judged.predictions["probability"].to_numpy())


def _probabilities(judged: Any) -> Multiclass:
    from sartor_plugins.learn.metrics.prepared import Multiclass

    columns = [f"probability:{label}" for label in judged.classes]
    return Multiclass.of(judged.truth, judged.predictions[columns].to_numpy())


def _number(judged: Any) -> Numbers:
    from sartor_plugins.learn.metrics.prepared import Numbers

    return Numbers.of(judged.truth, judged.predictions["number"].to_numpy())


def _quantile(quantile: float, judged: Any) -> Numbers:
    from sartor_plugins.learn.metrics.prepared import Numbers

    name = f"quantile:{quantile:g}"
    said = judged.predictions[name if name in judged.predictions else "number"]
    return Numbers.of(judged.truth, said.to_numpy())
