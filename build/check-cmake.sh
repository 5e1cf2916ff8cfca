#!/usr/bin/env bash
# Checks cmake-compat: builds and installs a clone of what is committed, without any network, after one restore; refuses what means nothing.
# usage: build/check-cmake.sh
set -euo pipefail
. "$(dirname "$0")/lib.sh"

case ${1:-} in -h|--help) sed -n '2,3s/^# //p' "$0"; exit 0 ;; esac
need_dotnet
need_build_packages
need_packages cmake make git util-linux iproute2 orthanc-dev
failures=0
expect() {
    if [ "$2" = "$3" ]; then say "  ${green}ok${plain}    $1"
    else say "  ${red}WRONG${plain} $1: \"$2\" instead of \"$3\""; failures=$((failures + 1))
    fi
}
work=$(mktemp -d "${TMPDIR:-/tmp}/orthanc-response-cache-cmake.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # one of the unit tests starts a process as another user, who has to reach it
# The one restore, for whoever has not built here before.
dotnet restore "$root/OrthancCachePlugin.sln" --locked-mode --nologo -v quiet
git clone -q "$root" "$work/clone"
# A network without anything outside: the test runner talks to itself.
offline() { (cd "$work/clone" && unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$@") >"$work/log" 2>&1; }

step "As for any plugin of Orthanc, offline"
status=0; offline cmake -S cmake-compat -B Build -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr -DSTATIC_BUILD=ON -DALLOW_DOWNLOADS=OFF -DUSE_SYSTEM_ORTHANC_SDK=ON || status=$?
expect "configure" $status 0
status=0; offline cmake --build Build || status=$?
expect "build" $status 0
[ $status = 0 ] || tail -n 20 "$work/log"
status=0; offline env DESTDIR="$work/destination" cmake --install Build || status=$?
expect "install" $status 0
expect "DESTDIR is honoured" "$(cd "$work/destination" && find . -type f)" ./usr/share/orthanc/plugins/libOrthancResponseCache.so
expect "it is what build/library.sh makes" "$(nm -D --defined-only "$work/destination/usr/share/orthanc/plugins/libOrthancResponseCache.so" | grep -c ' T OrthancPlugin')" 4
expect "nothing in the source tree has changed" "$(git -C "$work/clone" status --porcelain)" ""
status=0; offline cmake --build Build --target UnitTests || status=$?
expect "UnitTests" "$status $(grep -c '^Passed!' "$work/log")" "0 2"
[ $status = 0 ] || tail -n 20 "$work/log"

step "What is refused"
refused() {
    local title=$1 status=0; shift
    cmake -S "$work/clone/cmake-compat" -B "$work/refused" "$@" >"$work/log" 2>&1 || status=$?
    expect "$title" "$((status != 0)) $(grep -c 'CMake Error' "$work/log")" "1 1"
    rm -rf "$work/refused"
}
refused "STANDALONE_BUILD=OFF" -DSTANDALONE_BUILD=OFF
refused "ORTHANC_FRAMEWORK_SOURCE=web" -DORTHANC_FRAMEWORK_SOURCE=web
refused "ORTHANC_FRAMEWORK_VERSION=1.12.7" -DORTHANC_FRAMEWORK_VERSION=1.12.7
refused "an unknown build type" -DCMAKE_BUILD_TYPE=Fast
[ $failures = 0 ] || die "$failures of these are wrong."
