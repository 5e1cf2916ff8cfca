# Functions shared by the scripts in build/. Sourced, never run: bash, with "set -euo pipefail" set by the caller.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
library=$root/artifacts/linux-x64/libOrthancResponseCache.so
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# Compiler servers would outlive the script and keep a continuous integration job waiting.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false

# Colours only where a person looks.
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
    bold='' dim='' green='' red='' plain=''
fi

say() { printf '%s\n' "$*"; }
step() { printf '%s== %s%s\n' "$bold" "$*" "$plain"; }
die() { printf '%s%s%s\n' "$red" "$*" "$plain" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "These Debian packages are missing, and this is neither root nor is there sudo: $missing"
    fi
}

# need_packages NAME...: installs the Debian packages that are not there, and starts no service that they bring along.
# A package that is installed is left alone, and so is a service that runs already.
need_packages() {
    local name missing='' services='' policy=/usr/sbin/policy-rc.d
    for name in "$@"; do
        case $(dpkg-query -W -f '${Status}' "$name" 2>/dev/null) in
            *'ok installed') ;;
            *) missing+="$name " ;;
        esac
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || die "These Debian packages are missing, and there is no apt-get: $missing"
    step "Installing $missing"
    if [ -z "${apt_updated:-}" ]; then
        as_root apt-get update -qq
        apt_updated=1
    fi
    # Debian starts a server when its package is installed. That is the user's decision and not ours: while we install, starting is
    # refused (exit code 101 of policy-rc.d), and what is new here is not enabled for the next boot either.
    local ours=
    if [ ! -e "$policy" ]; then
        ours=1
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    local status=0
    # shellcheck disable=SC2086 # a list of words
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing </dev/null >"${TMPDIR:-/tmp}/apt.$$.log" 2>&1 || status=$?
    [ -z "$ours" ] || as_root rm -f "$policy"
    if [ $status != 0 ]; then
        tail -n 30 "${TMPDIR:-/tmp}/apt.$$.log" >&2
        die "apt-get could not install: $missing"
    fi
    rm -f "${TMPDIR:-/tmp}/apt.$$.log"
    for name in orthanc postgresql nginx prometheus; do
        case " $missing" in *" $name "*) services+="$name " ;; esac
    done
    for name in $services; do
        as_root update-rc.d "$name" disable >/dev/null 2>&1 || true
    done
}

# The SDK is Microsoft's, and not always installed together with what it needs of Debian.
need_dotnet() {
    command -v dotnet >/dev/null || die "The .NET SDK is missing ($(sed -n 's/.*"version": "\([0-9.]*\)".*/\1/p' "$root/global.json") or later): https://dotnet.microsoft.com/download"
    # Certificates for NuGet; they bring libssl along, whose package has another name in each release.
    need_packages ca-certificates
    # So has ICU's, and nothing here needs it: where the SDK does not start, it is to do without.
    { dotnet --version; } >/dev/null 2>&1 || export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
    dotnet --version >/dev/null || die "The .NET SDK does not start."
}

# What the library is linked with and from.
need_build_packages() { need_packages gcc g++ libc6-dev zlib1g-dev binutils; }
# What it is run in.
need_run_packages() { need_packages orthanc python3-pydicom curl; }

build_library() { "$root/build/library.sh"; }

# free_port: a port of 127.0.0.1 that nobody listens on.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# port_taken N
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
