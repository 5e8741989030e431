#!/usr/bin/env bash
# Gets the second kernel ready: an emulator, the distribution's own kernel unpacked into artifacts/vm, and an initramfs that hands the machine to
# the host's root file system. Where that cannot be had: one line that says why, exit status 3.
set -euo pipefail
here="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
out="$here/../../artifacts/vm"

# Bounded: somebody else may hold apt's lock, and a mirror may not answer.
apt() { timeout 300 apt-get -o DPkg::Lock::Timeout=60 -o Acquire::http::Timeout=20 -o Acquire::Retries=1 "$@"; }
kernel_package() { apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1 || true; }
download() { (cd "$out/download" && apt download -o APT::Sandbox::User=root "$(kernel_package)") >>"$out/apt.log" 2>&1; }

lack() { printf 'tests/vm: %s\n' "$*"; exit 3; }

[ "$(uname -m)" = x86_64 ] || lack "the kernel package is for x86_64, this machine is $(uname -m)"
[ "$(id -u)" = 0 ] || lack "needs root: the guest sees this machine's files as root does"
case "$here" in
  /tmp/* | /run/*) lack "the guest has a /tmp and a /run of its own, so it does not see $here: build somewhere else" ;;
esac
mkdir -p "$out"
out="$(cd "$out" && pwd)"

missing=()
command -v qemu-system-x86_64 >/dev/null || missing+=(qemu-system-x86)
[ -x /bin/busybox ] || missing+=(busybox-static)
command -v setpriv >/dev/null || missing+=(util-linux)
if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || lack "install ${missing[*]} first"
  (apt update && DEBIAN_FRONTEND=noninteractive apt install -y --no-install-recommends "${missing[@]}") >"$out/apt.log" 2>&1 \
    || lack "${missing[*]} cannot be installed ($out/apt.log)"
fi

# Unpacked and never installed: this machine goes on booting what it boots.
if ! ls "$out"/kernel/boot/vmlinuz-* >/dev/null 2>&1; then
  command -v apt-get >/dev/null || lack "needs Debian's package linux-image-amd64"
  [ -n "$(kernel_package)" ] || apt update >"$out/apt.log" 2>&1 || true
  [ -n "$(kernel_package)" ] || lack "this distribution has no package linux-image-amd64"
  rm -rf "$out/download" "$out/kernel" "$out/unpacked"
  mkdir -p "$out/download"
  # A list that is old names packages that are no more.
  download || { apt update >>"$out/apt.log" 2>&1 && download; } || lack "$(kernel_package) cannot be downloaded ($out/apt.log)"
  dpkg-deb -x "$out"/download/*.deb "$out/unpacked"
  rm -rf "$out/download"
  busybox depmod -b "$out/unpacked" "$(basename "$out"/unpacked/lib/modules/*)"
  mv "$out/unpacked" "$out/kernel"
fi

version="$(basename "$out"/kernel/lib/modules/*)"
modules="$out/kernel/lib/modules/$version"

root="$(mktemp -d "$out/initramfs.XXXXXX")"
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,sbin,dev,proc,sys,host}
cp "$(readlink -f /bin/busybox)" "$root/bin/busybox"
ln -s ../bin/busybox "$root/sbin/modprobe"
cp "$here/init" "$root/init"
chmod +x "$root/init"
# Only what brings the host's files is needed here, with what it needs in turn. All others the kernel asks for itself, and they come from there.
wanted=(virtio_pci 9p 9pnet_virtio)
while [ ${#wanted[@]} -gt 0 ]; do
  next=()
  for module in "${wanted[@]}"; do
    line="$(grep -m 1 -E "/$module\.ko(\.xz|\.zst|\.gz)?:" "$modules/modules.dep")" || lack "kernel $version has no module $module"
    file="${line%%:*}"
    plain="$root/lib/modules/$version/${file%.ko*}.ko"
    [ ! -e "$plain" ] || continue
    mkdir -p "$(dirname "$plain")"
    case "$file" in
      *.xz) xz -dc "$modules/$file" >"$plain" ;;
      *.zst) zstd -dc "$modules/$file" >"$plain" ;;
      *.gz) gzip -dc "$modules/$file" >"$plain" ;;
      *) cp "$modules/$file" "$plain" ;;
    esac
    for need in ${line#*:}; do
      need="$(basename "$need")"
      next+=("${need%%.ko*}")
    done
  done
  wanted=("${next[@]}")
done
busybox depmod -b "$root" "$version"
printf '/host%s/kernel/lib/modules\n' "$out" >"$root/modules-directory"
(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$out/initramfs.new"
mv "$out/initramfs.new" "$out/initramfs"
