"""The stage of LMSeg at real size on label maps (COCO-Stuff), by CAT-Seg's recipe where its own is unknown."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from tokenizers import Tokenizer
from torch import nn

from ..clip.model import ClipSettings, ClipTiny
from ..lmseg.describe import template
from ..lmseg.model import Lmseg
from ..lmseg.sentences import SentenceEncoder
from ..lmseg.settings import LmsegSettings
from ..lmseg.train import masked_bce
from ..lmseg.tuning import choose_trained
from ..lmseg.views import normalised
from ..precision import half
from ..sam.config import SamTinyConfig
from ..sam.model import SamTiny
from .data.mix import open_reader
from .data.picture import DataError
from .data.semantic import UNLABELLED, LabelMaps


def lmseg_model(model: dict, tune: str) -> tuple[Lmseg, tuple[list, list]]:
    """The model of a configuration, and what is trained of CLIP and of SAM (the encoders' rest is frozen)."""
    clip, sam = ClipTiny(ClipSettings(**model["clip"])), SamTiny(SamTinyConfig.from_dict(model["sam"]))
    made = Lmseg(clip, sam, LmsegSettings.from_dict(model["lmseg"]))
    return made, choose_trained(clip, sam, tune)


class LmsegRealStage:
    """Training on one data set of label maps; `descriptions` is a JSON file of sentences by class."""

    name = "lmseg"

    def __init__(self, config: dict, root: Path, tokenizer: Tokenizer, model: Lmseg, tuned: tuple[list, list]) -> None:
        """root: the folder below which the configuration's data sets lie."""
        self.config, self.model, self.tuned = config, model, tuned
        self.maps, self.held_out = (self._open(root, config[key]) for key in ("data", "val"))
        said = json.loads(Path(config["descriptions"]).read_text()) if config["descriptions"] else {}
        self.said = {n: said.get(n) or template(n) for n in (*self.maps.names, *self.held_out.names)}
        self.sentences = SentenceEncoder(tokenizer, model.clip.settings.text_length)
        self.side = model.clip.settings.image_size
        # The names that `maskloom-convert lmseg` reads.
        config |= {
            "clipModel": model.clip.config(),
            "samModel": model.sam.tiny.to_dict(),
            "model": model.settings.to_dict(),
            "held_out_seed": 0,
        }

    def modules(self) -> dict[str, nn.Module]:
        return {"lmseg": self.model}

    def parameter_groups(self) -> list[dict]:
        scales = self.config["lr_scale"]
        encoders = {id(p) for m in (self.model.clip, self.model.sam) for p in m.parameters()}
        named = [(n, p) for n, p in self.model.named_parameters() if id(p) not in encoders]
        groups = [
            {"params": [p for n, p in named if n != "fusion.free"]},
            {"params": [p for n, p in named if n == "fusion.free"], "lr_scale": scales["fusion_weight"]},
            {"params": self.tuned[0], "lr_scale": scales["clip"]},
            {"params": self.tuned[1], "lr_scale": scales["sam"]},
        ]
        return [g for g in groups if g["params"]]

    def loss(self, step: int, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        chosen = rng.choice(len(self.maps), self.config["batch"], replace=len(self.maps) < self.config["batch"])
        views = [self._crop(int(i), rng) for i in chosen]
        pixels = torch.as_tensor(np.stack([p for p, _ in views])).permute(0, 3, 1, 2)
        labels = torch.as_tensor(np.stack([m for _, m in views]))
        logits = self._logits(pixels, self.maps.names)
        logits = F.interpolate(logits, labels.shape[1:], mode="bilinear", align_corners=False)
        wanted = labels[:, None] == torch.arange(len(self.maps.names))[None, :, None, None]
        known = (labels != UNLABELLED)[:, None]
        total = masked_bce(logits, wanted.float(), known, self.config["ignored_as_negative"])
        with torch.no_grad():
            hit = float((logits.argmax(1) == labels)[known[:, 0]].float().mean())
        return total, {"hit": hit}

    def _logits(self, pixels: torch.Tensor, names: list[str]) -> torch.Tensor:
        with half(self.config["bfloat16"]):
            text = self.sentences.embed(self.model.clip_text, [self.said[n] for n in names])
            clip_pixels, sam_pixels = normalised(pixels)
            size = self.model.sam.tiny.image_size
            if sam_pixels.shape[-1] != size:
                sam_pixels = F.interpolate(sam_pixels, (size, size), mode="bilinear", align_corners=False)
            return self.model(clip_pixels, sam_pixels, text).float()

    def _crop(self, index: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """A square of the picture, its shorter side brought to the window's: pixels [S,S,3], labels [S,S]."""
        pixels, labels = self.maps[index].pixels(), self.maps.labels(index)
        height, width = labels.shape
        scale = self.side / min(height, width)
        size = max(self.side, round(width * scale)), max(self.side, round(height * scale))
        pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))
        labels = np.asarray(Image.fromarray(labels.astype(np.int32)).resize(size, Image.Resampling.NEAREST))
        top, left = (int(rng.integers(0, n - self.side + 1)) for n in labels.shape)
        part = slice(top, top + self.side), slice(left, left + self.side)
        return pixels[part], labels[part].astype(np.int64)

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Share of the labelled pixels of whole pictures, stretched to the window, that get their class."""
        self.model.eval()
        right = counted = 0
        for index in range(min(self.config["val_pictures"], len(self.held_out))):
            image = Image.fromarray(self.held_out[index].pixels())
            view = np.asarray(image.resize((self.side, self.side), Image.Resampling.BILINEAR))
            labels = torch.as_tensor(self.held_out.labels(index))
            logits = self._logits(torch.as_tensor(np.array(view)).permute(2, 0, 1)[None], self.held_out.names)
            found = F.interpolate(logits, labels.shape, mode="bilinear", align_corners=False)[0].argmax(0)
            known = labels != UNLABELLED
            right, counted = right + int((found == labels)[known].sum()), counted + int(known.sum())
        self.model.train()
        return {"accuracy": right / max(1, counted)}

    def _open(self, root: Path, groups: list[dict]) -> LabelMaps:
        chosen = [s for group in groups for s in group["sets"]]
        found = open_reader(root, **chosen[0])
        if len(chosen) != 1 or not isinstance(found, LabelMaps):
            raise DataError("LMSeg trains on one data set of label maps (coco-stuff, ade20k-150, vistas-v2).")
        return found
