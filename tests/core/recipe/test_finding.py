"""Where recipes are, and what ``sartor.toml`` may say."""

import pytest
from telling import RIGHT, lines

from sartor.errors import UsageError
from sartor.recipe import Project, all_recipes, find, finding, load


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A project with two recipes, and one that came with sartor."""
    for name in ("recipes/finance/loans", "recipes/shop", "built_in/finance/loans", "built_in/retail/orders"):
        path = tmp_path / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(RIGHT, encoding="utf-8")
    monkeypatch.setattr(finding, "_built_in_folder", lambda: tmp_path / "built_in")
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def test_a_projects_recipe_hides_one_of_the_same_name_that_came_with_sartor(place):
    assert [(found.name, found.shown, found.built_in) for found in all_recipes(place)] == [
        ("finance/loans", "recipes/finance/loans.yaml", False),
        ("retail/orders", "sartor_recipes/retail/orders.yaml", True),
        ("shop", "recipes/shop.yaml", False),
    ]
    assert find("finance/loans", place).shown == "recipes/finance/loans.yaml"
    assert find("retail/orders", place).built_in


def test_a_file_is_found_by_its_path(place, tmp_path):
    (tmp_path / "mine.yml").write_text(RIGHT, encoding="utf-8")
    assert find("mine.yml", place).shown == "mine.yml"
    assert find(str(tmp_path / "mine.yml"), place).shown == "mine.yml"
    assert load("mine.yml", project=place, env={}).name == "finance/loans"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("finance/loan", ("- U001 no recipe is called 'finance/loan'"
        " | did you mean: finance/loans | to see all: sartor recipes list")),
        ("orders", ("- U001 no recipe is called 'orders'"
        " | did you mean: retail/orders | to see all: sartor recipes list")),
        ("built_in/shop.yaml", "- U001 there is no file 'built_in/shop.yaml' | did you mean: shop"),
        ("recipes/shops.yaml", "- U001 there is no file 'recipes/shops.yaml' | did you mean: recipes/shop.yaml"),
    ],
)  # fmt: skip
def test_a_misspelt_recipe_gets_the_nearest_one(place, name, expected):
    with pytest.raises(UsageError) as raised:
        find(name, place)
    assert lines(list(raised.value.problems)) == [expected]


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/passwd", "finance/../shop", "", "a\0b", "a\0b.yaml", "~nobody/x.yaml"]
)
def test_a_name_is_no_way_out_of_the_folder_of_recipes(place, name):
    with pytest.raises(UsageError, match="U001"):
        find(name, place)


def test_a_project_is_the_nearest_folder_above_with_a_sartor_toml(tmp_path):
    (tmp_path / "sartor.toml").write_text('data = "my data"\nthreads = 2\nmemory = "4 GB"\n', encoding="utf-8")
    (tmp_path / "deep" / "down").mkdir(parents=True)
    project = Project.at(tmp_path / "deep" / "down")
    assert project.root == tmp_path
    assert (project.settings.threads, project.settings.memory) == (2, "4 GB")
    assert project.runs == tmp_path / "runs"


def test_without_a_sartor_toml_the_project_is_the_folder_itself(tmp_path):
    assert Project.at(tmp_path) == Project(tmp_path)


def test_the_data_folder_is_what_was_said_last(tmp_path):
    project = Project(tmp_path)
    assert project.data_folder(None, {}) == tmp_path / "data"
    assert project.data_folder(None, {"SARTOR_DATA": "/mnt/data"}).as_posix() == "/mnt/data"
    assert project.data_folder("/other", {"SARTOR_DATA": "/mnt/data"}).as_posix() == "/other"
    (tmp_path / "sartor.toml").write_text('data = "tables"\n', encoding="utf-8")
    assert Project.at(tmp_path).data_folder(None, {}) == tmp_path / "tables"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("thread = 2\n", "sartor.toml:1:1 U004 sartor.toml has no setting 'thread' | did you mean: threads"),
        ("[data]\npath = 'x'\n", ("sartor.toml:1:2 U004 data must be a text, got {'path': 'x'}"
        " | to mend: write data = \"...\"")),
        ("threads = 0\n", ("sartor.toml:1:1 U004 threads must be a whole number from 1 on, got 0"
        " | to mend: write threads = 2")),
        ("# x\nthreads = true\n", ("sartor.toml:2:1 U004 threads must be a whole number from 1 on, got True"
         " | to mend: write threads = 2")),
        ("memory = 'much'\n", ("sartor.toml:1:1 U004 memory must be a number and a unit, got 'much'"
         ' | to mend: write memory = "4 GB"')),
        ("memory = '0 GB'\n", ("sartor.toml:1:1 U004 memory must be a number and a unit, got '0 GB'"
         ' | to mend: write memory = "4 GB"')),
        ("runs = ''\n", "sartor.toml:1:1 U004 runs must be a text, got '' | to mend: write runs = \"...\""),
    ],
)  # fmt: skip
def test_what_is_wrong_in_sartor_toml_is_said_at_its_place(tmp_path, text, expected):
    (tmp_path / "sartor.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        Project.at(tmp_path)
    assert lines(list(raised.value.problems)) == [expected]


def test_a_sartor_toml_that_is_no_toml_is_said_with_its_line(tmp_path):
    (tmp_path / "sartor.toml").write_text("threads = 2\ndata =\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"sartor\.toml:2:7  sartor\.toml is not TOML: invalid value  U004"):
        Project.at(tmp_path)


def test_what_does_not_fit_into_memory_goes_where_the_project_says_and_is_taken_away(tmp_path):
    (tmp_path / "sartor.toml").write_text('spill = "fast/disk"\n', encoding="utf-8")
    with Project.at(tmp_path).spill_folder(tmp_path / "scratch") as folder:
        assert folder.parent == tmp_path / "fast" / "disk"
        (folder / "block").write_bytes(b"rows")
    assert list((tmp_path / "fast" / "disk").iterdir()) == []


def test_without_a_folder_of_its_own_it_goes_beside_what_is_temporary(tmp_path):
    with Project(tmp_path).spill_folder(tmp_path / "scratch") as folder:
        assert folder == tmp_path / "scratch" / "spill"


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "sartor.toml").write_text('spill = "sartor.toml/below"\n', encoding="utf-8")
    with (
        pytest.raises(UsageError, match="the folder for what does not fit into memory cannot be used"),
        Project.at(tmp_path).spill_folder(tmp_path),
    ):
        pass
