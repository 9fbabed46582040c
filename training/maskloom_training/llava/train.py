"""Train LLaVA-tiny's base: `python -m maskloom_training.llava.train --config training/configs/llava-tiny.json
--data DIR --val DIR --tokenizer DIR --clip CHECKPOINT --features DIR --out DIR`.

One packed row per picture mixes captions, counts and questions (cross-entropy) with referring phrases whose
answer carries [SEG]. The state that emits [SEG] learns to point: a plain dot product with the image tokens'
states, guided at first by the text tower's embedding of the noun (distillation, decayed by mid-run).
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ..checkpoint import load_checkpoint
from ..clip.model import ClipTiny
from ..clip.train import load_clip
from ..loop import train
from ..precision import half
from ..text.phrases import read_queries
from ..text.prompts import Prompts
from ..text.scenes import Vocabulary, fits, read_scenes
from ..text.tokenizer import encode, load_tokenizer
from ..world import World
from .covers import Covers
from .evaluate import pointing_figures
from .losses import ExistenceProbe, PlaceProbe, PointingScale, answer_loss, distillation_loss, pointing_loss
from .model import LlavaSettings, LlavaTiny
from .queries import Encoded, QueryEncoder, Sampling, pack_queries, sample, where
from .start import add_place_directions, add_reading_heads, start_from_clip
from .teacher import Teacher, TowerFeatures

WEIGHTS = {
    "text": 1.0,
    "decision": 4.0,
    "refuse": 6.0,
    "point": 1.0,
    "cells": 0.5,
    "heads": 0.5,
    "exists": 1.0,
    "places": 1.0,
    "distil": 4.0,
    "distil_word": 0.5,
}


class BaseStage:
    """LLaVA-tiny's base: text and pointing together, on a frozen tower's cached features."""

    name = "llava"

    def __init__(
        self, config: dict, data: World, held_out: World, tokenizer_dir: Path, clip: ClipTiny, features: Path
    ) -> None:
        self.config = config
        self.weights = {**WEIGHTS, **config.get("loss", {})}
        self.shares = Sampling(**config.get("sampling", {}))
        tokenizer = load_tokenizer(tokenizer_dir)
        self.prompts = Prompts(tokenizer)
        self.encoder = QueryEncoder(self.prompts)
        settings = LlavaSettings(**{**config["model"], "vocabulary": tokenizer.get_vocab_size()})
        config["model"] = dict(settings.__dict__)
        torch.manual_seed(config.get("seed", 0))
        self.model, self.scale, self.probe = LlavaTiny(settings), PointingScale(), ExistenceProbe(settings.hidden)
        self.places = PlaceProbe(settings.hidden)
        # Probes read two layers before the last: what a noun finds must be there for later layers to use.
        self._middle: dict[int, torch.Tensor] = {}
        for back in (2, 3):
            self.model.llama.layers[-back].register_forward_hook(self._keep(back))
        # Under bfloat16 on a CPU, plain attention is the faster one (0.26 against 0.35 s of a step).
        self.model.language_model.set_attn_implementation("eager")
        self.data, self.held_out = data, held_out
        self.vocabulary = Vocabulary.of(data)
        self.teacher = Teacher(clip, tokenizer, self.vocabulary)
        self.features = TowerFeatures(clip, data, features)
        self.held_features = TowerFeatures(clip, held_out, features)
        self.queries, self.held_queries = read_queries(data), read_queries(held_out)
        self.scenes = read_scenes(data)
        self.covers = Covers(data, self.scenes, settings.grid)
        self._start(clip)

    def _keep(self, back: int):
        def hook(_module, _inputs, output) -> None:
            self._middle[back] = output[0] if isinstance(output, tuple) else output

        return hook

    def _start(self, clip: ClipTiny) -> None:
        ids, words = [], []
        for word in self.vocabulary.words:
            tokens = encode(self.prompts.tokenizer, " " + word)
            if len(tokens) == 1:
                ids.append(tokens[0])
                words.append(word)
        start_from_clip(self.model, clip, ids, self.teacher.words(words), self.features.get(np.arange(16)))
        add_place_directions(self.model, self.some_states(), self.model.settings.grid)

    @torch.no_grad()
    def some_states(self) -> torch.Tensor:
        """Final states [n,D] of image tokens and words of a few pictures."""
        rows = [[self.encoder(q) for q in self.queries[i].true] for i in range(8)]
        features = self.features.get(np.arange(8))
        packed = pack_queries(rows, len(self.prompts.prefix) + features.shape[1], self.model.settings.pad)
        images, cache = self.model.read_image(self.prompts.prefix, features)
        words = self.model.read_text(packed.ids, packed.positions, packed.mask, cache)
        return torch.cat([images.flatten(0, 1), words[packed.owner >= 0]])

    def modules(self) -> dict[str, torch.nn.Module]:
        return {"llava": self.model, "scale": self.scale, "probe": self.probe, "places": self.places}

    def parameter_groups(self) -> list[dict]:
        return [{"params": [p for module in self.modules().values() for p in module.parameters()]}]

    def loss(self, step: int, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        done = step / self.config["steps"]
        chosen = np.sort(rng.choice(len(self.data), self.config["batch"], replace=False))
        ramp = min(1.0, 0.4 + done * 3)
        shares = replace(
            self.shares,
            relation=self.shares.relation * ramp,
            needs_relation=self.shares.needs_relation * ramp,
            false_relation=self.shares.false_relation * ramp,
        )
        rows = [[self.encoder(q) for q in sample(self.queries[i], self.config["phrases"], shares, rng)] for i in chosen]
        prefix = self.prompts.prefix
        features = self.features.get(chosen)
        packed = pack_queries(rows, len(prefix) + features.shape[1], self.model.settings.pad)
        with half(self.config.get("bfloat16", True)):
            images, cache = self.model.read_image(prefix, features)
            states = self.model.read_text(packed.ids, packed.positions, packed.mask, cache)
        losses = self._losses(rows, packed.starts, states.float(), images.float())
        losses["exists"] = self._existence(rows, packed.starts, self._middle[2].float())
        losses["places"] = self._places(rows, packed.starts)
        fade = max(0.05, 1 - done / 0.5)
        w = self.weights
        total = (
            w["text"] * losses["text"]
            + w["point"] * losses["point"]
            + w["cells"] * losses["cells"]
            + w["heads"] * losses["heads"]
            + w["exists"] * losses["exists"]
            + w["places"] * losses["places"]
            + fade * (w["distil"] * losses["distil"] + w["distil_word"] * losses["word"])
        )
        return total, {name: float(value.detach()) for name, value in losses.items()}

    def _losses(self, rows: list[list[Encoded]], starts, states, images) -> dict[str, torch.Tensor]:
        answers, tokens, weights, seg_at, seg_cover, taught, taught_rows = [], [], [], [], [], [], []
        head_at, head_cover, word_at, word_rows = [], [], [], []
        for b, row in enumerate(rows):
            for at, e in zip(starts[b], row, strict=True):
                refuses = e.query.kind.startswith("false")
                decision = 1.0 if e.query.kind == "text" else self.weights["refuse" if refuses else "decision"]
                for i, token in enumerate(e.answer):
                    answers.append((b, at + e.answer_at + i))
                    tokens.append(token)
                    weights.append(decision if i == 0 else 1.0)
                for position, target in zip(e.seg_at, e.query.targets, strict=True):
                    seg_at.append((b, at + position))
                    seg_cover.append(self.covers.of(target))
                first = e.query.heads[0][1] if e.query.heads else None
                if first is not None and e.seg_at and e.query.kind != "relation":
                    taught.append((b, at + e.seg_at[0]))
                    taught_rows.append(first)
                for position, (_, description, reference) in zip(e.heads_at, e.query.heads, strict=True):
                    if description is not None:
                        word_at.append((b, at + position))
                        word_rows.append(description)
                    cover = self.covers.of_noun(e.query.image, description, reference)
                    if cover is not None:
                        head_at.append((b, at + position))
                        head_cover.append(cover)
        spots = where(answers)
        losses = {
            "text": answer_loss(
                self.model.logits(spots.of(states)), torch.tensor(tokens), torch.tensor(weights, dtype=torch.float32)
            )
        }
        losses["point"], losses["cells"] = self._point(seg_at, seg_cover, states, images)
        losses["heads"] = self._point(head_at, head_cover, states, images)[0]
        losses["distil"] = distillation_loss(where(taught).of(states), self.teacher.rows(taught_rows))
        losses["word"] = distillation_loss(where(word_at).of(states), self.teacher.rows(word_rows))
        return losses

    def _places(self, rows: list[list[Encoded]], starts) -> torch.Tensor:
        """Where the nouns' objects are: at each noun, and gathered at the state that begins the answer."""
        nouns, noun_places, answers, answer_places = [], [], [], []
        for b, row in enumerate(rows):
            for start, e in zip(starts[b], row, strict=True):
                gathered = [float("nan")] * 4
                for k, (position, head) in enumerate(zip(e.heads_at, e.query.heads, strict=True)):
                    place = self.covers.place_of(e, k, head)
                    if place is not None:
                        nouns.append((b, start + position))
                        noun_places.append(place)
                        gathered[2 * k : 2 * k + 2] = place
                if gathered[0] == gathered[0] or gathered[2] == gathered[2]:
                    answers.append((b, start + e.answer_at))
                    answer_places.append(gathered)
        return self.places.loss(
            where(nouns).of(self._middle[3].float()),
            torch.tensor(noun_places),
            where(answers).of(self._middle[2].float()),
            torch.tensor(answer_places),
        )

    def _existence(self, rows: list[list[Encoded]], starts, middle) -> torch.Tensor:
        """Does the last word of a phrase, and each noun in it, find anything? On the states of a middle layer."""
        at, found = [], []
        for b, row in enumerate(rows):
            for start, e in zip(starts[b], row, strict=True):
                if e.query.kind in ("text", "several"):
                    continue
                at.append((b, start + e.last_word_at))
                found.append(float(e.query.accepts))
                for position, (_, description, _) in zip(e.heads_at, e.query.heads, strict=True):
                    if description is not None and position != e.last_word_at:
                        scene = self.scenes[e.query.image]
                        at.append((b, start + position))
                        found.append(float(fits(description, scene.rows).any()))
        return self.probe.loss(where(at).of(middle), torch.tensor(found))

    def _point(self, pairs, covers, states, images) -> tuple[torch.Tensor, torch.Tensor]:
        spots = where(pairs)
        logits = self.scale(spots.of(states), images[spots.row])
        return pointing_loss(logits, self.scale.bias, torch.as_tensor(np.stack(covers)))

    def evaluate(self) -> dict[str, float]:
        self.model.eval()
        figures = pointing_figures(self.model, self.encoder, self.held_out, self.held_queries, self.held_features)
        self.model.train()
        return figures


def load_llava(path: Path) -> LlavaTiny:
    """LLaVA-tiny of a base checkpoint, in eval mode."""
    saved = load_checkpoint(path, "llava")
    model = LlavaTiny(LlavaSettings(**saved["config"]["model"]))
    model.load_state_dict(saved["modules"]["llava"])
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("config", "data", "val", "tokenizer", "clip", "features", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--start", type=Path, default=None, help="base checkpoint to start the language model from")
    parser.add_argument("--reading-heads", action="store_true", help="with --start: add the reading heads")
    parser.add_argument("--place-directions", action="store_true", help="with --start: add the place directions")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    torch.set_num_threads(config.get("threads", 1))
    data, held_out = World(args.data, limit=config.get("images")), World(args.val, limit=config.get("val_images", 100))
    stage = BaseStage(config, data, held_out, args.tokenizer, load_clip(args.clip), args.features)
    if args.start is not None:
        saved = load_checkpoint(args.start, "llava")["modules"]
        for name, module in stage.modules().items():
            if name in saved:
                module.load_state_dict(saved[name])
        if args.reading_heads:
            add_reading_heads(stage.model, stage.features.get(np.arange(16)))
        if args.place_directions:
            add_place_directions(stage.model, stage.some_states(), stage.model.settings.grid)
    train(stage, config, args.out, resume=args.resume)


if __name__ == "__main__":
    main()
