#!/bin/sh
# What `make lint` does: everything that is checked without running a test. Runs all, then fails if one was not clean.
set -eu
cd "$(dirname "$0")/.."
venv=${SARTOR_VENV:-.venv}
sh scripts/setup.sh test

unclean=
check() {
    title=$1
    shift
    echo "== $title"
    "$@" || unclean="$unclean, $title"
}

check "ruff check" "$venv/bin/python" -m ruff check .
check "ruff format" "$venv/bin/python" -m ruff format --check .
check "types" "$venv/bin/python" -m mypy
check "imports point one way" "$venv/bin/lint-imports" --no-cache
check "docs" sh scripts/docs.sh

if [ -n "$unclean" ]; then
    echo "sartor: not clean: ${unclean#, }" >&2
    exit 1
fi
