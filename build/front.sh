#!/usr/bin/env bash
# Tests the recipes for nginx and Varnish in build/front before a real Orthanc with the plugin.
# usage: build/front.sh [nginx] [varnish]
set -euo pipefail
. "$(dirname "$0")/lib.sh"

case ${1:-} in -h|--help) sed -n '2,3s/^# //p' "$0"; exit 0 ;; esac
need_dotnet
need_run_packages
need_packages nginx-light varnish python3
{ [ -e "$library" ] && [ -n "${ORTHANC_CACHE_KEEP_LIBRARY:-}" ]; } || build_library
work=$(mktemp -d "${TMPDIR:-/tmp}/orthanc-response-cache-front.XXXXXX")
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
step "In front"
python3 "$root/build/front/check.py" "$library" "$work" "$@"
