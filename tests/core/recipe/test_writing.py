"""Plain values to YAML, as a person would write them."""

import pytest

from sartor.recipe.reading import read_text
from sartor.recipe.secret import Secret
from sartor.recipe.writing import in_one_line, to_yaml


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (400, "400"),
        (0.7, "0.7"),
        (0.00001, "0.00001"),
        (1e21, "1000000000000000000000.0"),
        (True, "true"),
        ("learn.forest", "learn.forest"),
        ("30 days", "30 days"),
        ("yes", '"yes"'),
        ("012", '"012"'),
        ("a, b", '"a, b"'),
        ("${params.x}", '"${params.x}"'),
        ("", '""'),
        (Secret("KEY"), "secret:KEY"),
        ([1, "a"], "[1, a]"),
        ({"use": "learn.forest", "with": {"trees": 400}}, "{use: learn.forest, with: {trees: 400}}"),
    ],
)
def test_a_value_is_written_so_that_it_is_read_back_as_it_was(value, written):
    assert in_one_line(value) == written


def test_short_values_stand_on_one_line_and_long_ones_below_their_key():
    columns = {f"column_{number}": "drop" for number in range(8)}
    text = to_yaml({"format": 1, "split": {"hash": 0.3}, "privacy": {"purpose": "credit", "columns": columns}})
    assert text.splitlines() == [
        "format: 1",
        "split: {hash: 0.3}",
        "privacy:",
        "  purpose: credit",
        "  columns:",
        *(f"    {name}: drop" for name in columns),
    ]
    assert read_text(text).plain()["privacy"] == {"purpose": "credit", "columns": columns}
