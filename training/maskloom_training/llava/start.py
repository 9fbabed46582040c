"""Where LLaVA-tiny starts from: the CLIP text tower's words, its projection, and attention that looks things up.

Published LLaVA starts from a language model trained on trillions of words and a tower aligned to words. The
stand-ins here: the projector starts as the contrastive projection, word embeddings start as the text tower's
embedding of each word, and the middle layers' queries and keys start equal, so that a word attends to the
image tokens that look like it before any training.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from ..clip.model import ClipTiny
from .model import LlavaTiny

# Length of an image token's column and row vectors at the border.
PLACE_NORM = 2.5
# Length of the direction that marks text, and gain of the heads that read it.
TEXT_MARK = 2.0
READING_GAIN = 0.5
READING_LAYERS = (0, 3)
# Rotary pairs of a head, by index: wave lengths of about 30 to 400 tokens, so attention fades over a phrase.
READING_PAIRS = (2, 3, 4, 5)
# Norm of a word embedding and of a mean image token (a first prototype's value; RMSNorm makes the rest relative).
TOKEN_NORM = 3.4
LOOKUP_GAIN = 1.5


@torch.no_grad()
def start_from_clip(
    llava: LlavaTiny, clip: ClipTiny, word_ids: list[int], word_rows: torch.Tensor, sample: torch.Tensor
) -> None:
    """Initialise in place. word_rows [n,E] are text embeddings of the words of `word_ids`; sample [B,L,Dv] features."""
    weight = clip.clip.visual_projection.weight
    norm = (sample @ weight.T).norm(dim=-1).mean()
    llava.projector.start_from(weight, float(TOKEN_NORM / norm))
    table = llava.llama.embed_tokens.weight
    nn.init.normal_(table, std=TOKEN_NORM / table.shape[1] ** 0.5)
    table[torch.tensor(word_ids)] = F.normalize(word_rows, dim=-1) * TOKEN_NORM
    generator = torch.Generator().manual_seed(1)
    for index, layer in enumerate(llava.llama.layers):
        nn.init.normal_(layer.self_attn.v_proj.weight, std=table.shape[1] ** -0.5)
        if index in (1, 2):
            _look_up(layer.self_attn, llava.settings.heads, generator)
    add_reading_heads(llava, sample)


@torch.no_grad()
def add_place_directions(llava: LlavaTiny, states: torch.Tensor, grid: int) -> None:
    """Give every image token its column and row along two directions of their own, loud enough to point by.

    `states` [n,D] are any states of the model; the directions are those that they use least. Pointing rewards
    image tokens for what they show, and what says where they are is otherwise drowned: a query cannot
    prefer the left one of two stars. In place.
    """
    table = llava.llama.embed_tokens.weight
    rows = torch.cat([torch.nn.functional.normalize(states, dim=-1), torch.nn.functional.normalize(table, dim=-1)])
    quiet = torch.linalg.eigh(rows.T @ rows)[1][:, :2].T
    axis = (torch.arange(grid) + 0.5) / grid * 2 - 1
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    llava.projector.cells += PLACE_NORM * torch.stack([x.reshape(-1), y.reshape(-1)], dim=1) @ quiet


@torch.no_grad()
def add_reading_heads(llava: LlavaTiny, sample: torch.Tensor) -> None:
    """Mark text by a direction of its own, and let one head of two layers start as a reader of nearby text.

    Words stand behind 256 image tokens. Attention that starts uniform gives each word 1/270 of the weight, and
    words that matter only together with others ("left of") hardly get a gradient. In place; sample [B,L,Dv].
    """
    table = llava.llama.embed_tokens.weight
    tokens = torch.cat([llava.projector(sample).reshape(-1, table.shape[1]), table])
    mark = torch.linalg.eigh(tokens.T @ tokens)[1][:, 0]
    table += TEXT_MARK * mark
    for index in READING_LAYERS:
        if index >= len(llava.llama.layers):
            continue
        attention = llava.llama.layers[index].self_attn
        size = table.shape[1] // llava.settings.heads
        for matrix in (attention.q_proj.weight, attention.k_proj.weight):
            matrix[:size] = 0
            for pair in READING_PAIRS:
                matrix[pair] = READING_GAIN * mark


def _look_up(attention: nn.Module, heads: int, generator: torch.Generator) -> None:
    """Equal queries and keys: random orthonormal rows in the slow rotary dimensions of each head, small elsewhere.

    Slow dimensions hardly rotate over the few hundred positions between a word and the image.
    """
    width = attention.q_proj.weight.shape[1]
    size = width // heads
    half = size // 2
    slow = list(range(half * 3 // 8, half))
    rows = slow + [half + s for s in slow]
    for head in range(heads):
        basis = torch.linalg.qr(torch.randn(width, len(rows), generator=generator))[0].T * LOOKUP_GAIN
        for matrix in (attention.q_proj.weight, attention.k_proj.weight):
            block = matrix[head * size : (head + 1) * size]
            block[rows] = basis
