"""R083, D220 to D229, U025: what stands in the way of a delivery."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "R083",
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
        "D221",
        "a table cannot take the decisions",
        "The table lacks a column that is written, holds something else there, or has no primary key or unique index "
        "of just the key's columns: without one nobody can say which line a decision belongs to, and delivering again "
        "would leave two.",
        right="ALTER TABLE decisions ADD PRIMARY KEY (loan_id)",
    ),
    Code(
        "D222",
        "the file cannot be added to",
        "`mode: append` keeps the lines of the file that are not delivered again. They can be kept only where the file "
        "has the same columns in the same order, and can be read as what it should be. Name another file, or replace "
        "this one.",
        right="deliver: {decisions: {use: tables.write, with: {path: decisions.csv, mode: replace}}}",
    ),
    Code(
        "D223",
        "a table refuses a decision",
        "A rule of the table is broken: a check, a reference to another table, a column that must not be empty. The "
        "message is the database's own. Nothing was written.",
    ),
    Code(
        "U025",
        "nothing to deliver",
        "`--live` delivers what the section `deliver` of a recipe says, and this recipe has none. Run it without "
        "`--live`, or say where its decisions go.",
        right="deliver: {decisions: {use: tables.write, from: decision, with: {path: decisions.parquet}}}",
    ),
)
