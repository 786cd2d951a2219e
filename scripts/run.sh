#!/bin/sh
# What `make run` does: set up the base, then run the recipe finance/credit-scoring on the data that sartor carries.
set -eu
cd "$(dirname "$0")/.."
venv=${SARTOR_VENV:-.venv}

sh scripts/setup.sh base
exec "$venv/bin/sartor" run "${RECIPE:-finance/credit-scoring}" "$@"
