# What all packages have in common. Sourced after build/lib.sh.

packaging=$root/packaging
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

# third_party_notices: the licences of what is compiled into the library, as their owners state them. $root/artifacts/linux-x64 is built already.
third_party_notices() {
    local packages_folder compiler
    packages_folder=${NUGET_PACKAGES:-$HOME/.nuget/packages}
    compiler=$packages_folder/runtime.linux-x64.microsoft.dotnet.ilcompiler/$(sed -n 's:.*<IlCompilerVersion>\(.*\)</.*:\1:p' "$root/Directory.Packages.props")
    printf 'libOrthancResponseCache contains the following works.\n'
    printf '\n=== .NET: runtime and base class library (https://github.com/dotnet/runtime)\n\n'; cat "$compiler/LICENSE.TXT"
    printf '\n=== Works that .NET contains\n\n'; cat "$compiler/THIRD-PARTY-NOTICES.TXT"
    printf '\n=== FASTER (https://github.com/microsoft/FASTER): MIT, with the text of .NET above\n\nCopyright (c) Microsoft Corporation\n'
    printf '\n=== Zstandard (https://github.com/facebook/zstd), as Debian has it\n\n'; cat /usr/share/doc/libzstd-dev/copyright
}

# newest_glibc LIBRARY: the oldest version of the C library that has all of its symbols.
newest_glibc() { objdump -T "$1" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -n 1; }

# same_time DIRECTORY: gives everything the time of the source.
same_time() { find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; }
