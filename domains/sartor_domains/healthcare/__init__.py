"""healthcare: from patients' tables to risks, survival and a care list, with columns looked at before any model."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl

_HERE = "sartor_domains.healthcare"


@hookimpl
def tasks() -> Iterator[Component]:
    """Offer the tasks."""
    yield Component(
        "healthcare.disease_risk",
        f"{_HERE}.disease_risk:DiseaseRisk",
        about="How likely an event is for each patient, with the meaning of columns checked first",
    )
    yield Component(
        "healthcare.survival",
        f"{_HERE}.survival:Survival",
        about="How long until an event for each patient, learned also from those who were lost before it",
    )


@hookimpl
def models() -> Iterator[Component]:
    """Offer what is put around models."""
    yield Component(
        "healthcare.with_interval",
        f"{_HERE}.with_interval:WithInterval",
        about="A model whose risks come with an interval, from fits on redrawn patients",
    )
    yield Component(
        "healthcare.recalibrated",
        f"{_HERE}.recalibrated:Recalibrated",
        about="A model that learned elsewhere, with its risks put right at new sites",
    )


@hookimpl
def actions() -> Iterator[Component]:
    """Offer the care list."""
    yield Component(
        "healthcare.care_list",
        f"{_HERE}.care_list:CareList",
        about="Whom to care for first, with risk, interval and what can be changed, valued in money or net benefit",
    )
