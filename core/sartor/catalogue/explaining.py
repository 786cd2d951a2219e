"""U140 to U142, P042, P045: explanations of recorded runs."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "U140",
        "the run has no such metric",
        "What answers lean on is told in a metric that the run has measured the model by. The message names them.",
        wrong="sartor explain @last --metric accuracy",
        right="sartor explain @last --metric auc",
    ),
    Code(
        "U141",
        "the run has no such row",
        "A row is named by its key as `predictions.parquet` and `decisions.parquet` of the run have it: a pseudonym "
        "where privacy makes one of it, and several columns of a key with commas between them.",
        right="sartor explain @last --row 17",
    ),
    Code(
        "U142",
        "this cannot be explained so",
        "`--model`, `--metric`, `--row`, `--rows` and `--json` belong to a recorded run: `sartor explain @last`. And a "
        "model whose rows hold lists, as a past does, must itself say why it answers one row as it does; what its "
        "answers lean on in all can be told of every model.",
        wrong="sartor explain learn.forest --row 17",
        right="sartor explain @last --row 17",
    ),
    Code(
        "P042",
        "too few rows to tell what a model leans on",
        "Nothing is told of fewer rows than `privacy: {smallest_group: N}` says, 10 unless it says otherwise. Hold out "
        "more rows.",
    ),
    Code(
        "P045",
        "the run does not tell of this row any more",
        "Somebody was erased from the run, and the source that it read may still have them. Only rows that are still "
        "in `predictions.parquet` of the run are explained; one that only taught is refused as well, as nobody writes "
        "down who was erased.",
    ),
)
