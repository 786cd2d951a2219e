"""The plugin `report`: one self-contained page, and a model card, from a run's folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sartor.hookspecs import hookimpl


@hookimpl
def report(folder: Path) -> Iterable[Path]:
    """Write ``report.html``, ``model-card.md`` and the specs of the figures in ``charts``."""
    from sartor_plugins.report.writing import write

    return write(folder)
