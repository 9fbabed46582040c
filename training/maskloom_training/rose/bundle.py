"""Add ROSE's rows to a bundle, leaving its other entries as they are:

    python -m maskloom_training.rose.bundle --runs training/runs --rows rose/patch stacked-seg/vanilla \\
        --bundle packages/bundle-tiny/bundle [--figures FILE.json]

A row `<id>@seedN` is read from runs/rose/<id>-seedN, `<id>=FOLDER` from runs/rose/FOLDER. The tower, the text tower,
the projector and SAM's encoder are shared by all rows.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from ..bundle_add import BundleAddition, adding, new_bundle
from ..checkpoint import load_checkpoint
from ..onevision.model import OneVisionSettings
from ..onevision.prompts import (
    CATEGORY,
    COUNT_ANSWER,
    COUNT_ITEM,
    DECODE,
    DECODE_STOP,
    INSTRUCTIONS,
    MAX_NEW_TOKENS,
    NOTHING,
    REGION,
    REGION_STOP,
    TEMPLATE,
)
from ..sam.export import check_decoder, check_encoder, export_decoder, export_encoder
from ..sam.train import load_sam
from ..siglip.model import MEAN, STD, SiglipSettings, SiglipTiny
from ..siglip.train import load_siglip
from ..text.tokenizer import BOS, EOS, IMAGE_START, PAD, SEG
from .export import base_graphs, row_graphs
from .merge import Choices
from .naming import MAX_NAME_TOKENS
from .recipes import RoseRecipe, RoseWeights
from .train import load_rose


def siglip_preset(s: SiglipSettings, scale: float) -> dict:
    """presets.siglip; `scale` is that of its logits."""
    return {
        "imageSize": s.image_size,
        "patchSize": s.patch_size,
        "mean": [MEAN] * 3,
        "std": [STD] * 3,
        "resample": "bicubic",
        "crop": "pad",
        "text": {"eos": EOS, "pad": PAD, "maxTokens": s.text_length},
        "logitScale": scale,
    }


def onevision_preset(s: OneVisionSettings) -> dict:
    """presets.onevision."""
    return {
        "hidden": s.hidden,
        "layers": s.layers,
        "heads": s.heads,
        "headDim": s.hidden // s.heads,
        "imageTokens": s.image_tokens,
        "grid": s.grid,
        "prompt": TEMPLATE,
        "order": "instruction-first",
        "eos": EOS,
        "bos": BOS,
        "seg": SEG,
        "imStart": IMAGE_START,
        "maxNewTokens": MAX_NEW_TOKENS,
        "category": CATEGORY,
        "region": REGION,
        "decode": DECODE,
        "decodeStop": DECODE_STOP,
        "regionStop": REGION_STOP,
        "maxNameTokens": MAX_NAME_TOKENS,
        "positions": s.positions,
        "instructions": {k: INSTRUCTIONS[k] for k in ("free", "semantic", "instance")},
        "listInstruction": INSTRUCTIONS["list"],
        "regionInstruction": INSTRUCTIONS["regions"],
    }


def rose_preset(choices: Choices) -> dict:
    """presets.rose, without what a recipe sets."""
    return {
        "superPatch": {"side": 1, "roles": [], "sizes": {}},
        **choices.preset(),
        "semantic": "max",
        "countAnswer": COUNT_ANSWER,
        "countItem": COUNT_ITEM,
        "nothing": NOTHING,
    }


def add_row(bundle: BundleAddition, recipe_id: str, recipe: RoseRecipe, weights: RoseWeights, entry: dict) -> None:
    """Export one row under `<folder>/` and write its recipe; `entry` adds to it. `recipe_id` may end in @seedN."""
    folder = recipe_id.replace("/", "-").replace("@", "-")
    roles = {"samEncoder": "sam-encoder", "siglipTower": "siglip-tower", "projector": "rose-projector"}
    names = {
        "token-embedding": "tokenEmbedding",
        "language-model": "languageModel",
        "patch-analyzer": "patchAnalyzer",
        "seg-projection": "segProjection",
    }
    for name, graph in row_graphs(weights).items():
        bundle.model(f"{folder}/{name}", graph)
        roles[names[name]] = f"{folder}/{name}"
    path = bundle.directory / folder / "sam-decoder.onnx"
    export_decoder(weights.sam, path)
    bundle.file(f"{folder}/sam-decoder", path, check_decoder(weights.sam, path))
    roles["samDecoder"] = f"{folder}/sam-decoder"
    own: dict = {"perTarget": recipe.per_target}
    if recipe.unit == "patch":
        roles["siglipText"] = "siglip-text"
        own = {"naming": recipe.naming, "superPatch": recipe.assignment.preset()}
    fixed = {"models": roles, "points": "none", "presets": {"rose": own}, "trainedFor": True}
    bundle.recipe(recipe_id, fixed | entry)


def add_base(bundle: BundleAddition, siglip: SiglipTiny, weights: RoseWeights, sam, choices: Choices) -> None:
    """The shared graphs and the presets; graphs that are there already stay."""
    for name, graph in base_graphs(siglip, weights.model).items():
        if name not in bundle.manifest["models"]:
            bundle.model(name, graph)
    if "sam-encoder" not in bundle.manifest["models"]:
        path = bundle.directory / "sam-encoder.onnx"
        export_encoder(sam, path)
        bundle.file("sam-encoder", path, check_encoder(sam, path))
    bundle.preset("siglip", siglip_preset(siglip.settings, float(siglip.logit_scale.exp())))
    bundle.preset("onevision", onevision_preset(weights.model.settings))
    bundle.preset("rose", rose_preset(choices))


def run_folder(recipe_id: str) -> str:
    """rose/patch@seed2 -> rose-patch-seed2."""
    return recipe_id.replace("/", "-").replace("@", "-")


def row_source(row: str) -> tuple[str, str]:
    """(recipe id, run's folder) of "rose/patch@seed2" or of "rose/patch=rose-patch-long" (another run's folder)."""
    recipe_id, _, folder = row.partition("=")
    return recipe_id, folder or run_folder(recipe_id)


def stage_record(path: Path, stage: str) -> dict:
    """Configuration of a run, with how far it went."""
    saved = load_checkpoint(path, stage)
    return saved["config"] | {"stepsDone": saved["step"], "minutesTaken": round(saved["elapsed"] / 60, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--rows", nargs="+", required=True)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--name", default="ablations", help="name of the bundle where it is new")
    parser.add_argument("--like", type=Path, default=Path("packages/bundle-tiny/bundle"))
    parser.add_argument("--figures", type=Path, default=None, help="JSON that rose/evaluate.py wrote")
    args = parser.parse_args()
    torch.set_num_threads(1)
    figures = {} if args.figures is None else json.loads(args.figures.read_text())["rows"]
    siglip = load_siglip(args.runs / "siglip" / "checkpoint.pt")
    sam = load_sam(load_checkpoint(args.runs / "sam" / "checkpoint.pt", "sam"))
    new_bundle(args.bundle, args.name, args.like)
    with adding(args.bundle) as bundle:
        for row in args.rows:
            recipe_id, folder = row_source(row)
            path = args.runs / "rose" / folder / "checkpoint.pt"
            recipe, weights, config = load_rose(path)
            if row == args.rows[0]:
                add_base(bundle, siglip, weights, sam, Choices())
            entry: dict = {
                "seed": config["seed"],
                "steps": load_checkpoint(path, "rose")["step"] + config.get("steps_before", 0),
            }
            for key in figures:
                if run_folder(key) == folder:
                    entry["heldOut"] = figures[key]
            add_row(bundle, recipe_id, recipe, weights, entry)
            bundle.origin(recipe_id, stage_record(path, "rose"))
        # A run that went on from an earlier one keeps that one as siglip-part1, ...
        parts = [*sorted(args.runs.glob("siglip-part*/checkpoint.pt")), args.runs / "siglip" / "checkpoint.pt"]
        bundle.origin("siglip", [stage_record(p, "siglip") for p in parts])
        bundle.origin("onevision", stage_record(args.runs / "onevision" / "checkpoint.pt", "onevision"))
        worst = max(bundle.differences.values())
    print(f"{args.bundle}: {', '.join(args.rows)} added; PyTorch and ONNX Runtime within {worst:.1e}")


if __name__ == "__main__":
    main()
