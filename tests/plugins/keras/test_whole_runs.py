"""What stops a run of a network, from the recipe to the exit code."""

from __future__ import annotations

import json

import pytest

import sartor
from sartor.errors import SartorError

pytestmark = pytest.mark.needs("tensorflow", "keras")

RECIPE = """format: 1
recipe: network
about: A network.
ingest: {{shop: {{use: tables.csv, key: customer, with: {{path: ../shop.csv}}}}}}
task: {{use: learn.regression, with: {{outcome: amount}}}}
split: {{hash: 0.3}}
models: {{network: {{use: keras.mlp, with: {{hidden: [16], epochs: 3, {settings}}}}}}}
"""


@pytest.fixture
def run(project):
    def start(settings: str, income: str = "{}"):
        lines = [f"{row},{20 + row % 50},{income.format(1000 + row)},{row % 7}" for row in range(120)]
        (project / "shop.csv").write_text("customer,age,income,amount\n" + "\n".join(lines) + "\n", encoding="utf-8")
        (project / "recipes").mkdir(exist_ok=True)
        (project / "recipes" / "network.yaml").write_text(RECIPE.format(settings=settings), encoding="utf-8")
        return sartor.run(str(project / "recipes" / "network.yaml"))

    return start


def test_a_loss_that_is_no_number_ends_the_run_and_names_column_and_step(run):
    with pytest.raises(SartorError) as stopped:
        run("scale: none", "{}e27")
    assert stopped.value.exit_code == 2
    said = str(stopped.value)
    assert "the loss is not a number in epoch 1: column 'income' reaches 1.12e+30" in said
    assert "leave `scale` at standard, or take the column out" in said
    assert "network.yaml:7" in said


def test_a_gpu_that_is_not_there_ends_the_run(run):
    with pytest.raises(SartorError, match="the recipe asks for a GPU, and TensorFlow finds none") as stopped:
        run("device: gpu")
    assert stopped.value.exit_code == 2


def test_a_file_of_the_model_that_was_changed_is_refused_before_it_is_read(run):
    made = run("refit: false", "1e30")
    (kind,) = made.folder.glob("models/network/**/kind.json")
    kind.write_text(json.dumps({**json.loads(kind.read_text(encoding="utf-8")), "format": 99}), encoding="utf-8")
    with pytest.raises(SartorError) as stopped:
        sartor.predict(made.folder, data={"shop": made.folder.parents[2] / "shop.csv"})
    assert "is not as it was recorded: models/network/kind.json: changed" in str(stopped.value)
    assert stopped.value.exit_code == 2
