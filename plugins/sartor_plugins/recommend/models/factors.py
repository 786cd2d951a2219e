"""Implicit ALS: the factors, and placing whoever is asked among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from sartor_plugins.recommend.interactions import learned_from
from sartor_plugins.recommend.kernels import kernels
from sartor_plugins.recommend.models.counting import days_of
from sartor_plugins.recommend.recommender import Recommending, shared

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sartor.components import Because
    from sartor.context import Context
    from sartor.rows import Scoring, Training
    from sartor_plugins.recommend.interactions import Interactions
    from sartor_plugins.recommend.models.als import Als

STEPS = 3
"""Of conjugate gradients in each turn: factors start where the last turn left them."""
STEPS_ASKED = 8
"""Of conjugate gradients for whoever is asked, who starts from nothing."""


def factorise(
    matrix: sparse.csr_matrix,
    factors: int,
    iterations: int,
    regularisation: float,
    rng: np.random.Generator,
    told: Callable[[int], None] = lambda turn: None,
    steps: int = STEPS,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Find factors of users and items.

    Parameters
    ----------
    matrix : csr_matrix of shape (n_users, n_items), float32
        How much more than 1 each pair's confidence is.
    factors, iterations : int
    regularisation : float
    rng : Generator
    told : callable
        Hears which turn is done.
    steps : int
        Of conjugate gradients.

    Returns
    -------
    users : ndarray of shape (n_users, factors)
    items : ndarray of shape (n_items, factors)
    """
    work = kernels()
    by_item = matrix.T.tocsr()
    users = ((rng.random((matrix.shape[0], factors), dtype="float32") - 0.5) / factors).astype("float32")
    items = ((rng.random((matrix.shape[1], factors), dtype="float32") - 0.5) / factors).astype("float32")
    for turn in range(iterations):
        work.als_half(matrix, items, users, regularisation, steps)
        work.als_half(by_item, users, items, regularisation, steps)
        told(turn + 1)
    return users, items


def fit_als(model: Als, training: Training, context: Context) -> ItemFactors:
    """Find the factors of the items."""
    catalogue, past = learned_from(training, model.weights)
    matrix = past.matrix(len(catalogue)) * np.float32(model.confidence)
    _, items = factorise(
        matrix.astype("float32"),
        model.factors,
        model.iterations,
        model.regularisation,
        context.rng(),
        lambda turn: context.progress(turn, model.iterations, "turns"),
    )
    asked = {"confidence": model.confidence, "regularisation": model.regularisation}
    return ItemFactors(catalogue, shared(model, half_life=days_of(model.half_life), **asked), {"factors": items})


class ItemFactors(Recommending):
    """Scores as the product of somebody's place with those of the items."""

    def scores(self, past: Interactions) -> NDArray[np.float32]:
        """Place somebody by what they did, and return how near every item is."""
        known = past.matrix(len(self.catalogue), self.settings["half_life"])
        known = (known * np.float32(self.settings["confidence"])).astype("float32")
        factors = self.arrays["factors"]
        users = np.zeros((len(past), factors.shape[1]), dtype="float32")
        kernels().als_half(known, factors, users, self.settings["regularisation"], STEPS_ASKED)
        return np.asarray(users @ factors.T, dtype="float32")

    def because(self, scoring: Scoring) -> Because:
        """Return the parts of each score."""
        from sartor_plugins.recommend.explaining import by_factors

        return by_factors(self, scoring)
