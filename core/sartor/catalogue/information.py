"""What is wrong with sources, and with what they are worth."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "R091",
        "every source is public",
        "What anyone could know gives no advantage: `information` weighs what is ours. Name private sources; whatever "
        "is not named is public by itself.",
        wrong="information: {public: [purpose]}",
        right="information: {private: {account: [balance]}}",
    ),
    Code(
        "R092",
        "two sources hold the same",
        "A column, a line or a table that lies in two sources would be withheld with either of them, and be counted "
        "twice. Keep it in one; columns that several tables have can be told apart with `of`.",
        wrong="information: {private: {bank: [balance, limit], account: [balance]}}",
        right="information: {private: {bank: [limit], account: [balance]}}",
    ),
    Code(
        "R093",
        "a price in another currency",
        "A price is held against what decisions are worth, which is in the recipe's currency. Nothing here knows rates "
        "of exchange: convert the price.",
        wrong="currency: EUR\ninformation: {private: {bureau: {table: bureau, price: {per_call: 2, currency: USD}}}}",
        right="currency: EUR\ninformation: {private: {bureau: {table: bureau, price: {per_call: 1.85}}}}",
    ),
    Code(
        "R094",
        "a source without which there are no rows",
        "A recipe is run again without each source, on the same rows. What rows are told apart by, what they are split "
        "by, when they are asked and what is to be predicted is there in any case; so is the table whose lines the "
        "rows are. Name columns that tell something of the rows.",
        wrong="information: {private: {ours: {table: applications}}}",
        right="information: {private: {ours: [balance, history]}}",
    ),
    Code(
        "R095",
        "a source that cannot be known later",
        "`delay` makes the lines of a source known later than they were. That takes a time for each line: a table, or "
        "lines of a table, whose `time` is said at ingest.",
        wrong="information: {private: {account: {columns: [balance], delay: [0 days, 7 days]}}}",
        right="information: {private: {payments: {table: payments, delay: [0 days, 7 days]}}}",
    ),
    Code(
        "P030",
        "a source that is persons",
        "A source is something that is bought, collected or kept: a table, columns, lines that come from one place. "
        "Lines picked by a column that tells persons apart, or that privacy treats, would say what single people are "
        "worth. Pick lines by where they come from.",
        wrong="information: {private: {vips: {lines: {table: orders, where: {customer: 17}}}}}",
        right="information: {private: {web: {lines: {table: orders, where: {channel: web}}}}}",
    ),
    Code(
        "D320",
        "rows are not the same without a source",
        "What a source is worth is learned on the same rows with it and without it. Here rows or their part of the "
        "split depend on the source: what the rows are made of is no source. Name columns that tell "
        "something of the rows, or another table.",
    ),
    Code(
        "D321",
        "a run does not come out any more",
        "What sources are worth is learned by running the recipe again without them, and what answers lean on by "
        "taking the run up again. The data, the code or the libraries have changed since the run, so that its own "
        "answer does not come out any more. Run the recipe again.",
    ),
    Code(
        "U110",
        "the recipe says nothing of sources",
        "What data is worth can only be told of sources: say under `information` what is yours, and run the recipe.",
        right="information: {private: {account: [balance]}}",
    ),
)
