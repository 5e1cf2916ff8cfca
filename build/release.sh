#!/usr/bin/env bash
# Makes a release in artifacts/packages: runs all tests, builds all packages that Linux can build, checks each, and writes SHA256SUMS.
# usage: build/release.sh [--packages]
#   --packages   without the tests; for looking at what a release would contain
# The version is that of Directory.Build.props. The Windows packages come from build/package-windows.ps1, on Windows; put there before, they are
# in SHA256SUMS, too. Needs root, for chroots.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$root/build/packaging/lib.sh"

tests=all
case ${1:-} in
    '') ;;
    --packages) tests='' ;;
    -h|--help) sed -n '2,6s/^# //p' "$0"; exit 0 ;;
    *) die "unknown argument: $1 (see --help)" ;;
esac

need_packages git
step "Version $version"
[ -z "$(git -C "$root" status --porcelain)" ] || die "There is something that is not committed."
grep -q "^### $version\b" "$root/docs/CHANGELOG.md" || die "docs/CHANGELOG.md has no \"### $version\"."
tag=$(git -C "$root" describe --exact-match --tags 2>/dev/null || true)
[ -z "$tag" ] || [ "$tag" = "v$version" ] || die "The commit is tagged $tag, and the version is $version."

if [ -n "$tests" ]; then
    "$root/build/test.sh"
    "$root/build/matrix.sh"
    "$root/build/front.sh"
    "$root/build/check-cmake.sh"
    "$root/build/check-windows.sh"
fi
mkdir -p "$packages"
find "$packages" -maxdepth 1 -type f ! -name "orthanc-response-cache-$version-win-x64*" -delete
"$root/build/package-deb.sh" ${tests:+--check}
"$root/build/package-docker.sh" ${tests:+--check}
[ -z "$tests" ] || "$root/build/package-tarball.sh" --check
"$root/build/package-tarball.sh"
step "Source"
git -C "$root" archive --format=tar --prefix="orthanc-response-cache-$version/" HEAD | gzip -9n >"$packages/orthanc-response-cache-$version-source.tar.gz"
(cd "$packages" && sha256sum -- orthanc-response-cache[-_]"$version"* >SHA256SUMS && sha256sum --check --quiet SHA256SUMS)
step "artifacts/packages/SHA256SUMS"
cat "$packages/SHA256SUMS"
