#!/usr/bin/env bash
# Lays the layer over a clean copy of a Debian with Orthanc, as the image would, and starts Orthanc there. Run by package-docker.sh.
# usage: check.sh CHROOT LAYER PORT
# ORTHANC_ENTRY_SCRIPTS=DIRECTORY uses generateConfiguration.py of orthancteam/orthanc in that directory instead of our reading of it.
set -euo pipefail
directory=$1 layer=$2 port=$3
here=$(cd "$(dirname "$0")" && pwd)
failures=0 pid=
expect() {
    if [ "$2" = "$3" ]; then printf '  ok    %s\n' "$1"
    else printf '  WRONG %s: "%s" instead of "%s"\n' "$1" "$2" "$3"; failures=$((failures + 1))
    fi
}
trap '[ -z "$pid" ] || kill $pid' EXIT
base=http://127.0.0.1:$port user=orthanc:secret
cp -a "$layer/." "$directory/"
# Bookworm's package starts with its own list of plugins; the image has one directory for them.
rm -f "$directory"/usr/share/orthanc/plugins/*
mkdir -p "$directory/var/lib/orthanc/db"
chown 999:999 "$directory/var/lib/orthanc/db"

# configure VARIABLE=VALUE...: what the image's entry script makes of the environment.
configure() {
    rm -f "$directory/tmp/orthanc.json" "$directory/usr/share/orthanc/plugins/libOrthancResponseCache.so"
    local settings=(ORTHANC__HTTP_PORT="$port" ORTHANC__REMOTE_ACCESS_ALLOWED=false ORTHANC__DICOM_SERVER_ENABLED=false
        ORTHANC__AUTHENTICATION_ENABLED=true ORTHANC__REGISTERED_USERS='{"orthanc": "secret"}' "$@")
    if [ -n "${ORTHANC_ENTRY_SCRIPTS:-}" ]; then
        mkdir -p "$directory/startup"
        # What the image enables by itself is not here, nor does the image have bookworm's configuration.
        rm -f "$directory"/etc/orthanc/*.json
        while read -r name; do settings+=("$name=false"); done < <(python3 -c '
import json, sys
for plugin in json.load(open(sys.argv[1])).values():
    if plugin.get("enabledByDefault"):
        print(plugin["enablingEnvVar"])' "$ORTHANC_ENTRY_SCRIPTS/plugins-def.json")
        cp "$ORTHANC_ENTRY_SCRIPTS"/{generateConfiguration,configurator,helpers}.py "$ORTHANC_ENTRY_SCRIPTS"/{env-var,orthanc-defaults,plugins-def}*.json "$directory/startup/"
        # Its one module from PyPI replaces variables in files; there are none in ours.
        printf 'def envsubst(text):\n    return text\n' >"$directory/startup/envsubst.py"
        # No python3 in the copy: the host's, with the copy as its root.
        env -i PATH="$PATH" "${settings[@]}" python3 -c '
import os, sys
import encodings.idna, json, glob, re, tempfile, subprocess, shutil, typing, errno
os.chroot(sys.argv[1]); os.chdir("/startup"); sys.path.insert(0, "/startup"); sys.dont_write_bytecode = True
exec(compile(open("generateConfiguration.py").read(), "/startup/generateConfiguration.py", "exec"), {"__file__": "/startup/generateConfiguration.py", "__name__": "__main__"})' "$directory"
    else
        env -i PATH="$PATH" "${settings[@]}" python3 "$here/entry.py" "$directory" /tmp/orthanc.json
    fi
}
start() {
    local i
    chroot --userspec="$1" "$directory" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/var/lib/orthanc /usr/sbin/Orthanc /tmp/orthanc.json >"$directory/tmp/log" 2>&1 </dev/null &
    pid=$!
    for ((i = 0; ; i++)); do
        curl -fs -u $user -o /dev/null "$base/system" && return 0
        kill -0 $pid 2>/dev/null && [ $i -lt 300 ] || { cat "$directory/tmp/log"; echo "Orthanc does not answer"; exit 1; }
        sleep 0.1
    done
}
stop() { local status=0; kill $pid; wait $pid || status=$?; pid=; expect "Orthanc stops cleanly" $status 0; }
loaded() { curl -s -u $user "$base/plugins" | grep -c '"response-cache"' || true; }
status_of() { curl -s -u $user -o /dev/null -D - "$@" | tr -d '\r' | sed -n 's/^Cache-Status: //Ip'; }
in_section() { python3 -c 'import json, sys; print(json.dumps(json.load(open(sys.argv[1])).get("ResponseCache", {}).get(sys.argv[2])))' "$directory/tmp/orthanc.json" "$1"; }

configure
start 0:0
expect "not enabled, it is not loaded" "$(loaded)" 0
stop
configure RESPONSE_CACHE_PLUGIN_ENABLED=true ORTHANC__RESPONSE_CACHE__MAXIMUM_SIZE=128 ORTHANC__RESPONSE_CACHE__WARM_UP=false \
    ORTHANC__RESPONSE_CACHE__WARM_UP_ROUTES='["shared-tags"]' ORTHANC__RESPONSE_CACHE__EXPIRATION_DAYS=2
expect "the environment sets numbers" "$(in_section MaximumSize)" 128
expect "and lists" "$(in_section WarmUpRoutes)" '["shared-tags"]'
expect "and leaves the directory to the image" "$(in_section Directory)" '"/var/lib/orthanc/cache"'
for who in 0:0 999:999; do
    start $who
    expect "as $who: enabled, it is loaded" "$(loaded)" 1
    expect "as $who: its section is understood" "$(grep -c 'ResponseCache\.' "$directory/tmp/log")" 0
    study=$(curl -fs -u $user --data-binary @/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm -H 'Expect:' "$base/instances" | sed -n 's/.*"ParentStudy" : "\(.*\)".*/\1/p')
    url=$base/studies/$study/shared-tags
    for ((i = 0; i < 300; i++)); do [ "$(status_of "$url")" != "response-cache; hit" ] || break; sleep 0.1; done
    expect "as $who: a hit" "$(status_of "$url")" "response-cache; hit"
    expect "as $who: private, because Orthanc asks who it is" "$(curl -s -u $user -o /dev/null -D - "$url" | tr -d '\r' | sed -n 's/^Cache-Control: //Ip' | grep -c private)" 1
    expect "as $who: two days" "$(curl -s -u $user -o /dev/null -D - "$url" | grep -c 'max-age=172800')" 1
    expect "as $who: and nothing for others" "$(curl -s -o /dev/null -w '%{http_code}' "$url")" 401
    stop
    # What root has left is not for the image's user; in an image it is one or the other.
    chown -R 999:999 "$directory/var/lib/orthanc"
done
configure RESPONSE_CACHE_PLUGIN_ENABLED=false ORTHANC__RESPONSE_CACHE__MAXIMUM_SIZE=128
start 0:0
expect "switched off, it is not loaded, whatever is configured" "$(loaded)" 0
stop
[ $failures = 0 ] || exit 1
