#!/usr/bin/env bash
# Makes artifacts/packages/orthanc-response-cache-VERSION-linux-x64.tar.gz: library, licences, sample configuration, checksums.
# usage: build/package-tarball.sh [--check]
#   --check   builds from two clones of this repository in different places, and compares byte for byte
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$root/build/packaging/lib.sh"

check=
case ${1:-} in
    '') ;;
    --check) check=1 ;;
    -h|--help) sed -n '2,4s/^# //p' "$0"; exit 0 ;;
    *) die "unknown argument: $1 (see --help)" ;;
esac
name=orthanc-response-cache-$version-linux-x64

if [ -n "$check" ]; then
    need_packages git
    work=$(mktemp -d "${TMPDIR:-/tmp}/orthanc-response-cache-clones.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    [ -z "$(git -C "$root" status --porcelain)" ] || say "What is not committed is not in the clones."
    commit=$(git -C "$root" rev-parse HEAD)
    for clone in one another/place; do
        mkdir -p "$(dirname "$work/$clone")"
        git clone -q --no-checkout "$root" "$work/$clone"
        git -C "$work/$clone" checkout -q --detach "$commit"
        # Not the environment's, but each clone's own.
        env -u SOURCE_DATE_EPOCH "$work/$clone/build/package-tarball.sh" >"$work/log" 2>&1 || { tail -n 30 "$work/log"; die "The clone does not build."; }
    done
    (cd "$work" && sha256sum one/artifacts/packages/*.tar.gz another/place/artifacts/packages/*.tar.gz)
    cmp "$work/one/artifacts/packages/$name.tar.gz" "$work/another/place/artifacts/packages/$name.tar.gz" \
        || die "Two builds of the same commit differ: $(cmp "$work"/{one,another/place}/artifacts/linux-x64/libOrthancResponseCache.so && echo 'the library is the same' || true)"
    say "${green}Both are the same, byte for byte.${plain}"
    exit 0
fi

need_dotnet
need_packages binutils
build_library
step "Packing"
tree=$(mktemp -d "${TMPDIR:-/tmp}/orthanc-response-cache-tar.XXXXXX")
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/$name" "$packages"
install -m 644 "$library" "$packaging/response-cache.json" "$root/LICENSE" "$tree/$name/"
third_party_notices >"$tree/$name/NOTICES"
sed -e "s/@VERSION@/$version/; s/@GLIBC@/$(newest_glibc "$library")/" "$packaging/tarball-readme.txt" >"$tree/$name/README.txt"
chmod 644 "$tree/$name"/*
(cd "$tree/$name" && sha256sum LICENSE NOTICES README.txt libOrthancResponseCache.so response-cache.json >SHA256SUMS)
chmod 644 "$tree/$name/SHA256SUMS"
# Names in order, nobody's ids, the source's time, and no time in gzip's header: what is packed says all there is to say.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --format=ustar -C "$tree" -cf - "$name" | gzip -9n >"$packages/$name.tar.gz"
(cd "$packages" && sha256sum "$name.tar.gz")
