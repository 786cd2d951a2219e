"""The breast cancer table is the one that scikit-learn ships, in words that need no explaining."""

from __future__ import annotations

import pytest

from sartor.context import Context
from sartor_plugins.samples.breast_cancer import BreastCancer


@pytest.fixture(scope="module")
def table():
    return BreastCancer().read(Context()).to_pandas()


def test_it_holds_569_masses_of_which_212_are_malignant(table):
    assert table["diagnosis"].value_counts().to_dict() == {"benign": 357, "malignant": 212}
    assert table["mass_id"].tolist() == list(range(569))


def test_values_and_their_order_are_those_of_scikit_learn(table):
    from sklearn.datasets import load_breast_cancer

    theirs = load_breast_cancer()
    assert (table.drop(columns=["mass_id", "diagnosis"]).to_numpy() == theirs.data).all()
    assert (table["diagnosis"].eq("benign").to_numpy() == (theirs.target == 1)).all()
    # "mean concave points" is mean_concave_points, in the same place.
    assert [str(name).replace(" ", "_") for name in theirs.feature_names] == list(table.columns[1:-1])


def test_the_record_can_name_file_source_and_licence():
    (file,) = BreastCancer().inputs(Context())
    assert file["name"] == "breast_cancer.csv"
    assert file["bytes"] > 100_000
    assert BreastCancer().source().startswith("UCI Breast Cancer Wisconsin (Diagnostic)")
    assert "CC BY 4.0" in BreastCancer().source()
