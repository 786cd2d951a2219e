"""The plugin `forecast`: demand of thousands of series, with quantiles."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl


@hookimpl
def tasks() -> Iterator[Component]:
    """Offer the tasks of forecasting."""
    yield Component(
        "forecast.demand",
        "sartor_plugins.forecast.tasks.demand:Demand",
        about="How much will each series sell in each of the next periods? Mean and quantiles",
    )


@hookimpl
def features() -> Iterator[Component]:
    """Offer the features of series."""
    yield Component(
        "forecast.recent",
        "sartor_plugins.forecast.features.recent:Recent",
        about="What each series sold lately, a season and a year ago, and how its groups move",
    )
    yield Component(
        "forecast.plan",
        "sartor_plugins.forecast.features.plan:Plan",
        about="Prices, promotions and events that are known ahead of the periods asked about",
    )
    yield Component(
        "forecast.own",
        "sartor_plugins.forecast.features.own:OwnForecasts",
        about="Forecasts of each series from its own past: smoothing, Theta, Croston and others",
    )


@hookimpl
def models() -> Iterator[Component]:
    """Offer the models of forecasting."""
    yield Component(
        "forecast.method",
        "sartor_plugins.forecast.models.method:OneMethod",
        about="One method for each series by itself, with the quantiles that its misses had",
    )
    yield Component(
        "forecast.boosting",
        "sartor_plugins.forecast.models.boosting:Boosting",
        about="Boosted trees over all series, mean and quantiles, level corrected on the last moments",
    )
    yield Component(
        "forecast.lightgbm",
        "sartor_plugins.forecast.models.boosting:LightGBM",
        about="The same with LightGBM",
        extra="boost",
        requires=("lightgbm",),
    )
