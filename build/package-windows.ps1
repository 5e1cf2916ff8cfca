<#
.SYNOPSIS
Builds OrthancResponseCache.dll on Windows, and packs it as a zip and, where makensis is found, as an installer.
.DESCRIPTION
Needs the .NET SDK (global.json says which) and the C++ build tools of Visual Studio 2022 for the linker.
.PARAMETER Check
Also runs the unit tests.
#>
param([switch] $Check)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest

$root = Split-Path -Parent $PSScriptRoot
$versionLine = Select-String -Path (Join-Path $root 'Directory.Build.props') -Pattern '<Version>(\d+\.\d+\.\d+)</Version>'
$version = $versionLine.Matches[0].Groups[1].Value
$compilerLine = Select-String -Path (Join-Path $root 'Directory.Packages.props') -Pattern '<IlCompilerVersion>(.*)</IlCompilerVersion>'
$compiler = $compilerLine.Matches[0].Groups[1].Value
$artifacts = Join-Path $root 'artifacts/win-x64'
$packages = Join-Path $root 'artifacts/packages'
New-Item -ItemType Directory -Force $artifacts, $packages | Out-Null

function Invoke-Native {
    param([string] $Program, [string[]] $Arguments)
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Program ended with $LASTEXITCODE." }
}

if ($Check) {
    Invoke-Native dotnet @('test', (Join-Path $root 'tests/OrthancCachePlugin.Tests/OrthancCachePlugin.Tests.csproj'), '-c', 'Release', '--nologo')
}

Invoke-Native dotnet @('publish', (Join-Path $root 'src/OrthancCachePlugin/OrthancCachePlugin.csproj'), '-c', 'Release', '-r', 'win-x64',
    '-o', (Join-Path $root 'src/OrthancCachePlugin/bin/publish-win-x64'), '--nologo')
Copy-Item (Join-Path $root 'src/OrthancCachePlugin/bin/publish-win-x64/OrthancResponseCache.dll') $artifacts -Force

$configuration = Join-Path $artifacts 'response-cache.json'
(Get-Content -Raw (Join-Path $root 'build/packaging/response-cache.json')).Replace('/var/lib/orthanc/cache', 'C:\\ProgramData\\Orthanc\\cache') |
    Set-Content -NoNewline -Encoding utf8 $configuration
Copy-Item (Join-Path $root 'LICENSE') $artifacts -Force
$store = if ($env:NUGET_PACKAGES) { $env:NUGET_PACKAGES } else { Join-Path $HOME '.nuget/packages' }
$folder = Join-Path $store "microsoft.netcore.app.runtime.nativeaot.win-x64/$compiler"
@(
    'OrthancResponseCache.dll contains the following works.', '',
    '=== .NET (https://github.com/dotnet/runtime)', '', (Get-Content -Raw (Join-Path $folder 'LICENSE.TXT')),
    (Get-Content -Raw (Join-Path $folder 'THIRD-PARTY-NOTICES.TXT')),
    '=== FASTER (https://github.com/microsoft/FASTER): MIT, with the text of .NET above. Copyright (c) Microsoft Corporation',
    '=== System.Interactive.Async (https://github.com/dotnet/reactive): MIT, with the text of .NET above. Copyright (c) .NET Foundation and Contributors',
    '=== ZstdSharp (https://github.com/oleg-st/ZstdSharp): MIT, with the text of .NET above. Copyright (c) Oleg Stepanischev',
    '=== Zstandard (https://github.com/facebook/zstd), which ZstdSharp translates', '', (Get-Content -Raw (Join-Path $root 'build/packaging/zstd-licence.txt'))
) | Set-Content -Encoding utf8 (Join-Path $artifacts 'NOTICES')

$zip = Join-Path $packages "orthanc-response-cache-$version-win-x64.zip"
$files = 'OrthancResponseCache.dll', 'response-cache.json', 'LICENSE', 'NOTICES' | ForEach-Object { Join-Path $artifacts $_ }
Compress-Archive -Path $files -DestinationPath $zip -Force
Get-FileHash -Algorithm SHA256 $zip | Format-List

$makensis = Get-Command makensis -ErrorAction SilentlyContinue
if ($makensis) {
    Invoke-Native $makensis.Source @("-DVERSION=$version", "-DDLL=$($files[0])", "-DCONFIGURATION=$configuration", "-DLICENCE=$($files[2])",
        "-DNOTICES=$($files[3])", "-DOUTPUT=$(Join-Path $packages "orthanc-response-cache-$version-win-x64-setup.exe")",
        (Join-Path $root 'build/packaging/windows/installer.nsi'))
}
else {
    Write-Warning 'No makensis: the installer was not made.'
}
