"""The stage that trains LISA or READ at real size (`real/train.py` runs it).

Loss: 1.0 text + 2.0 BCE + 0.5 dice (READ eq. 12-13, LISA section 3.2), masks at the picture's own resolution.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from ..geometry import clip_preprocess, sam_preprocess
from ..objectives import mask_bce_loss, mask_dice_loss
from ..objectives.text import token_cross_entropy
from ..precision import half
from ..segment.prompting import find_points, full_size, mask_logits
from ..segment.recipes import RECIPES
from ..segment.sasp import SaspSettings
from .data.mix import Mix
from .data.picture import Picture
from .lisa import Lisa
from .words import Conversation, Words, ask, first_question

WEIGHTS = {"text": 1.0, "bce": 2.0, "dice": 0.5}


class SegmentStage:
    """Fine-tuning on a mix of data sets."""

    name = "real-segment"

    def __init__(self, config: dict, root: Path, tokenizer: Tokenizer, weights: Lisa) -> None:
        """root: the folder below which the configuration's data sets lie."""
        self.config, self.weights = config, weights
        self.recipe = RECIPES[config["recipe"]]
        self.sasp = SaspSettings(**config.get("sasp", {}))
        self.words = Words(tokenizer, config["template"])
        self.mix, self.held_out = Mix(root, config["data"]), Mix(root, config["val"])
        self.loss_weights = {**WEIGHTS, **config.get("loss", {})}
        if config["checkpointing"]:
            weights.language.activation_checkpointing_enable()
        weights.train()

    def modules(self) -> dict[str, torch.nn.Module]:
        return {"weights": self.weights}

    def parameter_groups(self) -> list[dict]:
        return [{"params": [p for p in self.weights.parameters() if p.requires_grad]}]

    def loss(self, step: int, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        asked = []
        while len(asked) < self.config["batch"]:
            reader, picture = self.mix.draw(rng)
            rows = ask(self.words, picture, reader.names, self.config["phrases"], self.config["absent"], rng)
            if rows:
                asked.append((picture, rows))
        text, logits, masks = self._forward(asked)
        w = self.loss_weights
        bce = dice = text.new_zeros(())
        for given, truth in zip(logits, masks):
            bce = bce + mask_bce_loss(given, truth.float(), 1)
            dice = dice + mask_dice_loss(given, truth.float(), 1)
        count = max(1, sum(len(m) for m in masks))
        bce, dice = bce / count, dice / count
        total = w["text"] * text + w["bce"] * bce + w["dice"] * dice
        return total, {"text": float(text.detach()), "bce": float(bce.detach()), "dice": float(dice.detach())}

    def _forward(
        self, asked: list[tuple[Picture, list[Conversation]]]
    ) -> tuple[torch.Tensor, list[torch.Tensor], list[torch.Tensor]]:
        """(text loss, by picture logits [n,H,W], by picture truth [n,H,W]); pictures without [SEG] are left out."""
        weights, lower = self.weights, half(self.config["bfloat16"])
        pixels = [picture.pixels() for picture, _ in asked]
        side = weights.vision.config.image_size
        rows = [row for _, own in asked for row in own]
        owner = [b for b, (_, own) in enumerate(asked) for _ in own]
        longest = self.config["max_tokens"] - len(self.words.before) - weights.image_tokens
        if longest < 1:
            raise ValueError(f"'max_tokens' ({self.config['max_tokens']}) has no room for words beside the picture.")
        width = min(longest, max(len(row.ids) for row in rows))
        ids = torch.as_tensor([(row.ids + [self.words.end] * width)[:width] for row in rows])
        with lower:
            seen = weights.see(torch.cat([clip_preprocess(p, side) for p in pixels]).to(ids.device))
            states = weights.read(self.words.before, seen[owner], ids)
        first = len(self.words.before) + weights.image_tokens
        places = [(r, first + i - 1, row.ids[i]) for r, row in enumerate(rows) for i in row.answers if i < width]
        with lower:
            said = weights.logits(states[[r for r, _, _ in places], [i for _, i, _ in places]])
        targets = torch.as_tensor([token for _, _, token in places])
        text = token_cross_entropy(said, targets, torch.ones(len(places)))
        found, truths = [], []
        for b in range(len(asked)):
            mine = [(r, row) for r, row in enumerate(rows) if owner[r] == b and row.seg is not None and row.seg < width]
            if mine:
                found.append(self._masks(pixels[b], states, first, mine))
                truths.append(torch.as_tensor(np.stack([row.region.mask() for _, row in mine])))
        return text, found, truths

    def _masks(
        self, pixels: np.ndarray, states: torch.Tensor, first: int, rows: list[tuple[int, Conversation]]
    ) -> torch.Tensor:
        """Logits [n,H,W] of the rows of one picture, from the states that emit their [SEG]."""
        numbers = [r for r, _ in rows]
        seg = states[numbers, [first + row.seg - 1 for _, row in rows]].float()
        size = pixels.shape[:2]
        points = None
        if self.recipe.points != "none":
            images = states[numbers, len(self.words.before) : first].float()
            points = find_points(seg, images, size, self.recipe.sasp(self.sasp), self.weights.vision.config.image_size)
        with half(self.config["bfloat16"]):
            embedding = self.weights.encode(sam_preprocess(pixels, self.weights.sam.tiny.image_size).to(seg.device))
            low = mask_logits(self.weights, self.recipe, seg, points, embedding, size)
        return full_size(self.weights, low, size)

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """gIoU and cIoU of the held-out mix with the answer given (as the papers' tables are measured)."""
        self.weights.eval()
        rng = np.random.default_rng(0)
        shared = joined = 0.0
        each: list[float] = []
        for _ in range(self.config["val_pictures"]):
            _, picture = self.held_out.draw(rng)
            regions = [region for region in picture.regions if region.mask is not None]
            if not regions:
                continue
            region = regions[int(rng.integers(len(regions)))]
            _, logits, truths = self._forward([(picture, [first_question(self.words, region)])])
            found, truth = logits[0][0] > 0, truths[0][0]
            both, either = float((found & truth).sum()), float((found | truth).sum())
            shared, joined = shared + both, joined + either
            each.append(both / either if either else 1.0)
        self.weights.train()
        return {"gIoU": float(np.mean(each)) if each else 0.0, "cIoU": shared / joined if joined else 0.0}
