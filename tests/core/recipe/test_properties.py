"""Whatever is fed in, a document or problems come out; whatever is written is read back."""

import string
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from telling import RIGHT

from sartor.recipe import Project, load_text
from sartor.recipe.document import Source
from sartor.recipe.reading import read_file, read_source, read_text
from sartor.recipe.writing import to_yaml

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

YAMLISH = st.text(alphabet="{}[]:,#&*!|>'\"%@`\t\n -?0123456789exo_.~<=${}ab\x00\x85\u2028\ufeffé😀", max_size=60)
TEXTS = st.text(max_size=20) | st.sampled_from(
    [
        "yes",
        "012",
        "1e-3",
        "~",
        "",
        " a",
        "a ",
        "a: b",
        "a #b",
        "- a",
        "secret:KEY",
        "${params.x}",
        "1:30",
        "\ufeff",
        "\x85",
    ]
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e20, max_value=1e20)
SCALARS = TEXTS | st.integers(-(10**30), 10**30) | FLOATS | st.booleans()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=20
)


def reading_ends_well(reading):
    """Reading gave a document or problems; each problem has a message, and a place that an editor can jump to."""
    assert reading.document is not None or reading.problems
    for problem in reading.problems:
        assert problem.message
        assert problem.where is None or (problem.where.line >= 1 and problem.where.column >= 1)


@QUICK
@given(st.binary(max_size=60))
def test_any_bytes_are_a_document_or_problems(tmp_path, content):
    path = tmp_path / "any.yaml"
    path.write_bytes(content)
    reading_ends_well(read_file(path))


@QUICK
@given(YAMLISH | st.text(max_size=60))
def test_any_text_is_a_document_or_problems(text):
    reading_ends_well(read_source(Source("any.yaml", text, Path())))


@QUICK
@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_what_is_written_is_read_back_as_the_same_values(values):
    assert read_text(to_yaml(values)).plain() == values if values else True


@QUICK
@given(st.integers(0, len(RIGHT) - 1), st.integers(0, 12), YAMLISH)
def test_a_recipe_changed_anywhere_is_checked_to_the_end(tmp_path, start, length, put):
    text = RIGHT[:start] + put + RIGHT[start + length :]
    loaded = load_text(text, project=Project(tmp_path), env={})
    assert loaded.recipe is not None or loaded.problems


SECTIONS = [
    "format", "recipe", "about", "extends", "abstract", "currency", "params", "seed", "ingest", "privacy", "task",
    "split", "features", "models", "select", "actions", "judge", "gates", "deliver", "x",
]  # fmt: skip
KEYS = st.sampled_from(
    ["use", "with", "from", "key", "prepare", "hash", "time", "folds", "test", "columns", "by", "metric"]
)
SECTION_VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | TEXTS, inner, max_size=4), max_leaves=12
)


@QUICK
@given(st.dictionaries(st.sampled_from(SECTIONS), SECTION_VALUES, max_size=6))
def test_sections_of_any_values_are_checked_to_the_end(tmp_path, sections):
    loaded = load_text(to_yaml(sections) or "{}", project=Project(tmp_path), env={})
    assert loaded.problems, "a recipe of random values cannot be right"


@QUICK
@given(st.text(alphabet=string.ascii_letters + ".=\"'{}[]~ 0:$", max_size=30))
def test_any_setting_from_outside_is_taken_or_reported(tmp_path, override):
    loaded = load_text(RIGHT, project=Project(tmp_path), env={}, sets=[override])
    assert loaded.recipe is not None
