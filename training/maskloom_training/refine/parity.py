"""Golden refinements of the PyTorch path, for the TypeScript plugin:

    python -m maskloom_training.refine.parity --data DIR... --paradigm concat --bundle DIR --out FILE.json

Per picture one target and its corruption, asked in every situation, with and without its box; weights on the
float16 grid. A pixel counts as near where its logit lies within 1e-3 of 0.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import torch

from ..checkpoint import replace_file
from ..geometry import sam_preprocess
from ..onevision.prompts import OneVisionPrompts
from ..onnx_tools import round_to_half
from ..parity import NEAR, encode_mask
from ..text.tokenizer import load_tokenizer
from ..world import World
from .corruption import corrupt_mask
from .instructions import load_instructions
from .painting import PARADIGMS
from .predict import Options, Turn, refine
from .train import load_refine

SCHEMA = "maskloom.refine-parity/1"
QUESTIONS = (("mask", False), ("mask", True), ("category", False), ("missed", True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--paradigm", choices=PARADIGMS, required=True)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    _, model, _ = load_refine(args.runs / "refine" / args.paradigm / "checkpoint.pt")
    round_to_half(model)
    prompts, instructions = OneVisionPrompts(load_tokenizer(args.runs / "tokenizer")), load_instructions()
    manifest = json.loads((args.bundle / "bundle.json").read_text())
    entry = manifest["recipes"][f"refine/{args.paradigm}"]
    preset = entry["presets"]["refine"]
    options = Options(preset["boxPrompt"], preset["maskPrompt"], preset["fit"])
    worlds = [World(d) for d in args.data]
    cases = []
    for k in range(args.count):
        world, i = worlds[k % len(worlds)], k // len(worlds)
        cases.append(_case(model, prompts, instructions, args.paradigm, options, world, i))
    models = sorted(set(entry["models"].values()))
    payload = {
        "schema": SCHEMA,
        "recipe": f"refine/{args.paradigm}",
        "near": NEAR,
        "models": {name: manifest["models"][name]["sha256"] for name in models},
        "cases": cases,
    }
    text = json.dumps(payload, separators=(",", ":")) + "\n"
    replace_file(args.out, lambda stream: stream.write(text.encode()))
    print(f"{args.out}: {len(cases)} pictures, {sum(len(c['turns']) for c in cases)} turns")


def _case(model, prompts, instructions, paradigm, options, world: World, i: int) -> dict:
    seed, (height, width) = int(world.image_ids[i]), world.size
    rng = np.random.default_rng([71, seed])
    segments = [s for s in world.segments[i] if s.area >= 40]
    segment = segments[int(rng.integers(len(segments)))]
    mask = np.asarray(world.panoptic[i]) == segment.id
    corrupted = corrupt_mask(mask, rng)[0]
    columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    box = (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))
    names = sorted(c["name"] for c in world.categories.values())
    true = world.categories[segment.category_id]["name"]
    wrong = str(rng.choice([n for n in names if n != true]))
    picture = np.asarray(world.images[i])
    embedding = model.sam.encode(sam_preprocess(picture, model.sam.tiny.image_size))[0]
    turns = []
    for situation, boxed in QUESTIONS:
        previous = np.zeros_like(mask) if situation == "missed" else corrupted
        name = {"mask": true, "category": wrong, "missed": ""}[situation]
        turn = Turn(picture, embedding, previous, box if boxed else None, situation, name)
        (found,) = refine(model, prompts, instructions, paradigm, [turn], options)
        turns.append(
            {
                "situation": situation,
                "box": [box[0], box[1], box[2] - box[0], box[3] - box[1]] if boxed else None,
                "before": name,
                "name": found.name,
                "cell": found.cell,
                "objectness": round(found.objectness, 6),
                "mask": encode_mask((found.logits > 0).numpy()),
                "near": encode_mask((found.logits.abs() <= NEAR).numpy()),
            }
        )
    pixels = hashlib.sha256(np.ascontiguousarray(picture).tobytes()).hexdigest()
    return {
        "seed": seed,
        "width": width,
        "height": height,
        "pixelsSha256": pixels,
        "previous": encode_mask(corrupted),
        "turns": turns,
    }


if __name__ == "__main__":
    main()
