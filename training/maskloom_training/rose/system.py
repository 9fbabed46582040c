"""ROSE and its stacked rivals in PyTorch: the reference that the exported bundle and the TypeScript pipeline match."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from transformers.cache_utils import DynamicCache

from ..geometry import sam_postprocess
from ..onevision.prompts import INSTRUCTIONS, MAX_NEW_TOKENS, OneVisionPrompts
from ..text.tokenizer import EOS, SEG, decode
from .merge import Choices, mask_nms, select
from .naming import MAX_NAME_TOKENS, decode_names, region_stop
from .recipes import RoseRecipe, RoseWeights
from .views import live_cells


@dataclass
class Prediction:
    """What a system says about one picture.

    cells: patch indices of the segments (-1 for stacked ones); scores in 0..1, descending; low [n,4h,4w] and
    logits [n,H,W]; text: the answer; candidates: patches that were decoded; objectness [L] in 0..1
    (empty if stacked).
    """

    names: list[str]
    scores: torch.Tensor
    cells: list[int]
    low: torch.Tensor
    logits: torch.Tensor
    text: str
    candidates: list[int]
    objectness: torch.Tensor

    @property
    def masks(self) -> np.ndarray:
        """Bool [n,H,W]."""
        return (self.logits > 0).numpy()


@dataclass(frozen=True)
class RoseSystem:
    """One row with its weights (adapters merged)."""

    weights: RoseWeights
    recipe: RoseRecipe
    prompts: OneVisionPrompts
    choices: Choices = Choices()

    @torch.no_grad()
    def predict(
        self,
        features: torch.Tensor,
        embeddings: torch.Tensor,
        sizes: list[tuple[int, int]],
        task: str = "free",
        say: bool = True,
    ) -> list[Prediction]:
        """features [B,L,Dv] of SigLIP, embeddings [B,C,h,w] of SAM, (H,W) per picture.

        `say`: write the counting answer.
        """
        if self.recipe.unit == "stacked":
            return self._stacked(features, embeddings, sizes)
        states, cache, at = self._read(features, "regions" if self.recipe.naming == "region" else task)
        objectness, codes, categories, _ = self.weights.analyzer(states)
        found = []
        for b, (height, width) in enumerate(sizes):
            side, grid = self.weights.sam.tiny.image_size, self.weights.model.settings.grid
            cells = select(objectness[b], live_cells(height, width, side, grid), self.choices)
            low = self._masks(codes[b, cells][:, None], embeddings[b : b + 1])
            kept = mask_nms(low, self.choices.nms_iou)
            p = objectness[b].sigmoid()
            found.append((b, cells, kept, low[kept], p))
        names = self._names(categories, found, cache, at)
        texts = [""] * len(found)
        if self.recipe.naming == "region":
            texts = [", ".join(n) for n in names]
        elif say:
            texts = [decode(self.prompts.tokenizer, a.ids).strip() for a in self._write(cache, at, len(found))]
        return [
            Prediction(
                names[b],
                p[cells[kept]],
                cells[kept].tolist(),
                low,
                self._full(low, sizes[b]),
                texts[b],
                cells.tolist(),
                p,
            )
            for b, cells, kept, low, p in found
        ]

    def _read(self, features: torch.Tensor, task: str) -> tuple[torch.Tensor, DynamicCache, int]:
        """Patch states [B,L,D] and the cache behind the image, of `at` positions."""
        model, prefix = self.weights.model, self.prompts.prefix(INSTRUCTIONS[task])
        head = model.embed(torch.tensor(prefix)).expand(len(features), -1, -1)
        rows = torch.cat([head, model.projector(features)], dim=1)
        cache = DynamicCache()
        states = model.read(rows, None, torch.arange(rows.shape[1]).expand(len(rows), -1), cache)
        return states[:, len(prefix) :], cache, rows.shape[1]

    def _masks(self, sparse: torch.Tensor, embedding: torch.Tensor) -> torch.Tensor:
        """Low-resolution logits [n,4h,4w] of sparse prompts [n,E,C], in one call."""
        sam = self.weights.sam
        if len(sparse) == 0:
            side = sam.tiny.mask_size
            return torch.zeros(0, side, side)
        return sam.decode(embedding, sparse, sam.no_mask(len(sparse)))[0][:, 0]

    def _full(self, low: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
        if len(low) == 0:
            return torch.zeros(0, *size)
        return sam_postprocess(low[:, None], *size, self.weights.sam.tiny.image_size)[:, 0]

    def _names(self, categories: torch.Tensor, found: list, cache: DynamicCache, at: int) -> list[list[str]]:
        rows = [categories[b, cells[kept]] for b, cells, kept, _, _ in found]
        if self.recipe.naming == "region":
            return [self._along(r, _row(cache, b), at) for b, r in enumerate(rows)]
        said = decode_names(self.weights.model, self.prompts, torch.cat(rows))
        upto = np.cumsum([len(r) for r in rows])
        return [said[end - len(r) : end] for end, r in zip(upto, rows, strict=True)]

    def _along(self, embeddings: torch.Tensor, cache: DynamicCache, at: int) -> list[str]:
        """Names written one behind the other, each behind its region's embedding."""
        model, stop = self.weights.model, region_stop(self.prompts)
        end = self.prompts.id(EOS)
        pending = model.embed(torch.tensor(self.prompts.suffix))[None]
        names = []
        for embedding in embeddings:
            pending = torch.cat([pending, embedding[None, None]], dim=1)
            new: list[int] = []
            for _ in range(MAX_NAME_TOKENS):
                width = pending.shape[1]
                state = model.read(pending, None, torch.arange(at, at + width)[None], cache)[:, -1]
                at += width
                token = int(model.logits(state).argmax())
                pending = model.embed(torch.tensor([[token]]))
                if token in (stop, end):
                    break
                new.append(token)
            names.append(decode(self.prompts.tokenizer, new).strip())
        return names

    def _write(self, cache: DynamicCache, at: int, count: int) -> list[Written]:
        """Greedy answers of all pictures at once, behind the image. The cache grows."""
        model, end, seg = self.weights.model, self.prompts.id(EOS), self.prompts.id(SEG)
        suffix = model.embed(torch.tensor(self.prompts.suffix)).expand(count, -1, -1)
        positions = torch.arange(at, at + suffix.shape[1]).expand(count, -1)
        state = model.read(suffix, None, positions, cache)[:, -1]
        at += suffix.shape[1]
        written = [Written([], [], []) for _ in range(count)]
        done = torch.zeros(count, dtype=torch.bool)
        for step in range(MAX_NEW_TOKENS):
            logits = model.logits(state)
            tokens = logits.argmax(dim=-1)
            chances = logits.softmax(-1).gather(1, tokens[:, None])[:, 0]
            done |= tokens == end
            for b in torch.nonzero(~done)[:, 0].tolist():
                written[b].ids.append(int(tokens[b]))
                written[b].chances.append(float(chances[b]))
                if int(tokens[b]) == seg:
                    written[b].seg.append((len(written[b].ids) - 1, state[b]))
            if bool(done.all()) or step == MAX_NEW_TOKENS - 1:
                break
            state = model.read(model.embed(tokens)[:, None], None, torch.full((count, 1), at), cache)[:, -1]
            at += 1
        return written

    def _stacked(self, features, embeddings, sizes) -> list[Prediction]:
        """Names with [SEG] behind each. [SEG] in a row belong to one target: their logits are averaged.

        Score: the product of the probabilities of the name's tokens. The same mask NMS as for patches, by score.
        """
        _, cache, at = self._read(features, "list")
        found = []
        for b, written in enumerate(self._write(cache, at, len(features))):
            names, scores, groups = written.targets(self.prompts)
            states = [state for group in groups for state in group]
            low = torch.zeros(0, *[self.weights.sam.tiny.mask_size] * 2)
            if states:
                each = self._masks(self.weights.projection(torch.stack(states)), embeddings[b : b + 1])
                low = torch.stack([part.mean(0) for part in each.split([len(g) for g in groups])])
            order = torch.argsort(torch.tensor(scores), descending=True, stable=True).tolist()
            kept = [order[k] for k in mask_nms(low[order], self.choices.nms_iou)] if order else []
            low = low[kept]
            text = decode(self.prompts.tokenizer, written.ids).strip()
            found.append(
                Prediction(
                    [names[k] for k in kept],
                    torch.tensor([scores[k] for k in kept]),
                    [-1] * len(kept),
                    low,
                    self._full(low, sizes[b]),
                    text,
                    [],
                    torch.zeros(0),
                )
            )
        return found


@dataclass
class Written:
    """A greedy answer: ids without </s>, each one's probability, and (position, state) of what emitted each [SEG]."""

    ids: list[int]
    chances: list[float]
    seg: list[tuple[int, torch.Tensor]]

    def targets(self, prompts: OneVisionPrompts) -> tuple[list[str], list[float], list[list[torch.Tensor]]]:
        """Names, scores and [SEG] states per target: a target is a name and the unbroken run of [SEG] behind it."""
        names, scores, groups, begin, last = [], [], [], 0, -2
        for position, state in self.seg:
            if position == last + 1:
                groups[-1].append(state)
            else:
                names.append(decode(prompts.tokenizer, self.ids[begin:position]).strip(" ,"))
                scores.append(float(np.prod(self.chances[begin:position])) if position > begin else 0.0)
                groups.append([state])
            begin, last = position + 1, position
        return names, scores, groups


def _row(cache: DynamicCache, b: int) -> DynamicCache:
    """One picture's part of a cache."""
    own = DynamicCache()
    for index, layer in enumerate(cache.layers):
        own.update(layer.keys[b : b + 1], layer.values[b : b + 1], index)
    return own
