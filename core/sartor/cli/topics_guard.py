"""``contract`` and ``privacy``, each as a JSON Schema with a sentence for every key."""

from __future__ import annotations

from sartor.cli.schema_parts import Schema, columns, keys, names, text, whole, word
from sartor.sections import SMALLEST_GROUP

_VALUE: Schema = {"type": ["string", "number", "boolean"]}
_BOUND: Schema = {"type": ["number", "string"]}
OUTCOMES = ("missing", "set_aside", "stop")
_OUTCOME = word("missing, set_aside or stop.", *OUTCOMES)
_OTHERWISE = "What becomes of values that break a rule: missing, set_aside or stop, where nothing is said."


def _list(about: str, item: Schema, **more: int) -> Schema:
    return {"type": "array", "items": item, "description": about, **more}


COLUMN = keys(
    "What must hold of a column.",
    {
        "type": word("What its values are read as.", "text", "integer", "number", "boolean", "date", "datetime"),
        "format": names("How dates are written, `%d.%m.%Y`, or several forms; ISO 8601 where nothing is said."),
        "decimal": word("Sign before the decimals.", ".", ","),
        "thousands": word("Sign between thousands.", ".", ",", " ", "'", "_"),
        "zone": text("Time zone of moments written without one: `Europe/Berlin`."),
        "twice": word("Which moment an hour that occurs twice means, when clocks are set back.", "earlier", "later"),
        "tidy": names("What is done to texts first: strip, collapse, upper, lower."),
        "missing_codes": _list("Values that mean that there is none: `[-2, 999, '?']`.", _VALUE),
        "between": _list("Least and greatest value: `[0, 100]`.", _BOUND, minItems=2, maxItems=2),
        "at_least": {**_BOUND, "description": "Least value."},
        "at_most": {**_BOUND, "description": "Greatest value."},
        "allowed": _list("The only values that may occur.", _VALUE),
        "pattern": text("Regular expression for the whole text."),
        "length": {
            "anyOf": [{"type": "integer"}, _list("", {"type": "integer"}, minItems=2, maxItems=2)],
            "description": "Characters of a text: `5`, or `[1, 40]`.",
        },
        "unit": text("What it is measured in."),
        "otherwise": {
            "anyOf": [_OUTCOME, {"type": "object", "additionalProperties": _OUTCOME}],
            "description": f"{_OTHERWISE} Or a mapping from rule to that.",
        },
    },
)
_UNIQUE: Schema = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}},
        keys("", {"columns": names("The columns."), "otherwise": word("", "set_aside", "stop")}),
    ]
}
CONTRACT = keys(
    "What must hold of the table's lines; what breaks a rule is repaired, set aside or stops the run.",
    {
        "columns": {"type": "object", "additionalProperties": COLUMN, "description": "Rules by column."},
        "required": names("Columns that have a value in every line."),
        "unique": _list("Sets of columns of which no two lines have the same values.", _UNIQUE),
        "fresh": keys(
            "How old the newest line may be, seen from --as-of or from now.",
            {"column": text("A column of dates."), "within": text("A length of time: `7 days`.")},
        ),
        "otherwise": word("For all columns that do not say it themselves.", *OUTCOMES),
    },
)

_TREATMENT: Schema = {
    "anyOf": [
        {"enum": ["drop", "audit_only", "pseudonymise"]},
        keys(
            "",
            {
                "audit_only": keys(
                    "Kept from every step, and compared by bands of numbers or by named groups of values.",
                    {
                        "bands": _list("Rising edges of bands: `[25, 35, 50]`.", {"type": "number"}, minItems=1),
                        "names": {
                            "type": "object",
                            "additionalProperties": {"type": "string"},
                            "description": "Groups by value: `{'1': men, '2': women}`; one name makes one group.",
                        },
                    },
                ),
                "generalise": keys(
                    "Coarser values, in one of four ways.",
                    {
                        "bands": _list("Rising edges of bands: `[18, 30, 65]`.", {"type": "number"}, minItems=1),
                        "width": {"type": "number", "exclusiveMinimum": 0, "description": "Width of equal bands."},
                        "prefix": whole("First characters that are kept.", 1, 1_000),
                        "to": word("Period that dates are cut to.", "day", "week", "month", "quarter", "year"),
                    },
                ),
                "shift_dates": keys(
                    "Dates of a person moved by one number of days.",
                    {"by": text("Column of the person."), "within_days": whole("The most they move.", 1, 36_500)},
                ),
                "mask": keys(
                    "All but the ends hidden.",
                    {
                        "keep_first": whole("Characters at the beginning that stay.", 0, 1_000),
                        "keep_last": whole("Characters at the end that stay.", 0, 1_000),
                    },
                ),
            },
        ),
    ]
}
_EPSILON: Schema = {"type": "number", "exclusiveMinimum": 0, "maximum": 100}


def _by_name(about: str, item: Schema) -> Schema:
    return {"type": "object", "additionalProperties": item, "description": about}


LIMITS: dict[str, Schema] = {
    "forbid": {
        "anyOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}},
            _by_name(
                "",
                keys(
                    "",
                    {
                        "at_most": {
                            "type": "number",
                            "exclusiveMinimum": 0.5,
                            "maximum": 1,
                            "description": "How often features may tell two persons apart by it; 0.5 is chance.",
                        },
                        "accept": _by_name("Features that may stand for it, with the reason.", {"type": "string"}),
                    },
                ),
            ),
        ],
        "description": "Attributes that no step may see, and no feature may stand for; kept for audit only.",
    },
    "retention": {
        "anyOf": [
            {"type": "string"},
            keys(
                "",
                {
                    "lines": {
                        "anyOf": [{"type": "string"}, _by_name("", {"type": "string"})],
                        "description": "How old lines may be that enter: one length of time, or one a table.",
                    },
                    "runs": text("How long runs and caches are kept; `sartor runs gc` removes older ones."),
                },
            ),
        ],
        "description": "How long data may be kept: `3 years`.",
    },
    "release": _by_name(
        "What must hold of the table of an action before it may leave.",
        keys(
            "",
            {
                "quasi_identifiers": names("Columns by which a person may be known from elsewhere."),
                "k": whole("Lines of each combination of them at least; 5 where nothing is said.", 1, 1_000_000),
                "sensitive": names("Columns that nobody shall find out of a person."),
                "l": whole("Different values of them in each combination at least.", 1, 1_000_000),
            },
        ),
    ),
    "budget": {**_EPSILON, "description": "The most that all statistics of a run may spend: epsilon."},
    "statistics": _by_name(
        "Counts and means that are released with noise, so that they tell of no single person.",
        keys(
            "",
            {
                "from": text("The table."),
                "epsilon": {**_EPSILON, "description": "What it spends of the budget."},
                "mean": text("Column whose mean it is; a count of lines where nothing is said."),
                "between": _list("Bounds of its values: `[0, 100000]`.", {"type": "number"}, minItems=2, maxItems=2),
                "by": text("Column of groups."),
                "groups": _list("Its values, known beforehand.", _VALUE, minItems=1),
                "person": text("Column of the person; each line is a person's own where nothing is said."),
                "lines": whole("Lines of one person that count at most; 1 where nothing is said.", 1, 1_000_000),
            },
        ),
    ),
}
PRIVACY = keys(
    "What the data may be used for, and in which form it enters. What a guard takes away is never stored, kept, "
    "logged or shown; what is for audit only reaches no feature and no model.",
    {
        "purpose": text("What the data is used for; tables that name purposes must name it."),
        "key": text("A secret, `secret:NAME`, from which pseudonyms and shifts of dates follow."),
        "key_check": text("Tells whether it is the right key; a run says it."),
        "consent": keys(
            "Only lines whose person agreed enter.",
            {
                "column": text("Column that says it."),
                "value": {
                    "anyOf": [_VALUE, {"type": "array", "items": _VALUE}],
                    "description": "What it holds where somebody agreed.",
                },
                "tables": columns("Tables that it is asked in; all of them where nothing is said."),
                "person": text("Column, or role, of the person: tables without the column go by what it says there."),
                "exempt": columns("Tables that are about no person, whatever their columns are called."),
            },
        ),
        "columns": {
            "type": "object",
            "additionalProperties": _TREATMENT,
            "description": "Treatment of columns: drop, audit_only, pseudonymise, generalise, shift_dates or mask.",
        },
        "smallest_group": whole(
            f"Fewer rows than this are told of in no report; {SMALLEST_GROUP} where nothing is said.", 1, 100_000
        ),
        **LIMITS,
    },
    examples=[
        "privacy:\n  purpose: credit-decision\n  columns: {sex: audit_only, nationality: drop}",
        "privacy:\n  key: secret:PSEUDONYM_KEY\n  columns: {person: pseudonymise, seen: {shift_dates: {by: person}}}",
        "privacy:\n  consent: {column: agreed, value: 'yes'}\n  columns: {age: {generalise: {width: 5}}}",
        "privacy:\n  consent: {column: agreed, value: 'yes', tables: [customers], person: customer}",
    ],
)
