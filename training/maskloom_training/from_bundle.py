"""Checkpoints of CLIP-tiny, SAM-tiny and the tokenizer out of bundles' ONNX files, so that later stages can be trained:

    python -m maskloom_training.from_bundle --bundle packages/bundle-tiny/bundle \\
        --text packages/bundle-ablations/bundle --out training/runs

Weights are found by what the exporter does, not by names: a twin whose parameters hold a number of their own each is
exported by the same code, and the same place in the shipped file holds that parameter's value. Exact, on the float16
grid that a bundle stores; the outputs are compared with PyTorch's before anything is written.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from .checkpoint import save_checkpoint
from .clip.model import ClipSettings, ClipTiny
from .llava.export import Graph, clip_graph
from .lmseg.dense_clip import ClipText
from .lmseg.graphs import text_graph
from .onnx_tools import export, largest_difference, open_session
from .sam.config import SamTinyConfig
from .sam.export import DecoderGraph, EncoderGraph, decoder_inputs, write_decoder, write_encoder
from .sam.model import SamTiny

TOLERANCE = 1e-4
"""Largest difference allowed between PyTorch and ONNX Runtime."""
FIRST_CODE = 4096
"""Codes start here, above any constant that the exporter writes."""


def weights(module: nn.Module) -> dict[str, torch.Tensor]:
    """Floating-point parameters and buffers by name, shared ones once."""
    named = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    return {name: tensor for name, tensor in named.items() if tensor.is_floating_point()}


@torch.no_grad()
def write_codes(module: nn.Module) -> dict[str, tuple[int, torch.Tensor]]:
    """Gives every weight of `module` a whole number of its own, in place; name -> (first number, tensor)."""
    at, found = FIRST_CODE, {}
    for name, tensor in weights(module).items():
        tensor.copy_(torch.arange(at, at + tensor.numel()).reshape(tensor.shape))
        found[name] = (at, tensor)
        at += tensor.numel()
    if at > 2**24:
        raise ValueError(f"{at} weights: float32 counts whole numbers up to {2**24} only.")
    return found


def stored_weights(path: Path) -> list[np.ndarray]:
    """Floating-point initialisers of a graph as float32, in the file's order."""
    tensors = (numpy_helper.to_array(t) for t in onnx.load(str(path)).graph.initializer)
    return [t.astype(np.float32) for t in tensors if t.dtype in (np.float16, np.float32)]


def recovered(
    codes: dict[str, tuple[int, torch.Tensor]], twin: list[np.ndarray], shipped: Path
) -> dict[str, torch.Tensor]:
    """State of the parameters that a graph holds: `twin` are the stored weights of a module with codes.

    Raises ValueError when the shipped file is not the same graph.
    """
    found = stored_weights(shipped)
    if [a.shape for a in twin] != [b.shape for b in found]:
        raise ValueError(f"{shipped} was not exported by this version of the kit: its weights are laid out otherwise.")
    last = max(start + tensor.numel() for start, tensor in codes.values())
    values = np.full(last, np.nan, dtype=np.float32)
    for ours, theirs in zip(twin, found, strict=True):
        index = np.rint(ours).astype(np.int64)
        known = (ours == index) & (index >= FIRST_CODE) & (index < last)
        values[index[known]] = theirs[known]
    state = {}
    for name, (start, tensor) in codes.items():
        part = values[start : start + tensor.numel()]
        if not np.isnan(part).any():
            state[name] = torch.as_tensor(part.copy()).reshape(tensor.shape)
    return state


def clip_from(bundle: Path, text: Path) -> ClipTiny:
    """CLIP-tiny: the tower of `bundle`, the untuned text tower of `text`. Its temperature stays at its start."""
    manifest = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    settings = ClipSettings(**manifest["origin"]["config"]["clip"]["model"])
    model, twin = ClipTiny(settings).eval(), ClipTiny(settings).eval()
    for one in (model, twin):
        one.clip.set_attn_implementation("eager")
    codes = write_codes(twin)
    files = (bundle / "clip-tower.onnx", text / "lmseg" / "clip-text.onnx")
    state = {}
    for graph, file in zip(_clip_graphs(twin), files, strict=True):
        state |= recovered(codes, _exported(graph), file)
    fill(model, state, {"clip.logit_scale"})
    for graph, file in zip(_clip_graphs(model), files, strict=True):
        _agree(graph.module, dict(zip(graph.input_names, graph.inputs, strict=True)), file)
    return model


def sam_from(bundle: Path) -> SamTiny:
    """SAM-tiny of `bundle`."""
    manifest = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    settings = SamTinyConfig.from_dict(manifest["origin"]["config"]["sam"]["model"])
    model, twin = SamTiny(settings, "eager").eval(), SamTiny(settings, "eager").eval()
    codes = write_codes(twin)
    state = {}
    with tempfile.TemporaryDirectory() as folder:
        for write, name in ((write_encoder, "sam-encoder.onnx"), (write_decoder, "sam-decoder.onnx")):
            state |= recovered(codes, stored_weights(write(twin, Path(folder) / name)), bundle / name)
    fill(model, state, set())
    side = settings.image_size
    _agree(EncoderGraph(model), {"pixel_values": torch.randn(2, 3, side, side)}, bundle / "sam-encoder.onnx")
    _agree(DecoderGraph(model), decoder_inputs(model, 3, 4, 1, True), bundle / "sam-decoder.onnx")
    return model


def _clip_graphs(clip: ClipTiny) -> tuple[Graph, Graph]:
    return clip_graph(clip), text_graph(ClipText(clip), clip.settings)


def _exported(graph: Graph) -> list[np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        inputs = dict(zip(graph.input_names, graph.inputs, strict=True))
        return stored_weights(
            export(graph.module, inputs, graph.output_names, graph.dynamic, Path(folder) / "twin.onnx")
        )


def fill(model: nn.Module, state: dict[str, torch.Tensor], optional: set[str]) -> None:
    """Loads what was recovered; raises ValueError when a weight outside of `optional` is in no graph."""
    missing = set(weights(model)) - set(state) - optional
    if missing:
        raise ValueError(f"These weights are in no graph: {', '.join(sorted(missing))}.")
    model.load_state_dict(state, strict=False)
    model.requires_grad_(False)


def _agree(module: nn.Module, inputs: dict[str, torch.Tensor], file: Path) -> None:
    difference = largest_difference(module, open_session(file), inputs)
    print(f"{file}: PyTorch and ONNX Runtime differ by {difference:.1e}")
    if not difference <= TOLERANCE:
        raise ValueError(f"{file}: the weights found do not give its outputs ({difference:.1e} > {TOLERANCE}).")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, default=Path("packages/bundle-tiny/bundle"))
    parser.add_argument("--text", type=Path, default=Path("packages/bundle-ablations/bundle"))
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    origin = json.loads((args.bundle / "bundle.json").read_text(encoding="utf-8"))["origin"]["config"]
    metadata = {"from": "a bundle's ONNX files, on the float16 grid"}
    clip = clip_from(args.bundle, args.text)
    sam = sam_from(args.bundle)
    for stage, module in (("clip", clip), ("sam", sam)):
        save_checkpoint(
            args.out / stage / "checkpoint.pt",
            stage=stage,
            step=origin[stage]["stepsDone"],
            config=origin[stage],
            modules={stage: module},
            metadata=metadata,
        )
    (args.out / "tokenizer").mkdir(parents=True, exist_ok=True)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(args.bundle / name, args.out / "tokenizer" / name)
    print(f"{args.out}: clip, sam and tokenizer")


if __name__ == "__main__":
    main()
