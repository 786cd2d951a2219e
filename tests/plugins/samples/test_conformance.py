"""The samples pass the suite that any plugin's ingest must pass."""

from __future__ import annotations

from typing import ClassVar

from sartor.testing import IngestTests


class TestGermanCreditKeepsTheContract(IngestTests):
    entry = "samples.german_credit"


class TestLendingKeepsTheContract(IngestTests):
    entry = "samples.lending"
    settings: ClassVar = {"rows": 200, "true_probability": True}
