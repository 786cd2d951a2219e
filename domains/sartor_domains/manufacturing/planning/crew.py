"""Who is serviced in which slot, when the crew is only so large."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Floats = NDArray[np.float64]

NONE = -1


def assigned(gain: Floats, crew: int | None) -> NDArray[np.int64]:
    """Return the slot of each unit, so that all gain the most together; -1 where a unit had better run on.

    Parameters
    ----------
    gain : ndarray of shape (n_units, n_slots)
        What is saved where a unit is serviced in a slot, against letting it run on.
    crew : int or None
        Most units in a slot.

    Examples
    --------
    Both gain most in the first slot, and one of them loses less by waiting.

    >>> gain = np.array([[10.0, 9.0], [8.0, 1.0], [-1.0, -2.0]])
    >>> assigned(gain, None).tolist(), assigned(gain, 1).tolist()
    ([0, 0, -1], [1, 0, -1])
    """
    slots = np.full(len(gain), NONE, dtype=np.int64)
    wanted = np.flatnonzero((gain > 0).any(axis=1))
    if not len(wanted):
        return slots
    own = gain[wanted]
    if crew is None or len(wanted) <= crew:
        # As many as want to can be serviced in one slot.
        slots[wanted] = own.argmax(axis=1)
        return slots
    places = np.repeat(np.maximum(own, 0.0), min(crew, len(wanted)), axis=1)
    rows, columns = linear_sum_assignment(places, maximize=True)
    taken = columns // min(crew, len(wanted))
    good = own[rows, taken] > 0
    slots[wanted[rows[good]]] = taken[good]
    return slots


def queued(wanted: NDArray[np.int64], urgency: Floats, slots: int, crew: int | None) -> NDArray[np.int64]:
    """Return the slot of each unit where all stand in line: the most urgent first, in the first slot with room.

    Parameters
    ----------
    wanted : ndarray of shape (n_units,)
        The slot that each is due in; -1 where it is not due.
    urgency : ndarray of shape (n_units,)
        The higher goes first.
    slots : int
        How many slots there are; who finds no room in any is not serviced.
    crew : int or None

    Examples
    --------
    >>> queued(np.array([0, 0, -1, 1]), np.array([1.0, 5.0, 9.0, 0.0]), slots=2, crew=1).tolist()
    [1, 0, -1, -1]
    """
    found = np.full(len(wanted), NONE, dtype=np.int64)
    room = np.full(slots, len(wanted) if crew is None else crew)
    for place in sorted(np.flatnonzero(wanted >= 0), key=lambda place: (wanted[place], -urgency[place], place)):
        free = np.flatnonzero(room[wanted[place] :])
        if len(free):
            slot = int(wanted[place] + free[0])
            room[slot] -= 1
            found[place] = slot
    return found
