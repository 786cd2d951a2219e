"""A graph of ONNX that grows node by node."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
"""Known to every runtime since 2022."""
LABELS = 2
"""Version of the operators that know texts."""
FORMAT = 8

TYPES = {"number": TensorProto.DOUBLE, "text": TensorProto.STRING}


class Graph:
    """Nodes and constants of a graph; each method returns the name of what it adds.

    Examples
    --------
    >>> graph = Graph()
    >>> graph.input("numbers", "number", 2)
    'numbers'
    >>> graph.output("answer", graph.add("Mul", "numbers", graph.constant(np.array([2.0]))), 2)
    >>> [node.op_type for node in graph.model({}).graph.node]
    ['Mul', 'Identity']
    """

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []

    def input(self, name: str, kind: str, width: int) -> str:
        """Add an input of rows."""
        self.inputs.append(helper.make_tensor_value_info(name, TYPES[kind], ["rows", width]))
        return name

    def output(self, name: str, value: str, width: int) -> None:
        """Give a value out, in 64 bits."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["rows", width]))

    def constant(self, values: Any) -> str:
        """Add an array."""
        name = f"constant_{len(self.constants) + 1}"
        self.constants.append(numpy_helper.from_array(np.array(values, order="C"), name))
        return name

    def whole(self, *values: int) -> str:
        """Add whole numbers, as shapes and places are told."""
        return self.constant(np.array(values, dtype=np.int64))

    def add(self, operator: str, *inputs: str, outputs: int = 1, domain: str = "", **settings: Any) -> str:
        """Add a node; of several outputs, the name of the last is returned."""
        place = len(self.nodes) + 1
        names = [f"{operator.lower()}_{place}_{number}" for number in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, domain=domain, **settings))
        return names[-1]

    def narrow(self, value: str) -> str:
        """Turn numbers into those of 32 bits."""
        return self.add("Cast", value, to=TensorProto.FLOAT)

    def wide(self, value: str) -> str:
        """Turn numbers into those of 64 bits."""
        return self.add("Cast", value, to=TensorProto.DOUBLE)

    def columns(self, value: str, begin: int, end: int) -> str:
        """Take columns."""
        return self.add("Slice", value, self.whole(begin), self.whole(end), self.whole(1))

    def model(self, told: dict[str, str]) -> Any:
        """Return the model, with what is told of it."""
        graph = helper.make_graph(self.nodes, "sartor", self.inputs, self.outputs, self.constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", LABELS)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="sartor")
        model.ir_version = FORMAT
        helper.set_model_props(model, told)
        return model
