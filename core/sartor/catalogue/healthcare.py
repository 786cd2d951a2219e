"""D: the data of a task about patients cannot be used as it is."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "D190",
        "nobody is eligible",
        "Under `eligible` a recipe says which lines count, and no line meets all of it. Values compare as text: `1` is "
        "the 1 of a column of numbers. See what the column holds with `sartor data profile`.",
        right="task: {use: healthcare.disease_risk, with: {outcome: chd, eligible: {visit: 1}}}",
    ),
    Code(
        "D191",
        "a person has several lines",
        "With `person` each person counts once. Where the table has a line for each visit, the outcome usually repeats "
        "on all of them: learned from one line and judged on another it would look known. Say which line counts.",
        right="with: {person: patient_id, eligible: {visit: 1}}",
    ),
    Code(
        "D192",
        "a time until the event is missing or negative",
        "Without it nobody can say whether the event came in time. 0 is a time. Repair it at the source, or set such "
        "lines aside in the contract of the table.",
        right="contract: {columns: {days: {type: number, at_least: 0, otherwise: set_aside}}}",
    ),
    Code(
        "D193",
        "a column is filled only where the event happened",
        "A cause of death, a date of relapse, the finding of an operation: such a column can only be known after the "
        "outcome, and a model that has it knows the outcome. Name it under `known_after`; no step sees it then. A "
        "column that is honestly so is declared `expected_strong` at ingest.",
        right="with: {known_after: [cause_of_death]}",
    ),
    Code(
        "D194",
        "the target site is not there, or has no predictor",
        "`target_site` names the site where answers will be used; predictors that it does not have are left out. Name "
        "it as the column holds it, and see how many of its values are missing: `absent_from` says from which share on "
        "a column counts as absent.",
        right="with: {site: hospital, target_site: va}",
    ),
    Code(
        "D195",
        "a time until an event is no time",
        "It must be a number, from the beginning of watching until the event or until the end of watching; 0 is "
        "allowed, and less is not. Dates are no such number: count the days between them first.",
        right="task: {use: survival.time_to_event, with: {time: days, event: died}}",
    ),
    Code(
        "D196",
        "it is not said which values of the event mean what",
        "A time to an event ends with it, or without it. `happened` names the values that mean that it did, and "
        "`censored` those that mean that it did not; where there are more than two values both are needed. An event of "
        "another kind that ends the watching is no censoring: counted as such it makes risks too high.",
        right="with: {time: days, event: status, happened: dead, censored: [alive, lost]}",
    ),
    Code(
        "D197",
        "too few events to learn from",
        "Among the rows that teach the event happened to nobody, or nearly so.",
    ),
    Code(
        "D198",
        "a horizon lies beyond all follow-up",
        "What happens after the longest time anybody was watched is not known, and no model is asked for it. Horizons "
        "are in the unit of the time: days, if the time is in days.",
        right="with: {time: days, event: died, horizons: [365, 1095]}",
    ),
    Code(
        "D199",
        "nothing to learn elsewhere",
        "`healthcare.recalibrated` learns at other sites, and puts the risks right at those under `at`. Where all "
        "training rows are of new sites there is nothing to begin with: name only the new ones, and see that the split "
        "leaves the others to learn from.",
        right="models: {risk: {use: healthcare.recalibrated, with: {model: {use: learn.logistic}, site: hospital, "
        "at: [south]}}}",
    ),
)
