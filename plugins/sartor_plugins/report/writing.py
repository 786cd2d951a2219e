"""Writes the report of a run into its folder."""

from __future__ import annotations

import json
from pathlib import Path

from sartor_plugins.report import card
from sartor_plugins.report.facts import Facts
from sartor_plugins.report.page import figures_here, page

FILE = "report.html"
CARD = "model-card.md"
CHARTS = "charts"


def write(folder: Path) -> list[Path]:
    """Write the page, the model card and the specs of the figures; return the files, the page first.

    Parameters
    ----------
    folder : Path
        Of a recorded run.

    Raises
    ------
    InputError
        If what the run recorded is missing or has changed.
    """
    facts, figures = Facts.of(folder), figures_here()
    html = page(facts, figures)
    made = [_written(folder / FILE, html), _written(folder / CARD, card.markdown(facts))]
    for name, spec in figures.specs.items():
        made.append(_written(folder / CHARTS / name, json.dumps(spec, indent=1, ensure_ascii=False) + "\n"))
    return made


def _written(file: Path, text: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
