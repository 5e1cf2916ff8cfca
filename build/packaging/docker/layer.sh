#!/usr/bin/env bash
# Puts what the image adds to orthancteam/orthanc into a directory. Run by the Dockerfile, and by build/package-docker.sh.
# usage: build/packaging/docker/layer.sh DIRECTORY
set -euo pipefail
. "$(dirname "$0")/../../lib.sh"
. "$root/build/packaging/lib.sh"

layer=${1:?usage: build/packaging/docker/layer.sh DIRECTORY}
build_library
mkdir -p "$layer/usr/share/orthanc/plugins-available" "$layer/startup" "$layer/usr/share/doc/orthanc-response-cache" "$layer/var/lib/orthanc/cache"
# Not among the plugins that are always loaded: the image's entry script links it from there when it is enabled.
install -m 755 "$library" "$layer/usr/share/orthanc/plugins-available/"
install -m 644 "$packaging/docker/plugins-def-response-cache.json" "$layer/startup/"
install -m 644 "$root/LICENSE" "$layer/usr/share/doc/orthanc-response-cache/"
third_party_notices >"$layer/usr/share/doc/orthanc-response-cache/NOTICES"
chown -R 999:999 "$layer/var/lib/orthanc"
chmod 700 "$layer/var/lib/orthanc/cache"
