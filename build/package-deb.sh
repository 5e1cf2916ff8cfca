#!/usr/bin/env bash
# Makes artifacts/packages/orthanc-response-cache_VERSION_amd64.deb, laid out as Debian lays out Orthanc's plugins.
# usage: build/package-deb.sh [--check]
#   --check   lintian, and install, upgrade, hit, restart, remove and purge in a clean bookworm (needs root)
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

# make VERSION FILE: builds the package; the check makes a second one, to upgrade to.
make() {
    local version=$1 file=$2 tree doc
    tree=$(mktemp -d "${TMPDIR:-/tmp}/orthanc-response-cache-deb.XXXXXX")
    chmod 755 "$tree"
    doc=$tree/usr/share/doc/orthanc-response-cache
    mkdir -p "$tree/DEBIAN" "$doc" "$tree/usr/lib/orthanc" "$tree/usr/share/orthanc/plugins" "$tree/etc/orthanc" \
        "$tree/usr/share/man/man7" "$tree/usr/share/lintian/overrides"
    install -m 644 "$library" "$tree/usr/lib/orthanc/libOrthancResponseCache.so.$version"
    ln -s "../../../lib/orthanc/libOrthancResponseCache.so.$version" "$tree/usr/share/orthanc/plugins/libOrthancResponseCache.so"
    install -m 644 "$packaging/response-cache.json" "$tree/etc/orthanc/response-cache.json"
    sed -e "s/@VERSION@/$version/; s/@DATE@/$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)/" "$packaging/orthanc-response-cache.7" \
        | gzip -9n >"$tree/usr/share/man/man7/orthanc-response-cache.7.gz"
    third_party_notices | gzip -9n >"$doc/NOTICES.gz"
    {
        cat "$packaging/debian/copyright.head"
        printf 'License: Expat\n'
        sed -n '/^Permission is hereby/,$p' "$runtime_pack/LICENSE.TXT" | sed 's/^$/./; s/^/ /; s/[ \t]*$//'
        printf '\nLicense: BSD-3-clause\n'
        sed '1,/All rights reserved/d' "$packaging/zstd-licence.txt" | sed '/./,$!d; s/^$/./; s/^/ /'
    } >"$doc/copyright"
    printf 'orthanc-response-cache (%s) stable; urgency=medium\n\n  * See docs/CHANGELOG.md in the source.\n\n -- %s  %s\n' \
        "$version" "$(sed -n 's/^Maintainer: //p' "$packaging/debian/control")" "$(date -R -u -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$doc/changelog.gz"
    install -m 644 "$packaging/debian/lintian-overrides" "$tree/usr/share/lintian/overrides/orthanc-response-cache"
    install -m 755 "$packaging/debian/postrm" "$tree/DEBIAN/postrm"
    install -m 644 "$packaging/debian/triggers" "$tree/DEBIAN/triggers"
    printf '/etc/orthanc/response-cache.json\n' >"$tree/DEBIAN/conffiles"
    sed -e "s/@VERSION@/$version/; s/@GLIBC@/$(newest_glibc "$library")/; s/@SIZE@/$(du -sk --apparent-size "$tree" | cut -f 1)/" \
        "$packaging/debian/control" >"$tree/DEBIAN/control"
    (cd "$tree" && find etc usr -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
    find "$tree" -type d -exec chmod 755 {} +
    same_time "$tree"
    mkdir -p "$(dirname "$file")"
    # xz with a fixed level and one thread: the same bytes from the same tree, and readable by the dpkg of every release that we serve.
    dpkg-deb --root-owner-group --uniform-compression -Zxz -z9 --threads-max=1 --build "$tree" "$file" >/dev/null
    rm -rf "$tree"
}

need_dotnet
need_packages dpkg binutils xz-utils
build_library
package=$packages/orthanc-response-cache_${version}_amd64.deb
step "Packing"
make "$version" "$package"
say "$package, $(stat -c %s "$package") bytes"
dpkg-deb --contents "$package"
[ -n "$check" ] || exit 0

. "$root/build/chroots.sh"
need_chroot_tools
need_packages lintian python3-pydicom
step "lintian"
# What it says about a package that is not made from a Debian source package is explained in the overrides.
lintian --fail-on error --tag-display-limit 0 --show-overrides "$package"
need_chroot bookworm orthanc
next=$(mktemp -d "${TMPDIR:-/tmp}/orthanc-response-cache-next.XXXXXX")
trap 'rm -rf "$next"' EXIT
make "$version.1" "$next/next.deb"
step "In a clean bookworm"
on_a_copy bookworm "$packaging/debian/check.sh" "$package" "$next/next.deb" "$(free_port)"
