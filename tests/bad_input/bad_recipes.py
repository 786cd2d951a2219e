"""Recipes and tables that are right, and changes that make them wrong."""

from __future__ import annotations

from collections.abc import Callable

RIGHT = """\
format: 1
recipe: finance/loans
about: Who will not pay back?
ingest:
  loans:
    use: tables.csv
    with: {path: loans.csv}
    key: application_id
task: {use: learn.classification, with: {outcome: bad, positive: 'yes'}}
split: {hash: 0.3}
features:
  burden: {use: finance.affordability, from: loans, with: {amount: amount, duration: term}}
models:
  forest: {use: learn.forest, with: {trees: 10}}
judge: {redraws: 20}
gates:
  - {metric: auc, at_least: 0.01}
"""
HEADER = "application_id,amount,term,purpose,bad"


def loans(**columns: Callable[[int], object]) -> str:
    """Return a file of 120 loans, with other values in some columns: a function from a line's number to its value."""
    usual: dict[str, Callable[[int], object]] = {
        "application_id": lambda i: i,
        "amount": lambda i: 100 + i * 7919 % 8900,
        "term": lambda i: (6, 12, 24, 36)[i * 31 % 4],
        "purpose": lambda i: ("car", "tv", "house")[i * 17 % 3],
        "bad": lambda i: "yes" if i * 7919 % 100 < 40 else "no",
    }
    values = {**usual, **columns}
    return "\n".join([HEADER, *(",".join(str(of(i)) for of in values.values()) for i in range(120))]) + "\n"


def changed(old: str, new: str) -> str:
    """Return the right recipe, changed in one place."""
    assert RIGHT.count(old) == 1, f"{old!r} must stand in the recipe once"
    return RIGHT.replace(old, new)


def stumbling(**settings: str) -> str:
    """Return a recipe of the plugin ``stumbler`` with one component of each kind, which get these settings."""
    text = """\
format: 1
recipe: stumbler/all
ingest:
  people: {use: stumbler.table, with: {TABLE}, key: id}
task: {use: stumbler.question, with: {TASK}}
split: {hash: 0.3}
features:
  twice: {use: stumbler.build, with: {FEATURE}}
models:
  half: {use: stumbler.learner, with: {MODEL}, prepare: [{use: stumbler.step, with: {STEP}}]}
  other: {use: stumbler.around, with: {inner: {use: stumbler.learner, with: {INNER}}}}
actions:
  yes_to_all: {use: stumbler.decide, with: {ACTION}}
judge: {redraws: 20}
deliver:
  out: {use: stumbler.carry, with: {SINK}}
"""
    for place in ("TABLE", "TASK", "FEATURE", "MODEL", "STEP", "INNER", "ACTION", "SINK"):
        text = text.replace(f"{{{place}}}", f"{{{settings.pop(place, '')}}}")
    assert not settings
    return text
