"""LISA's and READ's own forward pass, stated again on Hugging Face's classes: no cache, whole prompt at every token."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

from maskloom_training.geometry import clip_preprocess, sam_points, sam_postprocess, sam_preprocess
from maskloom_training.segment.sasp import SaspSettings, similarity, similarity_as_points
from tests.lisa_folder import TinyLisa

SYSTEM = (
    "A chat between a curious human and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the human's questions."
)


@dataclass(frozen=True)
class Answer:
    """What was written, and for each [SEG] the logits [H,W] of its mask."""

    ids: list[int]
    text: str
    masks: list[torch.Tensor]


@torch.no_grad()
def answer(
    model: TinyLisa,
    tokenizer: Tokenizer,
    image: np.ndarray,
    question: str,
    most: int,
    points: SaspSettings | None = None,
) -> Answer:
    """Greedy answer to `question` about uint8 [H,W,3]; with `points`, READ's points beside the embedding."""
    height, width = image.shape[:2]
    seg = tokenizer.token_to_id("[SEG]")

    def ids(text: str) -> list[int]:
        return tokenizer.encode(text, add_special_tokens=False).ids

    before = [1, *ids(f"{SYSTEM} USER: <im_start>")]
    after = ids(f"<im_end>\n{question} ASSISTANT:")
    tower = model.clip(clip_preprocess(image, 112), output_hidden_states=True).hidden_states[-2][:, 1:]
    seen = model.projector[0](tower)
    for layer in model.projector[1:]:
        seen = layer(F.gelu(seen))
    table = model.llama.model.embed_tokens
    written: list[int] = []
    while True:
        tokens = torch.cat([table(torch.tensor([before])), seen, table(torch.tensor([after + written]))], dim=1)
        states = model.llama.model(inputs_embeds=tokens).last_hidden_state[0]
        last = int(model.llama.lm_head(states[-1]).argmax())
        if last == 2 or len(written) == most:
            break
        written.append(last)
    start = len(before) + seen.shape[1] + len(after)
    # The state that emits a token stands one place before it.
    emitting = states[[start + i - 1 for i, token in enumerate(written) if token == seg]]
    patches = states[len(before) : len(before) + seen.shape[1]]
    return Answer(written, tokenizer.decode(written, skip_special_tokens=False).strip(), [
        _mask(model, image, state, patches, points)[0] for state in emitting
    ])  # fmt: skip


def _mask(
    model: TinyLisa, image: np.ndarray, state: torch.Tensor, patches: torch.Tensor, settings: SaspSettings | None
):
    height, width = image.shape[:2]
    side = 128
    sparse = model.seg(state)[None, None, None]
    if settings is not None:
        scores = similarity(state[None], patches[None])
        found = similarity_as_points(scores, height, width, settings, crop=112)
        xy = torch.from_numpy(sam_points(found.xy[0].numpy(), height, width, side)).float()[None, None]
        given, _ = model.sam.prompt_encoder(xy, found.labels[None], None, None)
        sparse = torch.cat([given, sparse], dim=2)
    grid = side // 16
    dense = model.sam.prompt_encoder.no_mask_embed.weight.reshape(1, -1, 1, 1).expand(1, -1, grid, grid)
    low, _ = model.sam.mask_decoder(
        image_embeddings=model.sam.vision_encoder(sam_preprocess(image, side)).last_hidden_state,
        image_positional_embeddings=model.sam.get_image_wide_positional_embeddings(),
        sparse_prompt_embeddings=sparse,
        dense_prompt_embeddings=dense,
        multimask_output=False,
    )[:2]
    return sam_postprocess(low[0], height, width, side)[:, 0]


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
