# Other Debian releases for the tests, in directories outside the repository that can be removed at any time. Sourced after lib.sh.
#
# Everything is mounted in a mount namespace of its own ("unshare --mount"), so nothing stays mounted when a script is killed.

# Not below root's home, since PostgreSQL's user has to reach what is in there; and short, since it makes a socket there (107 characters).
chroots=${ORTHANC_CACHE_CHROOTS:-/var/cache/orthanc-chroots}
debian_mirror=${ORTHANC_CACHE_DEBIAN_MIRROR:-http://deb.debian.org/debian}

need_chroot_tools() {
    [ "$(id -u)" = 0 ] || die "Only root can make and enter chroots."
    need_packages debootstrap util-linux debian-archive-keyring
    unshare --mount --propagation private true 2>/dev/null || die "No mount namespaces here, so no chroots: run this on a machine or in a container that may mount."
}

# need_chroot SUITE PACKAGE...: makes the release's chroot where it is not there, and installs what is missing in it.
need_chroot() {
    local suite=$1 keyring=/usr/share/keyrings/debian-archive-keyring.gpg script missing='' name; shift
    local directory=$chroots/$suite
    if [ ! -d "$directory" ]; then
        step "Making a chroot of $suite"
        # Older debootstraps do not know the names of newer releases, nor older keyrings their keys.
        script=/usr/share/debootstrap/scripts/$suite
        [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
        if [ "$suite" = forky ] && [ -d "$chroots/trixie" ]; then
            for name in gpg pgp; do
                [ ! -e "$chroots/trixie/usr/share/keyrings/debian-archive-keyring.$name" ] || keyring=$chroots/trixie/usr/share/keyrings/debian-archive-keyring.$name
            done
        fi
        rm -rf "$directory.new"
        mkdir -p "$chroots"
        debootstrap --variant=minbase --keyring="$keyring" "$suite" "$directory.new" "$debian_mirror" "$script" >"$chroots/$suite.log" 2>&1 \
            || { tail -n 20 "$chroots/$suite.log" >&2; die "debootstrap $suite failed."; }
        # Nothing that gets installed there is to be started.
        printf '#!/bin/sh\nexit 101\n' >"$directory.new/usr/sbin/policy-rc.d"
        chmod 755 "$directory.new/usr/sbin/policy-rc.d"
        # A mirror may lag behind a release that moves daily; signatures are checked as always.
        printf 'Acquire::Check-Valid-Until "false";\nAcquire::Languages "none";\n' >"$directory.new/etc/apt/apt.conf.d/90mirror"
        mv "$directory.new" "$directory"
    fi
    for name in "$@"; do
        case $(dpkg-query --admindir="$directory/var/lib/dpkg" -W -f '${Status}' "$name" 2>/dev/null) in
            *'ok installed') ;;
            *) missing+="$name " ;;
        esac
    done
    [ -n "$missing" ] || return 0
    step "Installing $missing(in $suite)"
    # shellcheck disable=SC2086 # a list of words
    in_chroot "$directory" sh -c "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing && apt-get clean" \
        >"$chroots/$suite.log" 2>&1 </dev/null || { tail -n 20 "$chroots/$suite.log" >&2; die "apt-get in $suite could not install: $missing"; }
}

# mounted DIRECTORY COMMAND...: runs a command outside the chroot while the chroot has its /proc and /dev.
mounted() {
    local directory=$1; shift
    # shellcheck disable=SC2016 # for the inner shell
    unshare --mount --propagation private sh -c '
        directory=$1; shift
        mount -t proc proc "$directory/proc" && mount --rbind /sys "$directory/sys" && mount --rbind /dev "$directory/dev" || exit 125
        [ ! -e /etc/resolv.conf ] || cp -L /etc/resolv.conf "$directory/etc/resolv.conf" 2>/dev/null
        exec "$@"' sh "$directory" "$@"
}

# in_chroot DIRECTORY COMMAND...
in_chroot() {
    local directory=$1; shift
    mounted "$directory" chroot "$directory" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
}

# on_a_copy SUITE SCRIPT ARGUMENT...: runs "SCRIPT DIRECTORY ARGUMENT..." beside a copy of the release's chroot that is gone afterwards: an
# overlay in memory, so the release's own chroot stays as clean as it was made.
on_a_copy() {
    local suite=$1; shift
    # shellcheck disable=SC2016 # for the inner shell
    unshare --mount --propagation private sh -c '
        base=$1 top=$2; shift 2
        mkdir -p "$top" && mount -t tmpfs -o mode=755 tmpfs "$top" && mkdir "$top/upper" "$top/work" "$top/root" \
            && mount -t overlay overlay -o "lowerdir=$base,upperdir=$top/upper,workdir=$top/work" "$top/root" \
            && mount -t proc proc "$top/root/proc" && mount --rbind /dev "$top/root/dev" || exit 125
        [ ! -e /etc/resolv.conf ] || cp -L /etc/resolv.conf "$top/root/etc/resolv.conf" 2>/dev/null
        script=$1; shift
        exec bash "$script" "$top/root" "$@"' sh "$chroots/$suite" "$chroots/copy" "$@"
}
