"""What classifications and regressions are judged by.

The metrics themselves are functions of arrays, each in a module of its family; `binary_metrics`, `multiclass_metrics`
and `regression_metrics` give the records that a task hands to the core.
"""

from __future__ import annotations

from sartor_plugins.learn.metrics.catalogue import (
    binary_metrics,
    multiclass_metrics,
    pinball_metric,
    regression_metrics,
)

__all__ = ["binary_metrics", "multiclass_metrics", "pinball_metric", "regression_metrics"]
