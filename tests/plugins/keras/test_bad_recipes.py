"""Recipes, rows, machines and files that networks cannot work with, from the command line to what is left behind."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from bad_networks import (
    AMOUNT,
    GIVEN,
    PAID,
    SMALL,
    place_of,
    plant,
    recipe_of,
    rows_of_a_shop,
    shop,
    slates_of_a_shop,
    small,
    tables,
    windows_of_a_plant,
)

import sartor
from sartor.cli import main
from sartor.errors import SartorError

needs_keras = pytest.mark.needs("tensorflow", "keras")
SOURCE = re.compile(r" +[0-9]* │ ")
WEIGHED = "{use: learn.regression, with: {outcome: amount, never: [paid], weight: weight}}"
EXPLAIN = "to see all: sartor explain keras.mlp"
Given = Mapping[str, pd.DataFrame]


class Answered(NamedTuple):
    """A run that came to its end."""

    run: Any
    notes: list[str]
    predictions: pd.DataFrame


def left_behind(project: Path) -> list[str]:
    """Return the files of runs, and courses of learning that nobody goes on with."""
    runs = project / "runs"
    files = [path.relative_to(runs).as_posix() for path in runs.rglob("*") if path.is_file()]
    return sorted(name for name in files if not name.startswith(".cache") or "/unfinished/" in name)


def write(project: Path, text: str, given: Given | None) -> None:
    (project / "recipe.yaml").write_text(text, encoding="utf-8")
    (project / "sartor.toml").write_text("report = false\n", encoding="utf-8")
    for name, table in {**tables(), **(given or {})}.items():
        table.to_csv(project / name, index=False)


@pytest.fixture
def refused(project, capsys) -> Callable[..., list[str]]:
    """Return a function that runs a recipe by the command line and in Python, and returns what both say of it."""

    def refuse(text: str, given: Given | None = None, *, code: int = 2) -> list[str]:
        write(project, text, given)
        capsys.readouterr()
        ended = main(["run", "recipe.yaml", "--quiet"])
        said = capsys.readouterr()
        assert (ended, said.out) == (code, ""), said
        assert "Traceback" not in said.err
        lines = [line for line in said.err.splitlines() if line.strip() and not SOURCE.match(line)]
        lines = [re.sub(" +", " ", line.strip()) for line in lines if not re.match(r"\d+ errors?[.;]", line)]
        with pytest.raises(SartorError) as raised:
            sartor.run("recipe.yaml")
        assert raised.value.exit_code == code
        for line in lines:
            # The first line of a problem has its code at the end, and its place before it.
            assert re.sub(" +", " ", line) in re.sub(" +", " ", str(raised.value)), str(raised.value)
        assert left_behind(project) == []
        return lines

    return refuse


@pytest.fixture
def answered(project, capsys) -> Callable[..., Answered]:
    """Return a function that runs a recipe by the command line, and returns its run, its notes and its answers."""

    def answer(text: str, given: Given | None = None) -> Answered:
        write(project, text, given)
        capsys.readouterr()
        ended = main(["run", "recipe.yaml"])
        said = capsys.readouterr()
        assert ended == 0, said.err
        assert "Traceback" not in said.err
        run = sartor.run("recipe.yaml")  # finds what was learned
        notes = [note["text"] for note in run.summary["notes"]]
        for note in run.summary["notes"]:
            assert not note["caution"] or note["text"] in said.err
        assert [name for name in left_behind(project) if name.startswith(".cache")] == []
        answers = run.predictions.filter(regex="^network")
        assert answers.size
        assert np.isfinite(answers.select_dtypes("number")).all(axis=None)
        return Answered(run, notes, answers)

    return answer


# ---------------------------------------------------------------------------------------------------------------
# What is said before a row is read
# ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", SMALL)
def test_the_extra_that_is_not_installed_is_named(use, refused, monkeypatch):
    monkeypatch.setattr("sartor.plugins._is_there", lambda name: name not in ("tensorflow", "keras"))
    text = recipe_of(use)
    assert refused(text) == [
        f"{place_of(use, text)} '{use}' needs tensorflow and keras, which are not installed R024",
        'to mend: pip install "sartor[keras]"',
    ]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("droput: 0.1", ["{droput} keras.mlp has no setting 'droput' R030", "did you mean: dropout", EXPLAIN]),
        ("batch: 0", ["{0} batch must lie between 1 and 1,000,000, got 0 R034", EXPLAIN]),
        ("rate: 1000", ["{1000} rate must be above 0 and at most 1, got 1000 R034", EXPLAIN]),
        ("device: GPU", ["{GPU} device must be auto, cpu or gpu, got text 'GPU' R034", "did you mean: gpu"]),
        (
            "time_budget: soon",
            ["{soon} 'soon' is not a length of time R075", "to mend: write it like 30 days, 1 week or 6 months"],
        ),
        (
            "quantiles: [0.9, 0.1]",
            ["{[0.9} quantiles must rise, each named once, got [0.9, 0.1] R034", "to mend: write [0.1, 0.9]"],
        ),
        # One mistake does not hide the other, and no GPU is looked for before the recipe is right.
        (
            "device: gpu, droput: 1, quantiles: [7]",
            [
                "{droput} keras.mlp has no setting 'droput' R030",
                "did you mean: dropout",
                EXPLAIN,
                "{7} an item of quantiles must lie strictly between 0 and 1, got 7 R034",
                "to mend: write 0.07; 7 % is 0.07",
            ],
        ),
    ],
)
def test_a_setting_that_makes_no_sense_is_shown_where_it_stands(settings, said, refused):
    text = rows_of_a_shop(f"{{use: keras.mlp, with: {{{settings}}}}}")
    model = text.rindex(settings)
    blank = re.sub(r"[^\n]", ".", text[:model]) + text[model:]
    expected = [re.sub(r"^\{(.*)\}", lambda part: place_of(part[1], blank), line) for line in said]
    assert refused(text) == expected


@needs_keras
@pytest.mark.parametrize("use", SMALL)
def test_a_gpu_that_is_not_there_is_an_error_of_the_model_that_asks_for_it(use, refused, monkeypatch):
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    text = recipe_of(use, "device: gpu")
    assert refused(text)[:2] == [
        f"{place_of(use, text)} the recipe asks for a GPU, and TensorFlow finds none on this machine U090",
        "to mend: leave `device` out, which takes a GPU where there is one; or install TensorFlow for GPUs",
    ]


@needs_keras
@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (rows_of_a_shop(small("keras.mlp", "quantiles: [0.5]"), PAID), "probability"),
        (slates_of_a_shop(small("keras.transformer", "quantiles: [0.5]")), "slate"),
    ],
    ids=["classes", "slates"],
)
def test_quantiles_of_what_is_no_number_are_refused(text, asked, refused):
    assert refused(text) == [
        f"{place_of('keras.', text)} quantiles are of numbers, and the task asks for a {asked} R034",
        "to mend: leave `quantiles` out",
    ]


def test_a_network_that_answers_something_else_is_refused(refused):
    text = slates_of_a_shop(small("keras.mlp"))
    assert refused(text) == [
        (
            f"{place_of('keras.', text)} 'keras.mlp' answers a number, a probability or quantiles; "
            "the task 'ecommerce.recommendation' asks for a slate R025"
        ),
        "to see all: sartor list models",
    ]


# ---------------------------------------------------------------------------------------------------------------
# What rows make impossible
# ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "change", "said"),
    [
        (
            PAID,
            {"paid": "yes"},
            [
                (
                    "{learn.} the outcome 'paid' of table shop has one class only: "
                    "'yes' in all 120 lines that have one D070"
                ),
                "to mend: give lines of another class; without them there is nothing to tell apart",
            ],
        ),
        (
            AMOUNT,
            {"amount": 7},
            [
                "{learn.} the outcome 'amount' of table shop is 7 in all 120 lines that have one D070",
                "to mend: give lines with other numbers, or another outcome",
            ],
        ),
        (
            WEIGHED,
            {"weight": 0},
            [
                "{learn.} there is no row to learn from: 93 training rows have a weight of 0, and none another D075",
                "to mend: give rows that are to teach a weight above 0, or name another column as weight",
            ],
        ),
        (
            WEIGHED,
            {"weight": [-1.0, *[1.0] * 119]},
            [
                "{learn.} the weight 'weight' of table shop is missing, negative or infinite in 1 line D078",
                "to mend: give every line a number of at least 0",
            ],
        ),
    ],
    ids=["one class", "one number", "no weight", "a weight below 0"],
)
def test_rows_that_teach_nothing_are_refused(task, change, said, refused):
    text = rows_of_a_shop(task=task)
    expected = [line.replace("{learn.}", place_of("learn.", text)) for line in said]
    assert refused(text, {"shop.csv": shop().assign(**change)}) == expected


@needs_keras
@pytest.mark.parametrize(("use", "column"), [("keras.mlp", "income"), ("keras.cnn", r"heat: \d before")])
def test_a_loss_that_is_no_number_names_the_largest_column(use, column, refused):
    text = recipe_of(use, "scale: none, epochs: 1")
    huge = {"shop.csv": shop().assign(income=shop()["income"] * 1e30, age=shop()["age"] * 1e28, gone=np.nan, year=3)}
    hot = {"readings.csv": plant().assign(heat=plant()["heat"] * -1e33, load=plant()["load"] * 1e30)}
    said = refused(text, huge if use == "keras.mlp" else hot)
    assert re.fullmatch(
        rf"{place_of(use, text)} the loss is not a number in epoch 1: column '{column}' reaches [\d.]+e\+3\d, "
        "too large for a network as it is D310",
        said[0],
    )
    assert said[1:] == ["to mend: leave `scale` at standard, or take the column out"]


@needs_keras
def test_without_a_window_a_network_that_reads_one_says_what_builds_it(refused):
    text = rows_of_a_shop(small("keras.cnn"))
    assert refused(text) == [
        (
            f"{place_of('keras.', text)} a network that reads windows needs one of at least 2 readings, "
            "all channels alike, and finds no window of readings D311"
        ),
        "to mend: build one: features: {window: {use: manufacturing.sensor_window}}",
    ]


@needs_keras
@pytest.mark.parametrize("use", ["keras.transformer", "keras.two_tower"])
def test_a_catalogue_that_does_not_fit_is_refused_before_anything_is_learned(use, refused):
    text = recipe_of(use, "memory: 0.000001")
    said = refused(text)
    assert said[0].startswith(f"{place_of(use, text)} 1")
    assert said[0].endswith("GB while they are learned, and 1e-06 GB are allowed D312")
    assert said[1:] == ["to mend: a smaller width, or more memory"]


# ---------------------------------------------------------------------------------------------------------------
# What is answered, and what is told of it
# ---------------------------------------------------------------------------------------------------------------


@needs_keras
@pytest.mark.parametrize(
    ("task", "answer", "notes"),
    [
        (
            PAID,
            [1.0],
            [
                "no training row has the class no: its probability is 0",
                "all training rows are of one class: there is nothing to learn but its share",
            ],
        ),
        (AMOUNT, [477.57], ["left out, the same in every training row: age, income, home"]),
    ],
    ids=["one class", "one row"],
)
def test_training_rows_that_say_one_thing_are_answered_with_it(task, answer, notes, answered):
    given = shop()
    one = given["part"] == "train"
    if task == PAID:
        given.loc[one, "paid"] = "yes"
    else:
        given["part"] = np.where(given.index == 0, "train", "test")
        answer = [given["amount"][0]]
    found = answered(rows_of_a_shop(task=task, split=GIVEN), {"shop.csv": given})
    column = found.predictions.columns[-1]
    assert found.predictions[column].unique().tolist() == answer
    assert set(notes) <= set(found.notes)


@needs_keras
def test_rows_that_no_network_should_meet_together_are_answered(answered):
    """Constant and missing columns, 1e30, infinities, identifiers, gaps in a Boolean, emoji, long and rare texts."""
    given = shop()
    given["year"], given["gone"] = 2024, np.nan
    given["member"] = np.where(given.index % 3 == 0, None, np.where(given.index % 2, "true", "false"))
    given["smile"] = np.where(given.index % 2, "\N{GRINNING FACE}", "\N{ROCKET}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}")
    given["letter"] = [f"{place} " + "long " * 2_000 for place in given.index % 4]
    given["number"] = 10**15 + given.index
    given = given.astype({"age": "float"})
    given.loc[4, "income"], given.loc[7, "age"] = 1e30, np.inf
    found = answered(rows_of_a_shop(split=GIVEN), {"shop.csv": given})
    assert "shop: 1 infinite value in age was read as missing" in found.notes
    assert "left out, the same in every training row: year" in found.notes
    wild = [note for note in found.notes if note.startswith("1 training row lies far beyond all others in 'income'")]
    assert len(wild) == 1  # though columns are read twice, before and after rows were held out
    # 52 is the deviation of the amounts: nobody is answered as if he bought for 1e30.
    assert found.predictions["network: number"].between(-1_000, 2_000).all()


@needs_keras
def test_the_least_of_networks_answers(answered):
    """No hidden layer, one epoch, a batch larger than the rows, every other row without weight."""
    model = "{use: keras.mlp, with: {hidden: [], epochs: 1, batch: 1000000}}"
    found = answered(rows_of_a_shop(model, WEIGHED), {"shop.csv": shop().assign(weight=shop().index % 2)})
    assert not [note for note in found.notes if "left out" in note]


@needs_keras
def test_levels_beyond_those_with_an_embedding_share_one(answered):
    given = shop(400)
    given["street"] = [f"street {place // 2}" for place in given.index]
    found = answered(rows_of_a_shop(small("keras.mlp", "epochs: 1, max_levels: 30")), {"shop.csv": given})
    assert any(
        re.fullmatch(r"'street' has 1\d\d levels: the 30 commonest, \d+% of the rows, have an embedding each, "
                     "all others share one", note) for note in found.notes)  # fmt: skip


@needs_keras
@pytest.mark.parametrize("use", ["keras.cnn", pytest.param("keras.rnn", marks=pytest.mark.slow)])
def test_a_window_longer_than_a_unit_begins_with_its_first_reading(use, answered):
    found = answered(windows_of_a_plant(small(use), readings=30))
    assert found.run.summary["rows"]["train"]


@needs_keras
@pytest.mark.parametrize(
    "use", ["keras.mlp", *(pytest.param(use, marks=pytest.mark.slow) for use in
            ("keras.cnn", "keras.rnn", "keras.transformer", "keras.two_tower"))])  # fmt: skip
def test_a_time_budget_of_one_second_ends_learning_and_is_told(use, answered):
    found = answered(recipe_of(use, "epochs: 100000, patience: 100000, rate: 0.000001, time_budget: 1 second"))
    (note,) = [note for note in found.notes if "budget" in note]
    assert re.fullmatch(
        r"the time budget of 1 second ended learning after [\d,]+ epochs?; another run may stop elsewhere", note
    )
