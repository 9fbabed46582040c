"""Names from category embeddings: the instruction-response paradigm (ROSE section 3.3, eq. 4) and along <REGION>."""

from __future__ import annotations

import torch
from transformers.cache_utils import DynamicCache

from ..onevision.model import OneVisionTiny
from ..onevision.prompts import DECODE_STOP, REGION_STOP, OneVisionPrompts
from ..text.tokenizer import EOS, decode, encode

MAX_NAME_TOKENS = 8


def naming_logits(
    model: OneVisionTiny, prompts: OneVisionPrompts, embeddings: torch.Tensor, names: list[list[int]]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Teacher-forced logits [m,V] and tokens [m] of the names (`OneVisionPrompts.name`) of embeddings [n,D]."""
    before, behind = prompts.decode
    longest = max(map(len, names))
    pad = model.settings.pad
    ids = torch.tensor([name + [pad] * (longest - len(name)) for name in names])
    count = len(names)
    head = model.embed(torch.tensor(before)).expand(count, -1, -1)
    middle = model.embed(torch.tensor(behind)).expand(count, -1, -1)
    rows = torch.cat([head, embeddings[:, None].to(head.dtype), middle, model.embed(ids[:, :-1])], dim=1)
    positions = torch.arange(rows.shape[1]).expand(count, -1)
    states = model.read(rows, None, positions)[:, len(before) + len(behind) :]
    real = ids != pad
    return model.logits(states[real]), ids[real]


@torch.no_grad()
def decode_names(
    model: OneVisionTiny, prompts: OneVisionPrompts, embeddings: torch.Tensor, limit: int = MAX_NAME_TOKENS
) -> list[str]:
    """Names of embeddings [n,D], all at once: the shared prefix is read once, then greedy with a KV cache.

    A row ends at "." or </s>; the name is the text before it, without outer spaces.
    """
    if len(embeddings) == 0:
        return []
    before, behind = prompts.decode
    cache = DynamicCache()
    head = model.embed(torch.tensor(before))[None]
    model.read(head, None, torch.arange(len(before))[None], cache)
    shared = DynamicCache()
    count = len(embeddings)
    for index, layer in enumerate(cache.layers):
        shared.update(layer.keys.expand(count, -1, -1, -1), layer.values.expand(count, -1, -1, -1), index)
    middle = model.embed(torch.tensor(behind)).expand(count, -1, -1)
    rows = torch.cat([embeddings[:, None], middle], dim=1)
    at = len(before)
    positions = torch.arange(at, at + rows.shape[1]).expand(count, -1)
    causal = torch.ones(rows.shape[1], at + rows.shape[1], dtype=torch.bool).tril(at)
    state = model.read(rows, causal.expand(count, 1, -1, -1), positions, shared)[:, -1]
    stop, end = encode(prompts.tokenizer, DECODE_STOP)[0], prompts.id(EOS)
    return _greedy(model, prompts, shared, state, at + rows.shape[1], {stop, end}, limit)


def _greedy(model, prompts, cache, state, position, stops, limit) -> list[str]:
    """Greedy text of every row until a stop token; the stop is not part of it."""
    count = state.shape[0]
    new: list[list[int]] = [[] for _ in range(count)]
    done = torch.zeros(count, dtype=torch.bool)
    for step in range(limit):
        tokens = model.logits(state).argmax(dim=-1)
        for k, token in enumerate(tokens.tolist()):
            done[k] |= token in stops
            if not done[k]:
                new[k].append(token)
        if bool(done.all()) or step == limit - 1:
            break
        positions = torch.full((count, 1), position)
        state = model.read(model.embed(tokens)[:, None], None, positions, cache)[:, -1]
        position += 1
    return [decode(prompts.tokenizer, ids).strip() for ids in new]


def region_answer(prompts: OneVisionPrompts, names: list[str], filler: int) -> tuple[list[int], list[int]]:
    """Ids of an along-<REGION> answer and the positions of its regions: <REGION> star, <REGION> sky, ... </s>.

    `filler` stands where a region's category embedding goes.
    """
    ids: list[int] = []
    places = []
    for name in names:
        places.append(len(ids))
        ids += [filler, *prompts.region(name)]
    return [*ids, prompts.id(EOS)], places


def region_stop(prompts: OneVisionPrompts) -> int:
    """Id of the comma that ends a name along <REGION>."""
    return encode(prompts.tokenizer, REGION_STOP)[0]
