"""Patients made up by hand, and rows made of them."""

from __future__ import annotations

import pandas as pd
import pytest

from sartor.context import telling
from sartor.rows import ROW, Origins
from sartor.testing import make_context, make_table, make_tables
from sartor_domains.healthcare.disease_risk import DiseaseRisk


@pytest.fixture
def context(tmp_path):
    return make_context(tmp_path)


@pytest.fixture
def said():
    """What a task says while it makes rows: (text, caution)."""
    return []


@pytest.fixture
def risk_rows(context, said):
    """Return a function that makes rows of disease risk from columns; it gives the rows and their frame."""

    def made(columns, **settings):
        frame = pd.DataFrame(columns)
        frame.insert(0, "patient", range(len(frame)))
        tables = make_tables([make_table("patients", frame, context, key=["patient"])], context)
        with telling(lambda text, caution=False: said.append((text, caution))):
            rows = DiseaseRisk.model_validate({"outcome": "ill", **settings}).rows(tables, Origins())
        return rows, rows.frame.collect().to_pandas().sort_values(ROW).reset_index(drop=True)

    return made
