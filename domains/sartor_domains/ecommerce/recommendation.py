"""The task of a shop that recommends: what will each customer buy next?"""

from __future__ import annotations

from sartor.components import Duration
from sartor_plugins.recommend.tasks import NextItems


class Recommendation(NextItems):
    """What will each customer buy next? A row for each customer and window, answered with a slate, the best item first.

    The order lines' columns are told by their roles at ingest: ``user`` and ``item``; where there are any ``order``,
    ``quantity``, ``price`` or ``amount``, and for whatever else customers do ``event`` (purchase, view, add_to_cart,
    search) and ``query``, the words of a search. The table's ``time`` is the moment of each line. What is no order line
    is kept out by the table's contract: guests, codes that are no product, lines entered twice.

    Customers are judged who had bought before and buy something in the window; newcomers are judged apart, and of
    customers who buy nothing a slate is worth nothing.

    Parameters
    ----------
    targets : {"new", "repeat", "all"}
        Whether what a customer never bought before is asked for (discovery), what was bought before (buy again), or
        both.
    horizon : Duration
        Length of the window.
    origins : int
        How many windows before the cut teach. Two are needed where something is chosen on inner rows.
    table : str, optional
        The table of the order lines; needed where several tables have a user and an item.
    bought : list of str
        Events that are purchases.
    returns : {"undo", "ignore"}
        Whether a line of a negative quantity takes back the latest purchases of the same item by the same customer,
        from the moment of the return on.
    part : str, optional
        In place of moments: a column that tells which lines teach and which judge, as in ``split: {given: PART, ...}``.
    known : list of str
        With `part`: the parts that are known to the rows of others.
    leave_last : str, optional
        In place of moments: a column, such as a moment or a number, by which the events of each customer follow one
        another. The last one of each customer is the part ``test`` of the column ``part``, the one before it
        ``validation``, all others are ``train``; what came before is known, as in
        ``split: {given: part, train: [train], test: [test]}``. How long ago something was then says nothing.
    catalogue : str, optional
        The table of the items, with the role ``item``, for models that know items by what is said of them, those that
        were never sold among them.
    about : list of str
        With `catalogue`: its columns that say something of an item; words, names of kinds and numbers alike.
    """

    horizon: Duration = Duration(30, "day")
