#!/usr/bin/env bash
# Checks the samples with promtool, then lets a real Prometheus read a real Orthanc with the library, and asserts that every metric that
# the alerts and the dashboard name is there and every query of theirs is answered.
# usage: build/monitoring/check.sh        (ORTHANC_CACHE_LIBRARY: another library than artifacts/linux-x64's)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
need_packages prometheus curl jq orthanc python3
library=${ORTHANC_CACHE_LIBRARY:-$library}
[ -f "$library" ] || die "$library is not there: run build/library.sh first."

step "promtool"
promtool check config "$here/prometheus.yml"
promtool check rules "$here/alerts.yml"
(cd "$here" && promtool test rules alerts.test.yml)
jq -e '.panels | length > 0' "$here/grafana-dashboard.json" >/dev/null

work=$(mktemp -d "${TMPDIR:-/tmp}/orthanc-response-cache-monitoring.XXXXXX")
pids=()
finish() {
    local status=$? pid
    trap - EXIT
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; done
    [ $status = 0 ] || tail -n 20 "$work"/*.log >&2 || true
    rm -rf "$work"
    exit $status
}
trap finish EXIT
orthanc_port=$(free_port) prometheus_port=$(free_port)
cat >"$work/orthanc.json" <<JSON
{ "StorageDirectory": "$work/storage", "IndexDirectory": "$work/storage", "HttpPort": $orthanc_port, "DicomServerEnabled": false,
  "RemoteAccessAllowed": false, "AuthenticationEnabled": false, "Plugins": [ "$library" ], "ResponseCache": { "Directory": "$work/cache" } }
JSON
Orthanc "$work/orthanc.json" >"$work/orthanc.log" 2>&1 &
pids+=($!)
sed -e "s/127.0.0.1:8042/127.0.0.1:$orthanc_port/" -e 's/: 15s/: 1s/' -e "s#alerts.yml#$here/alerts.yml#" "$here/prometheus.yml" >"$work/prometheus.yml"
wait_for() {
    local what=$1 i; shift
    for ((i = 0; i < 300; i++)); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
    die "This did not happen: $what"
}
wait_for "Orthanc answers" curl -fs "http://127.0.0.1:$orthanc_port/system"

step "promtool check metrics, on what the plugin exports"
curl -fs "http://127.0.0.1:$orthanc_port/tools/metrics-prometheus" >"$work/metrics"
grep '^orthanc_response_cache_' "$work/metrics" >"$work/ours"
# Orthanc writes no HELP, and time stamps of its own: parsing is what is checked here.
promtool check metrics <"$work/ours" >"$work/lint" 2>&1 || true
! grep -i 'error while linting' "$work/lint" || die "the metrics cannot be parsed"
say "$(wc -l <"$work/ours") metrics"

step "A real Prometheus reads a real Orthanc"
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" --web.listen-address="127.0.0.1:$prometheus_port" >"$work/prometheus.log" 2>&1 &
pids+=($!)
query() { curl -fsG "http://127.0.0.1:$prometheus_port/api/v1/query" --data-urlencode "query=$1"; }
has_data() { query "$1" | jq -e '.status == "success" and (.data.result | length > 0)'; }
wait_for "Prometheus has read Orthanc" has_data 'up{job="orthanc"} == 1'

{ jq -r '.. | .expr? // empty' "$here/grafana-dashboard.json"; sed -n '/expr:/,/\(for\|labels\):/p' "$here/alerts.yml"; } >"$work/expressions"
missing=0 names=0
for name in $(grep -o 'orthanc_response_cache_[a-z0-9_]*' "$work/expressions" | sort -u); do
    names=$((names + 1))
    has_data "$name" >/dev/null || { say "${red}no such metric: $name${plain}"; missing=$((missing + 1)); }
done
[ $missing = 0 ] || die "$missing metrics are named and not exported"
say "$names metrics are named by alerts and dashboard, and all are there"

queries=0
while IFS= read -r expression; do
    expression=${expression//\$__rate_interval/1m} expression=${expression//\$instance/.*}
    query "$expression" | jq -e '.status == "success"' >/dev/null || die "Prometheus does not answer: $expression"
    queries=$((queries + 1))
done < <(jq -r '.. | .expr? // empty' "$here/grafana-dashboard.json")
say "$queries queries of the dashboard are answered"
curl -fs "http://127.0.0.1:$prometheus_port/api/v1/rules" | jq -e '[.data.groups[].rules[] | select(.health == "err")] | length == 0' >/dev/null || die "a rule fails"
curl -fs "http://127.0.0.1:$prometheus_port/api/v1/rules" | jq -r '.data.groups[].rules[] | "  \(.name): \(.state)"'
say "${green}All as it should be.${plain}"
