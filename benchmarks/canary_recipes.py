"""Recipes that work on canaries: one of people and what they are learned from, and ones of a single table."""

from __future__ import annotations

PRIVACY = """\
privacy:
  key: secret:CANARY_KEY
  consent: {column: agreed, value: "yes", person: person}
  columns:
    name: drop
    account: drop
    person: pseudonymise
    email: pseudonymise
    phone: {mask: {keep_last: 2}}
    zip: {generalise: {prefix: 1}}
    income: {generalise: {width: 7000000000}}
    born: {generalise: {to: month}}
    seen: {shift_dates: {by: person}}
    limit: {generalise: {width: 10}}
    since: {generalise: {to: year}}
"""
CONTRACT = """\
    contract:
      columns:
        score: {at_most: 1, otherwise: set_aside}
        limit: {type: integer, otherwise: OTHERWISE}
        since: {type: date, otherwise: OTHERWISE}
"""
LEARN = """\
task: {use: learn.classification, with: {table: people, outcome: won, never: [person, email, city, phone]}}
split: {hash: 0.3}
models:
  logistic: {use: learn.logistic}
  forest: {use: learn.forest, with: {trees: 20}}
judge: {redraws: 100}
"""


def recipe(name: str, use: str, path: str, *, otherwise: str = "missing", more: str = "", learn: bool = True) -> str:
    """Return a recipe that reads people in one form, and orders beside them."""
    return (
        f"format: 1\nrecipe: canaries/{name}\ningest:\n  people:\n    use: {use}\n    key: id\n    with: {{{path}}}\n"
        f"{CONTRACT.replace('OTHERWISE', otherwise)}"
        f"  orders: {{use: tables.csv, key: order, with: {{path: '../source/orders.csv'}}}}\n{PRIVACY}{more}"
        f"{LEARN if learn else ''}"
    )


def bare(name: str, ingest: str, privacy: str = "{columns: {}}") -> str:
    """Return a recipe of one table and nothing else."""
    return f"format: 1\nrecipe: canaries/{name}\ningest:\n  t: {ingest}\nprivacy: {privacy}\n"
