#!/bin/sh
# Make the virtual environment that `make run` and `make test` work in.
#
#     sh scripts/setup.sh base    what sartor needs to run
#     sh scripts/setup.sh test    every extra, and the tools for tests and docs
#
# It uses uv where there is one, else Python's own venv, and says what it will download before it does. Where neither can
# work it says what to type. A second call is quick: it only compares a stamp.
#
#     SARTOR_VENV=DIR      another place than .venv
#     SARTOR_PYTHON=PATH   another Python (3.11 to 3.13)
#     SARTOR_APT=no        install no Debian package, not even as root
set -eu
cd "$(dirname "$0")/.."

kind=${1:-base}
venv=${SARTOR_VENV:-.venv}
case $kind in
    base) extras= ; size="about 30 Python packages, 190 MB; 0.8 GB on disk" ;;
    test) extras="[all,test,docs]" ; size="about 100 Python packages, 670 MB (260 MB of it TensorFlow); 2.8 GB on disk" ;;
    *) echo "sartor: setup.sh knows 'base' and 'test', not '$kind'" >&2; exit 2 ;;
esac

say() { echo "sartor: $*"; }

stop() {
    say "$1" >&2
    shift
    for line in "$@"; do echo "  $line" >&2; done
    exit 1
}

# --- Debian packages -------------------------------------------------------------------------------------------------

# How root's work may be done here: "" as root, "sudo -n" where sudo asks no password; fails where it may not be done.
as_root() {
    [ "${SARTOR_APT:-}" != no ] && command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" = 0 ]; then echo ""; elif sudo -n true 2>/dev/null; then echo "sudo -n"; else return 1; fi
}

apt_install() {
    root=$(as_root) || return 1
    say "installing from Debian (apt-get): $*"
    # Unquoted: "sudo -n" is two words, and as root there is none.
    $root apt-get update -qq && $root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

debian_packages_for_tests() {
    command -v dpkg-query >/dev/null 2>&1 || return 0
    missing=
    # shellcheck disable=SC2013 # words are wanted: a package is one
    for package in $(sed 's/#.*//' scripts/debian-packages.txt); do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086 # one argument for each package
    apt_install $missing || say "some tests want Debian packages that are not installed:$missing" \
        "(as root: apt-get install$missing)"
}

# --- Python and the environment --------------------------------------------------------------------------------------

works() { "$@" >/dev/null 2>&1; }

make_with_python() {
    python=$(sh scripts/find-python.sh 2>/dev/null) || {
        apt_install python3 python3-venv || true
        python=$(sh scripts/find-python.sh) || exit 1
    }
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if ! works "$python" -c 'import venv, ensurepip'; then
        # Debian keeps these in a package of their own.
        apt_install "$package" || true
    fi
    if works "$python" -c 'import venv, ensurepip'; then
        "$python" -m venv "$venv"
    elif works "$python" -c 'import venv, pip'; then
        # No ensurepip, but a pip that can install another into the new environment.
        "$python" -m venv --without-pip "$venv"
        "$python" -m pip --python "$venv/bin/python" install --quiet pip
    else
        stop "$python cannot make virtual environments: its venv module is not complete" \
            "on Debian, as root:  apt-get install $package" \
            "without root:        install uv (a single program), which needs neither pip nor venv" \
            "then:                make run, or make test"
    fi
}

make_environment() {
    if [ -n "$uv" ]; then
        # A Python that is there, else one that uv brings.
        python=$(sh scripts/find-python.sh 2>/dev/null) || python=">=3.11,<3.14"
        "$uv" venv --quiet --python "$python" "$venv"
    else
        make_with_python
    fi
}

install_packages() {
    if [ -n "$uv" ]; then
        "$uv" pip install --python "$venv/bin/python" --constraint constraints.txt --editable ".$extras"
    else
        # On a terminal pip shows its progress; in a log that would be a thousand lines.
        [ -t 1 ] && quiet= || quiet=--quiet
        works "$venv/bin/python" -m pip --version || "$venv/bin/python" -m ensurepip >/dev/null
        # shellcheck disable=SC2086 # no argument at all on a terminal
        "$venv/bin/python" -m pip install $quiet --disable-pip-version-check \
            --constraint constraints.txt --editable ".$extras"
    fi
}

stamp_of() { echo "$1 $(cat pyproject.toml constraints.txt scripts/setup.sh | cksum) $(pwd)"; }

is_ready() {
    # What serves the tests serves a run too.
    for have in "$kind" test; do
        [ "$(cat "$venv/sartor-stamp" 2>/dev/null)" = "$(stamp_of "$have")" ] && return 0
    done
    return 1
}

python_is_there=
if works "$venv/bin/python" --version; then
    python_is_there=yes
    works "$venv/bin/python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' ||
        stop "$venv was made with $("$venv/bin/python" --version), and sartor wants 3.11 to 3.13" \
            "to mend:  remove $venv, then the same command again"
fi
if [ -n "$python_is_there" ] && is_ready; then exit 0; fi

uv=$(command -v uv || true)
[ -n "$uv" ] && works "$uv" --version || uv=

say "setting up $venv for '$kind'"
echo "  downloads: $size; the versions stand in constraints.txt"
echo "  from:      the package index that $([ -n "$uv" ] && echo uv || echo pip) is set up to use"
echo "  into:      $venv and the download cache; nothing else on this machine changes"
[ -z "$(as_root >/dev/null && echo yes)" ] || echo "             (but for Debian packages that are missing: each is named first; SARTOR_APT=no forbids it)"

if [ -z "$python_is_there" ]; then
    # A Python that was removed or moved leaves an environment that cannot be mended.
    [ ! -e "$venv/pyvenv.cfg" ] || { say "making $venv anew: its Python is gone"; rm -rf "$venv"; }
    make_environment
fi
[ "$kind" != test ] || debian_packages_for_tests
install_packages || stop "the packages could not be installed" \
    "above stands what pip or uv said; without a network it needs a mirror or a filled cache" \
    "what is half done stays in $venv; the same command goes on from there"
stamp_of "$kind" > "$venv/sartor-stamp"
say "$venv is ready"
