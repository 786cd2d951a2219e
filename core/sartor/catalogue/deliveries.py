"""R080, D220 to D229, U025: what stands in the way of a delivery."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "R080",
        "two deliveries to one place",
        "Two steps of `deliver` name the same file or table, and the second would overwrite what the first wrote. "
        "Give each a place of its own, or leave one out.",
    ),
    Code(
        "D220",
        "the key does not tell decisions apart",
        "Decisions are delivered by their key, so that delivering them again leaves one copy. Every line needs one, "
        "and no two lines may share it. The key of the rows serves; an action that makes no line for each row needs a "
        "key named in the settings of its sink.",
        right="deliver: {plan: {use: tables.write, with: {path: plan.csv, mode: append, key: [machine, day]}}}",
    ),
    Code(
        "U025",
        "nothing to deliver",
        "`--live` delivers what the section `deliver` of a recipe says, and this recipe has none. Run it without "
        "`--live`, or say where its decisions go.",
        right="deliver: {decisions: {use: tables.write, from: decision, with: {path: decisions.parquet}}}",
    ),
)
