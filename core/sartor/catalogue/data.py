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
        "D010",
        "a file changed while it was read",
        "Somebody wrote to the file during the read, so what was read is neither the old file nor the new one, and the "
        "record would name bytes that nobody has. Nothing of the table was kept. Run again when the writer has ended.",
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
    Code(
        "D070",
        "the outcome is the same everywhere",
        "Every line that has an outcome has the same one: there is nothing to tell apart. Give lines with another "
        "outcome, or see whether a filter or the reader has lost them.",
    ),
    Code(
        "D071",
        "the outcome holds a label that was not declared",
        "A positive class is named, so two classes are expected, and the column holds a third label. Say that it means "
        "'not known', or leave the positive class out and tell all of them apart.",
        right="task: {use: learn.classification, with: {outcome: y, positive: bad, set_aside: [indeterminate]}}",
    ),
    Code(
        "D072",
        "nothing says which label is the event",
        "With two classes one of them is the event whose probability is told. Of 0 and 1, no and yes, false and true "
        "it is plain; of other labels the recipe must say it.",
        right="task: {use: learn.classification, with: {outcome: creditability, positive: bad}}",
    ),
    Code(
        "D073",
        "a label is never held by the outcome",
        "The recipe names a label that no line carries. Labels compare as text, in small and capital letters as they "
        "are: 1, 1.0 and '1' are one label, 'Bad' and 'bad' are two.",
    ),
    Code(
        "D074",
        "the outcome has too many values for classes",
        "A classification tells up to 100 classes apart. A number is predicted by `learn.regression`; names that are "
        "many need to be grouped first.",
    ),
    Code(
        "D075",
        "there is no truth to learn from",
        "No line has an outcome, or rows without one came to a model. Lines whose outcome is not known yet are rows "
        "that neither teach nor judge; some must have one.",
    ),
    Code(
        "D076",
        "the outcome of a regression is no number",
        "Declare the column's type at ingest, or ask for a class with `learn.classification`.",
    ),
    Code(
        "D077",
        "a moment of the task cannot be right",
        "`as_of` and `known_at` name columns of dates, and the truth is not known before it is asked for.",
    ),
    Code(
        "D078",
        "a weight is missing, negative or infinite",
        "A weight tells how much a row counts in learning: a number of at least 0 for every line.",
    ),
    Code(
        "D079",
        "a table whose lines are rows has no key",
        "Every row needs a name of its own: it decides the part of the split and carries the decision back. File "
        "readers offer a number for each line where the file has no key.",
        right="ingest:\n  loans: {use: tables.csv, with: {path: loans.csv}, key: loan_id}",
    ),
    Code(
        "D080",
        "a feature of training is missing",
        "A model asks for every feature that it learned from. Give rows with the same columns, or fit it again.",
    ),
    Code(
        "D081",
        "a feature held numbers in training and holds text now",
        "The column has another type than at training, and its values are no numbers. Declare its type at ingest.",
    ),
    Code(
        "D082",
        "a feature holds lists",
        "A feature is one number or one text in each row. Build columns from the list in a feature step.",
    ),
    Code(
        "D083",
        "a column does not suit what is asked of it",
        "A step of `prepare` that takes numbers was given categories, or a group is missing in some lines.",
    ),
    Code(
        "D084",
        "an amount lies below where an exponential law begins",
        "An exponential law has no amount below its start, which is 0 unless `start` says otherwise, and some above. "
        "Returns and corrections are no purchases: leave them out, or say where the law begins.",
        right="models: {law: {use: learn.exponential, with: {start: 20, at_least: [100, 600]}}}",
    ),
    Code(
        "D090",
        "windows of time have no time to go by",
        "A window ends at the moment of a row and holds lines by theirs: the rows need an `as_of` and the table a "
        "`time`, both dates, or dates and times.",
        right="ingest:\n  cards: {use: tables.parquet, with: {path: cards.parquet}, key: id, time: paid_at}",
    ),
    Code(
        "D091",
        "a measure does not suit its column",
        "Sums, means, least and most values are of numbers and flags. Of any column `distinct` counts the different "
        "values, and `count` counts lines.",
    ),
    Code(
        "D092",
        "whose windows a row asks for is not known",
        "Lines are found by the entity they belong to: a key of the rows, or a column of the row's own line, of the "
        "same type as in the table that is measured.",
    ),
    Code(
        "D093",
        "a whole number is too large to be measured exactly",
        "Sums, means, least and most values over windows are floats, which hold every whole number up to "
        "9,007,199,254,740,992 (2 to the power of 53). Beyond it those are refused that would be rounded. Up to there "
        "all sums are exact but for one rounding at the very end.",
    ),
    Code(
        "D101",
        "a file is not there",
        "Names of files are relative to the folder of the recipe that names them. The message says which folder is "
        "missing, or which file in it has the nearest name. Data that a recipe expects in the data folder is found "
        "with --data or SARTOR_DATA.",
    ),
    Code(
        "D102",
        "a folder, or something else than a file, is named",
        "A reader takes files. To read all files of a folder, name them with a glob.",
        wrong="with: {path: sales}",
        right="with: {path: sales/*.csv}",
    ),
    Code(
        "D103",
        "no file matches",
        "The glob finds nothing: a star stands for any part of a name within one folder, two stars for any folders.",
        right='with: {path: "sales/**/*.csv.gz"}',
    ),
    Code(
        "D104",
        "a file cannot be opened",
        "The file is there, and the system does not let you read it. Its own reason is in the message.",
    ),
    Code(
        "D105",
        "a file is empty",
        "There is nothing in the file but blanks. Look at what wrote it: an export may have been broken off.",
    ),
    Code(
        "D108",
        "a column has no name",
        "Every column needs a name. Where the header has none, such as for the labels of rows that pandas writes, "
        "give all names in the recipe.",
        right="with: {path: loans.csv, header: true, names: [loan, amount, term]}",
    ),
    Code(
        "D110",
        "names of columns differ only by capital letters",
        "Databases take `Age` and `age` for one column, so that nobody could say which is meant. Rename one in the "
        "source, or give all names in the recipe.",
    ),
    Code(
        "D111",
        "lines have another number of fields than the header",
        "Mostly a field holds the delimiter and does not stand in quotes, a line was broken in two, or the delimiter "
        "is another one. The message names the first lines. Empty fields at the end of a line are no harm.",
    ),
    Code(
        "D112",
        "a quote does not close",
        "A field that begins with a quote ends with one; quotes inside it are written twice. Where quotes are plain "
        "signs in the file, such as for inches, say so.",
        right="with: {path: nails.csv, quote: ''}",
    ),
    Code(
        "D113",
        "a text file holds NUL bytes",
        "Text has none: the file is in UTF-16 without a byte order mark, which `encoding` can say, or it is no text, "
        "or a copy of it was broken.",
    ),
    Code(
        "D114",
        "bytes are not of the encoding",
        "Without a word a file must be UTF-8, or begin with a byte order mark. The message names the first line that "
        "is neither, and what the byte would be in other encodings: take the one that reads well.",
        right="with: {path: kunden.csv, encoding: cp1252}",
    ),
    Code(
        "D115",
        "a file ends in the middle, or is damaged",
        "Packed files and Parquet files tell where they end, and packed ones carry a checksum. This one does not fit: "
        "a download or a copy was broken off, or bytes have changed. Get it again.",
    ),
    Code(
        "D116",
        "files of one table do not have the same columns",
        "All files that a glob finds are one table, so that they must have the same columns, of the same types; their "
        "order may differ. Read the others as a table of their own.",
    ),
    Code(
        "D117",
        "values are not of the type that is given",
        "The recipe says the type of the column, and these values cannot be read so. The message names the first "
        "lines, with digits as 9 and letters as x. Repair them, or list the texts that stand for a missing value.",
        right='with: {path: loans.csv, types: {term: integer}, missing: ["", "-", "unknown"]}',
    ),
    Code(
        "D118",
        "a file is of another format",
        "Its first bytes say what it is, whatever it is called. Use the reader for that format, or unpack it.",
    ),
    Code(
        "D119",
        "a reader's settings name columns that do not fit the file",
        "`types` may name columns of the file only, `names` must name all of them, and `row_number` needs a name that "
        "is still free.",
    ),
    Code(
        "D120",
        "a line is not a JSON object",
        "JSON lines hold one object a line, `{...}`, each key once. Objects spread over lines, and lists, are another "
        "format: `jq -c .` and `jq -c '.[]'` turn them into lines.",
    ),
    Code(
        "D121",
        "a line has a key that is no column",
        "The columns of JSON lines are the keys of the first line and those that `types` names, so that they are "
        "known before the rows are read. Say the type of the others, and they become columns.",
        right="with: {path: events.jsonl, types: {coupon: text}}",
    ),
    Code(
        "D122",
        "a file cannot be read",
        "The table engine gives up on the file, and no cause that we know fits. What it says is in the message.",
    ),
    Code(
        "D130",
        "values of different kinds stand in one column",
        "A table that a component returned has a column of, say, numbers and texts, which no engine can hold. The "
        "component must make them one kind.",
    ),
)
