"""D: the data cannot be used as it is."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "D000",
        "the data cannot be used",
        "The data is wrong in a way that has no code of its own. The message says which table and what is wrong.",
    ),
    Code(
        "D002",
        "a table has no rows",
        "What the reader found has columns and not a single line. Look at the file or folder that it reads; a glob "
        "may match another file than the one that is meant.",
    ),
    Code(
        "D004",
        "a column stands twice in a table",
        "Two columns have one name, and nobody can tell which is meant. Rename one in the source.",
    ),
    Code(
        "D005",
        "a column has a reserved name",
        "Names that begin with two underscores are sartor's own: __row, __target. Rename the column in the source.",
    ),
    Code(
        "D006",
        "a key is missing in some rows",
        "The key identifies a line, decides which part of the split it falls into and carries the decision back to "
        "it: every line must have one. Name another key, or repair the source.",
    ),
    Code(
        "D007",
        "a key does not identify a row",
        "Two lines carry one key. If both are meant, more columns make up the key; if not, the source repeats lines.",
        right="ingest:\n  sales: {use: tables.csv, with: {path: sales.csv}, key: [store, item, day]}",
    ),
    Code(
        "D020",
        "no column has the role that is asked for",
        "A step asks for columns by their role, such as `user` or `item`. Say at ingest which column it is; a column "
        "that is called like the role has it by itself.",
        right="ingest:\n  baskets: {use: tables.csv, with: {path: baskets.csv}, roles: {user: CustomerID}}",
    ),
    Code(
        "D030",
        "a key is not a whole number",
        "`digest: none` takes the key itself modulo a number. Keys that are texts need a digest.",
        wrong="split: {hash: {digest: none, modulo: 5, test: [0]}}",
        right="split: {hash: {digest: sha1, modulo: 5, test: [0]}}",
    ),
    Code(
        "D050",
        "answers cannot be judged",
        "Truth and predictions do not fit each other: another number of rows, an outcome that is neither 0 nor 1, a "
        "probability beyond 0 to 1, a number that is missing. The message says which and in how many rows.",
    ),
)
