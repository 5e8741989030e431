#!/usr/bin/env bash
# Runs a command under the second kernel, as root in this machine's own files, read-only but for /tmp and /run: its output and its exit status.
# Give it -t SECONDS for the time that it may take, the boot included (600).
# 124: it took longer. 125: the machine did not come up. Else the command's own. prepare.sh must have run.
set -euo pipefail
here="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
out="$(cd "$here/../../artifacts/vm" && pwd)"
limit=600
if [ "${1:-}" = -t ]; then
  limit="$2"
  shift 2
fi
[ $# -gt 0 ] || { echo "usage: tests/vm/run.sh [-t SECONDS] COMMAND [ARGUMENT…]" >&2; exit 2; }

# Named after this process: what a killed one left behind goes.
for left in "$out"/run.*; do
  [ ! -d "$left" ] || [ -d "/proc/${left##*.}" ] || rm -rf "$left"
done
share="$out/run.$$"
mkdir "$share"
machine='' follower=''
finish() {
  # The timeout(1) in between passes it on.
  [ -z "$machine" ] || kill "$machine" 2>/dev/null || true
  [ -z "$machine" ] || wait "$machine" 2>/dev/null || true
  [ -z "$follower" ] || kill "$follower" 2>/dev/null || true
  rm -rf "$share"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

{ printf 'cd %q\n' "$PWD"; printf '%q ' "$@"; printf '\n'; } >"$share/command"
: >"$share/output"

# Nothing outlives this script, however it ends: PR_SET_PDEATHSIG.
setpriv --pdeathsig TERM timeout -k 5 "$limit" setpriv --pdeathsig KILL qemu-system-x86_64 \
  -accel tcg,thread=multi -cpu max -smp 2 -m 2048 -nographic -no-reboot -monitor none -nic none \
  -kernel "$out"/kernel/boot/vmlinuz-* -initrd "$out/initramfs" -append "console=ttyS0 quiet panic=-1 random.trust_cpu=on mitigations=off" \
  -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
  -virtfs local,path="$share",mount_tag=share,security_model=none \
  </dev/null >"$share/console" 2>&1 &
machine=$!
tail -n +1 -f --pid="$machine" "$share/output" &
follower=$!
ended=0
wait "$machine" || ended=$?
machine=''
wait "$follower" || true
follower=''
[ "$ended" != 124 ] && [ "$ended" != 137 ] || { echo "tests/vm: not done after $limit s" >&2; exit 124; }
if [ ! -s "$share/status" ]; then
  tail -n 40 "$share/console" >&2
  echo "tests/vm: the machine ended without a result" >&2
  exit 125
fi
[ -z "${VM_CONSOLE:-}" ] || cat "$share/console" >&2
exit "$(cat "$share/status")"
