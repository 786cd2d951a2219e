"""Names of columns that the task and the action of replenishment share."""

from __future__ import annotations

REVIEWS = "reviews_until_arrival"
"""How many reviews after the order it arrives: the lead time in reviews."""
SOLD = "sold_since_last_review"
"""Units sold between the review before and this one."""
PRICE = "price_until_next_review"
"""Mean price between this review and the next."""
USUAL_PRICE = "price_of_last_year"
"""Mean price over the year before the review."""
SPREAD = "review_spread_26"
"""Standard deviation of what sold between two reviews, over the last 26."""
MEANS = (1, 4, 8, 13, 26)
"""Over how many of the last stretches between reviews means stand in the rows."""
SUMS = (0.5, 0.9, 0.95, 0.98)
"""Quantiles of what sold in stretches as long as the one to cover, over the last year."""
TOTAL, NEXT = "until_after_next_arrival", "until_next_review"
"""The two parts of the truth: what sells in the time that an order must cover, and before the next review."""


def mean_name(reviews: int) -> str:
    """Return the column of a mean over the last stretches between reviews.

    Examples
    --------
    >>> mean_name(4)
    'review_mean_4'
    """
    return f"review_mean_{reviews}"


def sum_name(share: float) -> str:
    """Return the column of a quantile of past sums.

    Examples
    --------
    >>> sum_name(0.95)
    'past_sums_0.95'
    """
    return f"past_sums_{share!r}"
