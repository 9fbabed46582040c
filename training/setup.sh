#!/bin/sh
# Makes the kit's virtual environment (training/.venv) with the pinned packages and the CPU build of PyTorch.
# PYTHON names another interpreter (3.11 or newer); TORCH_INDEX another wheel index (a CUDA one, say).
set -eu
cd "$(dirname "$0")"
python="${PYTHON:-python3.11}"
command -v "$python" >/dev/null 2>&1 || python=python3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "The training kit needs Python 3.11 or newer; set PYTHON to one." >&2
  exit 1
}
[ -x .venv/bin/python ] || "$python" -m venv .venv
torch_index="${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}"
.venv/bin/python -m pip install --quiet --extra-index-url "$torch_index" -r requirements.txt
.venv/bin/python -c 'import torch, transformers; print("training kit ready: torch", torch.__version__, "transformers", transformers.__version__)'
