"""What the tasks of learn are judged by; light, so that `check` knows the names without NumPy.

A task of classification knows how many classes there are only when it has read the labels. Its metrics are therefore
those of two classes and those of more, by one set of names; the ones that do not apply are NaN, and results leave out
what is NaN for every model.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sartor.components import NUMBER, PROBABILITY
from sartor.errors import SettingError, nearest
from sartor_plugins.learn.metrics import binary_metrics, multiclass_metrics, regression_metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from sartor.evidence.metric import Metric

__all__ = ["classification_metrics", "default_metric", "metric_called", "metric_names", "regression_metrics"]


def classification_metrics() -> list[Metric]:
    """Metrics of probabilities, of two classes or more.

    Returns
    -------
    list of Metric
        The first is the one that models are compared by.

    Examples
    --------
    >>> [metric.name for metric in classification_metrics()][:4]
    ['auc', 'average_precision', 'ks', 'gini']
    """
    several = {metric.name: metric for metric in multiclass_metrics()}
    both = [_of_either(metric, several.pop(metric.name, None)) for metric in binary_metrics()]
    return both + [_of_either(None, metric) for metric in several.values()]


def _of_either(two: Metric | None, several: Metric | None) -> Metric:
    """Return one metric that asks the number of classes."""
    known = two or several
    assert known is not None, "a metric is of two classes or of several"
    beside = two.beside if two is not None else None
    return replace(
        known,
        per_row=_choice(two.per_row if two else None, several.per_row if several else None, by_row=True)
        if known.per_row
        else None,
        overall=_choice(two.overall if two else None, several.overall if several else None, by_row=False)
        if known.overall
        else None,
        beside=None if beside is None else lambda judged: beside(judged) if len(judged.classes) == 2 else {},
    )


def _choice(two: Callable[..., Any] | None, several: Callable[..., Any] | None, *, by_row: bool) -> Callable[..., Any]:
    def compute(judged: Any, *weights: Any) -> Any:
        import numpy as np

        chosen = two if len(judged.classes) == 2 else several
        if chosen is None:
            return np.full(len(judged.truth) if by_row else len(weights[0]), np.nan)
        return chosen(judged, *weights)

    return compute


def default_metric(answers: str) -> str:
    """Return what choosing and tuning go by unless told: log loss of probabilities, RMSE of numbers."""
    return "log_loss" if answers == PROBABILITY else "rmse"


def metric_names() -> list[str]:
    """Return the names that choosing and tuning can go by.

    Examples
    --------
    >>> "brier" in metric_names() and "rmse" in metric_names()
    True
    """
    return [metric.name for metric in [*classification_metrics(), *regression_metrics()]]


def metric_called(name: str | None, answers: str) -> Metric:
    """Return the metric that a model chooses by.

    Raises
    ------
    SettingError
        If the answers are not judged by it.
    """
    metrics = {
        metric.name: metric for metric in (regression_metrics() if answers == NUMBER else classification_metrics())
    }
    wanted = name or default_metric(answers)
    if wanted not in metrics:
        raise SettingError(f"a {answers} is not judged by '{wanted}'", code="R042", hints=nearest(wanted, metrics))
    return metrics[wanted]


def known_metric(name: str) -> str:
    """Return the name of a metric, as a setting.

    Raises
    ------
    SettingError
        If there is none of the name.
    """
    if name not in metric_names():
        raise SettingError(f"no metric is called '{name}'", code="R042", hints=nearest(name, metric_names()))
    return name
