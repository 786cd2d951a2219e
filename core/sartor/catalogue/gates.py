"""G: a gate."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES: tuple[Code, ...] = (
    Code(
        "G002",
        "a gate failed",
        "The number is beyond its bar, and so is the whole of its interval: chance alone does not explain it. Nothing "
        "was delivered. A number whose interval still reaches the bar passes, and the report says so. Improve the "
        "model, or look at the rows it is judged on; move the bar only if it was wrong before the result was known.",
        right="gates: [{metric: calibration_error, at_most: 0.05}]",
    ),
)
