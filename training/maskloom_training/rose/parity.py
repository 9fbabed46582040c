"""PyTorch's predictions for the TypeScript parity test:

    python -m maskloom_training.rose.parity --data DIR DIR DIR --runs training/runs \\
        --bundle packages/bundle-tiny/bundle --rows rose/patch stacked-seg/vanilla \\
        --count 50 --out test/parity/golden/rose

Runs the whole system from the picture to names and masks under the free-vocabulary task, with the weights on the
float16 grid as the bundle ships them. Pictures are taken from the data sets in turn (give square and non-square ones
of held-out seeds). Writes cases.json and one file per row: answer, candidates (patches that were decoded), and for
each segment its patch, name, score, mask and the pixels whose logit lies within 1e-3 of 0, both as COCO RLE.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import torch

from ..checkpoint import load_checkpoint
from ..geometry import sam_preprocess
from ..onevision.prompts import OneVisionPrompts
from ..onnx_tools import round_to_half
from ..parity import NEAR, encode_mask
from ..sam.train import load_sam
from ..siglip.train import load_siglip
from ..text.tokenizer import load_tokenizer
from ..world import World
from .bundle import row_source
from .merge import Choices
from .system import Prediction, RoseSystem
from .train import load_rose
from .views import siglip_preprocess

SCHEMA = "maskloom.parity-rose/1"


def record(prediction: Prediction) -> dict:
    """One prediction as JSON."""
    segments = []
    for k, (name, logits) in enumerate(zip(prediction.names, prediction.logits, strict=True)):
        segments.append(
            {
                "patch": prediction.cells[k],
                "name": name,
                "score": round(float(prediction.scores[k]), 6),
                "mask": encode_mask((logits > 0).numpy()),
                "near": encode_mask((logits.abs() <= NEAR).numpy()),
            }
        )
    return {"answer": prediction.text, "candidates": prediction.candidates, "segments": segments}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--bundle", type=Path, default=Path("packages/bundle-tiny/bundle"))
    parser.add_argument("--rows", nargs="+", required=True)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--task", default="free")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    worlds = [World(d) for d in args.data]
    picked = [(worlds[k % len(worlds)], k // len(worlds)) for k in range(args.count)]
    cases = []
    for world, i in picked:
        height, width = world.size
        pixels = hashlib.sha256(np.ascontiguousarray(world.images[i]).tobytes()).hexdigest()
        cases.append({"seed": int(world.image_ids[i]), "width": width, "height": height, "pixelsSha256": pixels})
    args.out.mkdir(parents=True, exist_ok=True)
    shared = {"schema": SCHEMA, "near": NEAR, "task": args.task, "cases": cases}
    (args.out / "cases.json").write_text(json.dumps(shared) + "\n")
    siglip = round_to_half(load_siglip(args.runs / "siglip" / "checkpoint.pt"))
    sam = round_to_half(load_sam(load_checkpoint(args.runs / "sam" / "checkpoint.pt", "sam"))).eval()
    prompts = OneVisionPrompts(load_tokenizer(args.runs / "tokenizer"))
    manifest = json.loads((args.bundle / "bundle.json").read_text())
    inputs = []
    with torch.no_grad():
        for world, i in picked:
            picture = np.asarray(world.images[i])
            features = siglip(siglip_preprocess(picture, siglip.settings.image_size))[0]
            inputs.append((features, sam.encode(sam_preprocess(picture, sam.tiny.image_size)), world.size))
    for row in args.rows:
        recipe_id, folder = row_source(row)
        recipe, weights, _ = load_rose(args.runs / "rose" / folder / "checkpoint.pt")
        system = RoseSystem(weights.rounded(), recipe, prompts, Choices())
        results = [record(system.predict(f, e, [size], args.task)[0]) for f, e, size in inputs]
        models = sorted(set(manifest["recipes"][recipe_id]["models"].values()))
        hashes = {model: manifest["models"][model]["sha256"] for model in models}
        payload = {"schema": SCHEMA, "recipe": recipe_id, "models": hashes, "results": results}
        (args.out / f"{recipe_id.replace('/', '-')}.json").write_text(json.dumps(payload, separators=(",", ":")) + "\n")
        print(f"{recipe_id}: {len(results)} pictures, {sum(len(r['segments']) for r in results)} segments")


if __name__ == "__main__":
    main()
