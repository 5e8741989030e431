#!/bin/sh
# Gathers what the published executable needs to run, and nothing else: no shell, no package manager, no users but root.
#   make-root.sh PUBLISHED ROOT
# PUBLISHED is the folder that 'dotnet publish src/Node -c Release' wrote; ROOT, a new folder, becomes the root of an image. Everything else comes from
# this machine: the .NET runtime beside "dotnet", and the libraries of its distribution.
set -eu

die() { printf 'make-root.sh: %s\n' "$*" >&2; exit 1; }
[ $# = 2 ] || die "usage: make-root.sh PUBLISHED ROOT"
published=$1 root=$2
[ -x "$published/akka-overlay" ] || die "$published/akka-overlay: not found; publish it first"
[ ! -e "$root" ] || die "$root: exists"
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")") || die "no dotnet here"

mkdir -p "$root/usr/lib/akka-overlay" "$root/usr/share/dotnet/shared" "$root/etc/akka-overlay" "$root/run/akka-overlay" "$root/var/lib/akka-overlay"
mkdir -m 1777 "$root/tmp"
cp -R "$published/." "$root/usr/lib/akka-overlay/"
rm -f "$root"/usr/lib/akka-overlay/*.pdb "$root"/usr/lib/akka-overlay/*.xml
cp -R "$dotnet/host" "$root/usr/share/dotnet/"
for framework in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
  newest=$(ls "$dotnet/shared/$framework" | grep '^10\.' | sort -V | tail -n 1)
  [ -n "$newest" ] || die "$dotnet has no $framework 10"
  mkdir -p "$root/usr/share/dotnet/shared/$framework"
  cp -R "$dotnet/shared/$framework/$newest" "$root/usr/share/dotnet/shared/$framework/"
done

# A library goes where the loader looks for it: to the path that ldd(1) prints, as the file that it leads to.
library() {
  [ -e "$root$1" ] || { mkdir -p "$root$(dirname "$1")" && cp -L "$1" "$root$1"; }
}
needed() {
  for file in "$@"; do
    ldd "$file" 2>/dev/null | sed -n 's/^.*=> \(\/[^ ]*\) .*$/\1/p; s/^\t*\(\/[^ ]*\) (0x.*$/\1/p'
  done | sort -u
}
# Those of every binary, and OpenSSL's, which .NET opens by name.
for found in $(needed "$published/akka-overlay" $(find "$root/usr/lib/akka-overlay" "$root/usr/share/dotnet" -name '*.so')); do
  # lttng serves a tracer that is not here.
  case $found in *lttng*) ;; *) library "$found" ;; esac
done
for name in libssl.so.3 libcrypto.so.3; do
  path=$(ldconfig -p | sed -n "s/^.*$name (.*x86-64.*) => //p; s/^.*$name (.*AArch64.*) => //p" | head -n 1)
  [ -n "$path" ] || die "$name: not found (Debian's package libssl3)"
  library "$path"
  for found in $(needed "$path"); do library "$found"; done
done

# What TLS to a database trusts.
[ ! -e /etc/ssl/certs/ca-certificates.crt ] || library /etc/ssl/certs/ca-certificates.crt
printf 'root:x:0:0:root:/:/usr/sbin/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
mkdir -p "$root/usr/bin"
ln -s ../lib/akka-overlay/akka-overlay "$root/usr/bin/akka-overlay"
