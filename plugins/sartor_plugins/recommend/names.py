"""Names that tasks, features, models and actions of recommendation share."""

from __future__ import annotations

SLATE = "slate"
"""Answer of a recommender: columns `ITEMS` and `SCORES`, a list each, the best first."""
ITEMS = "items"
SCORES = "scores"

HISTORY_ITEMS = "history_items"
"""What somebody dealt with before the row's moment, the oldest first; a feature, as are the two below."""
HISTORY_DAYS = "history_days"
"""How many days before the row's moment."""
HISTORY_EVENTS = "history_events"
"""What was done: a purchase, a view, a search."""
HISTORY = (HISTORY_ITEMS, HISTORY_DAYS, HISTORY_EVENTS)

AMOUNTS = "amounts"
"""Part of the truth beside `ITEMS`: what was paid for each, returns taken off."""
AGAIN = "again"
"""Part of the truth: whether each item had been bought before."""
LATER_ITEMS = "later_items"
"""Part of the truth, as are the two below: everything that was done in the row's window."""
LATER_DAYS = "later_days"
"""How many days after the row's moment."""
LATER_EVENTS = "later_events"
TRUTH = (ITEMS, AMOUNTS, AGAIN, LATER_ITEMS, LATER_DAYS, LATER_EVENTS)

SHELF_ITEMS = "shelf_items"
"""Part of the truth, where the task names a catalogue: some items of it, sold or not; all rows together hold all."""
SHELF_ABOUT = "shelf_about"
"""Part of the truth: what the catalogue says of each of them, ``COLUMN=VALUE`` by `BETWEEN`."""
BETWEEN = "\x1f"

WANTED = "wanted"
"""Column of the rows: ``new``, ``repeat`` or ``all`` items are asked for."""
NEWCOMER = "newcomer"
"""Column of the rows: whether nothing was known of the user before the row's moment."""
NEW, REPEAT, ALL = "new", "repeat", "all"

PART = "part"
"""Column of the rows where each user's last events judge: one of those below."""
TRAIN, VALIDATION, TEST, NEXT = "train", "validation", "test", "next"
"""All but the last two events of a user, the last but one, the last, and what nobody knows yet."""

PURCHASE, SEARCH = "purchase", "search"
SEARCHED = "search: "
"""What stands before the words of a search, which enters a history like an item and is never recommended."""

TOP = 10
"""How many items of a slate are judged."""

EVENT_WEIGHTS = {"purchase": 1.0, "add_to_cart": 0.5, "click": 0.2, "view": 0.2, "search": 0.2, "remove": 0.0}
"""How much an event tells of a taste, beside a purchase; an event of another name counts as a purchase does."""
