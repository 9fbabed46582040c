"""Give mask decoders of a bundle the outputs `tokens` and `image_tokens`, their weights as they are:

    python -m maskloom_training.sam.add_tokens --bundle packages/bundle-tiny/bundle \\
        --models read-full/sam-decoder read-points/sam-decoder read-seg-points/sam-decoder \\
        stacked-seg-single/sam-decoder stacked-seg-several/sam-decoder

For decoders that were exported before `<SEG>` recipes had them. The weights are read out of the graph (`from_bundle`)
and exported anew; the new file must agree with PyTorch in all four outputs and with the old file in both of its own,
bit for bit. A decoder that has the outputs is left alone.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import torch

from ..bundle_add import adding
from ..checkpoint import replace_file
from ..from_bundle import fill, recovered, stored_weights, write_codes
from ..onnx_tools import largest_difference, open_session, run
from .config import SamTinyConfig
from .export import DecoderGraph, every_mix, write_decoder
from .model import SamTiny


def with_tokens(settings: SamTinyConfig, shipped: Path, out: Path) -> float:
    """Writes `shipped`'s decoder with the two outputs to `out`; largest difference between it and PyTorch.

    Raises ValueError when the old outputs are not the same to the last bit.
    """
    model, twin = SamTiny(settings, "eager").eval(), SamTiny(settings, "eager").eval()
    codes = write_codes(twin)
    with tempfile.TemporaryDirectory() as folder:
        coded = stored_weights(write_decoder(twin, Path(folder) / "twin.onnx"))
    image_encoder = {name for name in codes if name.startswith("vision_encoder.")}
    fill(model, recovered(codes, coded, shipped), image_encoder)
    write_decoder(model, out, tokens=True)
    before, after, graph, worst = open_session(shipped), open_session(out), DecoderGraph(model, tokens=True), 0.0
    for inputs in every_mix(model):
        for old, new in zip(run(before, inputs), run(after, inputs)[:2], strict=True):
            if not np.array_equal(old, new):
                raise ValueError(f"{shipped}: exported anew, its masks differ by {np.abs(old - new).max():.1e}.")
        worst = max(worst, largest_difference(graph, after, inputs))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--models", nargs="+", required=True, help="ids of mask decoders")
    parser.add_argument("--like", type=Path, default=Path("packages/bundle-tiny/bundle"), help="has SAM's shape")
    args = parser.parse_args()
    torch.set_num_threads(1)
    shape = json.loads((args.like / "bundle.json").read_text(encoding="utf-8"))["origin"]["config"]["sam"]["model"]
    settings = SamTinyConfig.from_dict(shape)
    with adding(args.bundle) as bundle:
        for model_id in args.models:
            path = args.bundle / bundle.manifest["models"][model_id]["file"]
            if len(bundle.manifest["models"][model_id]["outputs"]) > 2:
                continue
            with tempfile.TemporaryDirectory() as folder:
                made = Path(folder) / "decoder.onnx"
                difference = with_tokens(settings, path, made)
                content = made.read_bytes()
            replace_file(path, lambda stream, content=content: stream.write(content))
            bundle.file(model_id, path, difference)
            print(f"{path}: {len(content):,} bytes, PyTorch and ONNX Runtime within {difference:.1e}")


if __name__ == "__main__":
    main()
