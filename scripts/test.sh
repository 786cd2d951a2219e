#!/bin/sh
# What `make test` and CI do: set up everything, lint, then test. Arguments go to pytest, and then there is no lint:
#
#     sh scripts/test.sh tests/core -k split
set -eu
cd "$(dirname "$0")/.."
venv=${SARTOR_VENV:-.venv}
sh scripts/setup.sh test

unclean=
if [ $# = 0 ]; then
    sh scripts/lint.sh || unclean=yes
    echo "== tests"
fi
# Hundreds of tests start sartor: what it is made of is compiled once, also where Python was told to leave no bytecode.
"$venv/bin/python" -m compileall -q core plugins domains
# All extras are installed now: a test that misses one fails. Each core takes whole files of tests (-n 0: one after the other).
SARTOR_EXTRAS=all "$venv/bin/python" -m pytest -n auto --dist loadfile "$@"

if [ -n "$unclean" ]; then
    echo "sartor: the tests passed, but 'make lint' is not clean: see above" >&2
    exit 1
fi
