"""Stage: SAM-tiny from nothing on the synthetic world.

    python -m maskloom_training.sam.train --config training/configs/sam-tiny.json --out training/runs/sam [--resume]

Each step encodes B pictures once and decodes many prompts of each: first a box or one point,
then mixes of points, box and previous mask (the first answer among them), then a few masks alone.
"""

import argparse
import copy
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from ..geometry import sam_normalise
from ..loop import train
from ..objectives.bce import per_mask_bce
from ..objectives.dice import per_mask_dice
from ..world import World
from .batch import SegmentBatch, draw_batch, low_resolution
from .config import SamTinyConfig
from .evaluate import prompt_figures
from .model import SamTiny
from .prompts import PromptBatch, corrupt, mixed_prompts, single_prompts

OPTIONS = {
    "train_data": "training/data/train",
    "val_data": "training/data/val",
    "val_images": 100,
    "images_per_step": 10,
    "single_prompts": 6,
    "mixed_prompts": 4,
    "mask_only_every": 4,
    "box_share": 0.45,
    "crop_share": 0.15,
    "min_area": 30,
    "bce_weight": 2.0,
    "dice_weight": 1.0,
    "balance_steps": 1500,
    "multimask_weight": 0.5,
    "iou_weight": 0.5,
    "bfloat16_encoder": True,
    "device": "cpu",
}


class SamStage:
    """The Stage of loop.py. `config["model"]` holds SamTinyConfig's options, the rest OPTIONS and the loop's."""

    name = "sam"

    def __init__(self, config: dict, train_world: World, val_world: World | None):
        self.config = {**OPTIONS, **config}
        self.device = torch.device(self.config["device"])
        torch.manual_seed(self.config.get("seed", 0))
        # Eager attention is the faster one on a CPU under bfloat16.
        attention = "eager" if self.device.type == "cpu" else "sdpa"
        self.model = SamTiny(SamTinyConfig.from_dict(self.config.get("model", {})), attention).to(self.device)
        self.world, self.val_world = train_world, val_world
        self.balance = 0.0

    def modules(self) -> dict[str, torch.nn.Module]:
        return {"sam": self.model}

    def parameter_groups(self) -> list[dict]:
        trained = [p for p in self.model.parameters() if p.requires_grad]
        return [
            {"params": [p for p in trained if p.ndim > 1]},
            {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
        ]

    def loss(self, step: int, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        c = self.config
        self.balance = max(0.0, 1 - step / c["balance_steps"]) if c["balance_steps"] else 0.0
        first, second = c["single_prompts"], c["mixed_prompts"]
        batch = draw_batch(self.world, c["images_per_step"], first, c["crop_share"], c["min_area"], rng)
        embeddings = self._encode(batch)
        factor = batch.masks.shape[1] // self.model.tiny.mask_size
        low = low_resolution(batch.masks, factor)

        prompts = single_prompts(batch.masks, c["box_share"], rng)
        total, parts, answers = self._prompt_loss(embeddings, first, prompts, None, low)

        answers = answers.cpu().numpy()
        rows = (np.arange(c["images_per_step"])[:, None] * first + np.arange(second)).ravel()
        masks, targets, before = batch.masks[rows], low[rows], answers[rows]
        predicted = (before > 0).repeat(factor, axis=1).repeat(factor, axis=2)
        tokens = int(rng.integers(3, 8)) if rng.random() < 0.7 else int(rng.integers(8, 33))
        prompts = mixed_prompts(masks, predicted, tokens, 0.35, rng)
        previous, has = self._previous(before, targets, rng)
        mixed, mixed_parts, _ = self._prompt_loss(embeddings, second, prompts, (previous, has), targets)
        total = total + mixed * (second / first)
        parts |= {f"mix_{k}": v for k, v in mixed_parts.items() if k == "iou"}

        if step % c["mask_only_every"] == 0:
            rows = np.arange(c["images_per_step"]) * first
            empty = PromptBatch(np.zeros((len(rows), 0, 2), np.float32), np.zeros((len(rows), 0), np.int64))
            shown = np.where(rng.random((len(rows), 1, 1)) < 0.5, answers[rows], corrupt(low[rows], rng))
            alone, _, _ = self._prompt_loss(embeddings, 1, empty, (shown, np.ones(len(rows))), low[rows])
            total = total + alone * (1 / first)
        return total, parts

    def evaluate(self) -> dict[str, float]:
        if self.val_world is None:
            return {}
        model = self.model if self.device.type == "cpu" else copy.deepcopy(self.model).cpu()
        figures = prompt_figures(model.eval(), self.val_world, limit=self.config["val_images"])
        self.model.train()
        return {f"{p}_{kind}": figures[p][kind]["miou"] for p in figures for kind in ("all", "things", "stuff")}

    def _encode(self, batch: SegmentBatch) -> torch.Tensor:
        pixels = torch.as_tensor(batch.images).to(self.device).permute(0, 3, 1, 2)
        pixels = sam_normalise(pixels)
        for b, (height, width) in enumerate(batch.valid):
            pixels[b, :, height:] = 0
            pixels[b, :, :, width:] = 0
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config["bfloat16_encoder"]):
            return self.model.encode(pixels).float()

    def _previous(self, answers: np.ndarray, targets: np.ndarray, rng: np.random.Generator):
        """Half the prompts get the first answer as previous mask, a tenth a corrupted target, the others none."""
        draw = rng.random(len(answers))
        previous = np.where((draw < 0.5)[:, None, None], answers, corrupt(targets, rng))
        return previous, (draw < 0.6).astype(np.float32)

    def _prompt_loss(self, embeddings: torch.Tensor, each: int, prompts: PromptBatch, previous, targets: np.ndarray):
        """Loss, parts and mask-0 logits [N, h, w] (detached) of `each` prompts for every picture's embedding."""
        c, device = self.config, self.device
        sparse = self.model.embed_points(
            torch.as_tensor(prompts.coords).to(device), torch.as_tensor(prompts.labels).to(device)
        )
        if previous is None:
            dense = self.model.no_mask(len(targets))
        else:
            logits = torch.as_tensor(previous[0].astype(np.float32)).to(device)[:, None]
            dense = self.model.embed_masks(logits, torch.as_tensor(previous[1].astype(np.float32)).to(device))
        masks, quality = self.model.decode(embeddings.repeat_interleave(each, 0), sparse, dense)
        wanted = torch.as_tensor(targets).to(device)[:, None].expand_as(masks)
        bce = per_mask_bce(masks, wanted)
        if self.balance > 0:
            bce = bce + self.balance * (balanced_bce(masks, wanted) - bce)
        each_loss = c["bce_weight"] * bce + c["dice_weight"] * per_mask_dice(masks, wanted)
        with torch.no_grad():
            truth = mask_iou(masks > 0, wanted > 0.5)
        single, multi = each_loss[:, 0].mean(), each_loss[:, 1:].min(dim=1).values.mean()
        quality_loss = (quality - truth).pow(2).mean()
        total = single + c["multimask_weight"] * multi + c["iou_weight"] * quality_loss
        parts = {"single": float(single.detach()), "iou": float(truth[:, 0].mean())}
        return total, parts, masks[:, 0].detach()


def balanced_bce(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Cross-entropy in which a mask's inside and outside weigh the same: [..., H, W] -> [...].

    Plain cross-entropy first learns that almost every pixel is outside and stays there for hundreds of steps.
    """
    each = F.binary_cross_entropy_with_logits(logits, targets, reduction="none").flatten(-2)
    inside = targets.flatten(-2)
    share = inside.mean(-1, keepdim=True).clamp(1e-3, 1 - 1e-3)
    return (each * (inside * (0.5 / share) + (1 - inside) * (0.5 / (1 - share)))).mean(-1)


def mask_iou(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Intersection over union of bool masks [..., H, W] -> float [...]; two empty masks give 0."""
    union = (first | second).flatten(-2).sum(-1)
    return (first & second).flatten(-2).sum(-1) / union.clamp(min=1)


def load_sam(checkpoint: dict, attention: str = "eager") -> SamTiny:
    """The model of a checkpoint of this stage (see `load_checkpoint`), in eval mode on the CPU."""
    model = SamTiny(SamTinyConfig.from_dict(checkpoint["config"].get("model", {})), attention)
    model.load_state_dict(checkpoint["modules"]["sam"])
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description="Train SAM-tiny on the synthetic world.")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", action="store_true")
    arguments = parser.parse_args()
    config = {**OPTIONS, **json.loads(arguments.config.read_text(encoding="utf-8"))}
    stage = SamStage(config, World(config["train_data"]), World(config["val_data"]))
    train(stage, config, arguments.out, arguments.resume)


if __name__ == "__main__":
    main()
