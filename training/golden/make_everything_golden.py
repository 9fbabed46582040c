"""Golden masks of `sam/everything`: segment-anything's own `SamAutomaticMaskGenerator` on the embedded SAM.

    python training/golden/make_everything_golden.py --reference DIR --data DIR [DIR ...]

`--reference` is a checkout of segment-anything, which is imported from there. It needs torchvision and opencv besides the
kit. `--data` are folders that `maskloom data synth` wrote. The embedded SAM's weights are read out of its bundle into
PyTorch; an adapter gives it the interface of the reference's modules, and the reference does everything else: crops,
points, resizing, filters, suppression, small regions. Writes test/parity/golden/everything.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn


def make_nms() -> None:
    """torchvision's `nms` for machines on which its library does not load (its wheels want CUDA): the same greedy rule."""
    try:
        import torchvision  # noqa: F401

        return
    except (RuntimeError, OSError):
        for name in [n for n in sys.modules if n.split(".")[0] == "torchvision"]:
            del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # torchvision describes it at import
    library.impl("nms", greedy_nms, "CPU")
    globals()["_library"] = library  # it ends with its last reference
    from torchvision.ops import boxes

    boxes._assert_has_ops = lambda: None


def greedy_nms(boxes: torch.Tensor, scores: torch.Tensor, limit: float) -> torch.Tensor:
    """boxes [N, 4] float32, scores [N] -> places kept, best first; equal scores by place."""
    order = scores.sort(stable=True, descending=True)[1].tolist()
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    gone, kept = torch.zeros(len(boxes), dtype=torch.bool), []
    for i in order:
        if gone[i]:
            continue
        kept.append(i)
        low = torch.maximum(boxes[i, :2], boxes[:, :2])
        size = (torch.minimum(boxes[i, 2:], boxes[:, 2:]) - low).clamp(min=0)
        both = size[:, 0] * size[:, 1]
        gone |= (both / (area[i] + area - both)).double() > limit
    return torch.tensor(kept, dtype=torch.long)


make_nms()  # before anything imports torchvision

from maskloom_training.from_bundle import sam_from  # noqa: E402
from maskloom_training.sam.model import SamTiny, with_pad_point  # noqa: E402
from maskloom_training.world import World  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "test/parity/golden/everything.json"
MEAN, STD = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]

SETTINGS: list[dict] = [
    {},
    {"points_per_side": 16, "crop_n_layers": 1},
    {"points_per_side": 16, "crop_n_layers": 2, "crop_n_points_downscale_factor": 2, "pred_iou_thresh": 0.8},
    {"points_per_side": 16, "points_per_batch": 50, "stability_score_thresh": 0.8, "stability_score_offset": 0.5},
    {"points_per_side": 16, "pred_iou_thresh": 0.6, "stability_score_thresh": 0.6, "min_mask_region_area": 60},
    {"points_per_side": 16, "crop_n_layers": 1, "pred_iou_thresh": 0.0, "stability_score_thresh": 0.5,
     "box_nms_thresh": 0.4, "crop_nms_thresh": 0.5, "crop_overlap_ratio": 0.5, "min_mask_region_area": 20},
]
"""What the generator is made with; the default first."""
ELSEWHERE = (0, 4, 5)
"""Those of them that the second data set and later ones are asked with."""


class ImageEncoder(nn.Module):
    """The reference's image encoder: [B, 3, S, S] -> [B, C, h, w]."""

    def __init__(self, sam: SamTiny):
        super().__init__()
        self.sam, self.img_size = sam, sam.tiny.image_size

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.sam.encode(pixels)


class PromptEncoder(nn.Module):
    """The reference's prompt encoder, for points alone."""

    def __init__(self, sam: SamTiny):
        super().__init__()
        self.sam = sam

    def get_dense_pe(self) -> torch.Tensor:
        return self.sam.positions()

    def forward(self, points, boxes, masks):
        assert boxes is None and masks is None
        coords, labels = with_pad_point(points[0].float(), points[1].long())
        return self.sam.embed_points(coords, labels), self.sam.no_mask(len(coords))


class MaskDecoder(nn.Module):
    """The reference's mask decoder: the three ambiguity-aware masks, or the single one."""

    def __init__(self, sam: SamTiny):
        super().__init__()
        self.sam = sam

    def forward(
        self, image_embeddings, image_pe, sparse_prompt_embeddings, dense_prompt_embeddings, multimask_output
    ):
        masks, iou = self.sam.decode(image_embeddings, sparse_prompt_embeddings, dense_prompt_embeddings)
        wanted = slice(1, None) if multimask_output else slice(0, 1)
        return masks[:, wanted], iou[:, wanted]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reference", type=Path, required=True)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--bundle", type=Path, default=ROOT / "packages/bundle-tiny/bundle")
    args = parser.parse_args()
    torch.set_num_threads(1)
    sys.path.insert(0, str(args.reference))
    from segment_anything import SamAutomaticMaskGenerator
    from segment_anything.modeling import Sam

    tiny = sam_from(args.bundle)
    model = Sam(ImageEncoder(tiny), PromptEncoder(tiny), MaskDecoder(tiny), MEAN, STD).eval()
    cases = []
    for data in args.data:
        world = World(data)
        image = np.ascontiguousarray(world.images[0])
        height, width = image.shape[:2]
        for settings in SETTINGS if data == args.data[0] else [SETTINGS[i] for i in ELSEWHERE]:
            generator = SamAutomaticMaskGenerator(model, **settings, output_mode="coco_rle")
            found = generator.generate(image)
            cases.append(
                {
                    "seed": int(world.image_ids[0]),
                    "width": width,
                    "height": height,
                    "pixelsSha256": hashlib.sha256(image.tobytes()).hexdigest(),
                    "settings": settings,
                    "masks": [record(one) for one in found],
                }
            )
            print(f"{width} x {height} {settings}: {len(found)} masks")
    OUT.write_text(json.dumps({"schema": "maskloom.everything/1", "cases": cases}, separators=(",", ":")) + "\n")


def record(found: dict) -> dict:
    """One mask of the reference's, as JSON."""
    return {
        "counts": found["segmentation"]["counts"],
        "area": int(found["area"]),
        "iou": round(found["predicted_iou"], 5),
        "stability": round(found["stability_score"], 5),
        "point": [round(v, 3) for v in found["point_coords"][0]],
    }


if __name__ == "__main__":
    main()
