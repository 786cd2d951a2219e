"""A recipe that is right, and problems as lines that can be compared."""

from __future__ import annotations

from sartor.errors import Problem

RIGHT = """\
format: 1
recipe: finance/loans
ingest:
  loans: {use: demo.table, with: {path: loans.csv}, key: loan_id}
task: {use: demo.risk, with: {outcome: bad}}
split: {hash: 0.3}
models:
  forest: {use: demo.forest, with: {trees: 400}}
"""


def lines(problems: list[Problem]) -> list[str]:
    """Return each problem as ``line:column code message``, with its hints behind it."""
    found = []
    for problem in problems:
        where = problem.where
        place = "-" if where is None else f"{where.line}:{where.column}"
        if where is not None and where.file != "recipe.yaml":
            place = f"{where.file}:{place}"
        hints = "".join(f" | {label}: {text}" for label, text in problem.hints)
        found.append(f"{place} {problem.code} {problem.message}{hints}")
    return found
