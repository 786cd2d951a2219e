"""What the report shows of a network that recommends: how it learned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sartor.sections import Caution, Section, Table, TableColumn
from sartor.wording import plural
from sartor_plugins.recommend.names import TOP

MOST = 60
"""Epochs shown; of more, evenly chosen ones and the best."""


def course(history: Mapping[str, Any]) -> Iterator[Section | Caution]:
    """Yield the course of learning.

    Parameters
    ----------
    history : mapping
        What each epoch came to, and which was best.
    """
    epochs, best = history["epochs"], int(history["best"])
    if not epochs:
        return
    metric = f"ndcg@{TOP}"
    held = int(history["held"])
    step = max(1, -(-len(epochs) // MOST))
    shown = [place for place in range(len(epochs)) if place % step == 0 or place in (best - 1, len(epochs) - 1)]
    columns = [TableColumn("Epoch", "count"), TableColumn("Loss", "number", about="of what was learned from")]
    columns += [TableColumn(f"NDCG@{TOP}", "number", about="of users held out")] if held else []
    lines = [[place + 1, epochs[place]["loss"], *([epochs[place][metric]] if held else [])] for place in shown]
    said = f"All of {plural(len(epochs), 'epoch')} were made: there were too few users to hold any out."
    if held:
        said = (
            f"**Epoch {best} of {len(epochs)} was best**: NDCG@{TOP} {epochs[best - 1][metric]:.3f} of the last "
            f"purchases of {plural(held, 'user')}, which were held out."
        )
        said += " Everything then taught for as many epochs." if history["refit"] else ""
    table = Table("Loss by epoch", columns, lines, counts=[int(history["steps"])] * len(lines))
    yield Section(
        "course-of-learning",
        "making",
        "How the network learned",
        said,
        table=table,
        note=f"{history['steps']:,} items foretold in each epoch, about {history['positions']:,} to a step.",
    )
    if history["out_of_time"]:
        yield Caution(
            "out-of-time",
            f"The network's time budget ended its learning after {plural(len(epochs), 'epoch')}: another run may stop "
            "elsewhere and answer otherwise. Give it more time, or fewer epochs.",
            0.6,
        )
