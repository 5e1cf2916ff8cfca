#!/usr/bin/env bash
# Measures the plugin beside bare Orthanc, the limit of the SDK, nginx and, where PYTHON_PEER names a copy of it, the Python plugin.
# usage: build/bench.sh [--quick] [--only WORKLOAD]... | --micro | --archives
#   --quick          a few minutes instead of half an hour: fewer and shorter rounds, fewer keys, a smaller cache
#   --only WORKLOAD  hits, host_compression, distinct_keys, memory_and_disk, uploads, under_load, calls_to_the_core, derived_tags, files or start_up alone
#   --micro          the inner parts alone, by BenchmarkDotNet
#   --archives       downloads of a study of 400 MiB alone, here and (as root) in the other Orthancs that are served: archives.md
# Writes table.md, results.json, results.csv and plot.svg to artifacts/bench/. Nothing else should run on the machine meanwhile.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

arguments=() micro='' archives=''
while [ $# -gt 0 ]; do
    case $1 in
        --quick) arguments+=(--quick) ;;
        --only) arguments+=(--only "${2:?--only takes a workload}"); shift ;;
        --micro) micro=1 ;;
        --archives) archives=1 ;;
        -h|--help) sed -n '2,8s/^# //p' "$0"; exit 0 ;;
        *) die "unknown argument: $1 (see --help)" ;;
    esac
    shift
done

need_dotnet
output=$root/artifacts/bench
mkdir -p "$output"
if [ -n "$micro" ]; then
    need_build_packages
    step "Measuring the inner parts"
    dotnet run --project "$root/tests/OrthancCachePlugin.Benchmarks" -c Release -- --filter '*' --artifacts "$output/micro"
    exit
fi

need_run_packages
if [ -n "$archives" ]; then
    build_library
    . "$root/build/chroots.sh"
    table=$output/archives.md
    rm -f "$table"
    # measured ROOT COMMAND...: "COMMAND... archives.py" for the Orthanc below that root.
    measured() {
        local directory=$1; shift
        step "Measuring archives${directory:+ in ${directory##*/}}"
        PYTHONDONTWRITEBYTECODE=1 "$@" /usr/bin/python3 "$root/tests/benchmarks/archives.py" --library "$library" --output "$table" --root "$directory"
    }
    measured '' env
    if [ "$(id -u)" = 0 ]; then
        "$root/build/matrix.sh" --prepare trixie forky
        for release in trixie forky; do measured "$chroots/$release" mounted "$chroots/$release"; done
    fi
    cat "$table"
    exit
fi
need_packages wrk nginx zstd
if [ -n "${PYTHON_PEER:-}" ]; then need_packages orthanc-python python3-diskcache python3-tz; fi
build_library
constant=$output/libConstantAnswers.so forwarding=$output/libForwarding.so
# plugin SOURCE LIBRARY: one of the plugins in C that are limits.
plugin() { gcc -std=c11 -O2 -Wall -Wextra -Werror -fPIC -shared -I"$root/native-sdk-headers" "$root/tests/benchmarks/$1" -o "$2"; }
plugin constant-plugin/constant_plugin.c "$constant"
plugin forwarding-plugin/forwarding_plugin.c "$forwarding"

commit=$(git -C "$root" describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)
processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
step "Measuring"
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$root/tests/benchmarks/bench.py" "${arguments[@]}" \
    --library "$library" --constant "$constant" --forwarding "$forwarding" --output "$output" \
    --fact "commit=$commit" --fact "date=$(date -u +%F)" --fact "processors=$(nproc) x $processor" \
    --fact "memory=$(awk '/MemTotal/ { printf "%.1f GB", $2 / 1e6 }' /proc/meminfo)" \
    --fact "load before (1, 5, 15 min)=$(cut -d' ' -f1-3 /proc/loadavg)" \
    --fact "Orthanc=$(dpkg-query -W -f '${Version}' orthanc), nginx $(dpkg-query -W -f '${Version}' nginx), kernel $(uname -r)"
