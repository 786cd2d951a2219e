"""A table of one column that is held against a contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

RECIPE = """
format: 1
recipe: demo/held
ingest:
  t:
    use: tables.csv
    key: id
    with: {path: "t*.csv"}
    contract:
      CONTRACT
"""


@pytest.fixture
def held(project: Path, entered: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that writes values into a file, one a line, and holds them against the terms of their column.

    Terms stand as in a recipe: ``type: integer, between: [0, 100]``.
    """

    def hold(values: Sequence[str], terms: str, contract: str = "", **more: Any) -> Any:
        lines = [f"{number};{value}\n" for number, value in enumerate(values, 1)]
        (project / "t.csv").write_text(f"id;v\n{''.join(lines)}", encoding="utf-8")
        said = f"{contract}\n      columns: {{v: {{{terms}}}}}" if terms else contract
        return entered(RECIPE.replace("CONTRACT", said.lstrip()), **more)

    return hold
