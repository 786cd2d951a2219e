"""Returns matched with the purchases that they take back.

In many shops a cancellation is a line of its own with a negative quantity, minutes or weeks after the purchase. Each
return takes back the latest purchases of the same item by the same user before it, as many pieces as it names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Returned:
    """What was taken back of each line.

    Parameters
    ----------
    pieces : ndarray of float
        How many of its pieces came back.
    at : ndarray of int64
        When the last of them did; 0 where none did.
    without : ndarray of bool
        Of lines that are returns: whether there was no purchase before it.
    """

    pieces: NDArray[np.float64]
    at: NDArray[np.int64]
    without: NDArray[np.bool_]
    whole: NDArray[np.bool_]


def match(
    user: NDArray[np.int64],
    item: NDArray[np.int64],
    moment: NDArray[np.int64],
    quantity: NDArray[np.float64],
    back: NDArray[np.bool_],
) -> Returned:
    """Match returns with purchases.

    Parameters
    ----------
    user, item, moment : ndarray of int64
    quantity : ndarray of float
        Pieces; below 0 where they come back.
    back : ndarray of bool
        Which lines are returns.

    Examples
    --------
    A purchase of 80,995 pieces undone 12 minutes later, and one of 10 of which 4 come back.

    >>> user, item = np.array([1, 1, 2, 2]), np.array([7, 7, 7, 7])
    >>> moment, quantity = np.array([0, 12, 0, 50]), np.array([80995.0, -80995.0, 10.0, -4.0])
    >>> found = match(user, item, moment, quantity, quantity < 0)
    >>> found.pieces.tolist(), found.whole.tolist()
    ([80995.0, 0.0, 4.0, 0.0], [True, False, False, False])
    """
    pieces, at = np.zeros(len(user)), np.zeros(len(user), dtype="int64")
    without = np.zeros(len(user), dtype=bool)
    if back.any():
        # Only users and items of which something came back are looked at, line by line.
        pair = user * (int(item.max()) + 1) + item
        concerned = np.flatnonzero(np.isin(pair, np.unique(pair[back])))
        # At one moment a purchase comes before its return.
        order = concerned[np.lexsort((quantity[concerned], back[concerned], moment[concerned], pair[concerned]))]
        open_lines: list[int] = []
        before = None
        for line in order.tolist():
            if pair[line] != before:
                open_lines, before = [], pair[line]
            if not back[line]:
                if quantity[line] > 0:
                    open_lines.append(line)
                continue
            without[line] = not _take_back(line, open_lines, quantity, moment, pieces, at)
    return Returned(pieces, at, without, (quantity > 0) & (pieces >= quantity))


def _take_back(
    line: int,
    open_lines: list[int],
    quantity: NDArray[np.float64],
    moment: NDArray[np.int64],
    pieces: NDArray[np.float64],
    at: NDArray[np.int64],
) -> bool:
    """Take back the latest purchases, or one of just as many pieces; tell whether there was any."""
    wanted = -quantity[line]
    found = bool(open_lines)
    exact = [place for place, one in enumerate(open_lines) if quantity[one] - pieces[one] == wanted]
    if exact:
        open_lines.append(open_lines.pop(exact[-1]))
    while wanted > 0 and open_lines:
        latest = open_lines[-1]
        taken = min(wanted, quantity[latest] - pieces[latest])
        pieces[latest] += taken
        at[latest] = moment[line]
        wanted -= taken
        if pieces[latest] >= quantity[latest]:
            open_lines.pop()
    return found
