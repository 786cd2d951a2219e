"""R080, D220 to D229, U025: what stands in the way of a delivery."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "R080",
        "two deliveries to one place",
        "Two steps of `deliver` name the same file or table, and the second would overwrite what the first has written. "
        "Give each a place of its own, or leave one out.",
    ),
)
