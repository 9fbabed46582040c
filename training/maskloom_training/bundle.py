"""Assemble a bundle: export every graph, write `bundle.json` with sizes, hashes, shapes and figures.

The folder is written beside its target and renamed, so a reader never sees half a bundle.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import onnx
import torch

from .checkpoint import load_checkpoint
from .clip.model import MEAN as CLIP_MEAN
from .clip.model import STD as CLIP_STD
from .clip.model import ClipSettings, ClipTiny
from .clip.train import load_clip
from .geometry import SAM_MEAN, SAM_STD
from .llava.export import Graph, clip_graph, embedding_graph, language_graph, projector_graph, seg_graph
from .llava.model import LlavaSettings, LlavaTiny
from .onnx_tools import export, largest_difference, open_session, round_to_half
from .sam.config import SamTinyConfig
from .sam.export import check_decoder, check_encoder, export_decoder, export_encoder
from .sam.model import SamTiny
from .sam.train import load_sam
from .segment.projection import SegProjection
from .segment.recipes import RECIPES, SHARED, SegWeights
from .segment.sasp import SaspSettings
from .segment.train import load_recipe
from .text.prompts import MAX_NEW_TOKENS, TEMPLATE
from .text.tokenizer import BOS, EOS, IMAGE_START, SEG, load_tokenizer

SCHEMA = "maskloom.bundle/1"
TYPES = {onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.INT64: "int64", onnx.TensorProto.FLOAT16: "float16"}


@dataclass
class Pieces:
    """What a bundle is made of. `recipes` maps recipe ids to their weights (rounded to float16 here)."""

    clip: ClipTiny
    sam: SamTiny
    recipes: dict[str, SegWeights]
    sasp: SaspSettings
    tokenizer: Path
    origin: dict
    version: str = "0.1.0"
    held_out: dict = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)


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
        models[model_id] = _describe(path, out)

    export_encoder(pieces.sam, out / "sam-encoder.onnx")
    differences["sam-encoder"] = check_encoder(pieces.sam, out / "sam-encoder.onnx")
    models["sam-encoder"] = _describe(out / "sam-encoder.onnx", out)
    export_decoder(pieces.sam, out / "sam-decoder.onnx")
    differences["sam-decoder"] = check_decoder(pieces.sam, out / "sam-decoder.onnx")
    models["sam-decoder"] = _describe(out / "sam-decoder.onnx", out)
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
            export_decoder(weights.sam, out / f"{name}.onnx")
            differences[name] = check_decoder(weights.sam, out / f"{name}.onnx")
            models[name] = _describe(out / f"{name}.onnx", out)
        recipes[recipe_id] = _recipe(recipe_id, owner.folder, pieces)
    recipes["sam/prompted"] = _prompted(pieces)
    bad = {name: d for name, d in differences.items() if not d <= 1e-4}
    if bad:
        raise ValueError(f"PyTorch and ONNX Runtime differ by more than 1e-4: {bad}")
    tokenizer_files = []
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(pieces.tokenizer / name, out / name)
        tokenizer_files.append({"file": name, **_size_and_hash(out / name)})
    return {
        "schema": SCHEMA,
        "name": "tiny",
        "version": pieces.version,
        "license": "Apache-2.0",
        "origin": pieces.origin | {"largestDifferenceFromPyTorch": max(differences.values())},
        "models": models,
        "tokenizer": {"files": tokenizer_files},
        "presets": _presets(pieces, llava, clip),
        "recipes": recipes,
        "heldOut": _rounded({k: v for k, v in pieces.held_out.items() if k != "recipes"}),
    }


def _prompted(pieces: Pieces) -> dict:
    """SAM alone: the encoder and the decoder as SAM's own training left them."""
    roles = {"samEncoder": "sam-encoder", "samDecoder": "sam-decoder"}
    entry = {"models": roles, "points": "none", "presets": {}, "trainedFor": True}
    figures = pieces.held_out.get("sam")
    return entry if figures is None else entry | {"heldOut": figures}


def _recipe(recipe_id: str, folder: str, pieces: Pieces) -> dict:
    recipe = RECIPES[recipe_id]
    roles = {
        "samEncoder": "sam-encoder",
        "samDecoder": f"{folder}/sam-decoder",
        "clipTower": "clip-tower",
        "projector": "projector",
        "tokenEmbedding": f"{folder}/token-embedding",
        "languageModel": f"{folder}/language-model",
    }
    if recipe.embeds:
        roles["segProjection"] = f"{folder}/seg-projection"
    entry = {"models": roles, "points": recipe.points, "presets": {}, "trainedFor": True}
    owner = pieces.shared.get(recipe_id)
    if owner is not None:
        entry["sharesWeightsWith"] = owner
    figures = pieces.held_out.get("recipes", {}).get(recipe_id)
    if figures is not None:
        entry["heldOut"] = _rounded(figures)
    return entry


def _presets(pieces: Pieces, llava: LlavaTiny, clip: ClipTiny) -> dict:
    tiny, text, view, sasp = pieces.sam.tiny, llava.settings, clip.settings, pieces.sasp
    return {
        "sam": {
            "imageSize": tiny.image_size,
            "maskSize": tiny.mask_size,
            "embedDim": tiny.embed,
            "mean": list(SAM_MEAN),
            "std": list(SAM_STD),
            "resample": "bilinear",
        },
        "clip": {
            "imageSize": view.image_size,
            "patchSize": view.patch_size,
            "mean": list(CLIP_MEAN),
            "std": list(CLIP_STD),
            "resample": "bicubic",
            "crop": "centre",
        },
        "llava": {
            "hidden": text.hidden,
            "layers": text.layers,
            "heads": text.heads,
            "headDim": text.hidden // text.heads,
            "imageTokens": text.image_tokens,
            "grid": text.grid,
            "prompt": TEMPLATE,
            "eos": EOS,
            "bos": BOS,
            "seg": SEG,
            "imStart": IMAGE_START,
            "maxNewTokens": MAX_NEW_TOKENS,
        },
        "sasp": {
            "downSample": sasp.down_sample,
            "positive": sasp.positive,
            "negative": sasp.negative,
            "count": sasp.count,
            "mode": sasp.mode,
            "epsilon": sasp.sigma,
            "geometry": sasp.geometry,
            "distance": "l2",
            "radius": sasp.radius,
        },
    }


def _rounded(value):
    """The same figures with five decimals."""
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    return round(value, 5) if isinstance(value, float) else value


def _size_and_hash(path: Path) -> dict:
    data = path.read_bytes()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _describe(path: Path, root: Path) -> dict:
    graph = onnx.load(str(path)).graph

    def edges(values) -> list[dict]:
        return [
            {
                "name": v.name,
                "dtype": TYPES[v.type.tensor_type.elem_type],
                "shape": [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim],
            }
            for v in values
        ]

    return {
        "file": str(path.relative_to(root)),
        **_size_and_hash(path),
        "dtype": "float16",
        "inputs": edges(graph.input),
        "outputs": edges(graph.output),
    }


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
