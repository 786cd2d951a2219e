#!/bin/sh
# Print the newest Python from 3.11 to 3.13 that really starts; say what to do and end with 1 where there is none.
# SARTOR_PYTHON names another one. A found name is not enough: version managers leave names that only print an error.
set -eu

suits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

for candidate in ${SARTOR_PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if suits "$candidate"; then
        command -v "$candidate"
        exit 0
    fi
done

if [ -n "${SARTOR_PYTHON:-}" ]; then
    echo "sartor: SARTOR_PYTHON=$SARTOR_PYTHON is not a Python from 3.11 to 3.13" >&2
else
    echo "sartor: no Python from 3.11 to 3.13 found" >&2
    echo "  on Debian:  apt-get install python3 python3-venv      (Debian 12 and newer)" >&2
    echo "  on macOS:   brew install python@3.13" >&2
    echo "  with uv:    uv python install 3.13, then the same command again" >&2
    echo "  elsewhere:  SARTOR_PYTHON=/path/to/python3.13 make ..." >&2
fi
exit 1
