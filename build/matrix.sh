#!/usr/bin/env bash
# One binary, built on this system, in every Orthanc that we serve: the end-to-end suite with the torture test, alone and beside
# orthanc-dicomweb and orthanc-python, and our description of the ABI against each version's header. And in one that is too old.
# usage: build/matrix.sh [--quick | [--alone | --beside] [--filter EXPRESSION] [RELEASE...]]     releases: bookworm trixie forky bullseye
#   --quick   what is most likely to differ: routes, freshness, responses, archives but for those of gigabytes, and one minute of torture in
#             trixie and forky, alone. Where a container forbids chroots, it says so and nothing has failed
# Needs root. The releases lie in /var/cache/orthanc-chroots (ORTHANC_CACHE_CHROOTS), which can be removed at any time.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/chroots.sh"

kinds='alone beside' filter='' releases='' quick='' prepare=''
while [ $# -gt 0 ]; do
    case $1 in
        --alone) kinds=alone ;;
        --beside) kinds=beside ;;
        --quick) quick=1 ;;
        --prepare) prepare=1 ;; # makes the chroots, and that is all
        --filter) filter=${2:?--filter takes an expression}; shift ;;
        -h|--help) sed -n '2,7s/^# //p' "$0"; exit 0 ;;
        -*) die "unknown argument: $1 (see --help)" ;;
        *) releases+="$1 " ;;
    esac
    shift
done
[ -z "$quick" ] || {
    kinds=alone releases='trixie forky'
    filter='FullyQualifiedName~Routes|FullyQualifiedName~ReadYourWrites|FullyQualifiedName~Serving|(FullyQualifiedName~Archives&Category!=Large)|Category=Torture'
    export ORTHANC_CACHE_TORTURE_MINUTES=1
}
[ -n "$releases" ] || releases='bookworm trixie forky bullseye'

prepare() {
    local release
    need_chroot_tools
    for release in $releases; do
        case $release in
            bullseye) need_chroot bullseye orthanc ;;
            *)
                # forky is unpacked with trixie's keys.
                [ "$release" != forky ] || [ -d "$chroots/forky" ] || need_chroot trixie orthanc orthanc-dev
                need_chroot "$release" orthanc orthanc-dev orthanc-dicomweb orthanc-postgresql orthanc-python
                ;;
        esac
    done
}
[ -z "$prepare" ] || { prepare; exit 0; }

passed=0 failed=0
work=$(mktemp -d "${TMPDIR:-/tmp}/orthanc-response-cache-matrix.XXXXXX")
printf '%-10s %-10s %-10s %8s %8s %9s\n' release Orthanc plugins passed failed seconds >"$work/table"
printf '%-10s %-10s %-10s %10s %12s %8s %12s %10s\n' torture Orthanc plugins mutations comparisons stale conditional wrong-304 >"$work/torture"
row() { printf '%-10s %-10s %-10s %8s %8s %9s\n' "$@" >>"$work/table"; passed=$((passed + $4)); failed=$((failed + $5)); }
finish() {
    local status=$?
    trap - EXIT
    if [ "$(wc -l <"$work/table")" != 1 ]; then step "Table"; cat "$work/table"; fi
    [ "$(wc -l <"$work/torture")" = 1 ] || cat "$work/torture"
    [ $failed = 0 ] && [ $status = 0 ] && rm -rf "$work" || say "What the tests said: $work"
    if [ $status != 0 ] && [ $failed = 0 ]; then failed=1; fi
    say "$passed passed, $failed failed"
    [ $failed = 0 ] || exit 1
    exit 0
}
trap finish EXIT

counter() { sed -n "s/.*<Counters [^>]*\b$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1; }

# suite ROW-NAME KIND VERSION PROJECT FILTER COMMAND...: runs "COMMAND... dotnet test" and adds a row. What did not pass has failed; so has
# a suite without a result or without a test.
suite() {
    local release=$1 kind=$2 version=$3 project=$4 expression=$5 file=$work/$1-$2.trx total=0 ok=0 started=$SECONDS; shift 5
    step "$project, $release, $kind"
    touch "$work/$release-$kind.begun"
    "$@" dotnet test "$root/tests/$project/$project.csproj" -c Release --no-build --nologo --results-directory "$work" \
        ${expression:+--filter "$expression"} --logger "trx;LogFileName=$release-$kind.trx" --logger 'console;verbosity=normal' \
        >"$work/$release-$kind.log" 2>&1 </dev/null || true
    grep -aE '^ *(Failed |\[FAIL\])' "$work/$release-$kind.log" || true
    if [ -s "$file" ]; then total=$(counter "$file" total) ok=$(counter "$file" passed); fi
    local bad=$((total - ok))
    if [ "$total" = 0 ] || { [ $bad = 0 ] && grep -aq 'Test Run Aborted' "$work/$release-$kind.log"; }; then
        bad=$((bad + 1)); tail -n 20 "$work/$release-$kind.log"
    fi
    row "$release" "$version" "$kind" "$ok" "$bad" $((SECONDS - started))
    for file in "$root/artifacts/torture-$version"-*.txt; do
        { [ -e "$file" ] && [ "$file" -nt "$work/$release-$kind.begun" ]; } || continue
        sed -n 's/^all *\([0-9]*\) *\([0-9]*\) *\([0-9]*\) *[0-9]* *\([0-9]*\) *[0-9]* *\([0-9]*\)$/\1 \2 \3 \4 \5/p' "$file" | while read -r steps comparisons stale conditional wrong; do
            printf '%-10s %-10s %-10s %10s %12s %8s %12s %10s\n' "$release" "$version" "$kind" "$steps" "$comparisons" "$stale" "$conditional" "$wrong" >>"$work/torture"
        done
    done
}

version_in() { dpkg-query --admindir="$chroots/$1/var/lib/dpkg" -W -f '${Version}\n' orthanc | sed 's/.*really//; s/[+-].*//'; }

# Too old. Its C library is too old as well, so Orthanc cannot even open the library; with ours, which is what the library was built on, it is the plugin
# that has to say why.
refuses() {
    local directory=$chroots/bullseye libc inside=/opt/newer-libc name out status port bad=0
    rm -rf "$directory$inside" "$directory/tmp/refuse"
    mkdir -p "$directory$inside" "$directory/tmp/refuse"
    libc=$(dirname "$(ldd /bin/sh | sed -n 's/.*=> \(.*libc\.so\.6\) .*/\1/p')")
    for name in ld-linux-x86-64.so.2 libc.so.6 libm.so.6 libpthread.so.0 libdl.so.2 librt.so.1 libresolv.so.2 libutil.so.1; do
        cp -L "$libc/$name" "$directory$inside/"
    done
    cp "$library" "$directory/tmp/refuse/"
    port=$(free_port)
    printf '{ "StorageDirectory": "/tmp/refuse/db", "IndexDirectory": "/tmp/refuse/db", "HttpPort": %s, "RemoteAccessAllowed": false, "DicomServerEnabled": false, "Plugins": [ "/tmp/refuse/%s" ] }\n' \
        "$port" "$(basename "$library")" >"$directory/tmp/refuse/orthanc.json"
    for name in own newer; do
        out=$work/bullseye-$name.log status=0
        if [ $name = own ]; then
            in_chroot "$directory" timeout 60 Orthanc /tmp/refuse/orthanc.json >"$out" 2>&1 </dev/null || status=$?
        else
            in_chroot "$directory" timeout 60 $inside/ld-linux-x86-64.so.2 --library-path $inside:/usr/lib/x86_64-linux-gnu:/lib/x86_64-linux-gnu \
                /usr/sbin/Orthanc /tmp/refuse/orthanc.json >"$out" 2>&1 </dev/null || status=$?
        fi
        say "Orthanc 1.9.1 with its $name C library ended with $status, and said:"
        grep -E 'Response cache|dlopen' "$out" | sed 's/^/    /' || true
        if [ $name = own ]; then
            { [ "$status" != 0 ] && [ "$status" != 124 ] && [ "$(grep -c 'dlopen.*GLIBC' "$out")" = 1 ]; } || bad=$((bad + 1))
        else
            { [ "$status" != 0 ] && [ "$status" != 124 ] && [ "$(grep -c 'Response cache' "$out")" = 1 ] && grep -q 'Response cache.*1\.10\.0' "$out"; } || bad=$((bad + 1))
        fi
        row bullseye "$(version_in bullseye)" "$name libc" $((bad == 0)) $bad 0
        [ $bad = 0 ] || tail -n 20 "$out"
        bad=0
    done
    rm -rf "$directory/tmp/refuse" "${directory:?}$inside"
}

need_dotnet
if [ -n "$quick" ]; then
    if ! timeout 900 "$0" --prepare $releases >"$work/prepare" 2>&1; then
        tail -n 5 "$work/prepare"
        # A container may forbid them. Whatever else fails is a failure.
        grep -q '^.*No mount namespaces here' "$work/prepare" || die "The other releases of Debian could not be prepared, for the reason above."
        say "NOT RUN: the other releases of Debian, for the reason above."
        exit 0
    fi
else
    prepare
fi
need_packages orthanc-dev python3-pydicom dcmtk postgresql
[ -e "$library" ] && [ -n "${ORTHANC_CACHE_KEEP_LIBRARY:-}" ] || build_library
step "Building the tests"
dotnet build "$root/OrthancCachePlugin.sln" -c Release --nologo -v quiet

includes=''
for release in $releases; do
    [ "$release" != bullseye ] || continue
    includes+="${includes:+:}$chroots/$release/usr/include"
done
if [ -n "$includes" ] && { [ -z "$filter" ] || [ -n "$quick" ]; }; then
    suite "$(wc -w <<<"${includes//:/ }") of them" headers all \
        OrthancCachePlugin.NativeHost.Tests 'FullyQualifiedName~Layout' env ORTHANC_SDK_INCLUDES="$includes"
fi
for release in $releases; do
    if [ "$release" = bullseye ]; then refuses; continue; fi
    for kind in $kinds; do
        beside=''
        [ $kind = alone ] || beside=/usr/share/orthanc/plugins/libOrthancDicomWeb.so:/usr/share/orthanc/plugins/libOrthancPython.so
        suite "$release" $kind "$(version_in "$release")" OrthancCachePlugin.EndToEnd "$filter" \
            mounted "$chroots/$release" env ORTHANC_CACHE_CHROOT="$chroots/$release" ORTHANC_CACHE_BESIDE=$beside
    done
done
