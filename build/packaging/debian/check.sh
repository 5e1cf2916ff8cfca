#!/usr/bin/env bash
# Installs, asks for a hit, upgrades, removes and purges in a clean copy of a Debian with its own Orthanc. Run by package-deb.sh.
# usage: check.sh CHROOT PACKAGE NEXT-PACKAGE PORT
set -euo pipefail
directory=$1 package=$2 next=$3 port=$4
failures=0
inside() { chroot "$directory" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"; }
expect() {
    if [ "$2" = "$3" ]; then printf '  ok    %s\n' "$1"
    else printf '  WRONG %s: "%s" instead of "%s"\n' "$1" "$2" "$3"; failures=$((failures + 1))
    fi
}
base=http://127.0.0.1:$port pid=
# Debian's own service, as its unit starts it: its user, its configuration directory. The only change is a port on 127.0.0.1.
printf '{ "HttpPort": %s, "RemoteAccessAllowed": false, "AuthenticationEnabled": false, "DicomServerEnabled": false }\n' "$port" >"$directory/tmp/port.json"
start() {
    local i
    sed -i -e 's/^ *"HttpPort".*//; s/^ *"DicomServerEnabled".*//; s/^ *"RemoteAccessAllowed".*//; s/^ *"AuthenticationEnabled".*//' "$directory/etc/orthanc/orthanc.json"
    cp "$directory/tmp/port.json" "$directory/etc/orthanc/zz-port.json"
    chroot --userspec=orthanc:orthanc "$directory" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/var/lib/orthanc /usr/sbin/Orthanc /etc/orthanc >"$directory/tmp/log" 2>&1 </dev/null &
    pid=$!
    for ((i = 0; ; i++)); do
        curl -fs -o /dev/null "$base/system" && return 0
        kill -0 $pid 2>/dev/null && [ $i -lt 300 ] || { cat "$directory/tmp/log"; echo "Orthanc does not answer"; exit 1; }
        sleep 0.1
    done
}
stop() { local status=0; kill $pid; wait $pid || status=$?; pid=; expect "Orthanc stops cleanly" $status 0; }
trap '[ -z "$pid" ] || kill $pid' EXIT
status_of() { curl -s -o /dev/null -D - "$@" | tr -d '\r' | sed -n 's/^Cache-Status: //Ip'; }
loaded() { curl -s "$base/plugins" | grep -c '"response-cache"' || true; }

cp "$package" "$directory/tmp/package.deb"
cp "$next" "$directory/tmp/next.deb"
inside dpkg -i /tmp/package.deb >"$directory/tmp/dpkg" 2>&1
expect "dpkg asks for a restart of Orthanc" "$(grep -c 'orthanc-restart-trigger: restarting' "$directory/tmp/dpkg")" 1
expect "the package is installed" "$(inside dpkg-query -W -f '${Status}' orthanc-response-cache)" "install ok installed"
inside dpkg -V orthanc-response-cache
start
expect "Orthanc has loaded it" "$(loaded)" 1
expect "no warning about its configuration" "$(grep -c 'ResponseCache\.' "$directory/tmp/log")" 0
study=$(curl -fs --data-binary @/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm -H 'Expect:' "$base/instances" | sed -n 's/.*"ParentStudy" : "\(.*\)".*/\1/p')
url=$base/studies/$study/instances-tags
for ((i = 0; i < 300; i++)); do [ "$(status_of "$url")" != "response-cache; hit" ] || break; sleep 0.1; done
expect "a hit" "$(status_of "$url")" "response-cache; hit"
tag=$(curl -s -o /dev/null -D - "$url" | tr -d '\r' | sed -n 's/^ETag: //Ip')
expect "a 304" "$(curl -s -o /dev/null -w '%{http_code}' -H "If-None-Match: $tag" "$url")" 304
expect "the directory is for Orthanc's user alone" "$(inside stat -c '%a %U' /var/lib/orthanc/cache)" "700 orthanc"
stop

# A local change of the configuration survives an upgrade.
sed -i 's/"ExpirationDays" : 7/"ExpirationDays" : 3/' "$directory/etc/orthanc/response-cache.json"
inside dpkg -i /tmp/next.deb >"$directory/tmp/dpkg" 2>&1
expect "the configuration is kept" "$(grep -c '"ExpirationDays" : 3' "$directory/etc/orthanc/response-cache.json")" 1
expect "one library is left" "$(inside sh -c 'ls /usr/lib/orthanc/libOrthancResponseCache*' | wc -l)" 1
start
expect "the upgraded one is loaded" "$(loaded)" 1
expect "what was stored before is a hit, or is asked for again" "$(status_of "$url" | sed 's/fwd=.*/hit/')" "response-cache; hit"
stop

inside dpkg -r orthanc-response-cache >"$directory/tmp/dpkg" 2>&1
expect "removal keeps the configuration" "$(inside sh -c 'ls /etc/orthanc/response-cache.json')" /etc/orthanc/response-cache.json
start
expect "Orthanc works without it" "$(loaded) $(curl -s -o /dev/null -w '%{http_code}' "$url")" "0 200"
stop
inside dpkg -P orthanc-response-cache >"$directory/tmp/dpkg" 2>&1
expect "purging leaves nothing" "$(inside sh -c 'ls -d /etc/orthanc/response-cache.json /var/lib/orthanc/cache /usr/lib/orthanc/*ResponseCache* /usr/share/orthanc/plugins/*ResponseCache* /usr/share/doc/orthanc-response-cache 2>/dev/null' | wc -l)" 0
expect "dpkg is at peace" "$(inside dpkg --audit | wc -l)" 0
start
expect "Orthanc's data is untouched" "$(curl -s "$base/studies" | tr -d '[]" \n')" "$study"
stop
[ $failures = 0 ] || exit 1
