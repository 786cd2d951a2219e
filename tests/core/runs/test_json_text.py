from __future__ import annotations

import json

import numpy as np
import pytest

from sartor.runs.json_text import to_json


@pytest.mark.parametrize(
    "values",
    [
        {"b": {"deep": [1, {"a": 0.1}], "empty": {}, "none": []}, "a": None, "c": True},
        [[], {}, [[1e300, -0.0, 1e-7, 10**20]], 'ö \n "\\ \u2028'],
        {"ö": "é", "1": {"2": {"3": [False]}}},
        "alone",
        1.5,
        [],
    ],
)
def test_json_is_written_as_by_python_with_an_indent(values):
    assert to_json(values) == json.dumps(values, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def test_numbers_of_libraries_are_numbers_in_json_and_what_is_not_finite_is_null():
    values = {
        "a": np.float64(0.5),
        "b": np.int8(3),
        "c": np.array([1.0, np.inf]),
        "d": float("nan"),
        "e": (np.bool_(True),),
    }
    assert json.loads(to_json(values)) == {"a": 0.5, "b": 3, "c": [1.0, None], "d": None, "e": [True]}
