"""The plugin `samples`: tables that come with sartor, and simulators for trying things out."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl


@hookimpl
def ingest() -> Iterator[Component]:
    """Offer the samples."""
    yield Component(
        "samples.german_credit",
        "sartor_plugins.samples.german_credit:GermanCredit",
        about="1,000 loan applications of the Statlog German credit data, 300 of them bad; real",
    )
    yield Component(
        "samples.breast_cancer",
        "sartor_plugins.samples.breast_cancer:BreastCancer",
        about="569 breast masses with their diagnosis, 212 of them malignant; real, comes with scikit-learn",
    )
    yield Component(
        "samples.follow_up",
        "sartor_plugins.samples.follow_up:FollowUp",
        about="Patients of three hospitals after a heart attack, and how long they lived; simulated",
    )
    yield Component(
        "samples.lending",
        "sartor_plugins.samples.lending:Lending",
        about="Loan applications with their repayment, any number of them; simulated",
    )
    yield Component(
        "samples.plant",
        "sartor_plugins.samples.plant:Plant",
        about="Pumps of a plant, what their sensors say each day and when they broke down; simulated",
    )
    yield Component(
        "samples.bank",
        "sartor_plugins.samples.bank:Bank",
        about="Card payments of a bank, some of them fraudulent in three ways; simulated",
    )
    yield Component(
        "samples.shop",
        "sartor_plugins.samples.shop:Shop",
        about="What customers of a web shop look at, search for and buy, with its catalogue; simulated",
    )
    yield Component(
        "samples.purchases",
        "sartor_plugins.samples.purchases:Purchases",
        about="What customers of a shop spend, by age and income; simulated",
    )
    yield Component(
        "samples.chain",
        "sartor_plugins.samples.chain:Chain",
        about="Weekly sales of a chain of stores, with prices, promotions and packs; simulated",
    )
