"""Tables of persons whose columns privacy treats."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

KEY = "a key of more than sixteen bytes"


@pytest.fixture
def guarded(project: Path, entered: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that writes tables, each ``NAME="header\\nline\\n..."``, and lets them in under a ``privacy``.

    `more` holds further settings of tables' steps by their names: ``{"people": "key: person"}``.
    """
    monkeypatch.setenv("GUARD_KEY", KEY)

    def guard(privacy: str, more: dict[str, str] | None = None, **options: Any) -> Any:
        tables = {
            name: options.pop(name) for name in list(options) if isinstance(options[name], str) and name != "as_of"
        }
        steps = []
        for name, text in tables.items():
            (project / f"{name}.csv").write_text(text, encoding="utf-8")
            said = (more or {}).get(name, "")
            steps.append(f"  {name}: {{use: tables.csv, with: {{path: {name}.csv}}{f', {said}' if said else ''}}}")
        lines = "\n".join(steps)
        return entered(f"format: 1\nrecipe: demo/guarded\ningest:\n{lines}\nprivacy: {privacy}\n", **options)

    return guard
