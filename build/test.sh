#!/usr/bin/env bash
# All tests: formatting, locked restore, warnings as errors, the published library, unit tests, native host, end to end, the page in a
# real browser, the monitoring samples in a real Prometheus.
# usage: build/test.sh [--unit | --page | --monitoring] [--torture MINUTES] [--filter EXPRESSION] | --matrix [ARGUMENT OF build/matrix.sh...]
#   --unit             the fast part alone: no Orthanc, no native library
#   --page             the page's tests alone
#   --monitoring       the check of the monitoring samples alone
#   --torture MINUTES  the differential torture test alone, for so long (ORTHANC_CACHE_SEED=N repeats a run)
#   --filter EXPR      the end-to-end tests alone that match, as in "dotnet test --filter"
#   --matrix           the end-to-end tests in each Orthanc that is served, alone and beside other plugins (build/matrix.sh --help)
# The last line is "N passed, N failed"; the exit code is 0 where nothing failed, was skipped or did not run.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

unit=all part='' torture='' filter=''
while [ $# -gt 0 ]; do
    case $1 in
        --unit) unit=only ;;
        --page) part=page_tests ;;
        --monitoring) part=monitoring ;;
        --torture) torture=${2:?--torture takes minutes}; shift ;;
        --filter) filter=${2:?--filter takes an expression}; shift ;;
        --matrix) shift; exec "$root/build/matrix.sh" "$@" ;;
        -h|--help) sed -n '2,11s/^# //p' "$0"; exit 0 ;;
        *) die "unknown argument: $1 (see --help)" ;;
    esac
    shift
done

passed=0 failed=0
results=$(mktemp -d "${TMPDIR:-/tmp}/orthanc-response-cache-tests.XXXXXX")
touch "$results/started"
summary() {
    local status=$?
    trap - EXIT
    rm -rf "$results"
    # A script that stopped in between has not passed, whatever was counted so far.
    if [ $status != 0 ] && [ $failed = 0 ]; then failed=1; fi
    say "$passed passed, $failed failed"
    [ $failed = 0 ] || exit 1
    exit 0
}
trap summary EXIT

# check TITLE COMMAND...: one counted check; what the command says is shown where it fails.
check() {
    local title=$1; shift
    if "$@" >"$results/out" 2>&1; then
        passed=$((passed + 1)); say "  ${green}ok${plain}    $title"
    else
        failed=$((failed + 1)); say "  ${red}FAILED${plain} $title"
        tail -n 60 "$results/out" | sed 's/^/         /'
        return 1
    fi
}

counter() { sed -n "s/.*<Counters [^>]*\b$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1; }

# suite PROJECT [ARGUMENT...]: runs one test project and adds up what its result file says. Without results, without a test, or with
# one that was skipped, the suite has failed.
suite() {
    local project=$1 name file=$results/$1.trx total executed ok bad
    name=${project#OrthancCachePlugin.}; shift
    step "$name"
    dotnet test "$root/tests/$project/$project.csproj" -c Release --no-build --nologo --results-directory "$results" \
        --logger "trx;LogFileName=$project.trx" --logger 'console;verbosity=normal' "$@" 2>&1 | tee "$results/log" \
        | grep -avE '^ *(Passed |\[xUnit.net .*(Discover|Starting|Finished)|Test Run |Total (tests|time)|VSTest|Test run for|A total of|Starting test|Results File)|^ +(Passed|Failed): +[0-9]+$|^ *$' || true
    if [ ! -s "$file" ]; then
        say "  ${red}FAILED${plain} $name gave no results"; tail -n 20 "$results/log"
        failed=$((failed + 1)); return 0
    fi
    total=$(counter "$file" total) executed=$(counter "$file" executed) ok=$(counter "$file" passed)
    # Whatever did not pass has failed: skipped, aborted and timed-out tests too.
    bad=$((total - ok))
    if [ "$total" = 0 ]; then say "  ${red}FAILED${plain} $name ran no test"; bad=1; fi
    if [ "$executed" != "$total" ]; then say "  ${red}FAILED${plain} $name skipped $((total - executed))"; fi
    if grep -q 'outcome="Aborted"\|Test Run Aborted' "$file" "$results/log" && [ $bad = 0 ]; then say "  ${red}FAILED${plain} $name was aborted"; bad=1; fi
    passed=$((passed + ok)) failed=$((failed + bad))
    say "  $ok passed, $bad failed"
}

# What the torture test counted, per operation.
torture_tables() {
    local file
    for file in "$root"/artifacts/torture-*.txt; do
        if [ -e "$file" ] && [ "$file" -nt "$results/started" ]; then sed 's/^/  /' "$file"; fi
    done
}

# page_tests: those of the page, in Debian's Chromium and Firefox against a real Orthanc. Their driver is the only thing that does not come from Debian.
page_tests() {
    local page=$root/tests/page browser ok total bad
    step "Page"
    # Where node does not come from Debian it brings npm along, and Debian's would be in its way.
    command -v node >/dev/null || need_packages nodejs
    command -v npm >/dev/null || need_packages npm
    need_packages chromium firefox-esr
    check "npm ci" npm ci --prefix "$page" --no-audit --no-fund --loglevel=error || return 0
    for browser in chromium firefox; do
        (cd "$page" && PAGE_BROWSER=$browser node --test-reporter=tap page.test.js) >"$results/page" 2>&1 </dev/null || true
        total=$(sed -n 's/^# tests \([0-9]*\)$/\1/p' "$results/page" | tail -n 1) ok=$(sed -n 's/^# pass \([0-9]*\)$/\1/p' "$results/page" | tail -n 1)
        total=${total:-0} ok=${ok:-0}
        # Whatever did not pass has failed; so has a run without a test.
        bad=$((total - ok))
        if [ "$total" = 0 ]; then say "  ${red}FAILED${plain} the page's tests gave no results"; bad=1; fi
        [ $bad = 0 ] || { grep -E '^not ok' "$results/page" | sed 's/^/  /' || true; tail -n 60 "$results/page" | sed 's/^/         /'; }
        passed=$((passed + ok)) failed=$((failed + bad))
        say "  $browser: $ok passed, $bad failed"
    done
}

monitoring() {
    step "Monitoring"
    need_packages prometheus jq
    check "build/monitoring/check.sh" build/monitoring/check.sh || true
}

exports_the_sdk_functions() {
    local name
    for name in Initialize Finalize GetName GetVersion; do
        nm -D --defined-only "$library" | grep -qw "T OrthancPlugin$name" || { say "no OrthancPlugin$name"; nm -D --defined-only "$library"; return 1; }
    done
}
needs_libc_only() {
    local others
    others=$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vxE 'libc\.so\.6|libm\.so\.6|ld-linux-x86-64\.so\.2' || true)
    [ -z "$others" ] || { say "it also needs: $others"; return 1; }
    ! ldd -r "$library" 2>&1 | grep -E 'not found|undefined symbol'
}
is_small() { [ "$(stat -c %s "$library")" -lt 12000000 ] || { stat -c '%s bytes' "$library"; return 1; }; }
stays_mapped() { readelf -d "$library" | grep -q 'FLAGS_1.*NODELETE' || { readelf -d "$library"; return 1; }; }
# Debian bookworm has 2.36; an image that is built from a newer system must not slip in.
runs_on_bookworm() {
    local newest
    newest=$(objdump -T "$library" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -n 1)
    [ "$(printf '%s\nGLIBC_2.36\n' "$newest" | sort -V | tail -n 1)" = GLIBC_2.36 ] || { say "it needs $newest"; return 1; }
}
mentions_no_path() {
    ! strings -n 8 "$library" | grep -F "$root"
}

cd "$root"
need_dotnet
# What runs in Orthanc without a test project of .NET.
if [ -n "$part" ]; then
    need_run_packages
    check "native library" build/library.sh
    $part
    exit 0
fi
step "Building"
need_build_packages
check "locked restore" dotnet restore OrthancCachePlugin.sln --locked-mode --nologo -v quiet
if [ -z "$torture$filter" ]; then
    check "formatting" dotnet format whitespace OrthancCachePlugin.sln --verify-no-changes --no-restore || true
fi
check "no warnings" dotnet build OrthancCachePlugin.sln -c Release --no-restore --nologo -v quiet

if [ -z "$torture$filter" ]; then
    suite OrthancCachePlugin.Tests
fi
[ "$unit" = all ] || exit 0

need_run_packages
need_packages orthanc-dev dcmtk postgresql orthanc-postgresql util-linux mount zstd
check "native library" build/library.sh
if [ -z "$torture$filter" ]; then
    check "it exports the four functions of the SDK" exports_the_sdk_functions || true
    check "it needs the C library alone" needs_libc_only || true
    check "it runs on bookworm's C library" runs_on_bookworm || true
    check "it is smaller than 12 MB" is_small || true
    check "it stays mapped when Orthanc unloads it" stays_mapped || true
    check "it holds no path of this machine" mentions_no_path || true
    check "build/run.sh --check" build/run.sh --check || true
    suite OrthancCachePlugin.NativeHost.Tests
    suite OrthancCachePlugin.EndToEnd
    page_tests
    monitoring
elif [ -n "$torture" ]; then
    ORTHANC_CACHE_TORTURE_MINUTES=$torture suite OrthancCachePlugin.EndToEnd --filter 'Category=Torture'
else
    suite OrthancCachePlugin.EndToEnd --filter "$filter"
fi
torture_tables
