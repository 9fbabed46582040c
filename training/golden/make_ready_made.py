"""Make small ready-made repositories, and what PyTorch gives for them, for the tests of packages/hub.

Run in an environment of its own, because optimum's exporter pins an older transformers than the kit:

    python3 -m venv /tmp/ready-made
    /tmp/ready-made/bin/pip install torch optimum==2.1.0 optimum-onnx==0.1.0 onnxruntime pillow
    /tmp/ready-made/bin/python training/golden/make_ready_made.py

Writes packages/hub/fixtures/<name>/: the files of the repository (graphs gzipped) in the layouts and with the port
names of published ones, and golden.safetensors with inputs and PyTorch's results. Weights are random, in Hugging Face's
own classes. SAM, CLIP (one graph) and Qwen2 are exported by optimum; the others, for which it has no configuration, by
torch.onnx under the names that transformers.js gives them.
"""

import tempfile
from pathlib import Path

import numpy as np
import torch
from ready_made_files import DRAW
from ready_made_language import make_onevision, make_qwen2
from ready_made_sam import make_sam, make_sam2, make_sam3_tracker
from ready_made_towers import make_bert, make_clip, make_siglip


def main() -> None:
    import sys

    torch.manual_seed(0)
    np.random.seed(0)
    parts = {"sam": make_sam, "clip": make_clip, "siglip": make_siglip, "qwen2": make_qwen2}
    parts |= {"onevision": make_onevision, "sam2": make_sam2, "bert": make_bert}
    parts["sam3-tracker"] = make_sam3_tracker
    for name, make in parts.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        DRAW.manual_seed(20261126)
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder))


if __name__ == "__main__":
    main()
