"""Recipes: from YAML text to a checked plan of work."""
