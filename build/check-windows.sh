#!/usr/bin/env bash
# What of the Windows side can be checked on Linux. The library itself is linked on Windows only (build/package-windows.ps1).
# usage: build/check-windows.sh [--unit]
#   1. the managed code is compiled for win-x64, and the ahead-of-time compiler runs to its object file
#   2. the installer is compiled, and runs under Wine: installs, keeps what was edited, removes
#   3. with --unit: the unit tests run on .NET for Windows under Wine (where Wine lets them: version 8 overflows its stack when a second
#      exception is thrown, so this is to be read, and is no part of a release)
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$root/build/packaging/lib.sh"

unit=
case ${1:-} in
    '') ;;
    --unit) unit=1 ;;
    -h|--help) sed -n '2,7s/^# //p' "$0"; exit 0 ;;
    *) die "unknown argument: $1 (see --help)" ;;
esac
need_dotnet
need_packages nsis wine wine64 binutils git
work=$(mktemp -d "${TMPDIR:-/tmp}/orthanc-response-cache-windows.XXXXXX")
trap 'WINEPREFIX=$work/wine wineserver -k 2>/dev/null || true; rm -rf "$work"' EXIT
failures=0
expect() {
    if [ "$2" = "$3" ]; then say "  ${green}ok${plain}    $1"
    else say "  ${red}WRONG${plain} $1: \"$2\" instead of \"$3\""; failures=$((failures + 1))
    fi
}

step "Compiling for win-x64, up to the object file"
# In a copy: another runtime identifier would leave its traces in what is restored and built here.
mkdir "$work/source"
(cd "$root" && git ls-files -co --exclude-standard | tar -cf - -T -) | tar -C "$work/source" -xf -
# As "publish" does it, but without a search for Visual Studio, and with "true" for a linker, whose result is expected to be there.
framework=$(sed -n 's:.*<TargetFramework>\(.*\)</TargetFramework>.*:\1:p' "$root/Directory.Build.props")
mkdir -p "$work/source/src/OrthancCachePlugin/bin/Release/$framework/win-x64/native"
touch "$work/source/src/OrthancCachePlugin/bin/Release/$framework/win-x64/native/OrthancResponseCache.dll"
dotnet msbuild "$work/source/src/OrthancCachePlugin/OrthancCachePlugin.csproj" -restore -t:'Build;ComputeResolvedFilesToPublishList;IlcCompile' -p:Configuration=Release \
    -p:RuntimeIdentifier=win-x64 -p:_IsPublishing=true -p:DisableUnsupportedError=true -p:IlcUseEnvironmentalTools=true -p:CppLinker=true -nologo -v:m \
    >"$work/log" 2>&1 || { tail -n 30 "$work/log"; die "It does not compile for Windows."; }
object=$work/source/src/OrthancCachePlugin/obj/Release/$framework/win-x64/native/OrthancResponseCache.obj
expect "an object file of Windows" "$(objdump -f "$object" | sed -n 's/.*file format //p')" pe-x86-64
for name in Initialize Finalize GetName GetVersion; do
    expect "it has OrthancPlugin$name" "$(objdump -t "$object" 2>/dev/null | grep -cE " OrthancPlugin$name\$")" 1
done

step "The installer"
export WINEPREFIX=$work/wine WINEDEBUG=-all WINEDLLOVERRIDES=mscoree,mshtml=
printf 'stands for the library\n' >"$work/plugin.dll"
sed 's#/var/lib/orthanc/cache#C:\\\\ProgramData\\\\Orthanc\\\\cache#' "$packaging/response-cache.json" >"$work/response-cache.json"
expect "its configuration names a directory of Windows" "$(grep -c '"Directory" : "C:\\\\ProgramData\\\\Orthanc\\\\cache"' "$work/response-cache.json")" 1
# NSIS compiles for 32 bits unless told otherwise, and Wine may have no 32 bits.
makensis -V2 -WX -DTARGET=amd64-unicode "-DVERSION=$version" "-DDLL=$work/plugin.dll" "-DCONFIGURATION=$work/response-cache.json" "-DLICENCE=$root/LICENSE" \
    "-DNOTICES=$root/LICENSE" "-DOUTPUT=$work/response-cache-setup.exe" "$packaging/windows/installer.nsi"
makensis -V2 -WX "-DVERSION=$version" "-DDLL=$work/plugin.dll" "-DCONFIGURATION=$work/response-cache.json" "-DLICENCE=$root/LICENSE" \
    "-DNOTICES=$root/LICENSE" "-DOUTPUT=$work/response-cache-setup-32.exe" "$packaging/windows/installer.nsi"
wineboot -i >/dev/null 2>&1 || true
drive=$WINEPREFIX/drive_c
server=$drive/Orthanc
in_orthanc() { (cd "$server" 2>/dev/null && find . -type f | sort | tr '\n' ' '); }
wine "$work/response-cache-setup.exe" /S '/D=C:\Orthanc'
expect "it installs what belongs to it" "$(in_orthanc)" \
    "./Configuration/response-cache.json ./Plugins/OrthancResponseCache-LICENSE.txt ./Plugins/OrthancResponseCache-NOTICES.txt ./Plugins/OrthancResponseCache.dll ./Plugins/uninstall-response-cache.exe "
printf 'edited\n' >"$server/Configuration/response-cache.json"
printf 'of somebody else\n' >"$server/Plugins/Other.dll"
wine "$work/response-cache-setup.exe" /S '/D=C:\Orthanc'
expect "an edited configuration stays" "$(cat "$server/Configuration/response-cache.json")" edited
mkdir -p "$drive/ProgramData/Orthanc/cache"
touch "$drive/ProgramData/Orthanc/cache/"{segment-0.log,segment-0.crc,checkpoint.bin,lock,owner}
# "_?=" lets the uninstaller run in its place, so that we can wait for it; it then cannot delete itself.
wine "$server/Plugins/uninstall-response-cache.exe" /S '_?=C:\Orthanc\Plugins'
rm -f "$server/Plugins/uninstall-response-cache.exe"
expect "it removes what belongs to it" "$(in_orthanc)" "./Plugins/Other.dll "
expect "and the responses" "$([ -e "$drive/ProgramData/Orthanc/cache" ] && echo there || echo gone)" gone

if [ -n "$unit" ]; then
    step "Unit tests on .NET for Windows, under Wine"
    dotnet publish "$work/source/build/packaging/windows/UnitTests/UnitTests.csproj" -c Release -r win-x64 --self-contained --nologo -v quiet \
        >"$work/log" 2>&1 || { tail -n 30 "$work/log"; die "The tests do not compile for Windows."; }
    status=0
    wine "$work/source/build/packaging/windows/UnitTests/bin/Release/$framework/win-x64/publish/UnitTests.exe" || status=$?
    expect "the unit tests" $status 0
fi
[ $failures = 0 ] || die "$failures of these are wrong."
