#!/usr/bin/env bash
# Runs the built specs of tests/SecondKernel.Tests under the second kernel, all in one boot, as "dotnet test" would print them.
# Arguments go to vstest.console. Everything must be built and the node published.
# With UPDATE_DOCS=1 the rows that were seen are written into docs/backends.md afterwards: the guest cannot.
set -euo pipefail
here="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
root="$(cd "$here/../.." && pwd)"
# The command "dotnet" itself takes half a minute there to look at its own installation.
runner="$(dirname "$(readlink -f "$(command -v dotnet)")")/sdk/$(cd "$root" && dotnet --version)/vstest.console.dll"
built() { printf '%s/artifacts/bin/%s.Tests/debug/AkkaOverlay.%s.Tests.dll' "$root" "$1" "$1"; }

# Emulated processors: code that was compiled ahead of time is not compiled again, and a heap does not take the whole machine for its own.
specs=("$here/run.sh" -t "${VM_TIME:-2400}" env AKKA_OVERLAY_SECOND_KERNEL=1 AKKA_OVERLAY_TEST_SLOWNESS=5 UPDATE_DOCS="${UPDATE_DOCS:-}"
  DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_HOSTBUILDER__RELOADCONFIGONCHANGE=false
  DOTNET_GCHeapHardLimit=0x18000000 DOTNET_TieredPGO=0 DOTNET_TC_CallCounting=0
  dotnet exec "$runner" "$(built SecondKernel)" "--logger:console;verbosity=detailed" "$@")
[ "${UPDATE_DOCS:-}" = 1 ] || exec "${specs[@]}"

log="$root/artifacts/vm/specs.log"
status=0
"${specs[@]}" | tee "$log" || status=$?
MATRIX_LOG="$log" dotnet exec "$runner" "$(built EndToEnd)" --TestCaseFilter:FullyQualifiedName~MatrixPageSpecs || status=$?
exit "$status"
