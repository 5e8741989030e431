#!/usr/bin/env bash
# Builds the product and starts a three-host overlay on this one machine. Options are those of "akka-overlay lab": ./lab.sh --help
set -euo pipefail

die() { printf 'lab.sh: %s\n' "$*" >&2; exit 1; }

root="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
output="$root/artifacts/akka-overlay"

[ "$(uname -s)" = Linux ] || die "needs Linux: the lab is made of its network namespaces"
[ "$(id -u)" = 0 ] || die "needs root to make network namespaces: sudo $0 $*"
command -v dotnet >/dev/null || die "needs the .NET SDK 10 (https://dotnet.microsoft.com/download, or your distribution's package dotnet-sdk-10.0)"
sdks="$(dotnet --list-sdks)"
grep -q '^10\.' <<<"$sdks" || die "needs the .NET SDK 10; 'dotnet --list-sdks' shows: ${sdks:-none}"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
printf 'Building …\n'
if ! (cd "$root" && dotnet publish src/Node -c Release -o "$output" -nodeReuse:false) >"$log" 2>&1; then
  cat "$log" >&2
  die "it does not build"
fi
# exec runs no EXIT trap.
rm -f "$log"

exec "$output/akka-overlay" lab "$@"
