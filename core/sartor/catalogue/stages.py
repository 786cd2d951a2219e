"""D021 to D044, D140: what the stages of a run find in the data."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "D021",
        "the truth holds a label that is no class",
        "The task names its classes, and some rows carry another label. Add the class, repair the rows, or leave them "
        "out where the table is made.",
    ),
    Code(
        "D022",
        "the task makes no row",
        "From these tables the task makes nothing to be answered. Often a window or a date leaves nothing over, or the "
        "outcome is missing everywhere.",
    ),
    Code(
        "D023",
        "rows that cannot be told apart",
        "The task made two rows with one key, or a row without one. The key of its own table must be there and "
        "distinct in every line.",
    ),
    Code(
        "D031",
        "a part of the split is empty",
        "There is no row to learn from, or none to judge by. Choose another share or cut; a row is for training when "
        "its truth was known at the cut, and for testing when it is asked from the cut on.",
    ),
    Code(
        "D032",
        "a split by time, and rows without a time",
        "The rows of this task have no moment at which they are asked. Say at ingest which column it is, or split by "
        "hash, group or a given column.",
        right="ingest:\n  loans: {use: tables.csv, with: {path: loans.csv}, key: loan_id, time: applied}",
    ),
    Code(
        "D033",
        "the column of the split is missing in some rows",
        "A row without the value belongs to no part of the split. Repair the source, or split by another column.",
    ),
    Code(
        "D034",
        "values of the split that do not fit the column",
        "The split names values that the column does not hold, or another number of folds than it has values. Values "
        "are compared as texts, so 1 and '1' are the same.",
    ),
    Code(
        "D035",
        "too few rows to split again",
        "Choosing and tuning hold rows back from the training part, and too few are left for that. Leave choosing out, "
        "take more rows, or a smaller share.",
    ),
    Code(
        "D040",
        "a feature built no column",
        "The feature gave back the rows and nothing beside them. Its settings may name nothing that is in the tables.",
    ),
    Code(
        "D041",
        "two columns of one name",
        "A feature builds a column whose name another feature or the table has already. Give it a prefix, or take one "
        "of the two out.",
    ),
    Code(
        "D042",
        "no feature is left to learn from",
        "Every column was left out: it is constant, missing, an identifier, or kept away by privacy. The notes of the "
        "run name the reason for each.",
    ),
    Code(
        "D043",
        "a feature saw the future",
        "The feature was built again with everything from the row's own moment on taken away, and it changed: it knows "
        "what nobody knew when the row was asked. Build it from what came before. What is honestly known ahead, such "
        "as a price list, is declared at ingest.",
        right="ingest:\n  prices: {use: tables.csv, with: {path: prices.csv}, time: day, known_ahead: [price]}",
    ),
    Code(
        "D044",
        "a feature tells the outcome by itself",
        "A single feature answers nearly everything. Mostly it was written down after the outcome, or is the outcome "
        "under another name; then keep it away. An honest one is declared where it comes from.",
        right="ingest:\n  loans: {use: tables.csv, with: {path: loans.csv}, key: loan_id, expected_strong: [grade]}",
    ),
    Code(
        "D140",
        "the tables do not fit into the memory limit",
        "Sorting, joining and grouping use the disk when memory is short; some operations cannot. Allow more memory in "
        "sartor.toml or by --memory, use fewer threads, as each holds a part of its own, or read fewer columns. A "
        "Parquet file is read a group of rows at a time: one group of a million rows, as pandas writes them, takes its "
        "whole memory at once, and `to_parquet(..., row_group_size=65_536)` little.",
        right='memory = "8 GB"',
    ),
    Code(
        "D170",
        "values break a rule of the contract",
        "The contract of the table says what must hold of the column, and that the run stops where it does not. The "
        "message names the first lines, values masked. Repair the source; or let such values be read as missing "
        "(`otherwise: missing`), or their lines be set aside (`otherwise: set_aside`): both are counted and told.",
        right="contract: {columns: {amount: {type: number, between: [0, 100000], otherwise: set_aside}}}",
    ),
    Code(
        "D171",
        "lines repeat others",
        "The contract says that no two lines have the same values in some columns. Repair the source, or set aside "
        "every line that repeats an earlier one.",
        right="contract: {unique: [{columns: [application_id], otherwise: set_aside}]}",
    ),
    Code(
        "D172",
        "the table is stale",
        "The contract says how old the newest line may be, seen from now or from `--as-of`. Get newer data, or look "
        "from an earlier day.",
        right="contract: {fresh: {column: applied, within: 7 days}}",
    ),
    Code(
        "D173",
        "only some moments say their time zone",
        "What the others mean is left open, and an hour too early or too late is not seen afterwards. Say the zone of "
        "those that are written without one.",
        right="contract: {columns: {seen: {type: datetime, zone: Europe/Berlin}}}",
    ),
    Code(
        "D174",
        "a rule that cannot be judged on what the column holds",
        "Bounds and allowed values are of the column's own type, patterns and lengths of texts. The column was read as "
        "something else: say its type in the contract, so that values that are not of it are found.",
        right="contract: {columns: {amount: {type: number, between: [0, 100000]}}}",
    ),
)
