"""Recipes: YAML files, a folder for each industry. Data, not code."""
