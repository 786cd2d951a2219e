"""``information`` as a JSON Schema with a sentence for every key."""

from __future__ import annotations

from sartor.cli.schema_parts import Schema, keys, names, text, whole
from sartor.recipe.sources import HALVES, REFITS

_VALUE: Schema = {"type": ["string", "number", "boolean"]}
_VALUES: Schema = {"anyOf": [_VALUE, {"type": "array", "items": _VALUE}]}


def _amount(about: str) -> Schema:
    return {"type": "number", "minimum": 0, "description": about}


def _above_zero(about: str) -> Schema:
    return {"type": "number", "exclusiveMinimum": 0, "description": about}


_WHAT: dict[str, Schema] = {
    "table": text("A whole table: without it none of its lines enters."),
    "columns": names("Columns: without them they are there and hold nothing."),
    "of": text("The table that columns are of, where several have them."),
    "lines": keys(
        "Some lines of a table, by a value that they hold.",
        {
            "table": text("The table."),
            "where": {
                "type": "object",
                "additionalProperties": _VALUES,
                "minProperties": 1,
                "maxProperties": 1,
                "description": "A column, and the value or values that the lines hold: `{channel: [web, app]}`.",
            },
        },
    ),
}
_PRICE = keys(
    "What it costs, in the recipe's currency.",
    {
        "per_row": _amount("Each line of the source."),
        "per_call": _amount("Each decision: the source is asked once."),
        "per_month": _amount("Each month, however often it is asked."),
        "currency": text("The recipe's own; another one is refused."),
    },
)
_DELAY: Schema = {
    "type": "array",
    "items": {"type": "string"},
    "minItems": 2,
    "description": "How much later its lines would be known: `[0 days, 1 day, 7 days, 30 days]`.",
}
_LIST: Schema = {"type": "array", "items": {"type": "string"}}
_SOURCE: Schema = {"anyOf": [{"type": "string"}, _LIST, keys("A source.", {**_WHAT, "price": _PRICE, "delay": _DELAY})]}
_PUBLIC: Schema = {"anyOf": [{"type": "string"}, _LIST, keys("A source.", _WHAT)]}

INFORMATION = keys(
    "What anyone could know and what is ours: the run says what each private source is worth, in bits and in money. "
    "The champion is fitted again without it, on the same rows.",
    {
        "public": {
            "anyOf": [
                {"type": "string"},
                _LIST,
                {"type": "object", "additionalProperties": _PUBLIC},
            ],
            "description": "What anyone could know: columns, or sources by name. What is not named is public too.",
        },
        "private": {
            "type": "object",
            "additionalProperties": _SOURCE,
            "description": "What is ours: columns, tables or lines of a table, by the name of the source.",
        },
        "decisions_per_month": _above_zero("How often it is decided; else by the times of the rows that judge."),
        "halves": whole(
            f"How often the champion is fitted on a random half of its rows, to learn how far a fit goes by chance; "
            f"{HALVES} where nothing is said.",
            0,
            100,
        ),
        "budget": keys(
            "How much is refitted at most; what is left out is said.",
            {
                "refits": whole(f"Refits; {REFITS} where nothing is said.", 1, 100_000),
                "minutes": _above_zero("Minutes: what is left out then depends on the machine."),
            },
        ),
    },
    examples=[
        "information:\n  private: {account: [balance, limit], history: [past_loans]}",
        (
            "information:\n  public: [amount]\n  private:\n"
            "    payments: {table: payments, price: {per_month: 900}, delay: [0 days, 7 days]}\n"
            "    web: {lines: {table: orders, where: {channel: web}}, price: {per_call: 0.2}}"
        ),
    ],
)
