"""A file is profiled, and what is proposed is checked and run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass
class Profiled:
    """A proposal, as YAML and in parts."""

    yaml: str
    plain: dict[str, Any]

    @property
    def terms(self) -> dict[str, Any]:
        """What is proposed for each column."""
        return {column["name"]: column["terms"] for column in self.plain["columns"]}

    @property
    def notes(self) -> dict[str, str]:
        """What is said of each column."""
        return {column["name"]: "; ".join(column["notes"]) for column in self.plain["columns"]}

    @property
    def treated(self) -> dict[str, Any]:
        """What is proposed for columns that look personal."""
        return {
            column["name"]: column["personal"]["treatment"] for column in self.plain["columns"] if column["personal"]
        }


@pytest.fixture
def profiled(project: Path) -> Callable[..., Profiled]:
    """Return a function that profiles a file."""
    from sartor.plugins import Plugins
    from sartor.profiling.profiling import Asked, profile
    from sartor.profiling.writing import plain_of, table_name, yaml_of
    from sartor.recipe.project import Project

    def look(file: Path | str, **settings: Any) -> Profiled:
        name = table_name(str(file))
        asked = Asked(str(file), table=name, settings=settings, threads=2)
        found, use, said = profile(asked, Project.at(), Plugins())
        yaml = yaml_of(found, name, use, said)
        return Profiled(yaml, plain_of(found, name, use, said, yaml))

    return look


@pytest.fixture
def proposed(
    profiled: Callable[..., Profiled], project: Path, entered: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Profiled, Any]]:
    """Return a function that profiles a file, checks what is proposed, and lets the table in by it."""
    from sartor.cli.check import checked
    from sartor.plugins import Plugins
    from sartor.recipe.project import Project

    monkeypatch.setenv("PSEUDONYM_KEY", "k" * 32)

    def propose(file: Path | str, **settings: Any) -> tuple[Profiled, Any]:
        found = profiled(file, **settings)
        recipe = project / "recipes" / "proposed.yaml"
        recipe.parent.mkdir(exist_ok=True)
        text = f"format: 1\nrecipe: proposed\n{found.yaml}"
        recipe.write_text(text, encoding="utf-8")
        assert checked("proposed", Project.at(), Plugins()).problems == []
        return found, entered(text)

    return propose


@pytest.fixture
def written(project: Path) -> Callable[[str, str], Path]:
    """Return a function that writes a file into the project."""

    def write(name: str, text: str) -> Path:
        file = project / name
        file.write_text(text, encoding="utf-8")
        return file

    return write
