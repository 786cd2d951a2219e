"""The samples pass the suite that any plugin's ingest must pass."""

from __future__ import annotations

from typing import ClassVar

from sartor.testing import IngestTests


class TestGermanCreditKeepsTheContract(IngestTests):
    entry = "samples.german_credit"


class TestLendingKeepsTheContract(IngestTests):
    entry = "samples.lending"
    settings: ClassVar = {"rows": 200, "true_probability": True}


class TestBreastCancerKeepsTheContract(IngestTests):
    entry = "samples.breast_cancer"


class TestReadingsOfThePlantKeepTheContract(IngestTests):
    entry = "samples.plant"
    settings: ClassVar = {"positions": 3, "days": 60, "life": 25.0, "missing": 0.1}


class TestFailuresOfThePlantKeepTheContract(IngestTests):
    entry = "samples.plant"
    settings: ClassVar = {"table": "failures", "positions": 3, "days": 60, "life": 25.0}


class TestTheBankKeepsTheContract(IngestTests):
    entry = "samples.bank"
    settings: ClassVar = {"cards": 20, "terminals": 10, "days": 20, "missing": 0.1, "not_known": 0.1, "scenario": True}


class TestTheChainKeepsTheContract(IngestTests):
    entry = "samples.chain"
    settings: ClassVar = {"stores": 2, "items": 5, "weeks": 20, "expected_units": True}


class TestFollowUpKeepsTheContract(IngestTests):
    entry = "samples.follow_up"
    settings: ClassVar = {"rows": 200}


class TestEventsOfTheShopKeepTheContract(IngestTests):
    entry = "samples.shop"
    settings: ClassVar = {"customers": 20, "items": 12, "days": 60}


class TestTheCatalogueOfTheShopKeepsTheContract(IngestTests):
    entry = "samples.shop"
    settings: ClassVar = {"table": "items", "customers": 20, "items": 12, "days": 60}


class TestCustomersOfTheShopKeepTheContract(IngestTests):
    entry = "samples.shop"
    settings: ClassVar = {"table": "customers", "customers": 20, "items": 12, "days": 60}
