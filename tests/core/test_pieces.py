"""Rows can be asked for piece by piece, and a few of them drawn: what a model does that cannot hold them all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sartor.rows import Training

COUNT = 1_000


@pytest.fixture(scope="module")
def training() -> Training:
    rows = pd.DataFrame({"__row": np.arange(COUNT)})
    y = np.arange(COUNT, dtype=float)
    return Training(rows, pd.DataFrame({"age": y * 2}), "number", y=y, weight=y + 1)


def test_pieces_are_all_rows_in_order_with_truth_and_weight(training: Training) -> None:
    pieces = list(training.pieces(300))

    assert [len(piece) for piece in pieces] == [300, 300, 300, 100]
    assert np.concatenate([piece.y for piece in pieces]).tolist() == training.y.tolist()
    assert np.concatenate([piece.weight for piece in pieces if piece.weight is not None]).tolist() == [*range(1, 1001)]
    assert pd.concat([piece.X for piece in pieces])["age"].tolist() == training.X["age"].tolist()


def test_rows_that_are_drawn_keep_their_order_and_follow_from_the_seed(training: Training) -> None:
    drawn = training.drawn(100, 7)

    assert len(drawn) == 100
    assert np.all(np.diff(drawn.y) > 0)
    assert drawn.X["age"].tolist() == (drawn.y * 2).tolist()
    assert drawn.y.tolist() == training.drawn(100, 7).y.tolist() != training.drawn(100, 8).y.tolist()
    assert 300 < drawn.y.mean() < 700


def test_all_rows_are_drawn_where_there_are_no_more(training: Training) -> None:
    assert training.drawn(COUNT, 7) is training


def test_another_truth_leaves_rows_and_features_as_they_are(training: Training) -> None:
    halved = training.with_truth(training.y / 2, None)

    assert halved.y[-1] == training.y[-1] / 2
    assert halved.weight is None
    assert halved.X is training.X
