"""A new plugin: what is written, which names are refused, and that nothing is ever half written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sartor import scaffold
from sartor.errors import UsageError
from sartor.hookspecs import COMPONENT_HOOKS
from sartor.plugins import Plugins
from sartor.scaffold import new_plugin

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "hello-plugin"


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content, what Python and its tools leave behind left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not any(part == "__pycache__" or part.endswith("_cache") for part in path.parts)
    }


def test_the_example_in_the_repository_is_exactly_what_is_written(tmp_path):
    written = new_plugin("hello", tmp_path)

    assert tree(tmp_path / "hello-plugin") == tree(EXAMPLE)
    assert written == sorted(path for path in (tmp_path / "hello-plugin").rglob("*") if path.is_file())


def test_a_name_with_hyphens_becomes_names_that_python_and_recipes_can_use(tmp_path):
    new_plugin("shop-watch", tmp_path)

    plugin = tmp_path / "shop-watch-plugin"
    project = (plugin / "pyproject.toml").read_text(encoding="utf-8")
    assert 'name = "shop-watch-plugin"' in project
    assert '\n[project.entry-points."sartor.plugins"]\nshop_watch = "shop_watch_plugin"\n' in project
    assert (plugin / "shop_watch_plugin" / "__init__.py").is_file()
    assert (plugin / "tests" / "test_shop_watch.py").is_file()
    recipe = (plugin / "recipes" / "shop-watch.yaml").read_text(encoding="utf-8")
    assert "\nrecipe: shop-watch\n" in recipe
    assert "use: shop_watch.points" in recipe


def test_no_blank_is_left_and_no_other_plugin_is_named(tmp_path):
    for file in new_plugin("shop-watch", tmp_path):
        text = file.read_text(encoding="utf-8")
        assert "{{" not in text
        assert "hello." not in text
        assert "hello_" not in text


def test_a_new_plugin_has_one_component_of_each_hook_and_every_class_is_there(tmp_path, monkeypatch):
    new_plugin("shop-watch", tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path / "shop-watch-plugin"))
    import shop_watch_plugin

    plugins = Plugins({"shop_watch": shop_watch_plugin})
    found = list(plugins.by_name["shop_watch"].components.values())

    assert [entry.kind for entry in found] == ["ingest", "task", "feature", "model", "prepare", "action"]
    assert len(found) == len(COMPONENT_HOOKS) + 1
    assert all(plugins.class_of(entry).__doc__ for entry in found)


@pytest.mark.parametrize("name", ["a-plugin-with-a-very-long-name-of-fo-40c", "x", "r2-d2"])
def test_what_is_written_passes_the_linter_under_any_name(tmp_path, name):
    new_plugin(name, tmp_path)
    for command in (["check", "--quiet"], ["format", "--check", "--quiet"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "."],
            cwd=tmp_path / f"{name}-plugin", capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Shop", ("did you mean", "shop")),
        ("shop_watch", ("did you mean", "shop-watch")),
        ("shop watch", ("did you mean", "shop-watch")),
        ("shop--watch", ("did you mean", "shop-watch")),
        ("-shop", ("did you mean", "shop")),
        ("shop-", ("did you mean", "shop")),
        ("2shop", ("did you mean", "shop")),
        ("../shop", ("did you mean", "shop")),
        ("shop/watch", ("did you mean", "shop-watch")),
        ("shop\n", ("did you mean", "shop")),
        ("x" * 41, ("did you mean", "x" * 40)),
        ("Plugins", ("to mend", "choose another name, such as shop-watch")),
        ("", ("to mend", "choose another name, such as shop-watch")),
        ("店", ("to mend", "choose another name, such as shop-watch")),
    ],
)
def test_a_name_that_cannot_be_a_plugins_is_refused_with_one_that_can(tmp_path, name, hint):
    with pytest.raises(UsageError, match="cannot be a plugin's name: lowercase letters, digits and single") as caught:
        new_plugin(name, tmp_path)

    assert caught.value.problems[0].code == "U050"
    assert caught.value.problems[0].hints == (hint,)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["recipe", "sartor", "models", "test", "class", "import"])
def test_a_word_that_means_something_else_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match=f"'{name}' means something else to sartor or to Python"):
        new_plugin(name, tmp_path)


@pytest.mark.parametrize("name", ["shop-plugin", "shop_plugin"])
def test_the_ending_comes_by_itself(tmp_path, name):
    with pytest.raises(UsageError, match="ends in plugin, which the distribution's name gets by itself") as caught:
        new_plugin(name, tmp_path)

    assert caught.value.problems[0].hints == (("did you mean", "shop"),)


def test_the_name_of_a_plugin_that_is_installed_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"a plugin called 'learn' is installed already: sartor \d"):
        new_plugin("learn", tmp_path)


def test_a_hyphen_does_not_make_another_plugin(tmp_path, monkeypatch):
    site = tmp_path / "site" / "other-1.0.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (site / "entry_points.txt").write_text("[sartor.plugins]\nshop_watch = nothing\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    with pytest.raises(UsageError, match=r"a plugin called 'shop_watch' is installed already: other 1\.0"):
        new_plugin("shop-watch", tmp_path)


def test_a_folder_that_is_not_empty_is_left_as_it_is(tmp_path):
    mine = tmp_path / "hello-plugin" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("do not touch")

    with pytest.raises(UsageError, match="hello-plugin is there already, and it is not empty") as caught:
        new_plugin("hello", tmp_path)

    assert caught.value.problems[0].code == "U051"
    assert tree(tmp_path) == {"hello-plugin/mine.txt": b"do not touch"}


def test_an_empty_folder_of_that_name_is_filled(tmp_path):
    (tmp_path / "hello-plugin").mkdir()

    assert len(new_plugin("hello", tmp_path)) == len(tree(EXAMPLE))


def test_a_folder_that_is_not_there_is_made(tmp_path):
    written = new_plugin("hello", tmp_path / "a" / "b")

    assert written[0] == tmp_path / "a" / "b" / "hello-plugin" / ".gitignore"


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "hello-plugin").write_text("a file")

    with pytest.raises(UsageError, match="hello-plugin cannot be written: Not a directory") as caught:
        new_plugin("hello", tmp_path)

    assert caught.value.problems[0].code == "U052"
    assert tree(tmp_path) == {"hello-plugin": b"a file"}


def test_a_write_that_fails_half_way_leaves_nothing_behind(tmp_path, monkeypatch):
    write, written = scaffold._write, []

    def full_after_three(*arguments):
        written.append(arguments)
        if len(written) > 3:
            raise OSError(28, "No space left on device")
        return write(*arguments)

    monkeypatch.setattr(scaffold, "_write", full_after_three)
    with pytest.raises(UsageError, match="hello-plugin cannot be written: No space left on device"):
        new_plugin("hello", tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(UsageError, match="cannot be written: Permission denied"):
            new_plugin("hello", tmp_path)
    finally:
        tmp_path.chmod(stat.S_IRWXU)
