"""The plugin `manufacturing`: how long machines still run, and when to take them out, in the words of a plant."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl

_HERE = "sartor_domains.manufacturing"


@hookimpl
def tasks() -> Iterator[Component]:
    """Offer the tasks of manufacturing."""
    yield Component(
        "manufacturing.remaining_life",
        f"{_HERE}.remaining_life:RemainingLife",
        about="How many cycles does a unit still run? A row for each reading",
    )


@hookimpl
def features() -> Iterator[Component]:
    """Offer the features of manufacturing."""
    yield Component(
        "manufacturing.condition_indicators",
        f"{_HERE}.condition_indicators:ConditionIndicators",
        about="Level, spread and trend of each sensor, and how far it is from the unit's own beginning",
    )
    yield Component(
        "manufacturing.sensor_window",
        f"{_HERE}.sensor_window:SensorWindow",
        about="The last readings of each sensor, one column each, for networks that read windows",
    )


@hookimpl
def models() -> Iterator[Component]:
    """Offer steps of ``prepare``."""
    yield Component(
        "manufacturing.operating_regimes",
        f"{_HERE}.operating_regimes:OperatingRegimes",
        about="Learns the regimes that units run in, and measures indicators against what is usual there",
        prepare=True,
    )
    yield Component(
        "manufacturing.telling_indicators",
        f"{_HERE}.telling_indicators:TellingIndicators",
        about="Keeps the indicators that tell wear best: monotone, alike from unit to unit, telling the end",
        prepare=True,
    )


@hookimpl
def actions() -> Iterator[Component]:
    """Offer the decisions of manufacturing."""
    yield Component(
        "manufacturing.maintenance_plan",
        f"{_HERE}.maintenance_plan:MaintenancePlan",
        about="Which unit to take out, and by when, with so much crew, at the least expected cost",
    )
