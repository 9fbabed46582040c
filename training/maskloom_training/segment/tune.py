"""Choose SasP's constants for the toy grid on validation pictures: `python -m maskloom_training.segment.tune`.

Teacher-forced [SEG] states of the base model, points alone into SAM's own decoder (nothing fine-tuned), over a
small grid of constants. Prints the best by cIoU; the choice goes into training/configs/segment-tiny.json.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
import torch

from ..checkpoint import load_checkpoint
from ..clip.train import load_clip
from ..llava.queries import QueryEncoder, pack_queries, where
from ..llava.teacher import TowerFeatures
from ..llava.train import load_llava
from ..sam.train import load_sam
from ..text.phrases import read_queries
from ..text.prompts import Prompts
from ..text.tokenizer import load_tokenizer
from ..world import World
from .projection import SegProjection
from .prompting import find_points, full_size, mask_logits
from .recipes import RECIPES, SegWeights
from .sasp import SaspSettings
from .scores import Score
from .train import SamFeatures

FIXED = [
    SaspSettings(down, positive, negative, count)
    for down, positive, negative, count in itertools.product((1, 2), (0.7, 0.8, 0.9), (0.1, 0.3), (2, 4, 8, 16, 30))
]
MEAN = [SaspSettings(down, count=count, mode="meanSigma") for down, count in itertools.product((1, 2), (4, 10, 30))]


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("val", "tokenizer", "clip", "llava", "sam", "features"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--images", type=int, default=60)
    args = parser.parse_args()
    torch.set_num_threads(1)
    world, prompts = World(args.val, limit=args.images), Prompts(load_tokenizer(args.tokenizer))
    clip, llava = load_clip(args.clip), load_llava(args.llava)
    sam = load_sam(load_checkpoint(args.sam, "sam"))
    weights = SegWeights(llava, SegProjection(llava.settings.hidden, sam.tiny.embed), sam).eval()
    features, images = TowerFeatures(clip, world, args.features), SamFeatures(sam, world, args.features)
    encoder, queries, recipe = QueryEncoder(prompts), read_queries(world), RECIPES["read/points"]
    found: dict[SaspSettings, list[Score]] = {s: [] for s in FIXED + MEAN}
    for i in range(len(world)):
        rows = [[encoder(q) for q in queries[i].true]]
        states, cache = llava.read_image(prompts.prefix, features.get(np.array([i])))
        packed = pack_queries(rows, len(prompts.prefix) + states.shape[1], llava.settings.pad)
        text = llava.read_text(packed.ids, packed.positions, packed.mask, cache)
        seg = where([(0, at + e.seg_at[0]) for at, e in zip(packed.starts[0], rows[0], strict=True)]).of(text)
        truth = np.stack([world.targets[q.targets[0]].mask() for q in queries[i].true])
        embedding = images.get(np.array([i]))
        for sasp, scores in found.items():
            points = find_points(seg, states.expand(len(seg), -1, -1), world.size, sasp, clip.settings.image_size)
            low = mask_logits(weights, recipe, seg, points, embedding, world.size)
            scores.append(Score.of((full_size(weights, low, world.size) > 0).numpy(), truth))
    ranked = []
    for sasp, scores in found.items():
        joined = Score(np.concatenate([s.intersection for s in scores]), np.concatenate([s.union for s in scores]))
        ranked.append((joined.cumulative_iou, joined.mean_iou, sasp))
    for ciou, giou, s in sorted(ranked, key=lambda r: -r[0])[:12]:
        print(
            f"cIoU {ciou:.4f}  gIoU {giou:.4f}  down_sample {s.down_sample} positive {s.positive} "
            f"negative {s.negative} count {s.count} mode {s.mode}"
        )


if __name__ == "__main__":
    main()
