#!/bin/sh
# Installs what building and testing needs, from the system's own packages: Debian 12 and 13, Ubuntu 24.04.
#
# Usage: tools/deps.sh          as root, or as a user who may use sudo
#
# Does nothing when all is there. On Debian 12, which lacks yyjson and llhttp, it adds the next release as a package
# source that is used for those two libraries and nothing else.
set -eu

packages='gcc libc6-dev make pkg-config meson ninja-build git procps python3 python3-venv
    clang clang-tidy clang-format cppcheck shellcheck
    libuv1-dev libssl-dev libyyjson-dev libllhttp-dev libfyaml-dev'

say() { echo "deps: $*"; }
fail() { say "$*" >&2; exit 1; }

if [ "$(id -u)" = 0 ]; then
    as_root() { env DEBIAN_FRONTEND=noninteractive "$@"; }
else
    as_root() { sudo env DEBIAN_FRONTEND=noninteractive "$@"; }
fi

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
offered() { apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'; }

# The sanitizers and libFuzzer of the compiler that `clang` stands for: libclang-rt-14-dev for clang-14.
clang_runtime() {
    { dpkg-query -W -f 'Depends: ${Depends}' clang 2>/dev/null || apt-cache show --no-all-versions clang 2>/dev/null; } |
        sed -n 's/^Depends: .*clang-\([0-9][0-9]*\).*/libclang-rt-\1-dev/p' | head -n 1
}

# Prints what is not there yet.
missing() {
    for package in $packages $(clang_runtime); do
        installed "$package" || echo "$package"
    done
    # Any Node and npm will do; the system's are taken when there are none.
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
}

# Adds Debian 13 for the two libraries. The mirror is the one that this machine already uses for Debian 12.
add_next_release() {
    # shellcheck disable=SC2016 # apt expands these
    mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(CODENAME) $(COMPONENT) $(REPO_URI)' \
        'Created-By: Packages' | sed -n 's/^Debian Debian bookworm main //p' | head -n 1)
    [ -n "$mirror" ] || fail "no Debian 12 source found in apt's lists to derive the next release from"

    say "adding $mirror trixie to apt's sources, for libyyjson and libllhttp only"
    as_root tee /etc/apt/preferences.d/gatehouse.pref >/dev/null <<'PREFERENCES'
Explanation: Debian 13 is here for two libraries that Debian 12 lacks; nothing else is ever taken from it.
Package: *
Pin: release o=Debian, n=trixie
Pin-Priority: -10

Package: libyyjson* libllhttp*
Pin: release o=Debian, n=trixie
Pin-Priority: 100
PREFERENCES
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    {
        printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nTargets: Packages\n' "$mirror"
        if [ -e "$keyring" ]; then printf 'Signed-By: %s\n' "$keyring"; fi
    } | as_root tee /etc/apt/sources.list.d/gatehouse.sources >/dev/null
    as_root apt-get update -q
}

wanted=$(missing | tr '\n' ' ')
if [ -z "$wanted" ]; then
    exit 0
fi

command -v apt-get >/dev/null || fail "this system has no apt-get; install by hand: $wanted"
[ "$(id -u)" = 0 ] || command -v sudo >/dev/null || fail "run as root, or install sudo; needed: $wanted"

# A source of somebody else's that is down is no reason to stop: what we need may still be there.
as_root apt-get update -q || say "apt could not read all of its sources; going on with those it could"

codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
if ! offered libyyjson-dev || ! offered libllhttp-dev; then
    [ "$codename" = bookworm ] || fail "this release ($codename) has no libyyjson-dev or libllhttp-dev"
    add_next_release
fi

wanted=$(missing | tr '\n' ' ') # once more: apt now knows which clang it would install
say "installing $wanted"
# shellcheck disable=SC2086 # a list of words
as_root apt-get install -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends $wanted </dev/null
say "done"
