#!/bin/sh
# Pin what `make run`, `make test` and CI install: the newest versions that go together, for Python 3.11 to 3.13.
# Writes constraints.txt: names, versions and markers only, no address and no hash, so that it works with any index.
set -eu
cd "$(dirname "$0")/.."

workshop=$(mktemp -d)
trap 'rm -rf "$workshop"' EXIT

uv=$(command -v uv || true)
if [ -z "$uv" ]; then
    python=$(sh scripts/find-python.sh)
    "$python" -m venv "$workshop/venv"
    "$workshop/venv/bin/python" -m pip install --quiet uv
    uv="$workshop/venv/bin/uv"
fi

"$uv" pip compile pyproject.toml --quiet --universal --python-version 3.11 \
    --extra all --extra survival --extra test --extra docs --no-header --no-annotate > "$workshop/pins"

# A marker is kept only where a package has two versions: a constraint never installs anything by itself.
awk -F' ; ' '
    { lines[NR] = $0; split($1, pin, "=="); name[NR] = pin[1]; bare[NR] = $1; versions[pin[1]]++ }
    END { for (i = 1; i <= NR; i++) print (versions[name[i]] > 1 ? lines[i] : bare[i]) }
' "$workshop/pins" > "$workshop/kept"

{
    echo '# What CI resolves, for Python 3.11 to 3.13. Made by make constraints; not to be edited.'
    echo '# Holds no index address and no hash, so that it works with any mirror.'
    cat "$workshop/kept"
} > constraints.txt
echo "constraints.txt pins $(grep -c '==' constraints.txt) packages"
