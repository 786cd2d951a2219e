"""D: the data of a credit task, a scorecard or a credit decision cannot be used as it is."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "D060",
        "a table has several lines for a row",
        "The feature takes one line of the table for each row and calculates within it. The table named has another "
        "key than the rows: name the table of the applications, or first bring the other one down to a line each.",
        right="features: {affordability: {use: finance.affordability, from: applications}}",
    ),
    Code(
        "D061",
        "nothing can be built from the columns",
        "Ratios need columns that belong together: amount and duration, amount and income, limit and bills, payments, "
        "delays. Name them under `with`; without names they are looked for by role and by the names they usually have.",
        right="with: {amount: credit_amount, duration: duration_in_month}",
    ),
    Code(
        "D062",
        "a column to calculate with holds no numbers",
        "The step divides and adds up the column, and it was read as text, dates or flags. Say at ingest that it holds "
        "numbers; what then does not read as one is reported there.",
        right="ingest:\n  loans: {use: tables.csv, with: {path: loans.csv, types: {amount: number}}}",
    ),
    Code(
        "D063",
        "numbers in training, text in scoring",
        "A scorecard cut the column into intervals of numbers, and the rows to be scored hold text there. Read the "
        "column alike both times: declare its type at ingest.",
    ),
    Code(
        "D064",
        "more than two outcomes where two are due",
        "Scorecards and credit decisions tell good from bad. Set labels aside that are neither, or use models of "
        "learn, which answer any number of classes.",
    ),
    Code(
        "D065",
        "only one outcome to learn from",
        "All training rows turned out alike, so there is nothing to tell apart. A split by time may leave no bad loan "
        "to learn from: move its date, or see which labels the task takes as good and bad.",
    ),
    Code(
        "D066",
        "a column of the scorecard is missing",
        "The rows to be scored lack a characteristic that the card adds points for. It is not guessed: bring the "
        "column, or learn a card without it.",
    ),
    Code(
        "D067",
        "no loan has an amount",
        "Decisions are valued by the amount at stake, and the column holds none above 0 in any row. Single "
        "applications without an amount are referred to a person; when all lack it, the wrong column is named.",
        right="with: {amount: credit_amount}",
    ),
    Code(
        "D068",
        "nobody says how many bad loans the model learned from",
        "`bad_rate_of_population` brings chances from the data's share of bad loans to the population's. A run records "
        "the share that its models learned from; this run was recorded before that. Run the recipe again.",
    ),
    Code(
        "D069",
        "bad loans, or good ones, are missing among the rows that judge",
        "With `bad_rate_of_population` each loan stands for many of the population, good ones and bad ones in the "
        "shares they have there. Of rows of one kind nothing can be said for the other. Judge on more rows.",
    ),
    Code(
        "D085",
        "the present policy is a feature of the models",
        "What was decided until now is no fact about the applicant: a model that learns from it learns the policy that "
        "it is to replace, and where it has replaced it nobody has the column any more. Say it of the task, "
        "`never: [COLUMN]`.",
        right="task: {use: finance.default_risk, with: {outcome: status, bad: bad, never: [approved]}}",
    ),
    Code(
        "D086",
        "a decision of the present policy that nobody explains",
        "`present_policy` says which values of its column mean that an application was accepted, declined or looked at "
        "by a person, and the column holds others. Name them too; a missing value counts as looked at by a person.",
        right="actions: {decision: {use: finance.credit_decision, with: {present_policy: {column: approved, "
        "accept: [1], decline: [0]}}}}",
    ),
    Code(
        "D087",
        "no loan is old enough to be judged",
        "`matures_after` asks that loans have been seen for so many months before their outcome counts, and none has. "
        "Wait, or ask for fewer months; what has been seen for less tells of early defaults only.",
        right="task: {use: finance.default_risk, with: {outcome: status, bad: bad, months_on_book: mob, "
        "matures_after: 12}}",
    ),
    Code(
        "D088",
        "a setting of a scorecard names what is not there",
        "`special_codes` and `pairs` name features that the scorecard sees, own columns or built ones; the code of a "
        "column of numbers is a number. What privacy keeps from models cannot be named.",
        right="models:\n  card: {use: finance.scorecard, with: {special_codes: {pdays: [999]}}}",
    ),
    Code(
        "D089",
        "a name or level cannot be written in SQL",
        "SQL has no text with a NUL character or half a character in it, so no database can hold such a value either. "
        "Repair the value where it is read, or export the card as JSON.",
    ),
)
"""What each error code means, one module a group; `sartor.codes` puts them together."""
