"""The heavy loops, compiled by numba; what each does stands in `sartor_plugins.recommend.kernels.plain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from scipy import sparse

    from sartor_plugins.recommend.kernels import Floats, Ints


def _compiled(function: Any) -> Any:
    try:
        return numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")(function)
    except RuntimeError:
        # Neither beside the module nor in the user's folder can a file be written.
        return numba.njit(nogil=True, fastmath=True, error_model="numpy")(function)


_LINES = 32
"""Lines that are solved together: their products with the Gram matrix are one multiplication of matrices."""


def als_half(matrix: sparse.csr_matrix, fixed: Floats, solved: Floats, regularisation: float, steps: int) -> None:
    """Solve for one side of the factors, in place."""
    gram = fixed.T @ fixed + np.float32(regularisation) * np.eye(fixed.shape[1], dtype="float32")
    starts = matrix.indptr[np.minimum(np.arange(0, matrix.shape[0] + _LINES, _LINES), matrix.shape[0])]
    most = int(np.diff(starts).max(initial=1))
    gathered = np.empty((max(most, 1), fixed.shape[1]), dtype="float32")
    gram = np.ascontiguousarray(gram, dtype="float32")
    _als(matrix.indptr, matrix.indices, matrix.data, fixed, solved, gram, gathered, steps)


@_compiled
def _add_pairs(y: Any, weight: Any, p: Any, ap: Any) -> None:
    """Add what the pairs of one line do to a direction."""
    f = len(p)
    for i in range(len(weight)):
        dot = np.float32(0)
        for k in range(f):
            dot += y[i, k] * p[k]
        dot *= weight[i]
        for k in range(f):
            ap[k] += dot * y[i, k]


@_compiled
def _first_residual(fixed: Any, at: Any, weight: Any, x: Any, r: Any, y: Any) -> None:
    """Gather the pairs of one line once, and add what they ask for to the residual."""
    f = len(x)
    for i in range(len(at)):
        item = at[i]
        dot = np.float32(0)
        for k in range(f):
            value = fixed[item, k]
            y[i, k] = value
            dot += value * x[k]
        scale = (np.float32(1) + weight[i]) - weight[i] * dot
        for k in range(f):
            r[k] += scale * y[i, k]


@_compiled
def _step(x: Any, r: Any, p: Any, ap: Any, rs: Any) -> Any:
    """Go one step of conjugate gradients; return the square of what is left."""
    f = len(x)
    bottom = np.float32(0)
    for k in range(f):
        bottom += p[k] * ap[k]
    if bottom <= np.float32(0):
        return np.float32(0)
    alpha = rs / bottom
    new = np.float32(0)
    for k in range(f):
        x[k] += alpha * p[k]
        r[k] -= alpha * ap[k]
        new += r[k] * r[k]
    beta = new / rs
    for k in range(f):
        p[k] = r[k] + beta * p[k]
    return new


@_compiled
def _als(indptr: Any, indices: Any, data: Any, fixed: Any, solved: Any, gram: Any, gathered: Any, steps: int) -> None:
    lines, f = len(indptr) - 1, fixed.shape[1]
    r = np.empty((_LINES, f), dtype=np.float32)
    p = np.empty((_LINES, f), dtype=np.float32)
    ap = np.empty((_LINES, f), dtype=np.float32)
    rs = np.empty(_LINES, dtype=np.float32)
    for first in range(0, lines, _LINES):
        count = min(_LINES, lines - first)
        base = indptr[first]
        x = solved[first : first + count]
        for u in range(count):
            if indptr[first + u] == indptr[first + u + 1]:
                x[u, :] = np.float32(0)
        np.dot(x, gram, r[:count])
        for u in range(count):
            start, end = indptr[first + u], indptr[first + u + 1]
            for k in range(f):
                r[u, k] = -r[u, k]
            if end > start:
                _first_residual(
                    fixed, indices[start:end], data[start:end], x[u], r[u], gathered[start - base : end - base]
                )
            total = np.float32(0)
            for k in range(f):
                p[u, k] = r[u, k]
                total += r[u, k] * r[u, k]
            rs[u] = total
        for _ in range(steps):
            np.dot(p[:count], gram, ap[:count])
            for u in range(count):
                if rs[u] > np.float32(0):
                    start, end = indptr[first + u], indptr[first + u + 1]
                    _add_pairs(gathered[start - base : end - base], data[start:end], p[u], ap[u])
                    rs[u] = _step(x[u], r[u], p[u], ap[u], rs[u])


def neighbours(matrix: sparse.csr_matrix, norms: Floats, k: int, shrink: float) -> tuple[Ints, Floats]:
    """Find the nearest items of every item."""
    items = matrix.shape[1]
    by_item = matrix.T.tocsr()
    by_item.sort_indices()
    matrix = matrix if matrix.has_sorted_indices else matrix.sorted_indices()
    places = np.full((items, k), -1, dtype="int64")
    cosines = np.zeros((items, k), dtype="float32")
    _nearest(
        by_item.indptr, by_item.indices, by_item.data, matrix.indptr, matrix.indices, matrix.data,
        norms.astype("float32"), np.float32(shrink), places, cosines,
    )  # fmt: skip
    return places, cosines


@_compiled
def _later(value: Any, at: Any, other: Any, other_at: Any) -> bool:
    """Whether one cosine comes behind another: it is smaller, or it is of a later item."""
    return bool(value < other or (value == other and at > other_at))


@_compiled
def _rise(heap: Any, heap_at: Any, held: int, cosine: Any, item: Any) -> None:
    """Put one more into a heap at whose root the last of all stands."""
    at = held
    while at > 0:
        above = (at - 1) // 2
        if not _later(cosine, item, heap[above], heap_at[above]):
            break
        heap[at], heap_at[at] = heap[above], heap_at[above]
        at = above
    heap[at], heap_at[at] = cosine, item


@_compiled
def _sink(heap: Any, heap_at: Any, cosine: Any, item: Any) -> None:
    """Put one in place of the root."""
    at, size = 0, len(heap)
    while 2 * at + 1 < size:
        below = 2 * at + 1
        if below + 1 < size and _later(heap[below + 1], heap_at[below + 1], heap[below], heap_at[below]):
            below += 1
        if not _later(heap[below], heap_at[below], cosine, item):
            break
        heap[at], heap_at[at] = heap[below], heap_at[below]
        at = below
    heap[at], heap_at[at] = cosine, item


@_compiled
def _unload(heap: Any, heap_at: Any, held: int, places: Any, cosines: Any) -> None:
    """Write a heap in order, the nearest first, of equal ones the first item."""
    order = np.argsort(-heap[:held])
    for t in range(held):
        value, item = heap[order[t]], heap_at[order[t]]
        s = t
        while s > 0 and cosines[s - 1] == value and places[s - 1] > item:
            places[s], cosines[s] = places[s - 1], cosines[s - 1]
            s -= 1
        places[s], cosines[s] = item, value


@_compiled
def _nearest(
    iptr: Any,
    iusers: Any,
    ivalues: Any,
    uptr: Any,
    uitems: Any,
    uvalues: Any,
    norms: Any,
    shrink: Any,
    places: Any,
    cosines: Any,
) -> None:
    items, k = places.shape
    total = np.zeros(items, dtype=np.float32)
    touched = np.empty(items, dtype=np.int64)
    heap = np.empty(k, dtype=np.float32)
    heap_at = np.empty(k, dtype=np.int64)
    for item in range(items):
        count = 0
        for a in range(iptr[item], iptr[item + 1]):
            user = iusers[a]
            value = ivalues[a]
            for b in range(uptr[user], uptr[user + 1]):
                other = uitems[b]
                if total[other] == 0:
                    touched[count] = other
                    count += 1
                total[other] += value * uvalues[b]
        held = 0
        for t in range(count):
            other = touched[t]
            cosine = total[other] / (norms[item] * norms[other] + shrink)
            total[other] = np.float32(0)
            if other == item or not cosine > 0:
                continue
            if held < k:
                _rise(heap, heap_at, held, cosine, other)
                held += 1
            elif _later(heap[0], heap_at[0], cosine, other):
                _sink(heap, heap_at, cosine, other)
        _unload(heap, heap_at, held, places[item], cosines[item])


def keep_best(found: Floats, first: int, active: Ints, places: Ints, scores: Floats) -> None:
    """Put what is better than the last of the best among them, in place."""
    _keep_best(found, first, active, places, scores)


@_compiled
def _keep_best(found: Any, first: Any, active: Any, places: Any, scores: Any) -> None:
    k = scores.shape[1]
    for line in range(len(active)):
        user = active[line]
        last = scores[user, k - 1]
        for column in range(found.shape[1]):
            value = found[line, column]
            if value > last:
                at = k - 1
                while at > 0 and scores[user, at - 1] < value:
                    scores[user, at] = scores[user, at - 1]
                    places[user, at] = places[user, at - 1]
                    at -= 1
                scores[user, at], places[user, at] = value, first + column
                last = scores[user, k - 1]


def best_of_sparse(known: sparse.csr_matrix, weights: sparse.csr_matrix, k: int) -> tuple[Ints, Floats]:
    """Find the largest sums of weights."""
    places = np.full((known.shape[0], k), -1, dtype="int64")
    scores = np.full((known.shape[0], k), -np.inf, dtype="float32")
    _best_of_sparse(
        known.indptr, known.indices, known.data.astype("float32", copy=False),
        weights.indptr, weights.indices, weights.data.astype("float32", copy=False), places, scores,
    )  # fmt: skip
    return places, scores


@_compiled
def _best_of_sparse(
    uptr: Any, uitems: Any, uvalues: Any, wptr: Any, witems: Any, wvalues: Any, places: Any, scores: Any
) -> None:
    users, k = places.shape
    items = len(wptr) - 1
    total = np.zeros(items, dtype=np.float32)
    touched = np.empty(items, dtype=np.int64)
    for user in range(users):
        count = 0
        for a in range(uptr[user], uptr[user + 1]):
            value = uvalues[a]
            item = uitems[a]
            for b in range(wptr[item], wptr[item + 1]):
                other = witems[b]
                if total[other] == 0:
                    touched[count] = other
                    count += 1
                total[other] += value * wvalues[b]
        for a in range(uptr[user], uptr[user + 1]):
            total[uitems[a]] = np.float32(-1)
        for t in range(count):
            other = touched[t]
            value = total[other]
            if value > 0 and (
                value > scores[user, k - 1] or (value == scores[user, k - 1] and other < places[user, k - 1])
            ):
                at = k - 1
                while at > 0 and (
                    scores[user, at - 1] < value or (scores[user, at - 1] == value and places[user, at - 1] > other)
                ):
                    scores[user, at], places[user, at] = scores[user, at - 1], places[user, at - 1]
                    at -= 1
                scores[user, at], places[user, at] = value, other
            total[other] = np.float32(0)
        for a in range(uptr[user], uptr[user + 1]):
            total[uitems[a]] = np.float32(0)
