"""Something made of an object, such as a model's judged rows, made once and kept as long as the object lives."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")


class Once(Generic[Made]):
    """Call `make` for an object the first time only.

    Redraws come in blocks, and every metric is asked anew for each: rows must not be sorted again every time. Objects
    are told apart by identity, and must not change.

    Parameters
    ----------
    make : callable
        From the object to what is kept for it.

    Examples
    --------
    >>> class Rows: pass
    >>> rows, asked = Rows(), []
    >>> count = Once(lambda rows: asked.append(rows) or len(asked))
    >>> count(rows), count(rows)
    (1, 1)
    """

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self._make = make
        self._kept: dict[int, tuple[weakref.ref[Any], Made]] = {}

    def __call__(self, judged: Any) -> Made:
        """Return what was made of this object, or make it."""
        key = id(judged)
        kept = self._kept.get(key)
        if kept is not None and kept[0]() is judged:
            return kept[1]
        made = self._make(judged)
        try:
            self._kept[key] = (weakref.ref(judged, lambda _: self._kept.pop(key, None)), made)
        except TypeError:
            return made  # an object without weak references is made anew each time
        return made
