# What all packages have in common. Sourced after build/lib.sh.

packaging=$root/build/packaging
packages=$root/artifacts/packages

# The one place where the version is stated.
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props")
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "No version in Directory.Build.props: '$version'"

# The time that everything in a package bears: that of the commit, or of the file with the version where there is no history.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct 2>/dev/null || stat -c %Y "$root/Directory.Build.props")
fi
export SOURCE_DATE_EPOCH
umask 022

# The run time that is linked in, which brings its licence along.
runtime_pack=${NUGET_PACKAGES:-$HOME/.nuget/packages}/microsoft.netcore.app.runtime.nativeaot.linux-x64/$(sed -n 's:.*<IlCompilerVersion>\(.*\)</.*:\1:p' "$root/Directory.Packages.props")

# third_party_notices: the licences of what is compiled into the library, as their owners state them. $root/artifacts/linux-x64 is built already.
third_party_notices() {
    printf 'libOrthancResponseCache contains the following works.\n'
    printf '\n=== .NET: runtime and base class library (https://github.com/dotnet/runtime)\n\n'; cat "$runtime_pack/LICENSE.TXT"
    printf '\n=== Works that .NET contains\n\n'; cat "$runtime_pack/THIRD-PARTY-NOTICES.TXT"
    printf '\n=== FASTER (https://github.com/microsoft/FASTER): MIT, with the text of .NET above\n\nCopyright (c) Microsoft Corporation\n'
    printf '\n=== System.Interactive.Async (https://github.com/dotnet/reactive): MIT, with the text of .NET above\n\nCopyright (c) .NET Foundation and Contributors\n'
    printf '\n=== ZstdSharp (https://github.com/oleg-st/ZstdSharp): MIT, with the text of .NET above\n\nCopyright (c) Oleg Stepanischev\n'
    printf '\n=== Zstandard (https://github.com/facebook/zstd), which ZstdSharp translates\n\n'; cat "$packaging/zstd-licence.txt"
}

# newest_glibc LIBRARY: the oldest version of the C library that has all of its symbols.
newest_glibc() { objdump -T "$1" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -n 1; }

# same_time DIRECTORY: gives everything the time of the source.
same_time() { find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; }
