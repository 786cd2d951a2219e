"""D: events from which nothing can be recommended, and rules that cannot be kept."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "D300",
        "a table of events has no line",
        "Recommendation learns from what users did, and nothing is left of the table: it is empty, or its contract set "
        "every line aside. The run says which rule set how many lines aside.",
    ),
    Code(
        "D301",
        "the time of events is no moment",
        "The column that the table names as its time holds texts or numbers. Say at ingest how it is written; a number "
        "of seconds is first made a moment where the table comes from.",
        right="ingest:\n  lines: {use: tables.csv, with: {path: lines.csv}, time: at,\n"
        "          contract: {columns: {at: {type: datetime, format: '%d.%m.%Y %H:%M'}}}}",
    ),
    Code(
        "D302",
        "quantity, price or stock holds no numbers",
        "The column is to be added up or held against a limit, and was read as text. Declare it at ingest; what then "
        "does not read as a number is reported there with its line.",
        right="contract: {columns: {price: {type: number, decimal: ','}}}",
    ),
    Code(
        "D303",
        "rows of a recommendation need moments",
        "Each row asks what a user will want in the window behind a moment: the table must name its time, and the "
        "split must go by time. Where lines have no time, a column can tell which of them teach and which judge.",
        right="task: {use: ecommerce.recommendation, with: {targets: new, horizon: 30 days}}\n"
        "split: {time: 2024-06-01, every: 30 days, origins: 1}",
    ),
    Code(
        "D304",
        "no window to learn from, or none to judge by",
        "Windows behind the cut judge, windows as long before it teach, and a window before which nothing had happened "
        "teaches nothing. The message names the first or the last line of the table.",
    ),
    Code(
        "D305",
        "a recommender without anybody's past",
        "Recommenders learn from what each user did before the row's moment, which the feature recommend.history "
        "builds from the table of the events.",
        right="features: {history: {use: recommend.history, from: lines}}",
    ),
    Code(
        "D306",
        "nothing was bought",
        "None of the events is a purchase. Where the table says what each event is, name those that are purchases; "
        "without a role 'event' every line is one.",
        right="task: {use: ecommerce.recommendation, with: {bought: [order, subscription]}}",
    ),
    Code(
        "D307",
        "EASE cannot be solved",
        "The table of items by items is not positive definite in single precision: weights of events are huge, or l2 "
        "is tiny. A larger l2 mends it.",
        right="models: {ease: {use: recommend.ease, with: {l2: 250}}}",
    ),
    Code(
        "D308",
        "a catalogue or a table of customers says two things of one key",
        "Rules of a shop look up each item and each customer in a table, and several lines of it have the same key. "
        "Where the table has a time, the latest line before the decision holds; else it must have one line of each.",
        right="ingest: {items: {use: tables.csv, with: {path: items.csv}, key: item, roles: {item: item}}}",
    ),
    Code(
        "D309",
        "which event of a user is the last cannot be told",
        "`leave_last` names the column by which the events of each user follow one another, and it holds texts: as a "
        "text 10 stands before 9. Declare at ingest what it is, a number or a moment.",
        right="ingest: {lines: {contract: {columns: {position: {type: integer}}}}}\n"
        "task: {use: ecommerce.recommendation, with: {leave_last: position}}",
    ),
)
