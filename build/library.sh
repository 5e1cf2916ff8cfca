#!/usr/bin/env bash
# Compiles the plugin ahead of time and puts it at artifacts/linux-x64/libOrthancResponseCache.so.
# usage: build/library.sh [further arguments of dotnet publish, such as -p:OptimizationPreference=Size]
set -euo pipefail
. "$(dirname "$0")/lib.sh"

need_dotnet
need_build_packages
compiler=gcc
command -v clang >/dev/null && compiler=clang
published=$root/src/OrthancCachePlugin/bin/publish
step "Building the library"
dotnet publish "$root/src/OrthancCachePlugin/OrthancCachePlugin.csproj" -c Release -p:CppCompilerAndLinker="$compiler" -o "$published" --nologo -v quiet "$@"
mkdir -p "$(dirname "$library")"
# A new file and not new content: a server that has the old one mapped keeps it.
cp "$published/OrthancResponseCache.so" "$library.new"
mv -f "$library.new" "$library"
say "$library, $(stat -c %s "$library") bytes"
