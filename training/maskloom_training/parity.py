"""PyTorch's predictions for the TypeScript parity test: `python -m maskloom_training.parity --data DIR DIR DIR
--count 50 --out test/parity/golden`.

Runs the whole pipeline of every recipe, from the picture to the mask, with the weights on the float16 grid as the
bundle ships them. Give square and non-square data sets of the held-out seeds; pictures are taken from them in
turn. Writes cases.json (pictures by seed and size, and their phrases) and one file per recipe: answer, token ids, and
for each [SEG] its points, its mask as COCO RLE and the pixels whose logit lies within 1e-3 of 0.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from pycocotools import mask as coco_mask

from .clip.train import load_clip
from .evaluate import load_system
from .geometry import clip_preprocess, sam_preprocess
from .llava.generate import read
from .onnx_tools import round_to_half
from .segment.recipes import RECIPES, SHARED
from .segment.system import Prediction, SegSystem
from .text.phrases import ImageQueries, read_queries, several
from .world import World

SCHEMA = "maskloom.parity/1"
NEAR = 1e-3


def choose_phrases(pool: ImageQueries, seed: int) -> list[str]:
    """An attribute, a relation, a stuff, a false, a reasoning and a several phrase, where the picture has them."""
    rng = np.random.default_rng(seed)
    chosen = []
    for kind in ("attribute", "relation", "stuff"):
        own = [q.text for q in pool.true if q.kind == kind]
        if own:
            chosen.append(own[int(rng.integers(len(own)))])
    for group in (pool.false, pool.reason):
        if group and rng.random() < 0.6:
            chosen.append(group[int(rng.integers(len(group)))].text)
    joined = several(pool.true, rng)
    if joined is not None and rng.random() < 0.5:
        chosen.append(joined.text)
    return chosen


def encode_mask(mask: np.ndarray) -> str:
    """COCO's compressed RLE string of a bool mask [H,W]."""
    return coco_mask.encode(np.asfortranarray(mask))["counts"].decode("ascii")


def record(prediction: Prediction) -> dict:
    """One prediction as JSON."""
    segs = []
    for k, logits in enumerate(prediction.logits):
        entry = {
            "mask": encode_mask((logits > 0).numpy()),
            "near": encode_mask((logits.abs() <= NEAR).numpy()),
        }
        if prediction.points is not None:
            labels = prediction.points.labels[k].tolist()
            entry["points"] = [
                [round(x, 4), round(y, 4), label]
                for (x, y), label in zip(prediction.points.xy[k].tolist(), labels, strict=True)
            ]
        segs.append(entry)
    return {"answer": prediction.text, "ids": prediction.ids, "segs": segs}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--bundle", type=Path, default=Path("packages/bundle-tiny/bundle"))
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    worlds = [World(d) for d in args.data]
    queries = [read_queries(w) for w in worlds]
    picked = [(k % len(worlds), k // len(worlds)) for k in range(args.count)]
    cases = []
    for w, i in picked:
        world = worlds[w]
        seed, (height, width) = int(world.image_ids[i]), world.size
        pixels = hashlib.sha256(np.ascontiguousarray(world.images[i]).tobytes()).hexdigest()
        texts = choose_phrases(queries[w][i], seed)
        cases.append({"seed": seed, "width": width, "height": height, "pixelsSha256": pixels, "texts": texts})
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "cases.json").write_text(json.dumps({"schema": SCHEMA, "near": NEAR, "cases": cases}) + "\n")
    clip = round_to_half(load_clip(args.runs / "clip" / "checkpoint.pt"))
    manifest = json.loads((args.bundle / "bundle.json").read_text())
    for recipe in RECIPES.values():
        run = args.runs / "segment" / RECIPES[SHARED.get(recipe.id, recipe.id)].folder
        loaded = load_system(run, args.runs / "tokenizer")
        system = SegSystem(loaded.weights, recipe, loaded.sasp, loaded.prompts)
        results = []
        for (w, i), case in zip(picked, cases, strict=True):
            picture = np.asarray(worlds[w].images[i])
            features = clip(clip_preprocess(picture, system.crop))[0]
            image = read(system.weights.llava, system.prompts, features)
            embedding = system.weights.sam.encode(sam_preprocess(picture, system.weights.sam.tiny.image_size))
            results.append([record(p) for p in system.segment(image, embedding, worlds[w].size, case["texts"])])
        models = sorted(set(manifest["recipes"][recipe.id]["models"].values()))
        hashes = {model: manifest["models"][model]["sha256"] for model in models}
        payload = {"schema": SCHEMA, "recipe": recipe.id, "models": hashes, "results": results}
        (args.out / f"{recipe.folder}.json").write_text(json.dumps(payload, separators=(",", ":")) + "\n")
        segs = sum(len(p["segs"]) for r in results for p in r)
        print(f"{recipe.id}: {sum(map(len, results))} predictions, {segs} masks")


if __name__ == "__main__":
    main()
