#!/bin/sh
# Runs the integration tests: installs their pinned tools where missing (.venv and node_modules), then pytest with the arguments given.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tests=$root/tests/integration

# A stamp holds the checksum of the pins it was installed from; a changed pin makes a new installation.
stale() { # stamp, pins...
    stamp=$1
    shift
    [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$(cat "$@" | cksum)" ]
}

need() { # command, Debian package
    command -v "$1" > /dev/null || {
        echo "test-integration: $1 is missing; 'make deps' installs it (package $2)" >&2
        exit 2
    }
}

install_python() {
    pins=$tests/requirements.txt
    stale "$root/.venv/.installed" "$pins" || return 0
    echo "test-integration: installing Python packages into .venv"
    [ -x "$root/.venv/bin/pip" ] || python3 -m venv "$root/.venv" || {
        echo "test-integration: no Python venv; 'make deps' installs it (package python3-venv)" >&2
        exit 2
    }
    "$root/.venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$pins"
    cksum < "$pins" > "$root/.venv/.installed"
}

install_node() {
    stamp=$tests/node/node_modules/.installed
    stale "$stamp" "$tests/node/package.json" "$tests/node/package-lock.json" || return 0
    need npm npm
    echo "test-integration: installing npm packages into tests/integration/node"
    # Nothing installed here needs to run a script of its own, so none may.
    (cd "$tests/node" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    cat "$tests/node/package.json" "$tests/node/package-lock.json" | cksum > "$stamp"
}

need python3 python3
install_python
install_node
[ "${1:-}" != --install-only ] || exit 0

export TSAN_OPTIONS="suppressions=$root/tools/tsan.supp${TSAN_OPTIONS:+ $TSAN_OPTIONS}"

# Without a file or folder among the arguments, all tests are meant.
where=$tests
for argument; do
    [ ! -e "${argument%%::*}" ] || where=
done
exec "$root/.venv/bin/python" -m pytest -c "$tests/pytest.ini" --rootdir "$tests" "$@" ${where:+"$where"}
