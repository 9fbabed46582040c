"""Fine-tune one recipe:

    python -m maskloom_training.segment.train --recipe read/full --config training/configs/segment-tiny.json \\
        --data DIR --val DIR --tokenizer DIR --clip F --llava F --sam F --features DIR --out DIR

As in the papers: frozen SAM encoder, prompt encoder, CLIP tower and projector; LoRA on the language model's
q_proj and v_proj; trained embeddings, head, projection of <SEG> and mask decoder. Loss READ eq. 12-13:
1.0 text + 2.0 BCE + 0.5 dice.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from ..checkpoint import load_checkpoint
from ..clip.model import ClipTiny
from ..clip.train import load_clip
from ..features import FeatureCache
from ..geometry import sam_normalise
from ..llava.losses import answer_loss
from ..llava.model import LlavaSettings, LlavaTiny
from ..llava.queries import QueryEncoder, Sampling, pack_queries, sample, where
from ..llava.teacher import TowerFeatures
from ..llava.train import load_llava
from ..loop import train
from ..objectives import mask_bce_loss, mask_dice_loss
from ..precision import half
from ..sam.config import SamTinyConfig
from ..sam.model import SamTiny
from ..sam.train import load_sam
from ..text.phrases import read_queries
from ..text.prompts import Prompts
from ..text.tokenizer import load_tokenizer
from ..world import World
from .lora import add_adapters, merged
from .projection import SegProjection
from .prompting import find_points, full_size, mask_logits
from .recipes import RECIPES, Recipe, SegWeights
from .sasp import SaspSettings
from .scores import Score, quick_scores

WEIGHTS = {"text": 1.0, "bce": 2.0, "dice": 0.5, "decision": 1.0}


class SamFeatures:
    """Cached image embeddings of one data set under one frozen SAM encoder."""

    def __init__(self, sam: SamTiny, world: World, directory: Path) -> None:
        tiny = sam.tiny
        mark = hashlib.sha256()
        for value in sam.vision_encoder.state_dict().values():
            mark.update(value.numpy().tobytes())

        def compute(indices: np.ndarray) -> torch.Tensor:
            parts = []
            for chunk in np.array_split(indices, -(-len(indices) // 16)):
                images = torch.as_tensor(np.array(world.images[chunk])).permute(0, 3, 1, 2)
                parts.append(sam.encode(sam_normalise(images)))
            return torch.cat(parts)

        folder = directory / f"sam-{mark.hexdigest()[:12]}-{world.info['seed']}-{len(world)}"
        self.cache = FeatureCache(folder, len(world), (tiny.embed, tiny.grid, tiny.grid), compute)

    def get(self, indices: np.ndarray) -> torch.Tensor:
        """Image embeddings [B,C,h,w]."""
        return self.cache.get(indices)


class SegStage:
    """Fine-tuning of one recipe."""

    name = "segment"

    def __init__(
        self,
        recipe: Recipe,
        config: dict,
        data: World,
        held_out: World,
        prompts: Prompts,
        clip: ClipTiny,
        llava: LlavaTiny,
        sam: SamTiny,
        features: Path,
    ) -> None:
        self.recipe, self.config = recipe, config
        config |= {"recipe": recipe.id, "llava": asdict(llava.settings), "sam": sam.tiny.to_dict()}
        self.loss_weights = {**WEIGHTS, **config.get("loss", {})}
        self.sasp = SaspSettings(**config["sasp"])
        several = config.get("several_share", 0.3) if recipe.several else 0.0
        self.shares = Sampling(**{**config.get("sampling", {}), "several": several})
        self.prompts, self.encoder = prompts, QueryEncoder(prompts)
        self.crop = clip.settings.image_size
        torch.manual_seed(config.get("seed", 0))
        self.weights = SegWeights(llava, SegProjection(llava.settings.hidden, sam.tiny.embed), sam)
        self.weights.requires_grad_(False)
        self.adapters = add_adapters(llava, config["lora"])
        self.data, self.held_out = data, held_out
        self.features, self.held_features = TowerFeatures(clip, data, features), TowerFeatures(clip, held_out, features)
        self.images, self.held_images = SamFeatures(sam, data, features), SamFeatures(sam, held_out, features)
        self.queries, self.held_queries = read_queries(data), read_queries(held_out)
        self.rest = [llava.llama.embed_tokens, llava.language_model.lm_head]
        trained = [*self.rest, sam.mask_decoder] + ([self.weights.projection] if recipe.embeds else [])
        for module in trained:
            module.requires_grad_(True)

    def modules(self) -> dict[str, torch.nn.Module]:
        return {"weights": self.weights}

    def parameter_groups(self) -> list[dict]:
        scale = self.config["lr_scale"]
        groups = [
            {"params": self.adapters, "lr_scale": scale["lora"], "weight_decay": 0.0},
            {"params": [p for m in self.rest for p in m.parameters()], "lr_scale": scale["tokens"]},
            {"params": list(self.weights.sam.mask_decoder.parameters()), "lr_scale": scale["decoder"]},
        ]
        if self.recipe.embeds:
            groups.append({"params": list(self.weights.projection.parameters()), "lr_scale": 1.0})
        return groups

    def loss(self, step: int, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        pool = min(len(self.data), self.config.get("pool", len(self.data)))
        chosen = np.sort(rng.choice(pool, self.config["batch"], replace=False))
        rows = [
            [self.encoder(q) for q in sample(self.queries[i], self.config["phrases"], self.shares, rng)] for i in chosen
        ]
        llava, prefix = self.weights.llava, self.prompts.prefix
        features = self.features.get(chosen)
        packed = pack_queries(rows, len(prefix) + features.shape[1], llava.settings.pad)
        with half(self.config.get("bfloat16", True)):
            images, cache = llava.read_image(prefix, features)
            states = llava.read_text(packed.ids, packed.positions, packed.mask, cache)
        states, images = states.float(), images.float()
        text = self._text_loss(rows, packed.starts, states)
        seg_at, masks = self._targets(rows, packed.starts, rng)
        spots = where(seg_at)
        seg = spots.of(states)
        points = None
        if self.recipe.points != "none":
            points = find_points(seg, images[spots.row], self.data.size, self.recipe.sasp(self.sasp), self.crop)
        embeddings = self.images.get(chosen)[spots.row]
        with half(self.config.get("bfloat16", True)):
            low = mask_logits(self.weights, self.recipe, seg, points, embeddings, self.data.size)
        logits = full_size(self.weights, low, self.data.size)
        wanted = torch.as_tensor(np.stack(masks)).float()
        bce, dice = mask_bce_loss(logits, wanted), mask_dice_loss(logits, wanted)
        w = self.loss_weights
        total = w["text"] * text + w["bce"] * bce + w["dice"] * dice
        with torch.no_grad():
            iou = Score.of((logits > 0).numpy(), np.stack(masks)).mean_iou
        parts = {"text": text, "bce": bce, "dice": dice}
        return total, {name: float(value.detach()) for name, value in parts.items()} | {"iou": iou}

    def _text_loss(self, rows, starts, states) -> torch.Tensor:
        answers, tokens, weights = [], [], []
        for b, row in enumerate(rows):
            for at, e in zip(starts[b], row, strict=True):
                for i, token in enumerate(e.answer):
                    answers.append((b, at + e.answer_at + i))
                    tokens.append(token)
                    weights.append(self.loss_weights["decision"] if i == 0 else 1.0)
        logits = self.weights.llava.logits(where(answers).of(states))
        return answer_loss(logits, torch.tensor(tokens), torch.tensor(weights))

    def _targets(self, rows, starts, rng) -> tuple[list[tuple[int, int]], list[np.ndarray]]:
        """Positions of up to `masks` [SEG] states per picture, and their masks."""
        pairs, masks = [], []
        for b, row in enumerate(rows):
            own = [
                ((b, at + position), target)
                for at, e in zip(starts[b], row, strict=True)
                for position, target in zip(e.seg_at, e.query.targets, strict=True)
            ]
            for k in rng.permutation(len(own))[: self.config["masks"]]:
                pairs.append(own[k][0])
                masks.append(self.data.targets[own[k][1]].mask())
        return pairs, masks

    def evaluate(self) -> dict[str, float]:
        self.weights.eval()
        figures = quick_scores(self)
        self.weights.train()
        return figures


def load_recipe(path: Path) -> tuple[Recipe, SegWeights, dict]:
    """(recipe, weights with adapters merged, config) of a fine-tuning checkpoint, in eval mode and frozen."""
    saved = load_checkpoint(path, "segment")
    config = saved["config"]
    llava = LlavaTiny(LlavaSettings(**config["llava"]))
    sam = SamTiny(SamTinyConfig.from_dict(config["sam"]), "eager")
    add_adapters(llava, config["lora"])
    weights = SegWeights(llava, SegProjection(llava.settings.hidden, sam.tiny.embed), sam)
    weights.load_state_dict(saved["modules"]["weights"])
    weights.llava = merged(llava)
    return RECIPES[config["recipe"]], weights.eval().requires_grad_(False), config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", choices=sorted(RECIPES), required=True)
    for name in ("config", "data", "val", "tokenizer", "clip", "llava", "sam", "features", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=None, help="in place of the configuration's")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    if args.steps is not None:
        config["steps"] = args.steps
    torch.set_num_threads(config.get("threads", 1))
    data, held_out = World(args.data, limit=config.get("images")), World(args.val, limit=config.get("val_images", 60))
    stage = SegStage(
        RECIPES[args.recipe],
        config,
        data,
        held_out,
        Prompts(load_tokenizer(args.tokenizer)),
        load_clip(args.clip),
        load_llava(args.llava),
        load_sam(load_checkpoint(args.sam, "sam")),
        args.features,
    )
    train(stage, config, args.out, resume=args.resume)


if __name__ == "__main__":
    main()
