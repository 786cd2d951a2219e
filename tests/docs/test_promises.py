"""The lists in the docs are complete: every hook has a heading, every error code a section, every page a place."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from sartor.codes import CODES
from sartor.hookspecs import ObserverHooks, PluginHooks, ReportHooks
from sartor.plugins import Plugins

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
HOOKS = [
    name for group in (PluginHooks, ObserverHooks, ReportHooks) for name in vars(group) if not name.startswith("_")
]


@pytest.fixture(scope="module")
def pages() -> ModuleType:
    place = REPOSITORY / "scripts" / "generated_pages.py"
    spec = importlib.util.spec_from_file_location("generated_pages", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def errors_page(pages: ModuleType) -> str:
    return pages.errors_page()


@pytest.fixture(scope="module")
def components_page(pages: ModuleType) -> str:
    return pages.components_page()


def test_hooks_have_a_heading_each_and_no_heading_is_without_a_hook():
    headings = re.findall(r"^## (\w+)$", (DOCS / "hooks.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == HOOKS


@pytest.mark.parametrize("code", sorted(CODES))
def test_an_error_code_has_a_section_that_can_be_linked_to(errors_page: str, code: str):
    assert f"\n### {code}: {CODES[code].title} {{ #{code.lower()} }}\n\n{CODES[code].explanation}\n" in errors_page


def test_no_error_code_is_left_out_for_want_of_a_group(errors_page: str):
    assert errors_page.count("\n### ") == len(CODES)


def test_every_built_in_component_has_a_section_that_can_be_linked_to(components_page: str):
    built_in = [plugin for plugin in Plugins().by_name.values() if plugin.distribution == "sartor"]
    ids = {name for plugin in built_in for name in plugin.components}
    assert ids
    assert {name for name in ids if f"\n### {name} {{ #{name.replace('.', '-')} }}\n" not in components_page} == set()


def test_every_setting_says_what_it_does(components_page: str):
    assert re.findall(r"^\| `\w+` \| .* \|  \|$", components_page, re.MULTILINE) == []


def test_pages_are_all_in_the_navigation():
    places = re.findall(r"[\w/-]+\.md", (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8").split("\n# Pages")[0])
    written = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
    assert written <= set(places)


def test_the_build_names_no_font_and_no_asset_from_elsewhere():
    theme = yaml.safe_load((REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8"))["theme"]
    assert theme["font"] is False
