"""P: a privacy rule stopped the run."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "P000",
        "a privacy rule stopped the run",
        "Nothing was written. The message says which rule and which column.",
    ),
    Code(
        "P001",
        "the table may not be used for this",
        "A table that says at ingest which purposes it was collected for is read by no recipe for another one. State "
        "the purpose of the recipe, if it is one of them; otherwise the table cannot be used.",
        wrong="privacy: {purpose: marketing}\ningest: {a: {use: tables.csv, purposes: [care]}}",
        right="privacy: {purpose: care}\ningest: {a: {use: tables.csv, purposes: [care]}}",
    ),
    Code(
        "P002",
        "a treatment of a column that is in no table",
        "It would protect nobody: the name is misspelt, or the column has another name in this table, if only by its "
        "capital letters. Nothing was read into the store.",
        right="privacy: {columns: {national_id: drop}}",
    ),
    Code(
        "P003",
        "the key of pseudonyms is missing, or is another one",
        "Pseudonyms and shifts of dates follow from a secret key: without it nothing may enter, and another key gives "
        "other pseudonyms, which join with nothing that there is. The recipe names the environment variable, never the "
        "key; `key_check`, which a run notes in its log, holds the recipe to one key, and a run that is asked or "
        "repeated is held to its own.",
        right="privacy: {key: secret:PSEUDONYM_KEY, columns: {person: pseudonymise}}",
    ),
    Code(
        "P004",
        "nothing says who agreed",
        "Consent is asked for and a table does not hold the column that tells it, so that no line of it may enter. "
        "Say by which column persons are told apart, and its lines go by what their person said in the other tables; "
        "or exempt it, if its lines are about no person.",
        right="privacy: {consent: {column: agreed, value: 'yes', person: customer, exempt: [shops]}}",
    ),
    Code(
        "P005",
        "a treatment that cannot be done on the column",
        "Dates are shifted by person, so the same table says whose they are; bands and widths are of numbers, periods "
        "of dates. The message says what the column is; give it a type in the contract if it is read as text.",
        right="privacy: {columns: {seen: {shift_dates: {by: person}}, age: {generalise: {width: 5}}}}",
    ),
    Code(
        "P006",
        "persons who were not asked",
        "A table names the persons of another one, where consent is asked, and is not asked itself: whoever refused "
        "there would enter here. Say by which column, or role, persons are told apart, and their lines stay out of "
        "both; or exempt the table, if the column means something else in it.",
        wrong="privacy: {consent: {column: agreed, value: 'yes', tables: [customers]}}",
        right="privacy: {consent: {column: agreed, value: 'yes', tables: [customers], person: customer}}",
    ),
    Code(
        "P007",
        "features stand for a forbidden attribute",
        "The attribute reaches no step, and features tell it all the same: of two persons who differ in it, they "
        "say which is which more often than `at_most` allows, and by more than chance explains. It is learned and "
        "asked on training rows only, in turn. Drop the features that are named, make them coarser, or accept one with "
        "the reason, which is recorded; `together` accepts what only all of them tell.",
        wrong="privacy: {forbid: {sex: {accept: [height]}}}",
        right="privacy: {forbid: {sex: {at_most: 0.8, accept: {height: the seat is built for it}}}}",
    ),
    Code(
        "P008",
        "lines of unknown age",
        "Lines may be kept for so long, and nothing tells how old those of the table are: it has no time, or one that "
        "is not read as dates. Say at ingest which column holds it.",
        wrong="privacy: {retention: {lines: {visits: 3 years}}}\ningest: {visits: {use: tables.csv}}",
        right="privacy: {retention: {lines: {visits: 3 years}}}\ningest: {visits: {use: tables.csv, time: seen}}",
    ),
    Code(
        "P009",
        "a table that would give persons away",
        "It leaves only where every combination of its quasi-identifiers is that of k lines at least and holds l "
        "different values of what is sensitive. The message tells the smallest classes by their sizes. Make a column "
        "coarser, or leave one out.",
        right="privacy: {release: {decision: {quasi_identifiers: [age, zip], k: 5, sensitive: illness, l: 2}}}",
    ),
    Code(
        "P010",
        "noise that cannot be made",
        "Counts and means are released with noise from OpenDP, which is not installed; without it they would say what "
        "single persons are, so nothing is released.",
        right="pip install 'sartor[dp]'",
    ),
    Code(
        "P011",
        "something is left of an erased person",
        "After an erasure everything is searched once more, and something was found: a file that sartor did not write, "
        "or cannot read. The message names it.",
    ),
    Code(
        "U130",
        "whose key it is is left open",
        "A person is found by a key of one column. Name the table whose key it is, or the column that holds it.",
        wrong="sartor privacy erase --key P003",
        right="sartor privacy erase --key P003 --table people",
    ),
    Code(
        "U131",
        "no run has read such a table",
        "Tables are called as recipes call them under `ingest`.",
        wrong="sartor privacy erase --key P003 --table poeple",
        right="sartor privacy erase --key P003 --table people",
    ),
)
