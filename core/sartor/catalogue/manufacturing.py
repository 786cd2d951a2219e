"""D: readings of machines, or what tells of their ends, cannot be used as they are."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "D250",
        "readings do not say their unit and cycle",
        "A table of readings has a line for each unit and cycle, and its key names both: the unit, in one column or "
        "several, and the cycle, a number that counts from the unit's first day. The cycle is the last column of the "
        "key, or the one in the role cycle.",
        right="readings: {use: tables.csv, key: [unit, cycle], with: {path: readings.csv}}",
    ),
    Code(
        "D251",
        "readings without a unit or a cycle",
        "A reading that is of no unit, or at no cycle, or at one below 0, has no place in a life. Mend it at the "
        "source or leave it out; a contract at ingest can set it aside.",
    ),
    Code(
        "D252",
        "a table of ends does not say of which unit",
        "Lives are joined to readings by the columns that name the unit, under the same names in both tables. A file "
        "that lists lives in the order of the units and names none says so: order names the column with the number of "
        "the line, which row_number makes at ingest.",
        right="left: {table: rul, column: rul, order: line}",
    ),
    Code(
        "D253",
        "lives and units are not as many",
        "Lives in the order of units fit only if there is one for each. One more or less shifts all that follow, and "
        "nothing would show it: a header read as a line, a line too few, another file's lives.",
    ),
    Code(
        "D254",
        "a life, or the date of its end, is none",
        "What units had left is a number of cycles of at least 0, and a failure is at a cycle and, where the split "
        "goes by time, on a date. The column holds something else, or nothing.",
    ),
    Code(
        "D255",
        "a unit ends twice",
        "A unit has one life and one end. What was repaired and ran again begins a new life: give each a name of its "
        "own, such as 7-1 and 7-2, in readings and failures alike.",
    ),
    Code(
        "D256",
        "an end of a unit that was never read",
        "The table of ends tells of units that have no reading. Either the two tables name units differently (7 and "
        "007, P-7 and p7), or they do not belong together.",
    ),
    Code(
        "D257",
        "there is no sensor that tells anything",
        "Indicators are made of sensors, columns of numbers beside the key, and those that are kept must change. "
        "Here none is left.",
    ),
    Code(
        "D258",
        "no condition to learn regimes from",
        "Operating regimes are clusters of the conditions that training rows ran under, and those columns are empty.",
        right="prepare: [{use: manufacturing.operating_regimes, with: {by: [at_load]}}]",
    ),
    Code(
        "D259",
        "rows that tell neither unit nor age",
        "Monotonicity, trendability and prognosability are measured over lives. Rows of the task "
        "manufacturing.remaining_life tell which unit they are of and how long it has run; others do not.",
    ),
)
