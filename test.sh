#!/usr/bin/env bash
# Installs what the tests need, builds everything, runs every test. The last line reads "N passed, N failed[, N skipped]".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

say() { printf '%s\n' "$*"; }
die() { say "test.sh: $*" >&2; say "0 passed, 1 failed"; exit 1; }

[ "$(uname -s)" = Linux ] || die "needs Linux: the tests talk to its kernel"
[ "$(id -u)" = 0 ] || die "needs root: the tests make network namespaces"
command -v dotnet >/dev/null || die "needs the .NET 10 SDK (dotnet)"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_HOSTBUILDER__RELOADCONFIGONCHANGE=false
results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"

# Independent witnesses of what the kernel holds and of what crosses the wire. The product itself needs none of them.
missing=()
command -v ip >/dev/null || missing+=(iproute2)
command -v tcpdump >/dev/null || missing+=(tcpdump)
command -v ping >/dev/null || missing+=(iputils-ping)
command -v setpriv >/dev/null || missing+=(util-linux)
command -v sqlite3 >/dev/null || missing+=(sqlite3)
command -v bird >/dev/null || missing+=(bird2)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
command -v nft >/dev/null || missing+=(nftables)
command -v dockerd >/dev/null || missing+=(docker.io)
command -v docker-compose >/dev/null || missing+=(docker-compose)
command -v iptables-save >/dev/null || missing+=(iptables)
[ -x /bin/busybox ] || missing+=(busybox-static)
[ -x /usr/lib/cni/bridge ] || [ -x /opt/cni/bin/bridge ] || [ -x /usr/libexec/cni/bridge ] || missing+=(containernetworking-plugins)
# The CNI plugin is machine code: a linker and zlib's headers, for the published program itself needs neither.
command -v clang >/dev/null || command -v gcc >/dev/null || missing+=(gcc libc6-dev)
[ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
command -v promtool >/dev/null && command -v prometheus >/dev/null || missing+=(prometheus)
command -v zsh >/dev/null || missing+=(zsh)
command -v curl >/dev/null || missing+=(curl)
if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || die "install ${missing[*]} first"
  say "Installing ${missing[*]}"
  # Debian starts what it installs; the tests want the programs, and no router and no database on this machine (invoke-rc.d(8)).
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
  fi
  (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}") >"$results/apt.log" 2>&1 \
    || { tail -n 20 "$results/apt.log" >&2; die "cannot install ${missing[*]}"; }
  [ -z "$(trap -p EXIT)" ] || { rm -f /usr/sbin/policy-rc.d; trap - EXIT; }
fi

# The live page's witness. Not every distribution has it under this name: its specs are skipped then.
if ! command -v chromium >/dev/null && command -v apt-get >/dev/null; then
  say "Installing chromium"
  (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium) >"$results/apt-chromium.log" 2>&1 || say "chromium cannot be installed ($results/apt-chromium.log)"
fi

say "Restoring and building"
dotnet restore AkkaOverlay.sln --locked-mode --verbosity quiet || die "the packages cannot be restored"
dotnet build AkkaOverlay.sln --no-restore --verbosity quiet -nodeReuse:false || die "it does not build"
say "Publishing the node"
dotnet publish src/Node -c Release -o artifacts/akka-overlay --verbosity quiet -nodeReuse:false || die "it cannot be published"
say "Publishing the CNI plugin"
dotnet publish src/Cni -c Release -o artifacts/akka-overlay-cni --verbosity quiet -nodeReuse:false \
  || die "the CNI plugin cannot be compiled ahead of time: it needs clang or gcc, zlib's headers, and the package Microsoft.DotNet.ILCompiler of the SDK's version"

passed=0 failed=0 skipped=0 failures=() second_tries=()
total() { sed -n "s/^ *$2: *\([0-9]*\)\$/\1/p" "$1" | tail -n 1; }
failed_in() { sed -n 's/^ *Failed \(AkkaOverlay\.[A-Za-z0-9_.]*\).*/\1/p' "$1" | sort -u; }
# What the tests measured, and what failed.
show() {
  awk '/^ *Error Message:/ { message = 12 } /^ *(Stack Trace:|Standard Output)/ { message = 0 }
    /^ *(measured|MEASURED):|^ *Failed |^ *\[FAIL\]|^ *Skipped / || message-- > 0' "$1"
}

# Prints and adds up what a run of specs came to: its log, its exit status and, where what failed may have a second try, its project.
count() {
  local log="$1" status="$2" project="${3:-}" p f k
  show "$log"
  p=$(total "$log" Passed) f=$(total "$log" Failed) k=$(total "$log" Skipped)
  if [ -n "$project" ] && [ "${f:-0}" -gt 0 ] && [ "$f" -le 3 ] && ! grep -q 'Test Run Aborted' "$log" && second_try "$project"; then
    p=$((${p:-0} + f)) f=0 status=0
  fi
  # A run that ended before it counted anything has failed, whatever it printed.
  if [ "${f:-0}" = 0 ] && { [ "$status" -ne 0 ] || [ $((${p:-0} + ${k:-0})) = 0 ]; }; then
    tail -n 40 "$log"
    f=1
  fi
  [ "${f:-0}" = 0 ] || failures+=("$(failed_in "$log" | paste -sd ' ') ($log)")
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${k:-0}))
  say "   ${p:-0} passed, ${f:-0} failed, ${k:-0} skipped ($log)"
}

specs() { exec dotnet test "tests/$1.Tests" --no-build --nologo --logger "console;verbosity=detailed" "${@:3}" >"$results/${2:-$1}.log" 2>&1; }

# Once more what failed of a project, and nothing else of it (docs/decisions/34-second-try.md). True where all of it passes.
second_try() {
  local project="$1" names log="$results/$1.second-try.log" status=0
  names=$(failed_in "$results/$project.log")
  say "   a second try: $(paste -sd ' ' <<<"$names")"
  (specs "$project" "$project.second-try" --filter "$(sed 's/^/FullyQualifiedName=/' <<<"$names" | paste -sd '|')") || status=$?
  show "$log"
  [ "$status" = 0 ] && [ "$(total "$log" Passed)" -ge "$(wc -l <<<"$names")" ] || return 1
  second_tries+=("$(paste -sd ' ' <<<"$names") (first $results/$project.log, then $log)")
}

# The actors' specs wait more than they work: the small projects run beside them, one after the other.
began=$SECONDS
specs Actors & actors=$!
trap 'kill "$actors" 2>/dev/null || true' EXIT
for project in Kernel Node Cni; do
  say "== $project"
  status=0; (specs "$project") || status=$?
  count "$results/$project.log" "$status" "$project"
done
say "== Actors"
status=0; wait "$actors" || status=$?
trap - EXIT
count "$results/Actors.log" "$status" Actors
say "== EndToEnd (after $((SECONDS - began)) s)"
status=0; (specs EndToEnd) || status=$?
count "$results/EndToEnd.log" "$status" EndToEnd

# Under another kernel, emulated: this machine's own may lack what these need.
say "== SecondKernel (after $((SECONDS - began)) s)"
status=0
why="$(tests/vm/prepare.sh 2>"$results/vm.log")" || status=$?
case "$status" in
  0)
    tests/vm/test.sh >"$results/SecondKernel.log" 2>&1 || status=$?
    # There is one, so nothing may be left out.
    ! grep -q '^ *Skipped: *[1-9]' "$results/SecondKernel.log" || status=1
    ;;
  3)
    say "   no second kernel: $why"
    status=0; (specs SecondKernel) || status=$?
    ;;
  *)
    cp "$results/vm.log" "$results/SecondKernel.log"
    say "   tests/vm/prepare.sh failed"
    ;;
esac
count "$results/SecondKernel.log" "$status"

for line in ${failures[@]+"${failures[@]}"}; do say "failed: $line"; done
for line in ${second_tries[@]+"${second_tries[@]}"}; do say "passed at its second try only: $line"; done
if [ "$skipped" -gt 0 ]; then
  say "$passed passed, $failed failed, $skipped skipped"
else
  say "$passed passed, $failed failed"
fi
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
