#!/usr/bin/env bash
# Makes artifacts/packages/orthanc-response-cache-VERSION-docker-layer.tar.gz, what build/packaging/docker/Dockerfile adds to orthancteam/orthanc.
# usage: build/package-docker.sh [--check]
#   --check   lays it over a clean bookworm with Orthanc and starts Orthanc there, configured by the environment (needs root);
#             lints the Dockerfile where npm can get a linter. There is no Docker in this: the image itself is not built.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$root/build/packaging/lib.sh"

check=
case ${1:-} in
    '') ;;
    --check) check=1 ;;
    -h|--help) sed -n '2,5s/^# //p' "$0"; exit 0 ;;
    *) die "unknown argument: $1 (see --help)" ;;
esac
[ "$(id -u)" = 0 ] || die "Only root can make files of the image's user."
need_dotnet
work=$(mktemp -d "${TMPDIR:-/tmp}/orthanc-response-cache-docker.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/layer"
"$packaging/docker/layer.sh" "$work/layer"
step "Packing"
mkdir -p "$packages"
tar --sort=name --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --format=ustar -C "$work/layer" -cf - . | gzip -9n >"$packages/orthanc-response-cache-$version-docker-layer.tar.gz"
(cd "$packages" && sha256sum "orthanc-response-cache-$version-docker-layer.tar.gz")
[ -n "$check" ] || exit 0

. "$root/build/chroots.sh"
need_chroot_tools
need_packages curl python3 python3-pydicom
need_chroot bookworm orthanc
step "Over a clean bookworm"
on_a_copy bookworm "$packaging/docker/check.sh" "$work/layer" "$(free_port)"
step "Linting the Dockerfile"
if command -v npm >/dev/null && (cd "$work" && npm init -y && npm install --no-audit --no-fund dockerfilelint@1.8.0) >"$work/npm" 2>&1; then
    cp "$packaging/docker/Dockerfile" "$work/Dockerfile"
    (cd "$work" && node_modules/.bin/dockerfilelint Dockerfile)
else
    say "NOT linted: npm cannot get dockerfilelint here."
fi
