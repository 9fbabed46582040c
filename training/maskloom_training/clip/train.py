"""Train CLIP-tiny: `python -m maskloom_training.clip.train --config training/configs/clip-tiny.json --data DIR
--tokenizer DIR --out DIR`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from ..checkpoint import load_checkpoint
from ..loop import train
from ..precision import half
from ..text.phrases import ImageQueries, read_queries
from ..text.scenes import Vocabulary, coverage, read_scenes
from ..text.tokenizer import EOS, encode, load_tokenizer
from ..world import World
from .contrastive import dense_batch, dense_loss, global_loss
from .model import ClipSettings, ClipTiny, pad_rows, pixels


class ClipStage:
    """Dense contrastive learning with a light global image-caption term."""

    name = "clip"
    pixels = staticmethod(pixels)

    def __init__(self, config: dict, data: World, held_out: World, tokenizer_dir: Path) -> None:
        self.config = config
        self.tokenizer = load_tokenizer(tokenizer_dir)
        self.eos = self.tokenizer.token_to_id(EOS)
        settings = ClipSettings(**{**config["model"], "vocabulary": self.tokenizer.get_vocab_size()})
        config["model"] = settings.__dict__ | {}
        torch.manual_seed(config.get("seed", 0))
        self.model = ClipTiny(settings)
        # Under bfloat16 on a CPU, plain attention is the faster one (0.14 against 0.17 s of a step).
        self.model.clip.set_attn_implementation("eager")
        self.data, self.held_out = data, held_out
        self.scenes, self.held_scenes = read_scenes(data), read_scenes(held_out)
        self.held_queries: list[ImageQueries] = read_queries(held_out)
        self.captions = {c["image_id"]: c["caption"] for c in data.captions}
        self.vocabulary = Vocabulary.of(data)

    def modules(self) -> dict[str, torch.nn.Module]:
        return {"clip": self.model}

    def parameter_groups(self) -> list[dict]:
        return [{"params": [p for p in self.model.parameters() if p.requires_grad]}]

    def tokens(self, texts: list[str]) -> torch.Tensor:
        """Rows " text</s>" for the text tower; cut to its length, the end mark kept."""
        longest = self.model.settings.text_length - 1
        rows = [encode(self.tokenizer, " " + text)[:longest] + [self.eos] for text in texts]
        return pad_rows(rows, self.model.settings.pad)

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
            texts, whole = self.model.text(self.tokens(said)), self.model.text(self.tokens(captions))
        scale = self.model.clip.logit_scale.exp().clamp(max=100)
        fine = dense_loss(dense.float(), texts.float(), scale, batch)
        coarse = global_loss(images.float(), whole.float(), scale)
        total = fine + self.config["global_weight"] * coarse
        return total, {"dense": float(fine.detach()), "global": float(coarse.detach()), "scale": float(scale.detach())}

    def _covers(self, world: World, scene) -> np.ndarray:
        grid = self.model.settings.image_size // self.model.settings.patch_size
        return np.stack([coverage(world.targets[int(a)].mask(), grid) for a in scene.ids])

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Attribute accuracy of the best-covered patch among the words of a column, and zero-shot pointing."""
        self.model.eval()
        columns = self.vocabulary.columns
        words = [self.model.text(self.tokens(list(names))) for names in columns]
        right, seen = np.zeros(5), np.zeros(5)
        hits, swaps = [], []
        for i, scene in enumerate(self.held_scenes):
            dense = self.model.dense(self.model(self.pixels(self.held_out.images[i : i + 1]))[0][0])
            covers = self._covers(self.held_out, scene)
            for row, cover in zip(scene.rows, covers, strict=True):
                best = dense[int(cover.argmax())]
                for column in range(5):
                    if row[column] >= 0:
                        seen[column] += 1
                        right[column] += int((words[column] @ best).argmax()) == row[column]
            said = [q for q in self.held_queries[i].true if q.kind in ("attribute", "stuff")]
            if not said:
                continue
            texts = self.model.text(self.tokens([q.text.removeprefix("the ") for q in said]))
            peaks = (texts @ dense.T).argmax(dim=1).tolist()
            by_id = {int(a): c for a, c in zip(scene.ids, covers, strict=True)}
            for j, query in enumerate(said):
                hits.append(_hit(by_id[query.targets[0]], peaks[j]))
                other = _partner(said, j)
                if other is not None:
                    swaps.append(_hit(by_id[query.targets[0]], peaks[other]))
        self.model.train()
        names = ("size", "texture", "colour", "shape", "stuff")
        figures = {n: right[c] / max(1, seen[c]) for c, n in enumerate(names)}
        return figures | {"pointing": float(np.mean(hits)), "swapped": float(np.mean(swaps))}


def _hit(cover: np.ndarray, peak: int) -> bool:
    """A peak counts if its cell is more than half covered, or at least 90 % of the target's best cell."""
    return bool(cover[peak] > 0.5 or cover[peak] >= 0.9 * cover.max())


def _partner(said: list, j: int) -> int | None:
    """The next phrase of the picture, cyclic, that has another target; None if there is none."""
    for step in range(1, len(said)):
        other = (j + step) % len(said)
        if said[other].targets != said[j].targets:
            return other
    return None


def load_clip(path: Path) -> ClipTiny:
    """The trained CLIP-tiny of a checkpoint, in eval mode and frozen."""
    saved = load_checkpoint(path, "clip")
    model = ClipTiny(ClipSettings(**saved["config"]["model"]))
    model.load_state_dict(saved["modules"]["clip"])
    return model.eval().requires_grad_(False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    torch.set_num_threads(config.get("threads", 1))
    held_out = World(args.val, limit=config.get("val_images", 150))
    stage = ClipStage(config, World(args.data, limit=config.get("images")), held_out, args.tokenizer)
    train(stage, config, args.out, resume=args.resume)


if __name__ == "__main__":
    main()
