"""Hash trees in the manner of RFC 6962: one entry can be proven to be among many without showing the others.

The leaf of an entry is the SHA-256 of a zero byte and the entry, a node that of a one byte and its two children; a node
without a sibling moves up as it is. Written here because the kept library for it is under the GPL.

References
----------
B. Laurie, A. Langley, E. Kasper: *Certificate Transparency*, RFC 6962, section 2.1, 2013.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

SIZE = 32
"""Bytes of a hash."""


def leaf_of(entry: bytes) -> bytes:
    """Return the hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _above(level: Sequence[bytes]) -> list[bytes]:
    nodes = [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
    return [*nodes, level[-1]] if len(level) % 2 else nodes


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the hash that stands for all leaves; that of nothing where there is none.

    Examples
    --------
    >>> root_of([leaf_of(b"a"), leaf_of(b"b")]) == _node(leaf_of(b"a"), leaf_of(b"b"))
    True
    >>> root_of([]).hex()[:8]
    'e3b0c442'
    """
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0] if level else hashlib.sha256(b"").digest()


def path_of(leaves: Iterable[bytes], index: int) -> list[bytes]:
    """Return the hashes that lead from a leaf to the root, the nearest first.

    Parameters
    ----------
    leaves : iterable of bytes
    index : int
        Which leaf, counted from 0.

    Raises
    ------
    IndexError
        If there is no such leaf.

    Examples
    --------
    >>> leaves = [leaf_of(entry) for entry in (b"a", b"b", b"c")]
    >>> path = path_of(leaves, 2)
    >>> len(path), leads_to(leaves[2], 2, 3, path) == root_of(leaves)
    (1, True)
    """
    level = list(leaves)
    if not 0 <= index < len(level):
        raise IndexError(index)
    path = []
    while len(level) > 1:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        level, index = _above(level), index // 2
    return path


def leads_to(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a leaf and its path lead to; None where no tree of this size has such a path.

    Parameters
    ----------
    leaf : bytes
    index, size : int
        Which leaf it is, counted from 0, of how many.
    path : sequence of bytes
    """
    if not 0 <= index < size:
        return None
    found, last, left = leaf, size - 1, list(path)
    while last:
        # Only the last node of a level can be without a sibling.
        if index % 2 or index < last:
            if not left:
                return None
            sibling = left.pop(0)
            found = _node(sibling, found) if index % 2 else _node(found, sibling)
        index, last = index // 2, last // 2
    return None if left else found
