"""P: a privacy rule stopped the run."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "P000",
        "a privacy rule stopped the run",
        "Nothing was written. The message says which rule and which column.",
    ),
)
