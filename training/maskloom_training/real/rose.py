"""The stage that trains ROSE at real size: LLaVA-OneVision's parts, SAM, and the patch heads of 3,584 channels.

Loss (eq. 6): text of the answer and of names, BCE and dice of masks, objectness of patches, InfoNCE to SigLIP's text.
The toy's helps (a closed-form start, distilled places and words) are not here. Pictures are fitted into a square and
padded right and below, so that patches and SAM share coordinates.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer
from torch import nn

from ..geometry import sam_preprocess, sam_size
from ..objectives import mask_bce_loss, mask_dice_loss
from ..objectives.info_nce import info_nce_loss
from ..objectives.objectness import objectness_loss, sample_negatives
from ..objectives.text import token_cross_entropy
from ..onevision.prompts import INSTRUCTIONS, OneVisionPrompts, counting_answer
from ..onevision.sequences import read_batch
from ..precision import half
from ..rose.assign import assign
from ..rose.naming import naming_logits
from ..rose.targets import Target, describe
from ..siglip.model import pixels as siglip_pixels
from ..siglip.train import text_rows
from .data.mix import Mix
from .data.picture import Picture, Reader
from .rose_weights import RoseModel

WEIGHTS = {"text": 1.0, "names": 1.0, "bce": 2.0, "dice": 0.5, "objectness": 1.0, "siglip": 1.0}


class RoseRealStage:
    """Fine-tuning of `rose/patch` or a super-patch row on a mix of data sets."""

    name = "rose"

    def __init__(self, config: dict, root: Path, tokenizer: Tokenizer, model: RoseModel) -> None:
        """root: the folder below which the configuration's data sets lie."""
        self.config, self.model, self.prompts = config, model, OneVisionPrompts(tokenizer)
        config |= model.described()
        self.assignment = model.recipe.assignment
        self.loss_weights = {**WEIGHTS, **config.get("loss", {})}
        self.mix, self.held_out = Mix(root, config["data"]), Mix(root, config["val"])
        model.train()

    def modules(self) -> dict[str, nn.Module]:
        return {"weights": self.model.weights, "siglip": self.model.siglip}

    def parameter_groups(self) -> list[dict]:
        return [{"params": [p for p in self.model.parameters() if p.requires_grad]}]

    def loss(self, step: int, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        drawn: list[tuple[Picture, list[Target], str]] = []
        while len(drawn) < self.config["batch"]:
            reader, picture = self.mix.draw(rng)
            targets, asked = self._targets(reader, picture, rng)
            if targets:
                drawn.append((picture, targets, asked))
        losses = self._losses(drawn, rng)
        total = sum(self.loss_weights[k] * v for k, v in losses.items())
        return total, {name: float(value.detach()) for name, value in losses.items()}

    def _targets(self, reader: Reader, picture: Picture, rng: np.random.Generator) -> tuple[list[Target], str]:
        """What the patches should find, and the instruction: a class list, all things, or one expression."""
        model, size = self.model, picture.pixels().shape[:2]
        regions = [r for r in picture.regions if r.mask is not None]
        if not reader.names and regions:
            regions = [regions[int(rng.integers(len(regions)))]]
        kind = "instance" if regions and regions[0].thing else "semantic"
        asked = INSTRUCTIONS[kind] if reader.names else f"can you segment {regions[0].phrases[0]}?" if regions else ""
        found = []
        for number, region in enumerate(regions[: self.config["targets"]]):
            mask = fitted(region.mask(), size, model.side)
            if mask.any():
                grid = model.weights.model.settings.grid
                found.append(describe(number, region.phrases[0], 0, region.thing, mask, grid))
        return found, asked

    def _losses(self, drawn, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        weights, lower = self.model.weights, half(self.config["bfloat16"])
        squares = np.stack([square(p.pixels(), self.model.side) for p, _, _ in drawn])
        answers = [self.prompts.answer(counting_answer(counted(targets))) for _, targets, _ in drawn]
        prefixes = [self.prompts.prefix(asked) for _, _, asked in drawn]
        device = torch.get_default_device()
        with lower:
            features = self.model.see(siglip_pixels(squares).to(device))
            batch = read_batch(weights.model, features, prefixes, self.prompts.suffix, answers)
            rows = [(b, k, token) for b, ids in enumerate(answers) for k, token in enumerate(ids)]
            said = weights.model.logits(batch.answers[[r[0] for r in rows], [r[1] for r in rows]].to(self.model.high))
        losses = {"text": token_cross_entropy(said.float(), torch.tensor([r[2] for r in rows]))}
        at, owners, positive, negative = self._cells(drawn, rng)
        analyzer, patches = weights.analyzer, batch.patches.float()
        losses["objectness"] = objectness_loss(analyzer.objectness(patches)[..., 0], positive, negative)
        _, prompts, categories, texts = analyzer(patches[at[:, 0], at[:, 1]])
        some = torch.as_tensor(rng.permutation(len(owners))[: self.config["names"]])
        with lower:
            wanted = [self.prompts.name(owners[int(k)].name) for k in some]
            named, tokens = naming_logits(weights.model, self.prompts, categories[some], wanted)
        losses["names"] = token_cross_entropy(named.float(), tokens)
        names = sorted({t.name for t in owners})
        with lower, torch.no_grad():
            table = self.model.siglip.text(text_rows(self.model.siglip, self.prompts.tokenizer, names)).float()
        fits = torch.as_tensor(np.array([[t.name == n for n in names] for t in owners]))
        losses["siglip"] = info_nce_loss(texts, table, fits, self.model.siglip.logit_scale.float().exp())
        return losses | self._masks(drawn, at[:, 0].tolist(), owners, prompts, rng)

    def _cells(self, drawn, rng: np.random.Generator):
        """Places [n,2] of positive patches, their targets, and bool [B,L] of positives and sampled negatives."""
        grid = self.model.weights.model.settings.grid
        at, owners = [], []
        positive = np.zeros((len(drawn), grid * grid), bool)
        negative = np.zeros_like(positive)
        for b, (_, targets, _) in enumerate(drawn):
            owner = assign(targets, grid, self.model.side, self.assignment)
            for cell in np.flatnonzero(owner >= 0):
                at.append((b, int(cell)))
                owners.append(targets[owner[cell]])
            positive[b] = owner >= 0
            negative[b] = sample_negatives(positive[b], self.config["negatives"], rng)
        return torch.tensor(at), owners, torch.as_tensor(positive), torch.as_tensor(negative)

    def _masks(self, drawn, pictures: list[int], owners: list[Target], prompts, rng) -> dict[str, torch.Tensor]:
        """BCE and dice of up to `masks` targets of each picture, each from one of its patches."""
        sam, side = self.model.weights.sam, self.model.side
        bce = dice = prompts.new_zeros(())
        count = 0
        for b, (picture, targets, _) in enumerate(drawn):
            mine = {t.id: [k for k, p in enumerate(pictures) if p == b and owners[k] is t] for t in targets}
            ids = [i for i in mine if mine[i]]
            picked = [int(rng.choice(mine[ids[i]])) for i in rng.permutation(len(ids))[: self.config["masks"]]]
            if not picked:
                continue
            with half(self.config["bfloat16"]):
                embedding = self.model.encode(sam_preprocess(picture.pixels(), sam.tiny.image_size).to(prompts.device))
                low, _ = sam.decode(embedding, prompts[picked][:, None], sam.no_mask(len(picked)))
            logits = nn.functional.interpolate(low[:, :1].float(), (side, side), mode="bilinear")[:, 0]
            truth = torch.as_tensor(np.stack([owners[k].mask for k in picked])).float()
            bce, dice = bce + mask_bce_loss(logits, truth, 1), dice + mask_dice_loss(logits, truth, 1)
            count += len(picked)
        return {"bce": bce / max(1, count), "dice": dice / max(1, count)}

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """The losses on held-out pictures."""
        self.model.eval()
        rng, found = np.random.default_rng(0), []
        for _ in range(self.config["val_pictures"]):
            reader, picture = self.held_out.draw(rng)
            targets, asked = self._targets(reader, picture, rng)
            if targets:
                found.append(self._losses([(picture, targets, asked)], rng))
        self.model.train()
        return {name: float(np.mean([float(f[name]) for f in found])) for name in (found[0] if found else {})}


def counted(targets: list[Target]) -> list[tuple[str, int]]:
    """(name, how many) in the order of first appearance."""
    names = [t.name for t in targets]
    return [(name, names.count(name)) for name in dict.fromkeys(names)]


def square(pixels: np.ndarray, side: int) -> np.ndarray:
    """uint8 [H,W,3] -> uint8 [side,side,3]: the longer side fitted (antialiased bilinear), zeros right and below."""
    height, width = sam_size(*pixels.shape[:2], side)
    made = np.zeros((side, side, 3), np.uint8)
    made[:height, :width] = np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR))
    return made


def fitted(mask: np.ndarray, size: tuple[int, int], side: int) -> np.ndarray:
    """bool [H,W] -> bool [side,side] in the frame of `square` (nearest)."""
    height, width = sam_size(*size, side)
    made = np.zeros((side, side), bool)
    made[:height, :width] = np.asarray(Image.fromarray(mask).resize((width, height), Image.Resampling.NEAREST))
    return made
