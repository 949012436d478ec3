#!/bin/sh
# Makes a bare Debian 12 machine with Swift ready to build, test and serve Daybook.
#
# It installs only what is missing, with apt-get, and says what and why. Where nothing is missing
# it changes nothing and needs no rights and no network.
#
# Usage: scripts/setup.sh            install what is missing
#        scripts/setup.sh --check    only say what is missing; exit code 1 if something is
set -eu

swift_version_min=6.2
missing=""

# need PACKAGE WHY TEST...: the package is missing where the test fails.
need() {
    package=$1
    why=$2
    shift 2
    if ! "$@" >/dev/null 2>&1; then
        echo "setup: missing: $package ($why)"
        missing="$missing $package"
    fi
}

have() { command -v "$1"; }
header() { test -e "/usr/include/$1" || test -e "/usr/include/$(uname -m)-linux-gnu/$1"; }

# SwiftPM fetches the packages of Package.swift with git, over TLS.
need git "SwiftPM fetches packages with it" have git
need ca-certificates "git checks the servers' certificates with it" \
    test -e /etc/ssl/certs/ca-certificates.crt

# The Swift toolchain brings its own compiler, but links with the system's C library and start
# files; swift-nio-ssl and swift-crypto hold C++. libstdc++-12-dev brings libgcc-12-dev.
need libc6-dev "C headers and start files, for every link" header stdio.h
need libstdc++-12-dev "C++ headers, for swift-crypto and swift-nio-ssl" \
    sh -c 'ls /usr/include/c++/*/vector'
need binutils "ar and ld, for Swift's driver" have ar

# The programs of the toolchain itself load these (ldd swift-build).
need libcurl4 "SwiftPM loads it" sh -c 'ls /usr/lib/*/libcurl.so.4'
need libxml2 "SwiftPM loads it" sh -c 'ls /usr/lib/*/libxml2.so.2'
need libsqlite3-0 "SwiftPM loads it" sh -c 'ls /usr/lib/*/libsqlite3.so.0'
need libncurses6 "the toolchain loads it" sh -c 'ls /usr/lib/*/libncurses.so.6 /lib/*/libncurses.so.6 | grep .'

# C libraries of ours and of packages.
need zlib1g-dev "swift-nio-extras, which async-http-client needs, builds against it" header zlib.h
need liblz4-dev "the log compresses with it (CLZ4)" header lz4.h
need libssl-dev "the log hashes with its SHA-256 (COpenSSL)" header openssl/sha.h
need libical-dev "calendar files are read with it (CIcal)" header libical/ical.h
need libcurl4-openssl-dev "mail is sent with it (CMail)" header curl/curl.h

# What the program reads when it runs.
need tzdata "time zones are read from the system's TZif files" \
    test -e /usr/share/zoneinfo/Europe/Berlin

# What the tests use.
need protobuf-compiler "tests prove the event codec with protoc" have protoc
need lz4 "tests read compressed bytes with the system's own tool" have lz4
need python3 "tests run the independent reader of docs/verify" test -x /usr/bin/python3
need python3-cryptography "the independent reader checks signatures with it" /usr/bin/python3 -c "import cryptography"
need python3-venv "other programs validate the X12 files that Daybook writes (PyPI)" \
    /usr/bin/python3 -c "import ensurepip"
need python3-aiosmtpd "tests send mail to a real server" /usr/bin/python3 -c "import aiosmtpd"

if ! command -v swift >/dev/null 2>&1; then
    echo "setup: there is no swift in PATH. Install Swift $swift_version_min or later for Debian 12" >&2
    echo "setup: from https://www.swift.org/install/linux/ and put its usr/bin into PATH." >&2
    exit 1
fi

if [ -n "$missing" ] && [ "${1:-}" = "--check" ]; then
    exit 1
fi

if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "setup: there is no apt-get here. Install by hand what Debian calls:$missing" >&2
        exit 1
    fi
    if [ "$(id -u)" = 0 ]; then
        as_root=""
    elif command -v sudo >/dev/null 2>&1; then
        as_root="sudo"
        echo "setup: installing needs root; sudo may ask for your password"
    else
        echo "setup: you are not root and there is no sudo. Run this as root, then try again:" >&2
        echo "    apt-get update && apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
    echo "setup: installing with apt-get:$missing"
    # Unquoted on purpose: an empty prefix and a list of packages.
    $as_root apt-get update -qq
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends $missing
fi

# After the libraries: without them swift may not even start.
if ! swift_version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1) \
    || [ -z "$swift_version" ]; then
    echo "setup: 'swift --version' gives no version. Run it to see why." >&2
    exit 1
fi
oldest=$(printf '%s\n%s\n' "$swift_version_min" "$swift_version" | sort -V | head -n 1)
if [ "$oldest" != "$swift_version_min" ]; then
    echo "setup: Swift $swift_version is too old: Daybook needs $swift_version_min or later" >&2
    echo "setup: (https://www.swift.org/install/linux/)." >&2
    exit 1
fi
echo "setup: ready (Swift $swift_version)"
