"""Held-out figures of ROSE's rows beside the paper's:

    python -m maskloom_training.rose.evaluate --data DIR --runs training/runs --out FILE.json \\
        [--rows rose/patch ...] [--count N]

Runs the whole system in PyTorch with weights on the float16 grid, as the bundle has them, with the free-vocabulary
task: no list of names is given. AP (pycocotools' matching): the eight things, a name must match its category exactly.
"Without names": all things and stuff, any name. Exact name: of segments matched to a target at IoU >= 0.5 (greedy by
score). mIoU: 14 categories from the semantic merge (merge.py), slivers ignored. Count: categories whose number
the answer says right. Control ("swapped"): the predictions of the next picture stand in; a row whose names fit a
swapped picture almost as well (difference of names F1 below 0.1) has not left its plateau and is marked untrained.
Intervals: 95 % bootstrap over pictures (200 draws, seeded).
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from ..checkpoint import load_checkpoint, replace_file
from ..onevision.prompts import OneVisionPrompts
from ..onnx_tools import round_to_half
from ..sam.train import load_sam
from ..segment.train import SamFeatures
from ..siglip.train import load_siglip
from ..text.tokenizer import load_tokenizer
from ..world import World
from .bundle import run_folder
from .features import SiglipFeatures
from .merge import Choices
from .scores import Sheet
from .system import RoseSystem
from .tables import print_tables
from .targets import TargetSet
from .train import load_rose

BATCH = 25
PLATEAU = 0.1


def evaluate(
    system: RoseSystem, world: World, features: SiglipFeatures, images: SamFeatures, task: str = "free"
) -> dict:
    """Figures of one row over all pictures of `world`."""
    targets = TargetSet(world, system.weights.model.settings.grid)
    categories = {c["name"]: (i, bool(c["isthing"])) for i, c in sorted(world.categories.items())}
    sheet = Sheet(categories, system.choices.background)
    before = None
    first = None
    for chunk in np.array_split(np.arange(len(world)), -(-len(world) // BATCH)):
        made = system.predict(features.get(chunk), images.get(chunk), [world.size] * len(chunk), task)
        for index, prediction in zip(chunk, made, strict=True):
            if before is not None:
                at, own = before
                sheet.add(own, targets.get(at), np.asarray(world.panoptic[at]) == 0, prediction)
            else:
                first = prediction
            before = (int(index), prediction)
    at, own = before
    sheet.add(own, targets.get(at), np.asarray(world.panoptic[at]) == 0, first)
    figures = sheet.figures()
    gap = figures["names F1"]["value"] - figures["names F1 swapped"]["value"]
    return figures | {"untrained": bool(gap < PLATEAU)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--rows", nargs="*", default=None, help="all rows that were trained, by default")
    parser.add_argument("--count", type=int, default=None)
    parser.add_argument("--out", type=Path, default=None, help="JSON; rows that are in it already stay")
    args = parser.parse_args()
    torch.set_num_threads(1)
    world = World(args.data, limit=args.count)
    siglip = round_to_half(load_siglip(args.runs / "siglip" / "checkpoint.pt"))
    sam = (
        round_to_half(load_sam(load_checkpoint(args.runs / "sam" / "checkpoint.pt", "sam")))
        .eval()
        .requires_grad_(False)
    )
    cache = args.runs / "features-half"
    features, images = SiglipFeatures(siglip, world, cache), SamFeatures(sam, world, cache)
    prompts = OneVisionPrompts(load_tokenizer(args.runs / "tokenizer"))
    found: dict = {"rows": {}}
    if args.out is not None and args.out.exists():
        found = json.loads(args.out.read_text())
    rows = args.rows or sorted(p.parent.name for p in (args.runs / "rose").glob("*/checkpoint.pt"))
    for row in rows:
        path = args.runs / "rose" / run_folder(row) / "checkpoint.pt"
        start = time.monotonic()
        recipe, weights, config = load_rose(path)
        saved = load_checkpoint(path, "rose")
        system = RoseSystem(weights.rounded(), recipe, prompts, Choices())
        figures = evaluate(system, world, features, images)
        row_id = (
            row
            if "/" in row
            else recipe.id + (f"@seed{config['seed']}" if row.endswith(f"seed{config['seed']}") else "")
        )
        if row.endswith("-long"):
            row_id = f"{recipe.id}@long"
        note = {"seed": config["seed"], "steps": saved["step"] + config.get("steps_before", 0), "pictures": len(world)}
        found["rows"][row_id] = figures | note
        print(f"{row_id}: {len(world)} pictures in {time.monotonic() - start:.0f} s", flush=True)
        if args.out is not None:
            text = json.dumps(found, indent=1) + "\n"
            replace_file(args.out, lambda stream, text=text: stream.write(text.encode()))
    print_tables(found["rows"])


if __name__ == "__main__":
    main()
