"""PyTorch's label maps for the TypeScript parity test:

    python -m maskloom_training.lmseg.parity --data DIR DIR DIR --runs training/runs --row lmseg/full \\
        --bundle packages/bundle-tiny/bundle --count 51 --out test/parity/golden/lmseg.json [--check]

The whole pipeline, from the picture to the label map, with the weights on the float16 grid as the bundle ships them.
Give square and non-square data sets of the held-out seeds; pictures are taken from them in turn, each once whole and
once with sliding windows. The labels, their order and the prompt variant change from picture to picture. --check runs
the same cases through the bundle's ONNX files and prints the share of equal pixels.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import torch

from ..checkpoint import replace_file
from ..onnx_tools import round_to_half
from ..parity import encode_mask
from ..text.tokenizer import load_tokenizer
from ..world import World
from .describe import VARIANTS, describe
from .onnx_model import OnnxLmseg
from .recipes import folder_of
from .sentences import SentenceEncoder
from .train import load_lmseg
from .views import Sliding, sliding_scores, whole_scores

SCHEMA = "maskloom.lmseg-parity/1"
NEAR = 1e-4
"""Pixels whose two best scores differ by no more may go either way."""


def choose_labels(vocabulary: dict, k: int, seed: int) -> tuple[list[str], str]:
    """Labels in a random order and the prompt variant of the k-th case: listed and invented classes in turn."""
    rng = np.random.default_rng(seed)
    names = list(vocabulary["shapes"]) if k % 2 else [c["name"] for c in vocabulary["invented"]]
    labels = [*names, *vocabulary["stuff"]]
    return [labels[i] for i in rng.permutation(len(labels))], VARIANTS[-1 - k % len(VARIANTS)]


@torch.no_grad()
def label_map(model, sentences: SentenceEncoder, image: np.ndarray, texts: list[list[str]], mode: str):
    """(labels uint8 [H,W], bool [H,W]: the two best scores are within NEAR)."""
    text = sentences.embed(model.clip_text, texts)
    scores = sliding_scores(model, image, text, Sliding()) if mode == "sliding" else whole_scores(model, image, text)
    best = scores.topk(2, dim=0).values
    return scores.argmax(0).numpy().astype(np.uint8), (best[0] - best[1] <= NEAR).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--bundle", type=Path, default=Path("packages/bundle-tiny/bundle"))
    parser.add_argument("--row", default="lmseg/full")
    parser.add_argument("--count", type=int, default=51, help="pictures")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    worlds = [World(d) for d in args.data]
    model = round_to_half(load_lmseg(args.runs / "lmseg" / folder_of(args.row) / "checkpoint.pt")[0])
    sentences = SentenceEncoder(load_tokenizer(args.runs / "tokenizer"), model.clip.settings.text_length)
    manifest = json.loads((args.bundle / "bundle.json").read_text(encoding="utf-8"))
    used = sorted(set(manifest["recipes"][args.row]["models"].values()))
    other = OnnxLmseg(args.bundle, args.row, chunk=16) if args.check else None
    cases, equal, total = [], 0, 0
    for k in range(args.count):
        world, i = worlds[k % len(worlds)], k // len(worlds)
        image = np.ascontiguousarray(world.images[i])
        seed, (height, width) = int(world.image_ids[i]), world.size
        labels, prompts = choose_labels(world.vocabulary, k, seed)
        texts = [describe(label, prompts, world.vocabulary) for label in labels]
        for mode in ("whole", "sliding"):
            found, near = label_map(model, sentences, image, texts, mode)
            if other is not None:
                again, _ = label_map(other, sentences, image, texts, mode)
                equal, total = equal + int((again == found).sum()), total + found.size
            cases.append(
                {
                    "seed": seed,
                    "width": width,
                    "height": height,
                    "pixelsSha256": hashlib.sha256(image.tobytes()).hexdigest(),
                    "labels": labels,
                    "prompts": prompts,
                    "mode": mode,
                    "classes": {labels[t]: encode_mask(found == t) for t in np.unique(found)},
                    "near": encode_mask(near),
                }
            )
    payload = {
        "schema": SCHEMA,
        "recipe": args.row,
        "models": {model_id: manifest["models"][model_id]["sha256"] for model_id in used},
        "nearMargin": NEAR,
        "cases": cases,
    }
    text = json.dumps(payload, separators=(",", ":")) + "\n"
    replace_file(args.out, lambda stream: stream.write(text.encode("utf-8")))
    print(f"{args.out}: {len(cases)} label maps, {len(text):,} bytes")
    if other is not None:
        print(f"PyTorch and ONNX Runtime (16 classes at once): {equal} of {total} pixels equal ({equal / total:.6%})")


if __name__ == "__main__":
    main()
