"""A checkpoint of real size as what `maskloom-convert` reads:

    python -m maskloom_training.real.export --checkpoint OUT/checkpoint.pt --out DIR [--weights DIR] [--clip DIR]

LISA and READ become a folder in their published layout (`maskloom-convert lisa|read-7b DIR BUNDLE --vision CLIP`), ROSE
and LMSeg a folder of runs (`maskloom-convert rose|lmseg DIR BUNDLE --row ROW`). --weights and --clip are those of the
training: the tokenizer comes from there.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from ..checkpoint import load_checkpoint, replace_file, write_checkpoint
from ..convert.lora import ALPHA
from ..lmseg.recipes import folder_of
from ..rose.bundle import run_folder
from ..text.tokenizer import save_tokenizer
from .start import open_tokenizer, open_words

LAYOUT = {
    "language.": "",
    "projector.": "model.mm_projector.",
    "projection.layers.": "model.text_hidden_fcs.0.",
    "sam.": "model.visual_model.",
}
"""Names of a `Lisa` to the published ones; CLIP is not among the published weights."""


def export_lisa(saved: dict, out: Path, weights: Path | None, clip: Path | None) -> None:
    """Writes LISA's layout: config.json, pytorch_model.bin (LoRA apart, as LISA's descendants publish), tokenizer."""
    model = saved["config"]["model"]
    scale = model["lora"]["alpha"] / ALPHA  # the layout does not say alpha; it is taken as LISA's
    tensors = {}
    for name, tensor in saved["modules"]["weights"].items():
        prefix = next((p for p in LAYOUT if name.startswith(p)), None)
        if prefix is not None:
            named = LAYOUT[prefix] + name.removeprefix(prefix)
            if model["projector_layers"] == 1:
                named = named.replace("model.mm_projector.0.", "model.mm_projector.")
            tensors[named] = tensor * scale if ".lora_B." in name else tensor
    language = model["language"]
    config = {
        **language,
        "architectures": ["LISAForCausalLM"],
        "model_type": "llava",
        "mm_vision_select_layer": model["vision_layer"],
        "mm_use_im_start_end": True,
        "out_dim": model["sam"]["embed"],
        **({"mm_vision_tower": str(clip)} if clip else {}),
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    replace_file(out / "pytorch_model.bin", lambda stream: torch.save(tensors, stream))
    save_tokenizer(open_tokenizer(weights, language["vocab_size"]), out)


def export_run(saved: dict, out: Path, tokenizer: Path | None) -> None:
    """Writes a folder of runs as the kit's own training leaves it."""
    config, stage = saved["config"], saved["stage"]
    row = config["recipe"] if stage == "lmseg" else config["recipe"]["id"]
    folder = folder_of(row) if stage == "lmseg" else run_folder(row)
    own = {n: m for n, m in saved["modules"].items() if n != "siglip"}
    kept = {"step": saved["step"], "optimizer": None}
    write_checkpoint(out / stage / folder / "checkpoint.pt", stage=stage, config=config, modules=own, **kept)
    rows = config["clipModel"]["vocabulary"] if stage == "lmseg" else config["onevision"]["vocabulary"]
    if "siglip" in saved["modules"]:
        tower = {"siglip": saved["modules"]["siglip"]}
        said = {"model": config["model"]["siglip"]}
        write_checkpoint(out / "siglip/checkpoint.pt", stage="siglip", config=said, modules=tower, **kept)
    save_tokenizer(open_words(tokenizer, rows), out / "tokenizer")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights", type=Path, help="folder of the language model")
    parser.add_argument("--clip", type=Path, help="folder of the vision tower")
    args = parser.parse_args(arguments)
    saved = load_checkpoint(args.checkpoint)
    if saved["stage"] == "real-segment":
        export_lisa(saved, args.out, args.weights, args.clip)
    else:
        export_run(saved, args.out, args.clip if saved["stage"] == "lmseg" else args.weights)
    print(f"{saved['stage']}, step {saved['step']}: {args.out}")


if __name__ == "__main__":
    main()
