"""Train one LMSeg row:

    python -m maskloom_training.lmseg.train --recipe lmseg/full --config training/configs/lmseg-tiny.json \\
        --data DIR --val DIR --tokenizer DIR --clip F --sam F --out DIR

Loss: binary cross-entropy of every class at every pixel whose label is known (CAT-Seg counts unknown pixels as
negative for all classes; the option `ignored_as_negative` does that).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from ..checkpoint import load_checkpoint
from ..clip.model import ClipSettings, ClipTiny
from ..clip.train import load_clip
from ..loop import train
from ..precision import half
from ..sam.config import SamTinyConfig
from ..sam.model import SamTiny
from ..sam.train import load_sam
from ..text.tokenizer import load_tokenizer
from ..world import World
from .evaluate import quick_figures
from .label_systems import LabelSystems
from .model import Lmseg
from .recipes import RECIPES, LmsegRecipe
from .sentences import SentenceEncoder
from .settings import LmsegSettings
from .step_features import StepFeatures
from .truth import SegmentRows, held_out_names
from .tuning import choose_trained
from .views import normalised

LR_SCALES = {"clip": 0.1, "sam": 0.1, "fusion_weight": 10.0}


class LmsegStage:
    """The Stage of loop.py for one recipe."""

    name = "lmseg"

    def __init__(
        self, recipe: LmsegRecipe, config: dict, data: World, held_out: World, tokenizer: Path, clip: ClipTiny,
        sam: SamTiny,
    ) -> None:  # fmt: skip
        self.config, self.data, self.world = config, data, held_out
        settings = LmsegSettings.from_dict({**config.get("model", {}), **recipe.model})
        torch.manual_seed(config.get("seed", 0))
        self.model = Lmseg(clip, sam, settings)
        clip.clip.set_attn_implementation("eager")  # the faster one under bfloat16 on a CPU, as is channels last
        self.model.upsample.to(memory_format=torch.channels_last)
        self.tuned = choose_trained(clip, sam, recipe.tune)
        self.truth = SegmentRows(data)
        names = [c.name for c in self.truth.invented]
        self.unseen = held_out_names(names, config["held_out_seed"])
        config |= {
            "recipe": recipe.id,
            "tune": recipe.tune,
            "model": settings.to_dict(),
            "clipModel": clip.config(),
            "samModel": sam.tiny.to_dict(),
            "heldOutClasses": self.unseen,
        }
        self.systems = LabelSystems(self.truth, self.unseen, config["classes"])
        self.sentences = SentenceEncoder(load_tokenizer(tokenizer), clip.settings.text_length)
        self.steps = None
        if recipe.tune == "frozen" and config.get("keep_steps"):
            self.steps = StepFeatures(Path(config["keep_steps"]), config)

    def modules(self) -> dict[str, torch.nn.Module]:
        return {"lmseg": self.model}

    def parameter_groups(self) -> list[dict]:
        scales = {**LR_SCALES, **self.config.get("lr_scale", {})}
        encoders = {id(p) for m in (self.model.clip, self.model.sam) for p in m.parameters()}
        free = [p for name, p in self.model.named_parameters() if name == "fusion.free"]
        rest = [p for p in self.model.parameters() if id(p) not in encoders and all(p is not f for f in free)]
        groups = [
            {"params": [p for p in rest if p.ndim > 1]},
            {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
            {"params": free, "lr_scale": scales["fusion_weight"], "weight_decay": 0.0},
            {"params": self.tuned[0], "lr_scale": scales["clip"], "weight_decay": 0.0},
            {"params": self.tuned[1], "lr_scale": scales["sam"], "weight_decay": 0.0},
        ]
        return [g for g in groups if g["params"]]

    def loss(self, step: int, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        chosen = np.sort(rng.choice(len(self.data), self.config["batch"], replace=False))
        labels = self.systems.draw(chosen, rng)
        images, ids = zip(*(self._view(i, rng) for i in chosen), strict=True)
        target, counted = [], []
        for i, view in zip(chosen, ids, strict=True):
            positive, known = self.systems.targets(i, labels)
            target.append(positive[:, view])
            counted.append(known[view])
        with half(self.config.get("bfloat16", True)):
            if self.steps is None:
                text = self.sentences.embed(self.model.clip_text, labels.texts)
                logits = self.model(*normalised(torch.stack(images)), text)
            else:
                text, *maps = self.steps.get(step, lambda: self._encode(images, labels.texts))
                logits = self.model.classify(self.model.join(*maps), text)
        logits = F.interpolate(logits.float(), ids[0].shape, mode="bilinear", align_corners=False)
        wanted, known = torch.as_tensor(np.stack(target)).float(), torch.as_tensor(np.stack(counted))[:, None]
        total = masked_bce(logits, wanted, known, self.config.get("ignored_as_negative", False))
        with torch.no_grad():
            on = (wanted > 0) & known
            parts = {
                labels.system: float(total.detach()),
                "hit": float((logits[on] > 0).float().mean()) if on.any() else 0.0,
            }
            if self.model.fusion.weight is not None:
                parts["weight"] = float(self.model.fusion.weight.mean())
        return total, parts

    @torch.no_grad()
    def _encode(self, images: tuple[torch.Tensor, ...], texts: list[list[str]]) -> tuple[torch.Tensor, ...]:
        """What frozen encoders make of a step: text [T,C], dense, tap1, tap2, SAM's map."""
        clip_pixels, sam_pixels = normalised(torch.stack(images))
        text = self.sentences.embed(self.model.clip_text, texts)
        return text, *self.model.dense_clip(clip_pixels), self.model.sam.encode(sam_pixels)

    def _view(self, image: int, rng: np.random.Generator) -> tuple[torch.Tensor, np.ndarray]:
        """Pixels [3,S,S] in 0..255 and local ids [S,S] of a picture; sometimes of a square part, enlarged."""
        pixels = torch.as_tensor(np.array(self.data.images[image])).permute(2, 0, 1)
        ids = np.asarray(self.data.panoptic[image])
        if rng.random() >= self.config["crop_share"]:
            return pixels.float(), ids
        full = ids.shape[0]
        side = int(rng.integers(int(self.config["crop_min"] * full), full))
        top, left = (int(rng.integers(0, full - side + 1)) for _ in range(2))
        part = pixels[None, :, top : top + side, left : left + side].float()
        near = ((np.arange(full) + 0.5) * side / full).astype(np.int64)
        grown = F.interpolate(part, (full, full), mode="bilinear", align_corners=False)[0]
        return grown.round(), ids[top + near][:, left + near]

    def evaluate(self) -> dict[str, float]:
        self.model.eval()
        figures = quick_figures(self.model, self.sentences, self.world, self.unseen)
        self.model.train()
        return figures


def masked_bce(
    logits: torch.Tensor, target: torch.Tensor, known: torch.Tensor, ignored_as_negative: bool = False
) -> torch.Tensor:
    """Mean BCE over pixels and classes. logits, target [B,T,H,W]; known bool [B,1,H,W].

    Unknown pixels are left out of the mean; with `ignored_as_negative` they count as 0 for every class (CAT-Seg).
    """
    if ignored_as_negative:
        return F.binary_cross_entropy_with_logits(logits, target * known)
    each = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return (each * known).sum() / (known.sum() * logits.shape[1]).clamp(min=1)


def load_lmseg(path: Path) -> tuple[Lmseg, dict]:
    """The trained model of a checkpoint (eval mode, frozen) and its configuration."""
    saved = load_checkpoint(path, "lmseg")
    config = saved["config"]
    clip, sam = (
        ClipTiny(ClipSettings(**config["clipModel"])),
        SamTiny(SamTinyConfig.from_dict(config["samModel"]), "eager"),
    )
    model = Lmseg(clip, sam, LmsegSettings.from_dict(config["model"]))
    clip.clip.set_attn_implementation("eager")
    model.load_state_dict(saved["modules"]["lmseg"])
    model.upsample.to(memory_format=torch.channels_last)
    return model.eval().requires_grad_(False), config | {"stepsDone": saved["step"], "elapsed": saved["elapsed"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", choices=list(RECIPES), default="lmseg/full")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--clip", type=Path, required=True)
    parser.add_argument("--sam", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=None, help="instead of the configuration's")
    parser.add_argument("--seed", type=int, default=None, help="instead of the configuration's")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    config |= {k: v for k, v in (("steps", args.steps), ("seed", args.seed)) if v is not None}
    torch.set_num_threads(config.get("threads", 1))
    clip, sam = load_clip(args.clip), load_sam(load_checkpoint(args.sam, "sam"))
    data, held_out = World(args.data, limit=config.get("images")), World(args.val, limit=config["val_images"])
    stage = LmsegStage(RECIPES[args.recipe], config, data, held_out, args.tokenizer, clip, sam)
    train(stage, config, args.out, resume=args.resume)


if __name__ == "__main__":
    main()
