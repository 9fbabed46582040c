#!/usr/bin/env bash
# Runs the systems on this machine's GPU (CUDA, and WebGPU through its Vulkan driver) and on its CPU, compares masks, takes the
# time of every stage, SAM ViT-B beside PyTorch in eager mode, and writes one JSON. Needs bash, tar and Python with PyTorch; Node
# and everything else come in the pack that `npm run device:pack` makes.
#
#     scripts/device-check.sh [--pack FILE] [--out FILE] [--python PYTHON] [--cuda-provider FOLDER]
#         [--devices cpu,cuda,webgpu] [--dry-run]
#
# --dry-run: no GPU: the CPU, and WebGPU on SwiftShader, a small SAM.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
pack='' out='' rest=()
while [ $# -gt 0 ]; do
  case $1 in
    --pack) pack=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    --python | --cuda-provider | --devices) rest+=("$1" "$2"); shift 2 ;;
    --dry-run) rest+=(--dry-run); shift ;;
    *) echo "device-check: unknown argument $1 (see the head of $0)" >&2; exit 2 ;;
  esac
done
for candidate in "$here/pack.tar.xz" "$here/../out/device-pack/pack.tar.xz"; do
  [ -n "$pack" ] || [ ! -e "$candidate" ] || pack=$candidate
done
[ -e "$pack" ] || { echo "device-check: no pack; make it with: npm run device:pack" >&2; exit 2; }
# A name for the result that says what card it is of.
if [ -z "$out" ]; then
  card=$(nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null | head -1 | tr -c 'A-Za-z0-9\n' '-' || true)
  out=${OUT:-$here/../docs/measured}/device-${card:-dry-run}.json
fi
mkdir -p "$(dirname "$out")"
out=$(cd "$(dirname "$out")" && pwd)/$(basename "$out")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if command -v xz >/dev/null; then tar -C "$work" -xJf "$pack"; else python3 -m tarfile -e "$pack" "$work"; fi
"$work/bin/node" "$work/app/device/check.mjs" --pack "$work" --out "$out" "${rest[@]}"
