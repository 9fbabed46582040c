"""A <SEG> system on a bundle's ONNX files: the same pipeline as `SegSystem`, for figures without any checkpoint."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from ..geometry import clip_preprocess, sam_points, sam_postprocess, sam_preprocess
from ..llava.export import cache_names
from ..onnx_tools import open_session
from ..sam.model import with_pad_point
from ..text.prompts import Prompts
from ..text.tokenizer import EOS, PAD, SEG, decode, load_tokenizer
from .prompting import find_points
from .recipes import RECIPES, Recipe
from .sasp import Points, SaspSettings
from .system import Prediction


@dataclass(frozen=True)
class Seen:
    """A picture that has been read: image-token states [L,D], caches of prefix + image, SAM's embedding."""

    states: torch.Tensor
    cache: list[np.ndarray]
    embedding: np.ndarray
    size: tuple[int, int]


class OnnxSystem:
    """One recipe of a bundle folder on ONNX Runtime's CPU provider."""

    def __init__(self, bundle: Path, recipe_id: str) -> None:
        manifest = json.loads((bundle / "bundle.json").read_text())
        entry, presets = manifest["recipes"][recipe_id], manifest["presets"]
        self.recipe: Recipe = RECIPES[recipe_id.split("@")[0]]
        self.sessions: dict[str, onnxruntime.InferenceSession] = {
            role: open_session(bundle / manifest["models"][model]["file"]) for role, model in entry["models"].items()
        }
        self.llava = presets["llava"]
        self.sam_side, self.crop = presets["sam"]["imageSize"], presets["clip"]["imageSize"]
        self.mask_size = presets["sam"]["maskSize"]
        s = presets["sasp"]
        base = SaspSettings(
            s["downSample"], s["positive"], s["negative"], s["count"], s["mode"], s["epsilon"], s["geometry"]
        )
        self.sasp = self.recipe.sasp(base)
        self.prompts = Prompts(load_tokenizer(bundle), self.llava["prompt"])

    def look(self, picture: np.ndarray) -> Seen:
        """Read one picture, uint8 [H,W,3]."""
        features = self._run("clipTower", pixel_values=clip_preprocess(picture, self.crop).numpy())[0]
        tokens = self._run("projector", patch_features=features)[0]
        head = self._embed(np.array([self.prompts.prefix]))
        inputs = np.concatenate([head, tokens], axis=1)
        empty = np.zeros((1, self.llava["heads"], 0, self.llava["headDim"]), np.float32)
        length = inputs.shape[1]
        _, hidden, *cache = self._step(
            inputs, np.ones((1, length), np.int64), np.arange(length)[None], [empty] * (2 * self.llava["layers"])
        )
        embedding = self._run("samEncoder", pixel_values=sam_preprocess(picture, self.sam_side).numpy())[0]
        return Seen(torch.as_tensor(hidden[0, head.shape[1] :]), cache, embedding, picture.shape[:2])

    def segment(self, seen: Seen, texts: list[str]) -> list[Prediction]:
        """Greedy answers and masks for phrases about one picture."""
        answers = self._answer(seen, texts)
        states = torch.stack([s for _, own in answers for s in own]) if any(own for _, own in answers) else None
        logits, points = torch.zeros(0, *seen.size), None
        if states is not None:
            if self.recipe.points != "none":
                images = seen.states.expand(len(states), -1, -1)
                points = find_points(states, images, seen.size, self.sasp, self.crop)
            logits = self._masks(seen, states, points)
        found, at, end = [], 0, self.prompts.id(EOS)
        for ids, own in answers:
            upto = at + len(own)
            mine = None if points is None else Points(points.xy[at:upto], points.labels[at:upto])
            text = decode(self.prompts.tokenizer, ids[:-1] if ids and ids[-1] == end else ids)
            found.append(Prediction(text, ids, logits[at:upto], mine))
            at = upto
        return found

    def _answer(self, seen: Seen, texts: list[str]) -> list[tuple[list[int], list[torch.Tensor]]]:
        questions = [self.prompts.question(text) for text in texts]
        count, longest, past = len(questions), max(map(len, questions)), seen.cache[0].shape[2]
        lengths = np.array([len(q) for q in questions])
        pad, end, seg = (self.prompts.id(t) for t in (PAD, EOS, SEG))
        ids = np.array([[pad] * (longest - len(q)) + q for q in questions])
        real = np.arange(longest)[None] >= (longest - lengths)[:, None]
        mask = np.concatenate([np.ones((count, past), np.int64), real.astype(np.int64)], axis=1)
        positions = np.maximum(past + np.arange(longest)[None] - (longest - lengths)[:, None], 0)
        cache = [np.repeat(c, count, axis=0) for c in seen.cache]
        answers: list[tuple[list[int], list[torch.Tensor]]] = [([], []) for _ in texts]
        done = np.zeros(count, bool)
        for step in range(self.llava["maxNewTokens"]):
            logits, hidden, *cache = self._step(self._embed(ids), mask, positions, cache)
            token = logits[:, -1].argmax(axis=1)
            for k in np.flatnonzero(~done):
                answers[k][0].append(int(token[k]))
                if token[k] == seg:
                    answers[k][1].append(torch.as_tensor(hidden[k, -1].copy()))
            done |= token == end
            if done.all():
                break
            ids, positions = token[:, None], (past + lengths + step)[:, None]
            mask = np.concatenate([mask, np.ones((count, 1), np.int64)], axis=1)
        return answers

    def _masks(self, seen: Seen, states: torch.Tensor, points: Points | None) -> torch.Tensor:
        count, channels = len(states), seen.embedding.shape[1]
        coords, labels = torch.zeros(count, 0, 2), torch.zeros(count, 0, dtype=torch.long)
        if points is not None:
            scaled = torch.as_tensor(sam_points(points.xy.numpy(), *seen.size, self.sam_side)).float()
            coords, labels = with_pad_point(scaled, points.labels)
        embeddings = np.zeros((count, 0, channels), np.float32)
        if self.recipe.embeds:
            embeddings = self._run("segProjection", hidden=states.numpy())[0]
        masks = self._run(
            "samDecoder",
            image_embeddings=seen.embedding,
            point_coords=coords.numpy(),
            point_labels=labels.numpy(),
            mask_input=np.zeros((count, 1, self.mask_size, self.mask_size), np.float32),
            has_mask=np.zeros(count, np.float32),
            embeddings=embeddings,
        )[0]
        return sam_postprocess(torch.as_tensor(masks[:, :1]), *seen.size, self.sam_side)[:, 0]

    def _embed(self, ids: np.ndarray) -> np.ndarray:
        return self._run("tokenEmbedding", input_ids=ids.astype(np.int64))[0]

    def _step(self, inputs, mask, positions, cache) -> list[np.ndarray]:
        past = dict(zip(cache_names("past_key_values", self.llava["layers"]), cache, strict=True))
        if any(port.name == "logits_at" for port in self.sessions["languageModel"].get_inputs()):
            past["logits_at"] = np.arange(inputs.shape[1])
        return self._run(
            "languageModel", inputs_embeds=inputs, attention_mask=mask, position_ids=positions.astype(np.int64), **past
        )

    def _run(self, role: str, **inputs: np.ndarray) -> list[np.ndarray]:
        return self.sessions[role].run(None, inputs)
