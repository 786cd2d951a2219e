"""The heavy loops in NumPy and SciPy: the fallback, and what the compiled form is held to."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from sartor_plugins.recommend.kernels import Floats, Ints

_PAIRS = 200_000
"""Pairs of user and item that are solved at once."""
_ITEMS = 256
"""Items whose neighbours are looked for at once."""


def als_half(matrix: sparse.csr_matrix, fixed: Floats, solved: Floats, regularisation: float, steps: int) -> None:
    """Solve for one side of the factors of implicit feedback, some steps of conjugate gradients from where they are.

    For each line u of the matrix it moves towards the x that minimises ``sum over all items of c (p - x y)^2`` plus
    the regularisation, with preference p of 1 and confidence c of 1 + value where there is a value, 0 and 1 else.

    Parameters
    ----------
    matrix : csr_matrix of shape (n, m), float32
        Confidence above 1.
    fixed : ndarray of shape (m, f)
    solved : ndarray of shape (n, f)
        Changed in place.
    regularisation : float
    steps : int
    """
    gram = fixed.T @ fixed + np.float32(regularisation) * np.eye(fixed.shape[1], dtype="float32")
    indptr, indices, data = matrix.indptr, matrix.indices, matrix.data
    for first, last in _blocks(indptr):
        inside = slice(indptr[first], indptr[last])
        y, value = fixed[indices[inside]], data[inside]
        starts = (indptr[first : last + 1] - indptr[first]).astype("int64")
        line = np.repeat(np.arange(last - first), np.diff(starts))
        spread = sparse.csr_matrix((np.ones(len(value), "float32"), np.arange(len(value)), starts))

        def applied(p: Floats, y: Floats = y, value: Floats = value, line: Ints = line, spread: Any = spread) -> Floats:
            dots = value * np.einsum("ij,ij->i", y, p[line])
            return np.asarray(p @ gram + spread @ (dots[:, None] * y))

        x = solved[first:last]
        r = np.asarray(spread @ ((1 + value)[:, None] * y)) - applied(x)
        p, rs = r.copy(), np.einsum("ij,ij->i", r, r)
        for _ in range(steps):
            ap = applied(p)
            bottom = np.einsum("ij,ij->i", p, ap)
            alpha = np.divide(rs, bottom, out=np.zeros_like(rs), where=bottom > 0)
            x += alpha[:, None] * p
            r -= alpha[:, None] * ap
            new = np.einsum("ij,ij->i", r, r)
            p = r + np.divide(new, rs, out=np.zeros_like(rs), where=rs > 0)[:, None] * p
            rs = new
        # A line without a value is at rest where nothing is wanted.
        x[np.diff(starts) == 0] = 0.0
        solved[first:last] = x


def _blocks(indptr: np.ndarray) -> list[tuple[int, int]]:
    """Cut lines into blocks of about as many pairs."""
    cuts = [0]
    while cuts[-1] < len(indptr) - 1:
        wanted = int(indptr[cuts[-1]]) + _PAIRS
        cuts.append(max(cuts[-1] + 1, int(np.searchsorted(indptr, wanted, side="right")) - 1))
    return list(pairwise(cuts))


def neighbours(matrix: sparse.csr_matrix, norms: Floats, k: int, shrink: float) -> tuple[Ints, Floats]:
    """Find the nearest items of every item by cosine.

    Parameters
    ----------
    matrix : csr_matrix of shape (n_users, n_items), float32
    norms : ndarray of shape (n_items,)
        Lengths of the columns.
    k : int
    shrink : float
        Added to the product of two lengths, so that what few have in common counts less.

    Returns
    -------
    places : ndarray of shape (n_items, k)
        -1 where there are fewer; the nearest first, the first of equal ones first.
    cosines : ndarray of shape (n_items, k)
    """
    items = matrix.shape[1]
    by_item = matrix.T.tocsr()
    places = np.full((items, k), -1, dtype="int64")
    cosines = np.zeros((items, k), dtype="float32")
    for first in range(0, items, _ITEMS):
        last = min(first + _ITEMS, items)
        dense = (by_item[first:last] @ matrix).toarray()
        bottom = norms[first:last, None] * norms[None, :] + np.float32(shrink)
        cosine = np.divide(dense, bottom, out=np.zeros_like(dense), where=bottom > 0)
        cosine[np.arange(last - first), np.arange(first, last)] = 0.0
        order = np.argsort(-cosine, axis=1, kind="stable")[:, :k]
        found = np.take_along_axis(cosine, order, axis=1)
        places[first:last, : order.shape[1]] = np.where(found > 0, order, -1)
        cosines[first:last, : order.shape[1]] = np.maximum(found, 0)
    return places, cosines


def keep_best(found: Floats, first: int, active: Ints, places: Ints, scores: Floats) -> None:
    """Put what is better than the last of the best among them, in place.

    Parameters
    ----------
    found : ndarray of shape (n_active, n)
        Scores of items `first`, `first` + 1, ... for some of the users.
    first : int
    active : ndarray of shape (n_active,)
        Which users those are.
    places, scores : ndarray of shape (n_users, k)
        The best of each user so far, the best first.
    """
    k = scores.shape[1]
    better = np.flatnonzero(found.max(axis=1) > scores[active, -1])
    lines = active[better]
    candidates = np.concatenate([scores[lines], found[better]], axis=1)
    names = np.concatenate(
        [places[lines], np.broadcast_to(np.arange(first, first + found.shape[1]), (len(lines), found.shape[1]))], axis=1
    )
    order = np.argsort(-candidates, axis=1, kind="stable")[:, :k]
    scores[lines] = np.take_along_axis(candidates, order, axis=1)
    places[lines] = np.where(np.isfinite(scores[lines]), np.take_along_axis(names, order, axis=1), -1)


def best_of_sparse(known: sparse.csr_matrix, weights: sparse.csr_matrix, k: int) -> tuple[Ints, Floats]:
    """Find the largest sums of weights from what each user has, without that itself.

    Parameters
    ----------
    known : csr_matrix of shape (n_users, n_items)
    weights : csr_matrix of shape (n_items, n_items)
    k : int

    Returns
    -------
    places : ndarray of shape (n_users, k)
        -1 where fewer have any weight; the first of equal ones first.
    scores : ndarray of shape (n_users, k)
    """
    users = known.shape[0]
    places = np.full((users, k), -1, dtype="int64")
    scores = np.full((users, k), -np.inf, dtype="float32")
    for first in range(0, users, _ITEMS):
        block = known[first : first + _ITEMS]
        found = (block @ weights).toarray().astype("float32")
        found[found <= 0] = -np.inf
        found[np.repeat(np.arange(block.shape[0]), np.diff(block.indptr)), block.indices] = -np.inf
        order = np.argsort(-found, axis=1, kind="stable")[:, :k]
        values = np.take_along_axis(found, order, axis=1)
        last = first + block.shape[0]
        scores[first:last, : order.shape[1]] = values
        places[first:last, : order.shape[1]] = np.where(np.isfinite(values), order, -1)
    return places, scores
