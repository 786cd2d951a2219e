"""U071 to U076 and D160 to D166: a recorded run is asked about new data."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "U071",
        "the run cannot answer new data",
        "Its recipe has no task and no models, or it was recorded before runs wrote down what their models ask for. "
        "Run a recipe with task and models, or run the recipe again.",
    ),
    Code(
        "U072",
        "the form of a file is not known",
        "The end of a file's name tells how it is written: .csv, .tsv, .parquet, .jsonl, for data also packed as "
        ".gz, .zst or .bz2. Answers can be told with `--format`; Parquet is written to a file only.",
        wrong="sartor predict @last --data new.dat",
        right="sartor predict @last --data new.csv --out answers.parquet",
    ),
    Code(
        "U073",
        "it is not said which table the data is for, or twice",
        "Data without a name stands for the table whose lines are the rows. Other tables are named: TABLE=FILE, each "
        "once; several files of one table are a glob.",
        right="sartor predict @last --data new.csv --data accounts=accounts.parquet",
    ),
    Code(
        "U074",
        "this cannot be answered as a stream",
        "In a stream each line is answered before the next one is there. A feature that may look at other lines of "
        "the same table, an action that decides on all rows at once, and any table but that of the rows ask for a "
        "file. A feature says by `own_line_only = True`, and an action by `row_by_row = True`, that it needs no other "
        "line.",
        right="sartor predict @last --data applications.jsonl",
    ),
    Code(
        "U075",
        "the answers would be written over the data",
        "`--out` names the file that is read. Write the answers to another one.",
    ),
    Code(
        "U076",
        "there is no decision for each row",
        "`--decide` puts the decision beside each row. The recipe has no action, or its action decides on no single "
        "row, such as one that makes a schedule.",
    ),
    Code(
        "D160",
        "a column is missing in new data",
        "The models learned from the column, or it is the key. It is not guessed: bring it, under the same name. A "
        "value that is not known is an empty field, or null; columns that only the truth is in may be left out.",
        wrong='{"application_id": 7}',
        right='{"application_id": 7, "income": null}',
    ),
    Code(
        "D161",
        "a column holds something else than in the run",
        "The models learned from numbers and the column holds text now, or the other way round. Write it as in the "
        "data of the run; whole numbers and decimals are both numbers, dates and moments both dates.",
    ),
    Code(
        "D162",
        "a row of new data has no key",
        "The key carries the answer back to its row. A key may come again, and each row is answered by itself, but it "
        "must be there.",
    ),
    Code(
        "D163",
        "a feature cannot be built from new data",
        "A feature step builds other columns from the new data than from the run's own. Mostly a column is missing "
        "that it was built from; the message names those that the run had and the new data lacks.",
    ),
    Code(
        "D164",
        "a line of a stream cannot be read",
        "It is no JSON object, has another number of fields than the header, opens a quote that does not close, or "
        "holds a value that is none of its column's type. With `--on-error skip` it is told of in its place, and the "
        "stream goes on; the exit code is then 1.",
        right="sartor predict @last --data - --on-error skip",
    ),
    Code(
        "D165",
        "keys repeat where features look at many lines",
        "A feature looks at other lines of the table than the row's own, and cannot tell two lines of one key apart. "
        "Remove the repeated rows.",
    ),
    Code(
        "D166",
        "answers change their form on the way",
        "A column of the decisions holds another type in later rows than in the first ones, which a Parquet file "
        "cannot hold. JSON lines can.",
        right="sartor predict @last --data new.csv --decide --out answers.jsonl",
    ),
)
