"""Settle SigLIP-tiny after its start from CLIP-tiny:

    python -m maskloom_training.siglip.train --config training/configs/siglip-tiny.json --data DIR --val DIR \\
        --tokenizer DIR --clip CHECKPOINT --out DIR

The same dense contrastive objective as CLIP-tiny's, plus a cross-entropy over the bare category words
(`category_weight`). `loss` is "infonce" (default: at this width it learns shapes sooner) or "sigmoid" (SigLIP's own,
objectives/sigmoid_pairs.py).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from ..checkpoint import load_checkpoint
from ..clip.contrastive import dense_batch, dense_loss, global_loss
from ..clip.model import pad_rows
from ..clip.train import ClipStage, load_clip
from ..loop import train
from ..objectives.sigmoid_pairs import sigmoid_pairs_loss
from ..precision import half
from ..text.phrases import read_queries
from ..text.scenes import SHAPE, STUFF, Vocabulary, fits, read_scenes
from ..text.tokenizer import EOS, load_tokenizer
from ..world import World
from .model import SiglipSettings, SiglipTiny, pixels
from .start import start_from_clip


class SiglipStage(ClipStage):
    """CLIP-tiny's stage with SigLIP-tiny's towers."""

    name = "siglip"
    pixels = staticmethod(pixels)

    def __init__(self, config: dict, data: World, held_out: World, tokenizer_dir: Path, clip: Path | None) -> None:
        self.config = config
        self.tokenizer = load_tokenizer(tokenizer_dir)
        self.eos = self.tokenizer.token_to_id(EOS)
        settings = SiglipSettings(**{**config["model"], "vocabulary": self.tokenizer.get_vocab_size()})
        config["model"] = dict(settings.__dict__)
        torch.manual_seed(config.get("seed", 0))
        self.model = SiglipTiny(settings)
        if clip is not None:
            start_from_clip(self.model, load_clip(clip))
        self.model.attention("eager")
        self.data, self.held_out = data, held_out
        self.scenes, self.held_scenes = read_scenes(data), read_scenes(held_out)
        self.held_queries = read_queries(held_out)
        self.captions = {c["image_id"]: c["caption"] for c in data.captions}
        self.vocabulary = Vocabulary.of(data)

    def modules(self) -> dict[str, torch.nn.Module]:
        return {"siglip": self.model}

    def loss(self, step: int, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        chosen = np.sort(rng.choice(len(self.data), self.config["batch"], replace=False))
        scenes = [self.scenes[i] for i in chosen]
        batch = dense_batch(scenes, [self._covers(self.data, s) for s in scenes], self.vocabulary, rng)
        said = [self.vocabulary.say(d) for d in batch.descriptions]
        captions = [self.captions[int(self.data.image_ids[i])] for i in chosen]
        with half(self.config.get("bfloat16", True)):
            patches, images = self.model(pixels(self.data.images[chosen]))
            at = torch.as_tensor(batch.patches)
            dense = self.model.dense(patches[at[:, 0], at[:, 1]])
            texts = self.model.text(self.tokens(said + captions))
        texts, whole = texts[: len(said)].float(), texts[len(said) :].float()
        scale = self.model.logit_scale.exp().clamp(max=100)
        if self.config.get("loss", "infonce") == "sigmoid":
            positive = torch.as_tensor(np.stack([fits(d, batch.rows) for d in batch.descriptions], axis=1)).float()
            weights = torch.as_tensor(batch.weights)
            positive = positive[torch.as_tensor(batch.owners)]
            fine = sigmoid_pairs_loss(dense.float(), texts, positive, weights, scale, self.model.logit_bias)
        else:
            fine = dense_loss(dense.float(), texts, scale, batch)
        coarse = global_loss(images.float(), whole, scale)
        sort = self._category_loss(dense.float(), texts, scale, batch)
        total = fine + self.config["global_weight"] * coarse + self.config.get("category_weight", 0.0) * sort
        parts = {"dense": fine, "global": coarse, "category": sort, "scale": scale}
        return total, {name: float(value.detach()) for name, value in parts.items()}

    def _category_loss(self, dense, texts, scale, batch) -> torch.Tensor:
        """Cross-entropy over the bare category words, which every batch holds: what a patch is, colour or not."""
        words = [
            k
            for k, d in enumerate(batch.descriptions)
            if sum(v >= 0 for v in d) == 1 and (d[SHAPE] >= 0 or d[STUFF] >= 0)
        ]
        fitting = np.stack([fits(batch.descriptions[k], batch.rows) for k in words], axis=1)
        target = torch.as_tensor(fitting.argmax(axis=1)[batch.owners])
        each = F.cross_entropy(scale * dense @ texts[words].T, target, reduction="none")
        weights = torch.as_tensor(batch.weights)
        return (each * weights).sum() / weights.sum()


def load_siglip(path: Path) -> SiglipTiny:
    """The trained SigLIP-tiny of a checkpoint, in eval mode and frozen."""
    saved = load_checkpoint(path, "siglip")
    model = SiglipTiny(SiglipSettings(**saved["config"]["model"]))
    model.load_state_dict(saved["modules"]["siglip"])
    return model.eval().requires_grad_(False)


def text_rows(siglip: SiglipTiny, tokenizer, texts: list[str]) -> torch.Tensor:
    """Token rows [N,T] " text</s>", padded behind: what `SiglipTiny.text` and the siglip-text graph read."""
    longest = siglip.settings.text_length - 1
    end = tokenizer.token_to_id(EOS)
    rows = [tokenizer.encode(" " + t, add_special_tokens=False).ids[:longest] + [end] for t in texts]
    return pad_rows(rows, siglip.settings.pad)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("config", "data", "val", "tokenizer", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--clip", type=Path, default=None, help="CLIP-tiny's checkpoint to start from")
    parser.add_argument("--start", type=Path, default=None, help="SigLIP-tiny's own checkpoint to go on from")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    torch.set_num_threads(config.get("threads", 1))
    held_out = World(args.val, limit=config.get("val_images", 150))
    stage = SiglipStage(config, World(args.data, limit=config.get("images")), held_out, args.tokenizer, args.clip)
    if args.start is not None:
        stage.model.load_state_dict(load_checkpoint(args.start, "siglip")["modules"]["siglip"])
    start = stage.evaluate()
    print("siglip start: " + "  ".join(f"{k} {v:.4f}" for k, v in start.items()), flush=True)
    train(stage, config, args.out, resume=args.resume)


if __name__ == "__main__":
    main()
