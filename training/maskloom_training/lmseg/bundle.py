"""Add LMSeg rows to a bundle:

    python -m maskloom_training.lmseg.bundle --runs training/runs --rows lmseg/full \\
        --bundle packages/bundle-tiny/bundle [--figures FILE.json]

Other entries of the bundle stay as they are. A row that does not tune an encoder shares the untuned one's file.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
from pathlib import Path

import torch

from ..bundle_add import BundleAddition, adding, new_bundle
from ..checkpoint import load_checkpoint
from ..clip.train import load_clip
from ..onnx_tools import round_to_half
from ..sam.export import check_encoder, export_encoder
from ..sam.train import load_sam
from ..text.tokenizer import EOS, PAD
from .describe import descriptions
from .graphs import encoder_graphs, row_graphs
from .model import Lmseg
from .recipes import RECIPES, LmsegRecipe, folder_of
from .settings import LmsegSettings
from .train import load_lmseg
from .truth import held_out_names
from .views import Sliding

ROLES = {
    "fusion": "fusion",
    "fusion-at": "fusionAt",
    "cost-embed": "costEmbed",
    "upsample": "upsample",
    **{f"spatial-{i}": f"spatial{i}" for i in range(4)},
    **{f"class-{i}-sums": f"classSums{i}" for i in range(4)},
    **{f"class-{i}-apply": f"classApply{i}" for i in range(4)},
}
"""Graph name -> the role under which a recipe names it."""
CHUNK = 64
"""Classes worked at once by default: bounds memory, changes no result."""


def add_row(bundle: BundleAddition, model: Lmseg, recipe_id: str, tune: str, entry: dict) -> None:
    """Exports one row's graphs under `<recipe folder>/` and writes its recipe; `entry` adds to the recipe."""
    folder = folder_of(recipe_id)
    twin = round_to_half(copy.deepcopy(model)).eval()
    twin.upsample.to(memory_format=torch.contiguous_format)
    roles = {}
    own_clip = folder if tune in ("clip", "both") else "lmseg"
    for name, graph in encoder_graphs(twin).items():
        model_id = f"{own_clip}/{name}"
        if own_clip == folder or model_id not in bundle.manifest["models"]:
            bundle.model(model_id, graph)
        roles["clipDense" if name == "clip-dense" else "clipText"] = model_id
    roles["samEncoder"] = f"{folder}/sam-encoder" if tune in ("sam", "both") else "sam-encoder"
    if roles["samEncoder"] not in bundle.manifest["models"] or tune in ("sam", "both"):
        path = bundle.directory / f"{roles['samEncoder']}.onnx"
        export_encoder(model.sam, path)
        bundle.file(roles["samEncoder"], path, check_encoder(model.sam, path))
    for name, graph in row_graphs(twin).items():
        bundle.model(f"{folder}/{name}", graph)
        roles[ROLES[name]] = f"{folder}/{name}"
    s = model.settings
    own = {"fusion": s.fusion, "spatial": s.spatial, "class": s.classes, "tune": tune}
    bundle.recipe(recipe_id, {"models": roles, "presets": {"lmseg": own}, **entry})


def preset(
    vocabulary: dict, settings: LmsegSettings, text_length: int, grid: int, stored: dict, held_seed: int
) -> dict:
    """presets.lmseg: views, chunks, text, classes held out, and where the descriptions lie."""
    how = Sliding()
    return {
        "window": how.window,
        "overlap": how.overlap,
        "resizeTo": how.resize_to,
        "resample": "bilinear",
        "chunk": CHUNK,
        "layers": settings.layers,
        "heads": settings.heads,
        "dim": settings.dim,
        "grid": grid,
        "classCap": settings.class_cap,
        "background": None,
        "template": "a photo of {article} {label} in the scene",
        "prompts": "all",
        "text": {"eos": EOS, "pad": PAD, "maxTokens": text_length},
        "heldOutClasses": held_out_names([c["name"] for c in vocabulary["invented"]], held_seed),
        "vocabulary": {k: vocabulary[k] for k in ("shapes", "stuff", "invented")},
        "descriptions": stored,
    }


def fill(bundle: BundleAddition, rows: list[tuple[str, Lmseg, str, dict]], vocabulary: dict, held_seed: int) -> None:
    """Adds rows (id, model, tune, entry), the descriptions file and presets.lmseg."""
    text = json.dumps(descriptions(vocabulary), indent=1) + "\n"
    (bundle.directory / "lmseg").mkdir(exist_ok=True)
    stored = bundle.text_file("lmseg/descriptions.json", text)
    for recipe_id, model, tune, entry in rows:
        add_row(bundle, model, recipe_id, tune, entry)
    first = rows[0][1]
    block = preset(vocabulary, first.settings, first.clip.settings.text_length, first.grid, stored, held_seed)
    bundle.preset("lmseg", block)


def untrained(runs: Path, recipe: LmsegRecipe, seed: int = 0) -> Lmseg:
    """The trained encoders with random weights behind them: formats only."""
    torch.manual_seed(seed)
    clip = load_clip(runs / "clip" / "checkpoint.pt")
    sam = load_sam(load_checkpoint(runs / "sam" / "checkpoint.pt", "sam"))
    clip.clip.set_attn_implementation("eager")
    return Lmseg(clip, sam, LmsegSettings.from_dict(recipe.model)).eval().requires_grad_(False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--rows", nargs="+", required=True, help="recipe ids; the run of a/b@seed2 is lmseg/a-b-seed2")
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--like", type=Path, default=Path("packages/bundle-tiny/bundle"))
    parser.add_argument("--name", default="ablations", help="name of the bundle when it is a new one")
    parser.add_argument("--world", type=Path, default=Path("training/data/train/synth.json"))
    parser.add_argument("--figures", type=Path, default=None, help="JSON that lmseg.evaluate wrote")
    parser.add_argument("--untrained", action="store_true", help="formats only")
    args = parser.parse_args()
    torch.set_num_threads(1)
    vocabulary = json.loads(args.world.read_text(encoding="utf-8"))["vocabulary"]
    figures = {} if args.figures is None else json.loads(args.figures.read_text(encoding="utf-8"))["rows"]
    rows, stages, held_seed = [], {}, 4
    for recipe_id in args.rows:
        recipe = RECIPES[recipe_id.split("@")[0]]
        if args.untrained:
            model, config = untrained(args.runs, recipe), {"tune": recipe.tune}
        else:
            model, config = load_lmseg(args.runs / "lmseg" / folder_of(recipe_id) / "checkpoint.pt")
            stages[recipe_id] = {k: v for k, v in config.items() if k not in ("clipModel", "samModel", "elapsed")}
            stages[recipe_id]["minutesTaken"] = round(config["elapsed"] / 60, 1)
            held_seed = config["held_out_seed"]
        entry = {"trainedFor": not args.untrained}
        if recipe_id in figures:
            entry["heldOut"] = figures[recipe_id]["figures"]
        rows.append((recipe_id, model, config["tune"], entry))
    new_bundle(args.bundle, args.name, args.like)
    with adding(args.bundle) as bundle:
        fill(bundle, rows, vocabulary, held_seed)
        bundle.origin("lmseg", {**bundle.manifest["origin"].get("config", {}).get("lmseg", {}), **stages})
    size = sum(os.path.getsize(args.bundle / bundle.manifest["models"][m]["file"]) for m in bundle.differences)
    worst = max(bundle.differences.values())
    print(
        f"{args.bundle}: {len(bundle.differences)} graphs, {size:,} bytes, PyTorch and ONNX Runtime within {worst:.1e}"
    )


if __name__ == "__main__":
    main()
