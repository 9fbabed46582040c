"""Add <SEG> recipes that were trained from another base to a bundle, leaving its other entries as they are:

    python -m maskloom_training.segment.bundle --runs training/runs --base llava-600 --name base-600 \\
        --recipes stacked-seg/single read/full --bundle packages/bundle-ablations/bundle [--figures FILE.json]

A recipe is read from runs/segment-<name>/<recipe> and becomes the entry <recipe>@<name>; read/seg@<name> shares
stacked-seg/single's. The projector belongs to the base; CLIP's tower and SAM's encoder are those of every base.
"""

from __future__ import annotations

import argparse
import copy
import json
from pathlib import Path

import torch

from ..bundle import language_only
from ..bundle_add import BundleAddition, adding, new_bundle
from ..checkpoint import load_checkpoint
from ..llava.export import embedding_graph, language_graph, projector_graph, seg_graph
from ..onnx_tools import round_to_half
from ..sam.export import check_decoder, export_decoder
from .recipes import RECIPES, SHARED, Recipe, SegWeights
from .train import load_recipe


def add_recipe(bundle: BundleAddition, recipe: Recipe, weights: SegWeights, name: str, entry: dict) -> dict:
    """Exports one recipe's graphs under `<recipe>-<name>/` and writes `<recipe>@<name>`; returns the entry."""
    folder = f"{recipe.folder}-{name}"
    twin = language_only(weights.llava)
    projector = f"read-{name}/projector"
    if projector not in bundle.manifest["models"]:
        bundle.model(projector, projector_graph(twin))
    bundle.model(f"{folder}/token-embedding", embedding_graph(twin))
    bundle.model(f"{folder}/language-model", language_graph(twin))
    path = bundle.directory / folder / "sam-decoder.onnx"
    export_decoder(weights.sam, path, tokens=True)
    bundle.file(f"{folder}/sam-decoder", path, check_decoder(weights.sam, path, tokens=True))
    roles = {
        "samEncoder": "sam-encoder",
        "samDecoder": f"{folder}/sam-decoder",
        "clipTower": "clip-tower",
        "projector": projector,
        "tokenEmbedding": f"{folder}/token-embedding",
        "languageModel": f"{folder}/language-model",
    }
    if recipe.embeds:
        projection = round_to_half(copy.deepcopy(weights.projection)).eval()
        bundle.model(f"{folder}/seg-projection", seg_graph(projection, twin.settings.hidden))
        roles["segProjection"] = f"{folder}/seg-projection"
    whole = {"models": roles, "points": recipe.points, "presets": {}, "trainedFor": True} | entry
    bundle.recipe(f"{recipe.id}@{name}", whole)
    return whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--base", required=True, help="folder of the base's run")
    parser.add_argument("--name", required=True, help="what stands behind the @ of an entry")
    parser.add_argument("--recipes", nargs="+", choices=sorted(set(RECIPES) - set(SHARED)), required=True)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--like", type=Path, default=Path("packages/bundle-tiny/bundle"))
    parser.add_argument("--figures", type=Path, default=None, help="JSON that evaluate.py wrote")
    args = parser.parse_args()
    torch.set_num_threads(1)
    figures = {} if args.figures is None else json.loads(args.figures.read_text())["recipes"]
    new_bundle(args.bundle, "ablations", args.like)
    base = load_checkpoint(args.runs / args.base / "checkpoint.pt", "llava")
    with adding(args.bundle) as bundle:
        for model in ("clip-tower", "sam-encoder"):
            bundle.copy_model(model, args.like)
        for recipe_id in args.recipes:
            path = args.runs / f"segment-{args.name}" / RECIPES[recipe_id].folder / "checkpoint.pt"
            recipe, weights, config = load_recipe(path)
            held_out = figures.get(f"{recipe_id}@{args.name}")
            entry = {"steps": load_checkpoint(path, "segment")["step"], "baseSteps": base["step"]}
            entry |= {} if held_out is None else {"heldOut": held_out}
            whole = add_recipe(bundle, recipe, weights, args.name, entry)
            bundle.origin(f"{recipe_id}@{args.name}", config | {"stepsDone": entry["steps"]})
            for twin, owner in SHARED.items():
                if owner == recipe_id:
                    bundle.recipe(f"{twin}@{args.name}", whole | {"sharesWeightsWith": f"{owner}@{args.name}"})
        bundle.origin(f"llava@{args.name}", base["config"] | {"stepsDone": base["step"]})
        worst = max(bundle.differences.values())
    print(f"{args.bundle}: {', '.join(args.recipes)} @{args.name}; PyTorch and ONNX Runtime within {worst:.1e}")


if __name__ == "__main__":
    main()
