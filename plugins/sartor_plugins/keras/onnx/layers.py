"""Layers of a network as nodes of ONNX."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from sartor_plugins.keras.network import Shape, Window
from sartor_plugins.keras.onnx.graph import Graph

READERS = ("cnn", "gru", "lstm")
"""Readers of windows that can be exported."""
GATES = {"gru": (0, 1, 2), "lstm": (0, 3, 1, 2)}
"""The gates of ONNX, by their places among those of Keras."""


def through(graph: Graph, shape: Shape, network: keras.Model, features: str) -> str:
    """Add all layers behind the features, and return the outputs in 32 bits."""
    flow = features
    if shape.window is not None:
        flow = _window(graph, shape, shape.window, network, flow)
    for place in range(1, len(shape.hidden) + 1):
        dense = _dense(graph, network.get_layer(f"hidden_{place}"), flow)
        flow = bent(graph, dense, shape.activation)
    flow = _dense(graph, network.get_layer("answer"), flow)
    return _rising(graph, flow, shape.outputs) if shape.quantiles else flow


def bent(graph: Graph, value: str, activation: str) -> str:
    """Add an activation."""
    if activation == "relu":
        return graph.add("Relu", value)
    if activation == "tanh":
        return graph.add("Tanh", value)
    if activation == "silu":
        return graph.add("Mul", value, graph.add("Sigmoid", value))
    root, half, one = (graph.constant(np.array(number, dtype=np.float32)) for number in (np.sqrt(2), 0.5, 1))
    error = graph.add("Erf", graph.add("Div", value, root))
    return graph.add("Mul", graph.add("Mul", value, half), graph.add("Add", error, one))


def _dense(graph: Graph, layer: Any, flow: str) -> str:
    kernel, bias = (values.astype(np.float32) for values in layer.get_weights())
    return graph.add("Gemm", flow, graph.constant(kernel), graph.constant(bias))


def _rising(graph: Graph, flow: str, outputs: int) -> str:
    steps = graph.add("Softplus", graph.columns(flow, 2, outputs))
    from_lowest = graph.add("Concat", graph.columns(flow, 1, 2), steps, axis=1)
    climbed = graph.add("CumSum", from_lowest, graph.constant(np.array(1, dtype=np.int64)))
    return graph.add("Concat", graph.columns(flow, 0, 1), climbed, axis=1)


def _window(graph: Graph, shape: Shape, window: Window, network: keras.Model, flow: str) -> str:
    cells = window.steps * window.channels
    wide = shape.width + sum(width for _, width in shape.embeddings)
    read = graph.add("Reshape", graph.columns(flow, 0, cells), graph.whole(-1, window.steps, window.channels))
    if window.reader == "cnn":
        read = _convolved(graph, shape, window, network, read)
    else:
        read = _remembered(graph, window, network, read)
    return graph.add("Concat", read, graph.columns(flow, cells, wide), axis=1)


def _convolved(graph: Graph, shape: Shape, window: Window, network: keras.Model, read: str) -> str:
    read = graph.add("Transpose", read, perm=[0, 2, 1])
    before = (window.kernel - 1) // 2
    for place in range(1, len(window.units) + 1):
        kernel, bias = (values.astype(np.float32) for values in network.get_layer(f"cnn_{place}").get_weights())
        filters, pads = graph.constant(kernel.transpose(2, 1, 0)), [before, window.kernel - 1 - before]
        read = bent(graph, graph.add("Conv", read, filters, graph.constant(bias), pads=pads), shape.activation)
    back = graph.add("Transpose", read, perm=[0, 2, 1])
    return graph.add("Reshape", back, graph.whole(-1, window.steps * window.units[-1]))


def _remembered(graph: Graph, window: Window, network: keras.Model, read: str) -> str:
    """Add cells; ONNX has time first."""
    read, last = graph.add("Transpose", read, perm=[1, 0, 2]), len(window.units)
    ways = 2 if window.both else 1
    for place, units in enumerate(window.units, 1):
        weights = network.get_layer(f"{window.reader}_{place}").get_weights()
        parts = [_gates(window.reader, weights[at : at + 3]) for at in range(0, 3 * ways, 3)]
        arrays = [graph.constant(np.stack(values)) for values in zip(*parts, strict=True)]
        settings: dict[str, Any] = {"hidden_size": units, "direction": "bidirectional" if window.both else "forward"}
        if window.reader == "gru":
            settings["linear_before_reset"] = 1
        final = graph.add(window.reader.upper(), read, *arrays, outputs=2, **settings)
        if place == last:
            beside = graph.add("Transpose", final, perm=[1, 0, 2])
            return graph.add("Reshape", beside, graph.whole(-1, ways * units))
        every = graph.add("Transpose", f"{final.rpartition('_')[0]}_0", perm=[0, 2, 1, 3])
        read = graph.add("Reshape", every, graph.whole(window.steps, -1, ways * units))
    raise AssertionError("a window is read by one layer at least")


def _gates(reader: str, weights: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the weights of cells in the order of ONNX: of the input, of what is remembered, and offsets."""
    kernel, again, bias = (values.astype(np.float32) for values in weights)
    order = GATES[reader]

    def sorted_gates(values: np.ndarray) -> np.ndarray:
        parts = np.split(values, len(order), axis=-1)
        return np.concatenate([parts[place] for place in order], axis=-1)

    offsets = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
    return sorted_gates(kernel).T, sorted_gates(again).T, sorted_gates(offsets).ravel()
