"""Recipes: from YAML text to a checked plan of work.

`load` reads, merges, resolves and checks the grammar; `check` adds what the plugins know, without reading a row.
"""

from sartor.recipe.document import Document
from sartor.recipe.finding import RecipeFile, all_recipes, find
from sartor.recipe.loading import Loaded, load, load_lenient, load_text
from sartor.recipe.model import Recipe
from sartor.recipe.project import Project
from sartor.recipe.secret import Secret

__all__ = [
    "Document",
    "Loaded",
    "Project",
    "Recipe",
    "RecipeFile",
    "Secret",
    "all_recipes",
    "find",
    "load",
    "load_lenient",
    "load_text",
]
