#!/usr/bin/env bash
# Runs the built specs of tests/SecondKernel.Tests under the second kernel, all in one boot, as "dotnet test" would print them.
# Arguments go to vstest.console. Everything must be built and the node published.
set -euo pipefail
here="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
root="$(cd "$here/../.." && pwd)"
# The command "dotnet" itself takes half a minute there to look at its own installation.
runner="$(dirname "$(readlink -f "$(command -v dotnet)")")/sdk/$(cd "$root" && dotnet --version)/vstest.console.dll"
# Emulated processors: code that was compiled ahead of time is not compiled again, and a heap does not take the whole machine for its own.
exec "$here/run.sh" -t "${VM_TIME:-900}" env AKKA_OVERLAY_SECOND_KERNEL=1 AKKA_OVERLAY_TEST_SLOWNESS=5 \
  DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_HOSTBUILDER__RELOADCONFIGONCHANGE=false \
  DOTNET_GCHeapHardLimit=0x18000000 DOTNET_TieredPGO=0 DOTNET_TC_CallCounting=0 \
  dotnet exec "$runner" "$root/artifacts/bin/SecondKernel.Tests/debug/AkkaOverlay.SecondKernel.Tests.dll" "--logger:console;verbosity=detailed" "$@"
