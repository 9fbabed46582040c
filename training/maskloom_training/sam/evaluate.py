"""Held-out figures of SAM-tiny: mean IoU by prompt, over all segments, things and stuff.

    python -m maskloom_training.sam.evaluate --data training/data/heldout [--checkpoint training/runs/sam/checkpoint.pt]
        [--out FILE.json] [--limit N] [--half]

Prompts: "box" is the segment's tight box; "point" is its innermost pixel (largest distance to the edge, as in
the SAM paper, section 7.1); "random_point" a pixel drawn uniformly (seeded); "box_point" both; "refined" is the
point's answer fed back as previous mask. Every figure is of the single-mask output; "point_best"
is the output of the highest predicted quality. Masks are compared at the picture's own size.
"""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F

from ..checkpoint import load_checkpoint, replace_file
from ..geometry import sam_points, sam_postprocess, sam_preprocess
from ..world import World
from .prompts import BOTTOM_RIGHT, NOT_A_POINT, POSITIVE, TOP_LEFT, boxes_of, points_in

if TYPE_CHECKING:
    from .model import SamTiny

PROMPTS = ("box", "point", "random_point", "box_point", "refined", "point_best")
QUICK = ("box", "point")


def innermost_points(masks: torch.Tensor) -> torch.Tensor:
    """The pixel of each mask that lies deepest inside it, float [N, 2] as (x, y).

    Depth is the number of 3x3 erosions survived, the frame's edge counting as outside; among equals the one nearest
    the mean of the deepest pixels, then the first in raster order.
    """
    current = masks.float()[:, None]
    depth = torch.zeros_like(current)
    while current.any():
        depth += current
        current = 1 - F.max_pool2d(F.pad(1 - current, (1, 1, 1, 1), value=1.0), 3, stride=1)
    out = torch.zeros(len(masks), 2)
    for i, one in enumerate(depth[:, 0].numpy()):
        rows, columns = np.nonzero(one == one.max())
        best = int(((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2).argmin())
        out[i] = torch.tensor([float(columns[best]), float(rows[best])])
    return out


@torch.no_grad()
def segment_ious(model: "SamTiny", world: World, index: int, prompts: tuple[str, ...]) -> dict[str, np.ndarray]:
    """IoU of every segment of picture `index` for each of `prompts`, in the order of `world.segments[index]`."""
    segments = world.segments[index]
    height, width = world.size
    side = model.tiny.image_size
    ids = world.panoptic[index]
    truth = np.stack([ids == segment.id for segment in segments])
    features = model.encode(sam_preprocess(np.asarray(world.images[index]), side))
    count = len(segments)
    rng = np.random.default_rng([17, int(world.image_ids[index])])

    boxes = torch.tensor(sam_points(boxes_of(truth).reshape(-1, 2), height, width, side)).float().view(count, 2, 2)
    corners = torch.tensor([[TOP_LEFT, BOTTOM_RIGHT]]).expand(count, 2)
    one_point = torch.tensor([[POSITIVE, NOT_A_POINT]]).expand(count, 2)
    zeros = torch.zeros(count, 1, 2)

    def to_sam(points) -> torch.Tensor:
        return torch.tensor(sam_points(np.asarray(points), height, width, side)).float()[:, None]

    inner = to_sam(innermost_points(torch.as_tensor(truth)))
    random = to_sam(np.concatenate([points_in(mask, 1, rng) for mask in truth]))
    no_mask = model.no_mask(count)

    def run(coords, labels, dense):
        return model.decode(features, model.embed_points(coords, labels), dense)

    def score(low: torch.Tensor) -> np.ndarray:
        found = (sam_postprocess(low[:, None], height, width, side)[:, 0] > 0).numpy()
        return (found & truth).sum((1, 2)) / np.maximum((found | truth).sum((1, 2)), 1)

    out = {}
    if "box" in prompts:
        out["box"] = score(run(boxes, corners, no_mask)[0][:, 0])
    point_masks, quality = run(torch.cat([inner, zeros], 1), one_point, no_mask)
    out["point"] = score(point_masks[:, 0])
    if "point_best" in prompts:
        out["point_best"] = score(point_masks[torch.arange(count), quality.argmax(1)])
    if "random_point" in prompts:
        out["random_point"] = score(run(torch.cat([random, zeros], 1), one_point, no_mask)[0][:, 0])
    if "box_point" in prompts:
        labels = torch.cat([one_point[:, :1], corners], 1)
        out["box_point"] = score(run(torch.cat([inner, boxes], 1), labels, no_mask)[0][:, 0])
    if "refined" in prompts:
        dense = model.embed_masks(point_masks[:, :1], torch.ones(count))
        out["refined"] = score(run(torch.cat([inner, zeros], 1), one_point, dense)[0][:, 0])
    return out


def prompt_figures(
    model: "SamTiny", world: World, limit: int | None = None, prompts: tuple[str, ...] = QUICK, resamples: int = 0
) -> dict[str, dict[str, dict[str, Any]]]:
    """figures[prompt]["all" | "things" | "stuff"] = {"miou", "n", "interval"}.

    The interval is the 95 % bootstrap interval over pictures (segments of one picture are not independent);
    it is left out when `resamples` is 0.
    """
    rows: dict[str, list[np.ndarray]] = {p: [] for p in prompts}
    things: list[np.ndarray] = []
    for index in range(len(world) if limit is None else min(limit, len(world))):
        if not world.segments[index]:
            continue
        things.append(np.array([segment.is_thing for segment in world.segments[index]]))
        for prompt, values in segment_ious(model, world, index, prompts).items():
            if prompt in rows:
                rows[prompt].append(values)
    figures = {}
    for prompt, values in rows.items():
        figures[prompt] = {
            "all": _figure(values, [np.ones_like(t) for t in things], resamples),
            "things": _figure(values, things, resamples),
            "stuff": _figure(values, [~t for t in things], resamples),
        }
    return figures


def _figure(values: list[np.ndarray], chosen: list[np.ndarray], resamples: int) -> dict[str, Any]:
    sums = np.array([v[c].sum() for v, c in zip(values, chosen)])
    counts = np.array([c.sum() for c in chosen])
    total = int(counts.sum())
    out: dict[str, Any] = {"miou": float(sums.sum() / max(total, 1)), "n": total}
    if resamples and total:
        rng = np.random.default_rng(0)
        picks = rng.integers(len(sums), size=(resamples, len(sums)))
        means = sums[picks].sum(1) / np.maximum(counts[picks].sum(1), 1)
        out["interval"] = [float(q) for q in np.quantile(means, [0.025, 0.975])]
    return out


def main() -> None:
    from ..onnx_tools import round_to_half
    from .train import load_sam

    parser = argparse.ArgumentParser(description="Held-out figures of SAM-tiny.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, default=Path("training/runs/sam/checkpoint.pt"))
    parser.add_argument("--out", type=Path, help="JSON file; beside the checkpoint when left out")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--half", action="store_true", help="with the weights rounded to fp16, as exported")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    checkpoint = load_checkpoint(arguments.checkpoint, "sam")
    model = load_sam(checkpoint)
    if arguments.half:
        round_to_half(model)
    world = World(arguments.data)
    figures = prompt_figures(model, world, arguments.limit, PROMPTS, resamples=2000)
    for prompt, kinds in figures.items():
        for kind, f in kinds.items():
            low, high = f["interval"]
            print(f"{prompt:13s}{kind:7s} mIoU {f['miou']:.4f}  [{low:.4f}, {high:.4f}]  n {f['n']}")
    result = {
        "schema": "maskloom.sam-figures/1",
        "data": {"name": arguments.data.name, "seed": world.info["seed"], "count": len(world)},
        "step": checkpoint["step"],
        "minutes": round(checkpoint["elapsed"] / 60, 1),
        "halfWeights": arguments.half,
        "figures": figures,
    }
    out = arguments.out or arguments.checkpoint.with_name(f"figures-{arguments.data.name}.json")
    replace_file(out, lambda stream: stream.write((json.dumps(result, indent=1) + "\n").encode()))
    print(f"written to {out}")


if __name__ == "__main__":
    main()
