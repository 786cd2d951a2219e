"""Writes a network as ONNX, and lets no file out that answers otherwise than the network."""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.components import NUMBER
from sartor.context import say
from sartor.errors import PluginError, SettingError
from sartor.rows import Scoring
from sartor.wording import plural
from sartor_plugins.keras.inputs import Category, Inputs, Number
from sartor_plugins.learn.encoding.columns import FloatArray, level_text, numbers_again

if TYPE_CHECKING:
    from sartor.exporting import Export
    from sartor_plugins.keras.fitted import Network

FORMS = {"onnx": "a graph for ONNX Runtime and others: scales of columns, network and answer in one file"}
NEAR = 1e-4
"""How far answers may lie apart: of a probability, or of the target's deviation. ONNX computes in 32 bits."""
EDGES = 64
"""Rows at the edges of columns, beside the golden ones."""
QUANTILES, PROBABILITIES = "quantiles", "probabilities"


def exported(network: Network, export: Export) -> bytes:
    """Return a network as a file of ONNX, after it was asked and found to answer as the network does.

    Raises
    ------
    SettingError
        If the extra is not installed.
    PluginError
        If it answers otherwise.
    """
    _needed("onnx")
    runtime = _needed("onnxruntime")
    content = written(network, export)
    session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
    rows = edge_rows(network.inputs)
    if export.golden is not None:
        rows = pd.concat([export.golden.X, rows], ignore_index=True)
    apart = _apart(network, session, rows, export)
    if not apart <= NEAR:
        raise PluginError(
            f"model '{export.model}': the exported graph answers otherwise than the network, by {apart:.2g} at most",
            code="X050",
            hints=(("to mend", "tell its authors, with the versions of onnx and onnxruntime"),),
        )
    say(f"answers as the network does in {plural(len(rows), 'made-up row')}, {apart:.1g} apart at most")
    return content


def _needed(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise SettingError(
            f"an export to ONNX needs {name}, which is not installed",
            code="R024",
            hints=(("to mend", 'pip install "sartor[onnx]"'),),
        ) from error


def written(network: Network, export: Export) -> bytes:
    """Return the file."""
    from sartor_plugins.keras.onnx.graph import Graph
    from sartor_plugins.keras.onnx.layers import through
    from sartor_plugins.keras.onnx.reading import missing_text, read

    graph, shape, inputs = Graph(), network.shape, network.inputs
    places = range(1, len(shape.embeddings) + 1)
    tables = [network.network.get_layer(f"embedding_{place}").get_weights()[0] for place in places]
    found = graph.wide(through(graph, shape, network.network, read(graph, inputs, tables)))
    if network.answer.answers == NUMBER:
        _numbers(graph, network, found, export)
    else:
        _probabilities(graph, network, found)
    told = {
        "numbers": json.dumps([part.name for part in inputs.numbers]),
        "categories": json.dumps([part.name for part in inputs.categories]),
        "missing_category": missing_text(inputs),
        "classes": json.dumps(list(network.answer.classes)),
        "quantiles": json.dumps(list(network.spread.levels)),
        "recipe": export.recipe,
        "run": export.run,
        "model": export.model,
    }
    return bytes(graph.model(told).SerializeToString(deterministic=True))


def _numbers(graph: Any, network: Network, found: str, export: Export) -> None:
    scale = network.scale
    up = graph.add("Mul", found, graph.constant(np.array(scale.spread)))
    up = graph.add("Add", up, graph.constant(np.array(scale.centre)))
    number = graph.columns(up, 0, 1)
    if export.least is not None:
        number = graph.add("Max", number, graph.constant(np.array(export.least)))
    if export.most is not None:
        number = graph.add("Min", number, graph.constant(np.array(export.most)))
    graph.output(NUMBER, number, 1)
    if network.spread.levels:
        graph.output(QUANTILES, graph.columns(up, 1, network.shape.outputs), len(network.spread.levels))


def _probabilities(graph: Any, network: Network, found: str) -> None:
    answer = network.answer
    if not network.shape.classes:
        found = graph.add("Concat", graph.add("Mul", found, graph.constant(np.array(0.0))), found, axis=1)
    shares = graph.add("Softmax", found, axis=1)
    if answer.learned_weights:
        shares = graph.add("Div", shares, graph.constant(np.array(answer.learned_weights)))
    total = graph.add("ReduceSum", shares, graph.whole(1), keepdims=1)
    shares = graph.add("Div", shares, total)
    # Behind the shares stands a column of zeros, for classes that no training row had.
    none = graph.add("Mul", graph.columns(shares, 0, 1), graph.constant(np.array(0.0)))
    places = {known: at for at, known in enumerate(answer.present)}
    order = [places.get(place, len(places)) for place in range(len(answer.classes))]
    full = graph.add("Gather", graph.add("Concat", shares, none, axis=1), graph.whole(*order), axis=1)
    graph.output(PROBABILITIES, full, len(answer.classes))


def feed(inputs: Inputs, X: pd.DataFrame) -> dict[str, Any]:
    """Return rows as the graph takes them."""
    from sartor_plugins.keras.onnx.reading import CATEGORIES, NUMBERS, missing_text

    fed: dict[str, Any] = {}
    if inputs.numbers:
        fed[NUMBERS] = np.column_stack([numbers_again(X[part.name], part.name) for part in inputs.numbers])
    if inputs.categories:
        missing = missing_text(inputs)
        texts = [[missing if pd.isna(v) else level_text(v) for v in X[part.name]] for part in inputs.categories]
        fed[CATEGORIES] = np.array(texts, dtype=object).T
    return fed


def edge_rows(inputs: Inputs) -> pd.DataFrame:
    """Return rows in which numbers are usual, at their bounds, beyond them or missing, and levels known or not."""
    rng = np.random.default_rng(0)

    def values(part: Number | Category) -> Any:
        if isinstance(part, Category):
            return rng.choice(np.array([*part.levels[:20], "a level never seen", None], dtype=object), EDGES)
        usual = part.centre + part.scale * rng.normal(size=EDGES)
        bounds = [usual.min(), usual.max()] if part.low is None or part.high is None else [part.low, part.high]
        at_edge = rng.choice(np.array([*bounds, bounds[0] - 1, bounds[1] + 1, np.nan]), EDGES)
        return np.where(rng.random(EDGES) < 0.8, usual, at_edge)

    parts: list[Number | Category] = [*inputs.numbers, *inputs.categories]
    return pd.DataFrame({part.name: values(part) for part in parts})


def _apart(network: Network, session: Any, X: pd.DataFrame, export: Export) -> float:
    answers = network.predict(Scoring(pd.DataFrame(index=X.index), X, network.answer.answers, network.answer.classes))
    found = session.run(None, feed(network.inputs, X))
    told: FloatArray = answers.to_numpy(dtype=np.float64, copy=True)
    if network.answer.answers != NUMBER:
        seen = found[0] if told.shape[1] > 1 else found[0][:, 1:]
        return float(np.abs(seen - told).max())
    told[:, 0] = np.clip(
        told[:, 0],
        -np.inf if export.least is None else export.least,
        np.inf if export.most is None else export.most,
    )
    return float(np.abs(np.hstack(found) - told).max() / network.scale.spread)
