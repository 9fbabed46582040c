"""Train one refinement paradigm:

    python -m maskloom_training.refine.train --paradigm concat --config training/configs/refine-tiny.json --data DIR \\
        --val DIR --tokenizer DIR --onevision F --siglip F --sam F --features DIR --out DIR

As in ROSE: the tower's patch embedding (here its stem, widened by a plane of zero weights for "concat"), the patch
heads, SAM's mask decoder, the token embeddings and the language model's head are trained, the language model by LoRA;
the tower's blocks and SAM's encoder are frozen. Losses are eq. 5-6 without the counting answer and the SigLIP term:
names, masks (BCE + dice), objectness (BCE, both classes of equal weight).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from ..checkpoint import load_checkpoint
from ..geometry import sam_postprocess
from ..loop import train
from ..objectives import mask_bce_loss, mask_dice_loss
from ..onevision.model import OneVisionSettings, OneVisionTiny
from ..onevision.prompts import OneVisionPrompts
from ..precision import half
from ..rose.analyzer import PatchAnalyzer
from ..rose.assign import Assignment, assign
from ..rose.lora import add_adapters, merged
from ..rose.naming import naming_logits
from ..rose.recipes import Lora
from ..rose.targets import TargetSet
from ..sam.config import SamTinyConfig
from ..sam.model import SamTiny
from ..segment.train import SamFeatures
from ..siglip.model import SiglipSettings, SiglipTiny
from ..text.tokenizer import load_tokenizer
from ..world import World
from .inputs import candidate_cells, previous_logits, search_box, tower_input
from .instructions import load_instructions
from .model import RefineTiny
from .painting import PARADIGMS
from .samples import Sample, draw
from .scores import quick_scores
from .start import start

WEIGHTS = {"name": 1.0, "bce": 2.0, "dice": 1.0, "objectness": 1.0}
PROMPTED = 0.5
"""Share of the decoded groups in which SAM also gets the box, and in which it gets the previous mask."""


class RefineStage:
    """Training of one paradigm."""

    name = "refine"

    def __init__(
        self,
        paradigm: str,
        config: dict,
        data: World,
        held_out: World,
        prompts: OneVisionPrompts,
        model: RefineTiny,
        features: Path,
    ) -> None:
        self.paradigm, self.config, self.data, self.held_out = paradigm, config, data, held_out
        self.prompts, self.instructions = prompts, load_instructions()
        self.weights = WEIGHTS | config.get("weights", {})
        if paradigm == "concat" and model.siglip.settings.planes == 3:
            model.siglip.widened(4)
        self.adapters = add_adapters(model.onevision, Lora(**config["lora"]))
        # Under bfloat16 on a CPU, plain attention is the faster one.
        model.onevision.language_model.set_attn_implementation("eager")
        self.model = model.train()
        self.targets, self.held_targets = TargetSet(data, model.grid), TargetSet(held_out, model.grid)
        self.images = SamFeatures(model.sam, data, features)
        self.held_images = SamFeatures(model.sam, held_out, features)
        self.assignment = Assignment.of(1)
        config |= {"paradigm": paradigm, "model": describe(model)}

    def modules(self) -> dict[str, torch.nn.Module]:
        return {"refine": self.model}

    def parameter_groups(self) -> list[dict]:
        model, scale = self.model, self.config["lr_scale"]
        model.requires_grad_(False)
        stem = list(model.siglip.vision.embeddings.patch_embedding.parameters())
        words = [model.onevision.llama.embed_tokens.weight, *model.onevision.language_model.lm_head.parameters()]
        groups = [
            {"params": stem, "lr_scale": scale["stem"]},
            {"params": self.adapters, "lr_scale": scale["lora"]},
            {"params": words, "lr_scale": scale["tokens"]},
            {"params": list(model.analyzer.parameters()), "lr_scale": scale["heads"]},
            {
                "params": [*model.sam.mask_decoder.parameters(), *model.sam.prompt_encoder.mask_embed.parameters()],
                "lr_scale": scale["decoder"],
            },
        ]
        for group in groups:
            for parameter in group["params"]:
                parameter.requires_grad_(True)
        return groups

    def loss(self, step: int, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        chosen = np.sort(rng.choice(self.config["pool"], size=self.config["batch"], replace=False))
        samples = [draw(int(i), self.targets.get(int(i)), self.targets.names, rng) for i in chosen]
        side = self.model.siglip.settings.image_size
        pixels = torch.stack(
            [
                tower_input(self.paradigm, np.asarray(self.data.images[s.image]), s.previous, s.box, side)
                for s in samples
            ]
        )
        prefixes = [self._prefix(s) for s in samples]
        with half(self.config.get("bfloat16", True)):
            states = self.model.patch_states(pixels, prefixes)
        states = states.float()
        owners = [assign([s.target], self.model.grid, side, self.assignment) >= 0 for s in samples]
        objectness = self._objectness(samples, states, owners)
        rows, cells = self._answering(owners, rng)
        answering = states[rows, cells]
        bce, dice, iou = self._masks(samples, chosen, rows, self.model.analyzer.mask(answering), rng)
        names = [self.prompts.name(samples[int(b)].target.name) for b in rows]
        logits, tokens = naming_logits(
            self.model.onevision, self.prompts, self.model.analyzer.category(answering), names
        )
        name = F.cross_entropy(logits.float(), tokens)
        w = self.weights
        total = w["name"] * name + w["bce"] * bce + w["dice"] * dice + w["objectness"] * objectness
        parts = {"name": name, "bce": bce, "dice": dice, "objectness": objectness}
        return total, {key: float(value.detach()) for key, value in parts.items()} | {"iou": iou}

    def _prefix(self, s: Sample) -> list[int]:
        return self.prompts.prefix(self.instructions.say(s.situation, s.phrasing, s.wrong))

    def _objectness(self, samples: list[Sample], states: torch.Tensor, owners: list[np.ndarray]) -> torch.Tensor:
        """BCE (ROSE 3.5, third term): the target's cells against the other candidates and a few cells elsewhere."""
        logits = self.model.analyzer.objectness(states)[..., 0]
        total = torch.zeros(())
        for b, (s, owner) in enumerate(zip(samples, owners, strict=True)):
            near = np.zeros(len(owner), bool)
            place = search_box(s.previous, s.box)
            near[candidate_cells(place, s.previous.shape, s.previous.shape[0], self.model.grid)] = True
            wanted = torch.as_tensor(owner)
            negatives = torch.as_tensor(near & ~owner)
            others = torch.as_tensor(~near & ~owner)
            total = total + F.softplus(-logits[b][wanted]).mean()
            for cells, weight in ((negatives, 1.0), (others, 0.25)):
                if bool(cells.any()):
                    total = total + weight * F.softplus(logits[b][cells]).mean()
        return total / len(samples)

    def _answering(self, owners: list[np.ndarray], rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Rows and cells of up to `masks` of each target's cells."""
        rows, cells = [], []
        for b, owner in enumerate(owners):
            own = rng.permutation(np.flatnonzero(owner))[: self.config["masks"]]
            rows += [b] * len(own)
            cells += own.tolist()
        return torch.tensor(rows), torch.tensor(cells)

    def _masks(self, samples, chosen, rows, embeddings, rng) -> tuple[torch.Tensor, torch.Tensor, float]:
        images = self.images.get(chosen)
        side, low = self.model.sam.tiny.image_size, self.model.sam.tiny.grid * 4
        boxed = rng.random(len(samples)) < PROMPTED
        masked = rng.random(len(samples)) < PROMPTED
        groups: dict[tuple[bool, bool], list[int]] = {}
        for k, b in enumerate(rows.tolist()):
            key = (bool(boxed[b]) and samples[b].box is not None, bool(masked[b]) and bool(samples[b].previous.any()))
            groups.setdefault(key, []).append(k)
        logits, order = [], []
        for (with_box, with_mask), own in groups.items():
            which = [int(rows[k]) for k in own]
            boxes = torch.tensor([samples[b].box for b in which]) if with_box else None
            previous = None
            if with_mask:
                previous = torch.as_tensor(np.stack([previous_logits(samples[b].previous, side, low) for b in which]))
            with half(self.config.get("bfloat16", True)):
                found = self.model.decode_masks(images[which], embeddings[own], boxes, previous)
            logits.append(sam_postprocess(found[:, None], *self.data.size, side)[:, 0])
            order += which
        full = torch.cat(logits)
        wanted = torch.as_tensor(np.stack([samples[b].target.mask for b in order])).float()
        with torch.no_grad():
            hit = full > 0
            union = (hit | (wanted > 0)).sum((1, 2)).clamp(min=1)
            iou = float(((hit & (wanted > 0)).sum((1, 2)) / union).mean())
        return mask_bce_loss(full, wanted), mask_dice_loss(full, wanted), iou

    def evaluate(self) -> dict[str, float]:
        self.model.eval()
        figures = quick_scores(self)
        self.model.train()
        return figures


def describe(model: RefineTiny) -> dict:
    """Settings of the parts as JSON, enough to build the model again."""
    return {
        "siglip": model.siglip.config(),
        "onevision": model.onevision.config(),
        "analyzer": {
            "prompt": model.analyzer.mask[2].out_features,
            "text": model.analyzer.text[2].out_features,
            "hidden": model.analyzer.mask[0].out_features,
        },
        "sam": model.sam.tiny.to_dict(),
    }


def build(described: dict) -> RefineTiny:
    """A model of described parts, untrained."""
    siglip = SiglipTiny(SiglipSettings(**described["siglip"]))
    onevision = OneVisionTiny(OneVisionSettings(**described["onevision"]))
    analyzer = PatchAnalyzer(onevision.settings.hidden, **described["analyzer"])
    return RefineTiny(siglip, onevision, analyzer, SamTiny(SamTinyConfig.from_dict(described["sam"]), "eager"))


def load_refine(path: Path) -> tuple[str, RefineTiny, dict]:
    """(paradigm, model with adapters merged, config) of a checkpoint, in eval mode and frozen."""
    saved = load_checkpoint(path, "refine")
    config = saved["config"]
    model = build(config["model"])
    add_adapters(model.onevision, Lora(**config["lora"]))
    model.load_state_dict(saved["modules"]["refine"])
    model.onevision = merged(model.onevision)
    return config["paradigm"], model.eval().requires_grad_(False), config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paradigm", choices=PARADIGMS, required=True)
    for name in ("config", "data", "val", "tokenizer", "onevision", "siglip", "sam", "features", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    torch.set_num_threads(config.get("threads", 1))
    data, held_out = World(args.data, limit=config.get("images")), World(args.val, limit=config.get("val_images", 60))
    prompts = OneVisionPrompts(load_tokenizer(args.tokenizer))
    model = start(args.onevision, args.siglip, args.sam)
    stage = RefineStage(args.paradigm, config, data, held_out, prompts, model, args.features)
    train(stage, config, args.out, resume=args.resume)


if __name__ == "__main__":
    main()
