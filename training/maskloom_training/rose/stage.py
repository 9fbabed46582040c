"""The stage that fine-tunes one row of ROSE's tables.

As in the paper (section 4.1): frozen SigLIP tower and SAM encoder; LoRA on Qwen2; trained heads, token embeddings,
lm_head and SAM mask decoder. Loss eq. 6: L = L_txt + L_mask + L_obj + L_sig (objectives/). The paper's weights of BCE
and dice are not given; 2.0 and 0.5 are LISA's. Stacked rows drop L_obj and L_sig, which need patches.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..objectives import mask_bce_loss, mask_dice_loss
from ..objectives.distil import distillation_loss, fading
from ..objectives.info_nce import info_nce_loss
from ..objectives.objectness import objectness_loss, sample_negatives
from ..objectives.text import token_cross_entropy
from ..onevision.model import OneVisionTiny
from ..onevision.prompts import OneVisionPrompts
from ..onevision.sequences import Batch, read_batch
from ..onevision.start import point_vectors
from ..onevision.tasks import Task, TaskMaker
from ..precision import half
from ..sam.model import SamTiny
from ..segment.train import SamFeatures
from ..siglip.model import SiglipTiny
from ..text.scenes import fits
from ..world import World
from .assign import assign
from .descriptions import Descriptions
from .features import SiglipFeatures
from .lora import add_adapters
from .naming import naming_logits
from .quick import quick_figures
from .recipes import RoseRecipe, RoseWeights
from .start import start_heads
from .targets import Target, TargetSet

WEIGHTS = {
    "text": 1.0,
    "names": 1.0,
    "bce": 2.0,
    "dice": 0.5,
    "objectness": 1.0,
    "siglip": 0.3,
    "place": 1.0,
    "words": 0.5,
}
TASKS = {"free": 0.6, "semantic": 0.15, "instance": 0.25}


class RoseStage:
    """Fine-tuning of one row."""

    name = "rose"

    def __init__(
        self,
        recipe: RoseRecipe,
        config: dict,
        data: World,
        held_out: World,
        prompts: OneVisionPrompts,
        siglip: SiglipTiny,
        model: OneVisionTiny,
        sam: SamTiny,
        features: Path,
        start: RoseWeights | None = None,
    ) -> None:
        """`start`: a finished run's weights (adapters merged) to go on from, in place of the closed form."""
        self.recipe, self.config, self.prompts = recipe, config, prompts
        self.loss_weights = {**WEIGHTS, **config.get("loss", {})}
        self.assignment = replace(recipe.assignment, **config.get("assignment", {}))
        config |= {
            "recipe": recipe.to_dict(),
            "onevision": asdict(model.settings),
            "sam": sam.tiny.to_dict(),
            "text_width": siglip.settings.projection,
            "assignment": self.assignment.to_dict(),
        }
        self.siglip = siglip
        torch.manual_seed(config.get("seed", 0))
        self.weights = RoseWeights.new(recipe, model, sam, siglip.settings.projection)
        self.weights.requires_grad_(False)
        model.language_model.set_attn_implementation("eager")
        self.data, self.held_out = data, held_out
        grid = model.settings.grid
        self.targets, self.held_targets = TargetSet(data, grid), TargetSet(held_out, grid)
        self.features, self.held_features = (
            SiglipFeatures(siglip, data, features),
            SiglipFeatures(siglip, held_out, features),
        )
        self.images, self.held_images = SamFeatures(sam, data, features), SamFeatures(sam, held_out, features)
        self.maker = TaskMaker(prompts, self.targets.names)
        self.descriptions = Descriptions(siglip, prompts.tokenizer, data)
        self._start_teachers()
        start_heads(self)
        if start is not None:
            self.weights.load_state_dict(start.state_dict())
        self.adapters = add_adapters(model, recipe.lora)
        self.rest = [model.llama.embed_tokens, model.language_model.lm_head]
        self.heads = [m for m in (self.weights.analyzer, self.weights.projection) if m is not None]
        for module in [*self.rest, *self.heads, sam.mask_decoder]:
            module.requires_grad_(True)

    def modules(self) -> dict[str, nn.Module]:
        return {"weights": self.weights}

    def parameter_groups(self) -> list[dict]:
        scale = self.config["lr_scale"]
        return [
            {"params": self.adapters, "lr_scale": scale["lora"], "weight_decay": 0.0},
            {"params": [p for m in self.rest for p in m.parameters()], "lr_scale": scale["tokens"]},
            {"params": list(self.weights.sam.mask_decoder.parameters()), "lr_scale": scale["decoder"]},
            {"params": [p for m in self.heads for p in m.parameters()], "lr_scale": scale["heads"]},
        ]

    # -- what a step asks

    def _task(self, index: int, rng: np.random.Generator) -> Task:
        targets = self.targets.get(index)
        if self.recipe.unit == "stacked":
            return self.maker.stacked(targets, self.recipe.per_target)
        if self.recipe.naming == "region":
            return self.maker.regions(targets, rng)
        kinds = list(TASKS)
        return self.maker.count(kinds[rng.choice(len(kinds), p=list(TASKS.values()))], targets)

    def positives(self, tasks: list[Task]) -> tuple[torch.Tensor, list[Target]]:
        at, owners = [], []
        for b, task in enumerate(tasks):
            owner = assign(task.targets, self.weights.model.settings.grid, self.data.size[0], self.assignment)
            for cell in np.flatnonzero(owner >= 0):
                at.append((b, int(cell)))
                owners.append(task.targets[owner[cell]])
        return torch.tensor(at).reshape(-1, 2), owners

    def codes(self, targets: list[Target]) -> torch.Tensor:
        """SAM's prompt vectors [n,C] of a point on each target."""
        scale = self.weights.sam.tiny.image_size / self.data.size[0]
        return point_vectors(self.weights.sam, torch.tensor([t.inside for t in targets]).reshape(-1, 2) * scale)

    @torch.no_grad()
    def _start_teachers(self) -> None:
        """Words of names, and the spreads of the teachers."""
        points = torch.rand(512, 2, generator=torch.Generator().manual_seed(0)) * self.weights.sam.tiny.image_size
        codes = point_vectors(self.weights.sam, points)
        self.spread = float((codes - codes.mean(0)).pow(2).sum(1).mean())
        table = self.weights.model.llama.embed_tokens.weight.detach()
        self.words = {n: table[self.prompts.name(n)[0]].clone() for n in self.targets.names}
        stack = torch.stack(list(self.words.values()))
        self.word_spread = float((stack - stack.mean(0)).pow(2).sum(1).mean())

    # -- the loss

    def loss(self, step: int, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        pool = min(len(self.data), self.config.get("pool", len(self.data)))
        chosen = np.sort(rng.choice(pool, self.config["batch"], replace=False))
        tasks = [self._task(int(i), rng) for i in chosen]
        lower = half(self.config.get("bfloat16", True))
        embeddings = self.images.get(chosen)
        with lower:
            batch = read_batch(
                self.weights.model,
                self.features.get(chosen),
                [t.prefix for t in tasks],
                self.prompts.suffix,
                [t.ids for t in tasks],
                (lambda patches: self._regions(tasks, patches, rng)) if self.recipe.naming == "region" else None,
            )
        losses = {"text": self._text(tasks, batch.answers.float())}
        if self.recipe.unit == "stacked":
            spots, owners, prompts = self._stacked(tasks, batch, losses)
        else:
            spots, owners, prompts = self._patches(tasks, chosen, batch, losses, rng)
        losses |= self._masks(spots, owners, prompts, embeddings, rng)
        w, help_weight = self.loss_weights, fading(step / self.config["steps"], self.config["help_until"])
        total = sum(w[k] * v * (help_weight if k in ("place", "words") else 1.0) for k, v in losses.items() if k in w)
        return total, {name: float(value.detach()) for name, value in losses.items()}

    def _text(self, tasks: list[Task], answers: torch.Tensor) -> torch.Tensor:
        rows = [
            (b, k, token, w)
            for b, t in enumerate(tasks)
            for k, (token, w) in enumerate(zip(t.ids, t.weights, strict=True))
        ]
        logits = self.weights.model.logits(answers[[r[0] for r in rows], [r[1] for r in rows]])
        return token_cross_entropy(logits, torch.tensor([r[2] for r in rows]), torch.tensor([r[3] for r in rows]))

    def _regions(self, tasks: list[Task], patches: torch.Tensor, rng) -> dict[tuple[int, int], torch.Tensor]:
        found = {}
        for b, task in enumerate(tasks):
            owner = assign(task.targets, self.weights.model.settings.grid, self.data.size[0], self.assignment)
            for position, k in task.regions.items():
                cells = np.flatnonzero(owner == k)
                cells = cells if len(cells) else task.targets[k].cover.argmax(keepdims=True)
                found[(b, position)] = self.weights.analyzer.category(patches[b, int(rng.choice(cells))])
        return found

    def _stacked(self, tasks, batch: Batch, losses: dict):
        seg = [(b, p, t.targets[k]) for b, t in enumerate(tasks) for p, k in t.seg_at]
        states = batch.answers[[b for b, _, _ in seg], [p for _, p, _ in seg]]
        prompts = self.weights.projection(states.float())[:, 0]
        owners = [t for _, _, t in seg]
        losses["place"] = distillation_loss(prompts, self.codes(owners), self.spread)
        return [b for b, _, _ in seg], owners, prompts

    def _patches(self, tasks, chosen, batch: Batch, losses: dict, rng):
        at, owners = self.positives(tasks)
        analyzer = self.weights.analyzer
        every = analyzer.objectness(batch.patches.float())[..., 0]
        positive, negative = np.zeros(every.shape, bool), np.zeros(every.shape, bool)
        positive[at[:, 0], at[:, 1]] = True
        for b in range(len(tasks)):
            negative[b] = sample_negatives(positive[b], self.config.get("negatives"), rng)
        losses["objectness"] = objectness_loss(every, torch.as_tensor(positive), torch.as_tensor(negative))
        _, prompts, categories, texts = analyzer(batch.patches[at[:, 0], at[:, 1]].float())
        losses["place"] = distillation_loss(prompts, self.codes(owners), self.spread)
        losses["words"] = distillation_loss(
            categories, torch.stack([self.words[t.name] for t in owners]), self.word_spread
        )
        if self.recipe.naming == "decode":
            some = rng.permutation(len(owners))[: self.config["names"]]
            with half(self.config.get("bfloat16", True)):
                named, wanted = naming_logits(
                    self.weights.model,
                    self.prompts,
                    categories[torch.as_tensor(some)],
                    [self.prompts.name(owners[k].name) for k in some],
                )
            losses["names"] = token_cross_entropy(named.float(), wanted)
        said, table = self.descriptions.draw(chosen, [t.targets for t in tasks], rng)
        pictures = at[:, 0].tolist()
        rows = np.stack([self.descriptions.row(int(chosen[b]), t.id) for b, t in zip(pictures, owners, strict=True)])
        fitting = torch.as_tensor(np.stack([fits(d, rows) for d in said], axis=1))
        losses["siglip"] = info_nce_loss(texts, table, fitting, self.siglip.logit_scale.exp())
        return pictures, owners, prompts

    def _masks(self, pictures, owners, prompts, embeddings, rng) -> dict[str, torch.Tensor]:
        """BCE and dice of up to `masks` targets per picture, each from one of its prompts."""
        picked = []
        for b in range(self.config["batch"]):
            own: dict[int, list[int]] = {}
            for k, picture in enumerate(pictures):
                if picture == b:
                    own.setdefault(owners[k].id, []).append(k)
            ids = list(own)
            for i in rng.permutation(len(ids))[: self.config["masks"]]:
                picked.append(int(rng.choice(own[ids[i]])))
        sam = self.weights.sam
        with half(self.config.get("bfloat16", True)):
            images = embeddings[[pictures[k] for k in picked]]
            low, _ = sam.decode(images, prompts[picked][:, None], sam.no_mask(len(picked)))
        side = self.data.size[0]
        logits = nn.functional.interpolate(low[:, :1].float(), (side, side), mode="bilinear", align_corners=False)[:, 0]
        truth = torch.as_tensor(np.stack([owners[k].mask for k in picked]))
        wanted = truth.float()
        found = logits > 0
        iou = ((found & truth).sum((1, 2)) / (found | truth).sum((1, 2)).clamp(min=1)).mean()
        return {"bce": mask_bce_loss(logits, wanted), "dice": mask_dice_loss(logits, wanted), "iou": iou}

    def evaluate(self) -> dict[str, float]:
        self.weights.eval()
        figures = quick_figures(self)
        self.weights.train()
        return figures
