#!/bin/sh
# What `make docs` does: write the generated pages and build site/, a warning being an error. Fetches nothing.
set -eu
cd "$(dirname "$0")/.."
venv=${SARTOR_VENV:-.venv}
sh scripts/setup.sh test

# Material warns at every build that MkDocs 2 will have no plugins; pyproject.toml keeps us below 2.
NO_MKDOCS_2_WARNING=1 "$venv/bin/python" -m mkdocs build --strict --quiet --site-dir "${SARTOR_SITE:-site}"
