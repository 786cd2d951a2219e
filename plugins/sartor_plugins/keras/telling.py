"""Sections about a network: how its loss fell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sartor.components import NUMBER
from sartor.sections import OTHERS, OURS, Caution, Figure, Section, Table, TableColumn
from sartor.wording import plural
from sartor_plugins.keras.quantiles import Spread

MOST = 60
"""Epochs shown; of more, evenly chosen ones and the best."""


def course(history: Mapping[str, Any], answers: str, spread: Spread) -> Iterator[Section | Caution]:
    """Yield the course of learning.

    Parameters
    ----------
    history : mapping
        As `Network.history`.
    answers : str
    spread : Spread
    """
    epochs = history["epochs"]
    if not epochs:
        return
    best = int(history["best"])
    held = all(epoch["held"] is not None for epoch in epochs)
    loss = "squared or absolute error, beside the target's deviation" if answers == NUMBER else "log loss"
    if spread.levels:
        loss += f", and the pinball loss of {plural(len(spread.levels), 'quantile')}"
    yield Section(
        "course-of-learning",
        "making",
        "How the network learned",
        _sentence(history, held),
        figure=Figure(
            "Loss by epoch",
            f"Lower is better: {loss}. "
            + ("Where the line of rows held out rises again, more epochs only learn by heart." if held else ""),
            _spec(held),
            _table(epochs, best, held, answers),
            _sentence(history, held).replace("**", ""),
        ),
        note=f"{history['rows']:,} rows learned from, {history['batch']:,} to a step. The rate began at "
        f"{epochs[0]['rate']:g} and ended at {epochs[-1]['rate']:g}.",
    )
    if history["out_of_time"]:
        yield Caution(
            "out-of-time",
            f"The network's time budget ended its learning after {plural(len(epochs), 'epoch')}: another run may stop "
            "elsewhere and answer otherwise. Give it more time, or fewer epochs.",
            0.6,
        )


def _sentence(history: Mapping[str, Any], held: bool) -> str:
    epochs, best = history["epochs"], int(history["best"])
    if not held:
        return f"All of {plural(len(epochs), 'epoch')} were made: there were too few rows to hold any out."
    first, at = epochs[0]["held"], epochs[best - 1]
    said = (
        f"**Epoch {best} of {len(epochs)} was best**: a loss of {at['held']:.3g} on rows held out, where the first had "
        f"{first:.3g}; on the rows learned from it was {at['loss']:.3g}."
    )
    return f"{said} All training rows then taught for as many epochs." if history["refit"] else said


def _table(epochs: list[Mapping[str, Any]], best: int, held: bool, answers: str) -> Table:
    step = max(1, -(-len(epochs) // MOST))
    shown = [place for place in range(len(epochs)) if place % step == 0 or place in (best - 1, len(epochs) - 1)]
    columns = [
        TableColumn("Epoch", "count"),
        TableColumn("Loss", "number", about="rows learned from", name="loss"),
    ]
    if held:
        called = "RMSE" if answers == NUMBER else "Right"
        columns += [
            TableColumn("Held out", "number", about="rows held out", name="held"),
            TableColumn(called, "number" if answers == NUMBER else "share", about="rows held out", name="metric"),
        ]
    lines = []
    for place in shown:
        epoch = epochs[place]
        lines.append([place + 1, epoch["loss"], *([epoch["held"], epoch["metric"]] if held else [])])
    ours = [at for at, place in enumerate(shown) if place == best - 1]
    return Table("The loss of each epoch", columns, lines, None, ours=ours)


def _spec(held: bool) -> dict[str, Any]:
    x = {"field": "epoch", "type": "quantitative", "title": "epoch", "axis": {"tickMinStep": 1}}
    scale = {"scale": {"zero": False}}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "line", "color": OTHERS, "strokeDash": [4, 4]},
            "encoding": {"x": x, "y": {"field": "loss", "type": "quantitative", "title": "loss", **scale}},
        }
    ]
    if held:
        layers.append({
            "mark": {"type": "line", "color": OURS},
            "encoding": {"x": x, "y": {"field": "held", "type": "quantitative", "title": "loss", **scale}},
        })  # fmt: skip
    return {"height": 240, "layer": layers}
