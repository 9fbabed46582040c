"""Greedy generation with a KV cache: the image is read once, all phrases about it are answered together."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from transformers.cache_utils import DynamicCache

from ..text.prompts import MAX_NEW_TOKENS, Prompts
from ..text.tokenizer import SEG
from .model import LlavaTiny


@dataclass(frozen=True)
class Answer:
    """ids: new tokens with the final </s> if it came. seg [n,D]: the states that emitted each [SEG]."""

    ids: list[int]
    seg: torch.Tensor


@dataclass(frozen=True)
class ImageReading:
    """An image that has been read: states of its tokens [L,D], and keys and values of prefix + image, per layer."""

    states: torch.Tensor
    layers: tuple[tuple[torch.Tensor, torch.Tensor], ...]

    @property
    def length(self) -> int:
        """Positions in the cache."""
        return self.layers[0][0].shape[2]

    def cache(self, copies: int) -> DynamicCache:
        """A fresh cache for `copies` phrases."""
        cache = DynamicCache()
        for index, (key, value) in enumerate(self.layers):
            cache.update(key.expand(copies, -1, -1, -1), value.expand(copies, -1, -1, -1), index)
        return cache


@torch.no_grad()
def read(llava: LlavaTiny, prompts: Prompts, patch_features: torch.Tensor) -> ImageReading:
    """Read one image; patch_features [1,L,Dv]."""
    states, cache = llava.read_image(prompts.prefix, patch_features)
    return ImageReading(states[0], tuple((layer.keys, layer.values) for layer in cache.layers))


@torch.no_grad()
def answer(
    llava: LlavaTiny, prompts: Prompts, image: ImageReading, texts: list[str], limit: int = MAX_NEW_TOKENS
) -> list[Answer]:
    """Greedy answers to questions about one image. The <SEG> state is the one that emits the token.

    Questions are padded on the left, behind the image; padding is masked and takes no position.
    """
    questions = [prompts.question(text) for text in texts]
    count, longest = len(questions), max(len(q) for q in questions)
    pad, end, seg = llava.settings.pad, llava.settings.eos, prompts.id(SEG)
    ids = torch.tensor([[pad] * (longest - len(q)) + q for q in questions])
    lengths = torch.tensor([len(q) for q in questions])
    real = torch.arange(longest) >= (longest - lengths)[:, None]
    positions = (image.length + torch.arange(longest) - (longest - lengths)[:, None]).clamp(min=0)
    causal = torch.ones(longest, longest, dtype=torch.bool).tril()
    own = (causal & real[:, None, :]) | torch.eye(longest, dtype=torch.bool)
    seen = torch.ones(count, image.length, dtype=torch.bool)
    mask = torch.cat([seen[:, None].expand(-1, longest, -1), own], dim=2)[:, None]
    cache = image.cache(count)
    state = llava.read_text(ids, positions, mask, cache)[:, -1]
    visible = torch.cat([seen, real], dim=1)
    position = image.length + lengths
    done = torch.zeros(count, dtype=torch.bool)
    new: list[list[int]] = [[] for _ in range(count)]
    emitted: list[list[torch.Tensor]] = [[] for _ in range(count)]
    for step in range(limit):
        token = llava.logits(state).argmax(dim=-1)
        for k in range(count):
            if not done[k]:
                new[k].append(int(token[k]))
                if int(token[k]) == seg:
                    emitted[k].append(state[k])
        done |= token == end
        if bool(done.all()) or step == limit - 1:
            break
        visible = torch.cat([visible, torch.ones(count, 1, dtype=torch.bool)], dim=1)
        state = llava.read_text(token[:, None], position[:, None], visible[:, None, None], cache)[:, -1]
        position = position + 1
    width = image.states.shape[1]
    return [Answer(n, torch.stack(e) if e else torch.zeros(0, width)) for n, e in zip(new, emitted, strict=True)]
