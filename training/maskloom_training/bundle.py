"""Assemble a bundle: export every graph, write `bundle.json` with sizes, hashes, shapes and figures.

The folder is written beside its target and renamed, so a reader never sees half a bundle.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import shutil
from pathlib import Path

import torch

from .checkpoint import load_checkpoint
from .clip.model import ClipSettings, ClipTiny
from .clip.train import load_clip
from .llava.export import Graph, clip_graph, embedding_graph, language_graph, projector_graph, seg_graph
from .llava.model import LlavaSettings, LlavaTiny
from .manifest import Pieces, describe, presets, recipe_entry, rounded, size_and_hash
from .onnx_tools import export, largest_difference, open_session, round_to_half
from .sam.config import SamTinyConfig
from .sam.export import check_decoder, check_encoder, export_decoder, export_encoder
from .sam.model import SamTiny
from .sam.train import load_sam
from .segment.projection import SegProjection
from .segment.recipes import RECIPES, SHARED, SegWeights
from .segment.sasp import SaspSettings
from .segment.train import load_recipe
from .text.tokenizer import load_tokenizer

SCHEMA = "maskloom.bundle/1"


def write_bundle(pieces: Pieces, out: Path) -> dict:
    """Export everything into `out` (replacing its model files) and return the manifest.

    Raises ValueError when a graph and PyTorch differ by more than 1e-4.
    """
    beside = out.with_name(f".{out.name}.{os.getpid()}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        manifest = _export_all(pieces, beside)
        (beside / "bundle.json").write_text(json.dumps(manifest, indent=1) + "\n")
        if out.exists():
            shutil.rmtree(out)
        os.rename(beside, out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return manifest


def check_graph(graph: Graph, path: Path) -> float:
    """Largest difference between PyTorch and ONNX Runtime on the graph's example inputs."""
    inputs = dict(zip(graph.input_names, graph.inputs, strict=True))
    return largest_difference(graph.module, open_session(path), inputs)


def language_only(llava: LlavaTiny) -> LlavaTiny:
    """A copy on the float16 grid with plain attention operators, for export."""
    twin = LlavaTiny(llava.settings)
    twin.load_state_dict(llava.state_dict())
    twin.language_model.set_attn_implementation("eager")
    return round_to_half(twin).eval().requires_grad_(False)


def _export_all(pieces: Pieces, out: Path) -> dict:
    clip = round_to_half(copy.deepcopy(pieces.clip)).eval()
    clip.clip.set_attn_implementation("eager")
    models: dict[str, dict] = {}
    differences: dict[str, float] = {}

    def add(model_id: str, graph: Graph) -> None:
        path = out / f"{model_id}.onnx"
        inputs = dict(zip(graph.input_names, graph.inputs, strict=True))
        export(graph.module, inputs, graph.output_names, graph.dynamic, path)
        differences[model_id] = check_graph(graph, path)
        models[model_id] = describe(path, out)

    export_encoder(pieces.sam, out / "sam-encoder.onnx")
    differences["sam-encoder"] = check_encoder(pieces.sam, out / "sam-encoder.onnx")
    models["sam-encoder"] = describe(out / "sam-encoder.onnx", out)
    export_decoder(pieces.sam, out / "sam-decoder.onnx")
    differences["sam-decoder"] = check_decoder(pieces.sam, out / "sam-decoder.onnx")
    models["sam-decoder"] = describe(out / "sam-decoder.onnx", out)
    add("clip-tower", clip_graph(clip))
    first = next(iter(pieces.recipes.values()))
    llava = language_only(first.llava)
    add("projector", projector_graph(llava))
    recipes = {}
    for recipe_id, weights in pieces.recipes.items():
        owner = RECIPES[pieces.shared.get(recipe_id, recipe_id)]
        if owner.id == recipe_id:
            twin = language_only(weights.llava)
            add(f"{owner.folder}/token-embedding", embedding_graph(twin))
            add(f"{owner.folder}/language-model", language_graph(twin))
            if owner.embeds:
                projection = round_to_half(copy.deepcopy(weights.projection)).eval()
                add(f"{owner.folder}/seg-projection", seg_graph(projection, twin.settings.hidden))
            name = f"{owner.folder}/sam-decoder"
            export_decoder(weights.sam, out / f"{name}.onnx", tokens=True)
            differences[name] = check_decoder(weights.sam, out / f"{name}.onnx", tokens=True)
            models[name] = describe(out / f"{name}.onnx", out)
        recipes[recipe_id] = recipe_entry(recipe_id, owner.folder, pieces)
    recipes["sam/prompted"] = _prompted(pieces)
    recipes["sam/everything"] = {k: v for k, v in recipes["sam/prompted"].items() if k != "heldOut"}
    bad = {name: d for name, d in differences.items() if not d <= 1e-4}
    if bad:
        raise ValueError(f"PyTorch and ONNX Runtime differ by more than 1e-4: {bad}")
    tokenizer_files = []
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(pieces.tokenizer / name, out / name)
        tokenizer_files.append({"file": name, **size_and_hash(out / name)})
    return {
        "schema": SCHEMA,
        "name": "tiny",
        "version": pieces.version,
        "license": "Apache-2.0",
        "origin": pieces.origin | {"largestDifferenceFromPyTorch": max(differences.values())},
        "models": models,
        "tokenizer": {"files": tokenizer_files},
        "presets": presets(pieces, llava, clip),
        "recipes": recipes,
        "heldOut": rounded({k: v for k, v in pieces.held_out.items() if k != "recipes"}),
    }


def _prompted(pieces: Pieces) -> dict:
    """SAM alone: the encoder and the decoder as SAM's own training left them."""
    roles = {"samEncoder": "sam-encoder", "samDecoder": "sam-decoder"}
    entry = {"models": roles, "points": "none", "presets": {}, "trainedFor": True}
    figures = pieces.held_out.get("sam")
    return entry if figures is None else entry | {"heldOut": figures}


def random_pieces(tokenizer: Path, seed: int = 0) -> Pieces:
    """Untrained weights in the right formats: lets a reader of bundles be tested before anything is trained."""
    torch.manual_seed(seed)
    words = load_tokenizer(tokenizer).get_vocab_size()
    clip, sam = ClipTiny(ClipSettings(vocabulary=words)), SamTiny(SamTinyConfig())
    settings = LlavaSettings(vocabulary=words)
    projector = LlavaTiny(settings).projector
    recipes = {}
    for recipe_id in RECIPES:
        llava = LlavaTiny(settings)
        llava.projector = projector
        recipes[recipe_id] = SegWeights(llava, SegProjection(settings.hidden, sam.tiny.embed), sam)
    origin = {"trainedBy": "maskloom training kit", "trained": False}
    return Pieces(clip, sam, recipes, SaspSettings(count=10), tokenizer, origin)


def trained_pieces(runs: Path, figures: dict | None = None) -> Pieces:
    """The pieces of a folder of runs: tokenizer/, clip/, sam/ and segment/<recipe>/ (see training/README.md)."""
    clip_run = load_checkpoint(runs / "clip" / "checkpoint.pt", "clip")
    sam_run = load_checkpoint(runs / "sam" / "checkpoint.pt", "sam")
    llava_run = load_checkpoint(runs / "llava" / "checkpoint.pt", "llava")
    recipes, stages = {}, {}
    sasp = SaspSettings()
    for recipe_id in RECIPES:
        owner = RECIPES[SHARED.get(recipe_id, recipe_id)]
        path = runs / "segment" / owner.folder / "checkpoint.pt"
        _, weights, config = load_recipe(path)
        sasp = SaspSettings(**config["sasp"])
        recipes[recipe_id] = weights
        stages[owner.id] = _stage(load_checkpoint(path, "segment"))
    # A base that was continued with changed starts keeps its earlier runs as llava-part1, llava-part2, ...
    parts = [_stage(load_checkpoint(p, "llava")) for p in sorted(runs.glob("llava-part*/checkpoint.pt"))]
    origin = {
        "trainedBy": "maskloom training kit",
        "trained": True,
        "data": {"generator": "maskloom data synth", "seed": 1, "validationSeed": 8000000, "heldOutSeed": 8500000},
        "seed": llava_run["config"]["seed"],
        "config": {
            "sam": _stage(sam_run),
            "clip": _stage(clip_run),
            "llava": [*parts, _stage(llava_run)],
            "segment": stages,
        },
        "note": "One seed per stage. The held-out scenes come from the generator that made the training scenes: "
        "the figures say nothing about photographs.",
    }
    sam = load_sam(sam_run)
    clip = load_clip(runs / "clip" / "checkpoint.pt")
    return Pieces(clip, sam, recipes, sasp, runs / "tokenizer", origin, held_out=figures or {}, shared=dict(SHARED))


def _stage(saved: dict) -> dict:
    """Configuration of a run, with how far it went."""
    paths = ("train_data", "val_data")
    config = {k: v for k, v in saved["config"].items() if k not in paths}
    return config | {"stepsDone": saved["step"], "minutesTaken": round(saved["elapsed"] / 60, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--out", type=Path, default=Path("packages/bundle-tiny/bundle"))
    parser.add_argument("--figures", type=Path, default=None, help="JSON that evaluate.py wrote")
    parser.add_argument("--sam-figures", type=Path, default=None, help="JSON that sam/evaluate.py wrote")
    parser.add_argument("--untrained", action="store_true", help="random weights, formats only")
    args = parser.parse_args()
    torch.set_num_threads(1)
    figures = {} if args.figures is None else json.loads(args.figures.read_text())
    if args.sam_figures is not None:
        figures["sam"] = json.loads(args.sam_figures.read_text())
    tokenizer = args.runs / "tokenizer"
    pieces = random_pieces(tokenizer) if args.untrained else trained_pieces(args.runs, figures)
    manifest = write_bundle(pieces, args.out)
    size = sum(m["bytes"] for m in manifest["models"].values())
    worst = manifest["origin"]["largestDifferenceFromPyTorch"]
    print(f"{args.out}: {len(manifest['models'])} models, {size:,} bytes, PyTorch and ONNX Runtime within {worst:.1e}")


if __name__ == "__main__":
    main()
