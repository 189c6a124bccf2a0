#!/bin/sh
# Makes .venv ready and says which system programs are missing. Quick when nothing is to be done.
#
#   deploy/bootstrap.sh run      what `make run` needs
#   deploy/bootstrap.sh test     and what tests and checks need; installs programs where it may
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}
venv=.venv
stamp=$venv/.installed

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# --- System programs ---------------------------------------------------------------------------

has_initdb() { have initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
has_chromium() { have chromium || have chromium-browser || have google-chrome; }

# Prints the Debian packages of the programs that are missing, one a line.
missing() {
    have gpg || echo gnupg
    [ "$kind" = test ] || return 0
    have rsync || echo rsync
    have svnserve || echo subversion
    have ssh || echo openssh-client
    has_initdb || echo postgresql
    has_chromium || echo chromium
}

root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

programs() {
    packages=$(missing)
    [ -n "$packages" ] || return 0
    if [ "$kind" = test ] && have apt-get && root true 2>/dev/null; then
        say "Installing" $packages
        root apt-get update -qq >/dev/null || say "apt-get update failed; trying with the old lists."
        # shellcheck disable=SC2086 # one word a package
        root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends $packages >/dev/null || true
        packages=$(missing)
        [ -n "$packages" ] || return 0
    fi
    die "Missing system programs. Install them: apt-get install" $packages
}

# --- Python and its packages -------------------------------------------------------------------

find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$name"
            return 0
        fi
    done
    die "Python 3.11 or later was not found. Install it: apt-get install python3"
}

make_venv() {
    python=$(find_python)
    rm -rf "$venv"
    if uv --version >/dev/null 2>&1; then
        uv venv -q --python "$(command -v "$python")" "$venv"
    elif "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$python" -m venv "$venv"
    elif have virtualenv; then
        virtualenv -q -p "$python" "$venv"
    else
        die "Python cannot make virtual environments here. Install what it lacks: apt-get install python3-venv"
    fi
}

# What the stamp holds when all of a requirements file is installed.
digest() { "$venv/bin/python" -c 'import hashlib, sys
for name in sys.argv[1:]: print(hashlib.sha256(open(name, "rb").read()).hexdigest())' "$@"; }

wanted() {
    digest requirements.txt
    [ "$kind" = run ] || digest requirements-dev.txt
}

# True when nothing wanted is absent from the stamp: an environment for tests also runs the product.
installed() { [ -f "$stamp" ] && ! wanted | grep -qvxFf "$stamp"; }

has_pip() { "$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$venv/bin/python" -m ensurepip -q; }

# Ten times as fast as pip. Certificates are the system's, as those of a company's proxy are there.
by_uv() {
    uv=uv
    if ! uv --version >/dev/null 2>&1; then
        has_pip || return 1
        "$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r deploy/uv.txt || return 1
        uv=$venv/bin/uv
    fi
    VIRTUAL_ENV=$PWD/$venv UV_SYSTEM_CERTS=1 "$uv" pip sync -q --require-hashes "$1"
}

install() {
    file=requirements.txt
    [ "$kind" = run ] || file=requirements-dev.txt
    say "Installing $file into $venv"
    rm -f "$stamp"
    by_uv "$file" || {
        say "uv cannot do it here; using pip, which takes longer."
        has_pip || die "pip is missing from $venv. Remove that folder and try again."
        "$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$file"
    }
    wanted >"$stamp"
}

programs
"$venv/bin/python" -c '' 2>/dev/null || make_venv
installed || install
