"""LISA's and READ's own forward pass, stated again on Hugging Face's classes: no cache, whole prompt at every token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional as F
from transformers import CLIPVisionModel, LlamaForCausalLM, SamModel

from maskloom_training.geometry import clip_preprocess, sam_points, sam_postprocess, sam_preprocess
from maskloom_training.segment.sasp import Points, SaspSettings, similarity, similarity_as_points
from tests.lisa_folder import TinyLisa

SYSTEM = (
    "A chat between a curious human and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the human's questions."
)


class Lisa(Protocol):
    """The modules of a LISA, SESAME or READ of any widths."""

    llama: LlamaForCausalLM
    clip: CLIPVisionModel
    projector: Sequence[nn.Linear]
    """LISA's one layer, or LLaVA-1.5's two with GELU between."""
    seg: nn.Module
    sam: SamModel


@dataclass(frozen=True)
class Answer:
    """What was written, and for each [SEG] its emitting state [D], its points and the logits [H,W] of its mask."""

    ids: list[int]
    text: str
    patches: torch.Tensor
    """The image tokens' states [L,D]."""
    emitting: torch.Tensor
    points: list[Points]
    masks: list[torch.Tensor]


@torch.no_grad()
def answer(
    model: Lisa,
    tokenizer: Tokenizer,
    image: np.ndarray,
    question: str,
    most: int,
    points: SaspSettings | None = None,
    guess: Sequence[int] = (),
) -> Answer:
    """Greedy answer to `question` about uint8 [H,W,3]; with `points`, READ's points beside the embedding.

    `guess`: ids that are expected; as far as they are what the model writes, one pass finds out.
    """
    before, seen, after = prompt(model, tokenizer, image, question)
    start = len(before) + len(seen) + len(after)
    written = list(guess[:most])
    sure = 0
    while True:
        states = read(model, before, seen, [*after, *written])
        said = model.llama.lm_head(states[start - 1 :]).argmax(-1).tolist()
        while sure < len(written) and written[sure] == said[sure]:
            sure += 1
        written = written[:sure]
        if said[sure] == 2 or sure == most:
            break
        written.append(said[sure])
    # The state that emits a token stands one place before it.
    seg = tokenizer.token_to_id("[SEG]")
    emitting = states[[start + i - 1 for i, token in enumerate(written) if token == seg]]
    patches = states[len(before) : len(before) + len(seen)]
    found = [_points(model, image, state, patches, points) for state in emitting] if points is not None else []
    features = (
        model.sam.vision_encoder(sam_preprocess(image, _side(model))).last_hidden_state if len(emitting) else None
    )
    masks = [
        _mask(model, image, state, features, one)[0]
        for state, one in zip(emitting, found or [None] * len(emitting), strict=True)
    ]
    return Answer(
        written, tokenizer.decode(written, skip_special_tokens=False).strip(), patches, emitting, found, masks
    )


@torch.no_grad()
def prompt(model: Lisa, tokenizer: Tokenizer, image: np.ndarray, question: str):
    """The ids before the image, the image's tokens [L,D], and the ids behind it."""

    def ids(text: str) -> list[int]:
        return tokenizer.encode(text, add_special_tokens=False).ids

    side = model.clip.config.image_size
    seen = model.clip(clip_preprocess(image, side), output_hidden_states=True).hidden_states[-2][0, 1:]
    for i, layer in enumerate(model.projector):
        seen = layer(seen if i == 0 else F.gelu(seen))
    return [1, *ids(f"{SYSTEM} USER: <im_start>")], seen, ids(f"<im_end>\n{question} ASSISTANT:")


@torch.no_grad()
def read(model: Lisa, before: list[int], seen: torch.Tensor, after: list[int]) -> torch.Tensor:
    """States [T,D] behind the last norm of the whole sequence."""
    table = model.llama.model.embed_tokens
    tokens = torch.cat([table(torch.tensor(before)), seen, table(torch.tensor(after))])
    return model.llama.model(inputs_embeds=tokens[None], use_cache=False).last_hidden_state[0]


def _side(model: Lisa) -> int:
    return model.sam.config.vision_config.image_size


def _points(
    model: Lisa, image: np.ndarray, state: torch.Tensor, patches: torch.Tensor, settings: SaspSettings
) -> Points:
    scores = similarity(state[None], patches[None])
    return similarity_as_points(scores, *image.shape[:2], settings, crop=model.clip.config.image_size)


def _mask(
    model: Lisa, image: np.ndarray, state: torch.Tensor, features: torch.Tensor, points: Points | None
) -> torch.Tensor:
    """Logits [1,H,W]."""
    height, width = image.shape[:2]
    sparse = model.seg(state)[None, None, None]
    if points is not None:
        xy = torch.from_numpy(sam_points(points.xy[0].numpy(), height, width, _side(model))).float()[None, None]
        given, _ = model.sam.prompt_encoder(xy, points.labels[None], None, None)
        sparse = torch.cat([given, sparse], dim=2)
    grid = features.shape[-1]
    low, _ = model.sam.mask_decoder(
        image_embeddings=features,
        image_positional_embeddings=model.sam.get_image_wide_positional_embeddings(),
        sparse_prompt_embeddings=sparse,
        dense_prompt_embeddings=model.sam.prompt_encoder.no_mask_embed.weight.reshape(1, -1, 1, 1).expand(
            1, -1, grid, grid
        ),
        multimask_output=False,
    )[:2]
    return sam_postprocess(low[0], height, width, _side(model))[:, 0]


def pick_seed(make, tokenizer: Tokenizer, image: np.ndarray, question: str, most: int) -> TinyLisa:
    """The first random model whose answer ends by itself, holds [SEG] once, and is of whole letters (broken UTF-8 is
    shown differently by Python's tokenizers and by JavaScript's)."""
    for seed in range(200):
        model = make(seed)
        ids = answer(model, tokenizer, image, question, most).ids
        if min(ids, default=0) < 259:
            continue
        if len(ids) < most and ids.count(tokenizer.token_to_id("[SEG]")) == 1 and len(ids) > 2:
            return model
    raise AssertionError("No seed gives such an answer.")
