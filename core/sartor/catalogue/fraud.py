"""D: payments cannot be turned into alerts as they are."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "D272",
        "outcomes are asked for, and nobody says when they are known",
        "A feature may see past truths, each from the moment on at which it was known. The task says when that is; "
        "without it nothing can be said of a truth that is not of the future. Give the rows' own table, and a task "
        "that says how long it takes, such as `label_delay` of finance.card_fraud or `known_at`.",
        right="task: {use: finance.card_fraud, with: {label_delay: 7 days, ...}}",
    ),
    Code(
        "D270",
        "alerts by day need a moment",
        "A queue holds the alerts of a day, and the rows of this task have no moment. Use a task whose rows have one.",
        right="task: {use: finance.card_fraud, with: {...}}",
    ),
    Code(
        "D271",
        "the model's chances of fraud are not right",
        "The queue weighs chances against money, and these add up to several times as much fraud as the model learned "
        "from, or as little. Mostly classes were resampled or weighed so that the model sees more fraud. Do not "
        "resample: the models of learn find rare events as they are. Or put the chances right afterwards, with "
        "learn.calibrated around the model.",
        right="models: {forest: {use: learn.calibrated, with: {model: {use: OTHER.model}}}}",
    ),
)
