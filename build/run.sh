#!/usr/bin/env bash
# Builds the plugin, starts Orthanc with it and Debian's sample files, and shows a miss, a hit, a 304 and the 304 of an archive. Then it
# stays up until Ctrl-C.
# usage: build/run.sh [--port N] [--check]
#   --port N   listen on 127.0.0.1:N (8042)
#   --check    a free port, assert what is shown, stop, and exit with 0 or 1
set -euo pipefail
. "$(dirname "$0")/lib.sh"

port=8042 check=
while [ $# -gt 0 ]; do
    case $1 in
        --port) port=${2:?--port takes a number}; shift ;;
        --check) check=1 ;;
        -h|--help) sed -n '2,6s/^# //p' "$0"; exit 0 ;;
        *) die "unknown argument: $1 (see --help)" ;;
    esac
    shift
done

need_dotnet
need_run_packages
build_library
[ -z "$check" ] || port=$(free_port)
! port_taken "$port" || die "Port $port of 127.0.0.1 is taken. Another one: build/run.sh --port N"

work=$(mktemp -d "${TMPDIR:-/tmp}/orthanc-response-cache.XXXXXX")
orthanc_pid=
finish() {
    local status=$?
    trap - EXIT
    if [ -n "$orthanc_pid" ]; then
        kill "$orthanc_pid" 2>/dev/null || true
        wait "$orthanc_pid" 2>/dev/null || true
    fi
    if [ $status != 0 ] && [ -s "$work/log" ]; then
        say "The end of Orthanc's log:" >&2
        tail -n 25 "$work/log" >&2
    fi
    rm -rf "$work"
    exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Warm-up computes answers before anybody asks, so the first request below would be a hit. And where Orthanc is older than 1.12.6, the
# plugin leaves archives to it unless it is told not to.
cat >"$work/orthanc.json" <<JSON
{
  "Name": "Response cache",
  "StorageDirectory": "$work/storage",
  "IndexDirectory": "$work/storage",
  "HttpPort": $port,
  "RemoteAccessAllowed": false,
  "AuthenticationEnabled": false,
  "DicomServerEnabled": false,
  "Plugins": [ "$library" ],
  "ResponseCache": {
    "Directory": "$work/cache",
    "WarmUp": false,
    "Archives": true
  }
}
JSON

step "Starting Orthanc on 127.0.0.1:$port"
Orthanc "$work/orthanc.json" >"$work/log" 2>&1 &
orthanc_pid=$!
base=http://127.0.0.1:$port
for ((i = 0; ; i++)); do
    curl -fs -o /dev/null "$base/system" && break
    kill -0 "$orthanc_pid" 2>/dev/null || die "Orthanc ended while it started."
    [ $i -lt 300 ] || die "Orthanc does not answer."
    sleep 0.1
done
curl -fs "$base/plugins" | grep -q '"response-cache"' || die "Orthanc runs, but did not load the plugin."

step "Uploading the sample files of python3-pydicom"
# Some of them are broken on purpose: Orthanc refuses those.
samples=/usr/lib/python3/dist-packages/pydicom/data
find "$samples" -type f ! -name 'DICOMDIR*' \( -name '*.dcm' -o ! -name '*.*' \) -print0 | sort -z >"$work/list"
uploaded=0 last=
while IFS= read -r -d '' file; do
    if last_answer=$(curl -fs --data-binary "@$file" -H 'Expect:' "$base/instances"); then
        uploaded=$((uploaded + 1))
        last=$(sed -n 's/.*"ID" : "\([0-9a-f-]*\)".*/\1/p' <<<"$last_answer")
    fi
done <"$work/list"
[ "$uploaded" -gt 50 ] || die "Only $uploaded files could be uploaded."
say "$uploaded instances"

# The study with the most instances.
study=$(curl -fs "$base/studies?expand" >"$work/studies" && python3 - "$base" "$work/studies" <<'PY'
import json, sys, urllib.request
def instances(study):
    with urllib.request.urlopen(f"{sys.argv[1]}/studies/{study['ID']}/statistics") as answer:
        return int(json.load(answer)["CountInstances"])
print(max(json.load(open(sys.argv[2])), key=instances)["ID"])
PY
)

# LastUpdate has whole seconds, so an answer about what changed a moment ago is not kept. The study is old enough when another answer
# about it gets a validator: one that is Orthanc's own, so that no tags are known before.
for ((i = 0; ; i++)); do
    curl -fs -o /dev/null -D "$work/h" "$base/studies/$study/instances-tags?ignore-length=0008-0018"
    grep -qi '^ETag:' "$work/h" && break
    [ $i -lt 300 ] || die "No answer gets a validator: $(grep -i '^Cache-Status' "$work/h" || echo 'no Cache-Status')"
    sleep 0.1
done

url=$base/studies/$study/instances-tags
failures=0
header() { sed -n "s/\r$//;s/^$1: //Ip" "$work/h" | head -n 1; }
expect() {
    [ -n "$check" ] || return 0
    if [ "$2" = "$3" ]; then say "     ${green}as expected:${plain} $1"
    else say "     ${red}WRONG:${plain} $1: $2 instead of $3"; failures=$((failures + 1))
    fi
}
# request TITLE COLOUR [CURL-ARGUMENT...]: one line about the answer to GET $url; its body is kept in $work/body.TITLE.
request() {
    local title=$1 colour=$2; shift 2
    read -r code seconds size < <(curl -s -o "$work/body.$title" -D "$work/h" -w '%{http_code} %{time_total} %{size_download}\n' "$@" "$url")
    status=$(header Cache-Status) etag=$(header ETag)
    printf '  %s%-7s%s %s %9s ms %9s bytes   Cache-Status: %s%s%s\n' "$bold" "$title" "$plain" "$code" \
        "$(awk "BEGIN { printf \"%.1f\", $seconds * 1000 }")" "$size" "$colour" "${status:-(none)}" "$plain"
}

step "GET /studies/$study/instances-tags"
request first "$red"
expect "the first request is made of what Orthanc parses, and stored" "$code $status" "200 response-cache; fwd=miss; detail=derived; stored"
for name in ETag Last-Modified Cache-Control Expires Vary; do
    printf '          %s%s: %s%s\n' "$dim" "$name" "$(header "$name")" "$plain"
    [ -z "$check" ] || expect "$name is there" "$([ -n "$(header "$name")" ] && echo yes || echo no)" yes
done
first_etag=$etag
request second "$green"
expect "the second comes from the cache" "$code $status" "200 response-cache; hit"
expect "with the same validator" "$etag" "$first_etag"
expect "and the same body" "$(md5sum <"$work/body.second")" "$(md5sum <"$work/body.first")"
request third "$green" -H "If-None-Match: $etag"
expect "the third, with the validator, is a 304 without a body" "$code $size" "304 0"

# Archives are not stored here; the client that has one downloads nothing.
tags_url=$url tags_etag=$etag url=$base/studies/$study/archive
step "GET /studies/$study/archive"
request archive "$red"
expect "the archive is a whole ZIP" "$code $(python3 -m zipfile -t "$work/body.archive" >/dev/null 2>&1 && echo whole || echo broken)" "200 whole"
printf '          %sETag: %s%s\n' "$dim" "$etag" "$plain"
[ -z "$check" ] || expect "ETag is there" "$([ -n "$etag" ] && echo yes || echo no)" yes
request again "$green" -H "If-None-Match: $etag"
expect "with the validator, it is a 304 without a body" "$code $size" "304 0"
kill -0 "$orthanc_pid" 2>/dev/null || die "Orthanc ended."

if [ -n "$check" ]; then
    kill "$orthanc_pid"
    exit_code=0
    wait "$orthanc_pid" || exit_code=$?
    orthanc_pid=
    expect "Orthanc stops cleanly" "$exit_code" 0
    [ $failures = 0 ] || { cp "$work/log" "${TMPDIR:-/tmp}/orthanc-response-cache.log"; die "$failures of these are wrong; Orthanc's log: ${TMPDIR:-/tmp}/orthanc-response-cache.log"; }
    say "${green}All as it should be.${plain}"
    exit 0
fi

cat <<TEXT

Orthanc is up: $base/app/explorer.html   (stop: Ctrl-C)
Try:
  curl -i $tags_url | head -n 20
  curl -i -H 'If-None-Match: $tags_etag' $tags_url
  curl -X DELETE $base/instances/$last     # and ask again: what it changes is a miss once
  curl -i $base/patients/\$(curl -s $base/studies/$study/patient | sed -n 's/.*"ID" : "\(.*\)".*/\1/p')/shared-tags?simplify
TEXT
wait "$orthanc_pid" || die "Orthanc ended."
