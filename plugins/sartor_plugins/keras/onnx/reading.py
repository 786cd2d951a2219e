"""How a graph of ONNX reads columns: the same scales, flags, bounds and codes as `sartor_plugins.keras.inputs`."""

from __future__ import annotations

import numpy as np

from sartor_plugins.keras.inputs import FAR, LARGEST, Inputs
from sartor_plugins.keras.onnx.graph import Graph

NUMBERS, CATEGORIES = "numbers", "categories"
"""Names of the inputs."""


def missing_text(inputs: Inputs) -> str:
    """Return the text that stands for a missing category: the empty one, unless that is a level.

    Examples
    --------
    >>> from sartor_plugins.keras.inputs import Category
    >>> missing_text(Inputs((), (Category("home", ("own", "")),)))
    '(missing)'
    """
    levels = {level for part in inputs.categories for level in part.levels}
    text = ""
    while text in levels:
        text = f"({text or 'missing'})"
    return text


def read(graph: Graph, inputs: Inputs, tables: list[np.ndarray]) -> str:
    """Add what turns columns into the features of the first layer.

    Parameters
    ----------
    graph : Graph
    inputs : Inputs
    tables : list of ndarray
        The embedding of each category.
    """
    parts = [_numbers(graph, inputs)] if inputs.numbers else []
    if inputs.categories:
        parts += _categories(graph, inputs, tables)
    return parts[0] if len(parts) == 1 else graph.add("Concat", *parts, axis=1)


def _numbers(graph: Graph, inputs: Inputs) -> str:
    parts = inputs.numbers
    given = graph.input(NUMBERS, "number", len(parts))
    centre = graph.constant(np.array([part.centre for part in parts]))
    missing = graph.add("Or", graph.add("IsNaN", given), graph.add("IsInf", given))
    known = graph.add("Where", missing, centre, given)
    low = [-np.inf if part.low is None or part.high is None else part.low for part in parts]
    high = [np.inf if part.low is None or part.high is None else part.high for part in parts]
    held = graph.add("Min", graph.add("Max", known, graph.constant(np.array(low))), graph.constant(np.array(high)))
    scaled = graph.add("Div", graph.add("Sub", held, centre), graph.constant(np.array([part.scale for part in parts])))
    filled = graph.add("Where", missing, graph.constant(np.array([part.fill for part in parts])), scaled)
    far = np.array([FAR if part.low is not None else LARGEST for part in parts])
    within = graph.add("Min", graph.add("Max", filled, graph.constant(-far)), graph.constant(far))
    with_flags = graph.add("Concat", graph.narrow(within), graph.narrow(missing), axis=1)
    order: list[int] = []
    for place, part in enumerate(parts):
        order += [place, len(parts) + place] if part.flag else [place]
    return graph.add("Gather", with_flags, graph.whole(*order), axis=1)


def _categories(graph: Graph, inputs: Inputs, tables: list[np.ndarray]) -> list[str]:
    given = graph.input(CATEGORIES, "text", len(inputs.categories))
    missing = missing_text(inputs)
    read = []
    for place, (part, table) in enumerate(zip(inputs.categories, tables, strict=True)):
        texts = graph.add("Gather", given, graph.constant(np.array(place, dtype=np.int64)), axis=1)
        codes = graph.add(
            "LabelEncoder",
            texts,
            domain="ai.onnx.ml",
            keys_strings=[missing, *part.levels],
            values_int64s=[1, *range(2, part.codes)],
            default_int64=0,
        )
        read.append(graph.add("Gather", graph.constant(table.astype(np.float32)), codes, axis=0))
    return read
