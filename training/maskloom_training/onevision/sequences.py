"""Sequences of OneVision-tiny for training: instruction, image, answer; ragged in a batch.

Instructions are padded on the left, so that the image tokens of a batch share their columns, and answers on the
right. Padding is masked and takes no position: a row's states are those it would have alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from .model import OneVisionTiny


@dataclass(frozen=True)
class Batch:
    """States of a batch. patches [B,L,D]; answers [B,A,D], position 0 emits the answer's first token."""

    patches: torch.Tensor
    answers: torch.Tensor


def read_batch(
    model: OneVisionTiny,
    features: torch.Tensor,
    prefixes: list[list[int]],
    suffix: list[int],
    answers: list[list[int]],
    fill=None,
) -> Batch:
    """features [B,L,Dv]. answers[b] are ids whose last one need not be read.

    `fill(patches)` may return vectors for answer positions, {(b, position): [D]}, that replace the embedding of the
    id there; it is given the patch states, which do not depend on the answer, from a first pass without answers.
    """
    count, length = features.shape[:2]
    pad = model.settings.pad
    before, behind = max(map(len, prefixes)), max(len(a) for a in answers)
    left = torch.tensor([[pad] * (before - len(p)) + p for p in prefixes])
    right = torch.tensor([suffix + a + [pad] * (behind - len(a)) for a in answers])
    images = model.projector(features)
    head, tail = model.embed(left), model.embed(right)
    total = before + length + right.shape[1]
    real = torch.ones(count, total, dtype=torch.bool)
    for b, prefix in enumerate(prefixes):
        real[b, : before - len(prefix)] = False
    positions = (real.long().cumsum(1) - 1).clamp(min=0)
    ragged = len({len(p) for p in prefixes}) > 1
    causal = torch.ones(total, total, dtype=torch.bool).tril()
    mask = (causal & real[:, None, :] | torch.eye(total, dtype=torch.bool))[:, None] if ragged else None
    if fill is not None:
        upto = before + length
        first = model.read(
            torch.cat([head, images], dim=1),
            None if mask is None else mask[:, :, :upto, :upto],
            positions[:, :upto],
        )[:, before:]
        tail = tail.clone()
        for (b, position), vector in fill(first).items():
            tail[b, len(suffix) + position] = vector.to(tail.dtype)
    states = model.read(torch.cat([head, images, tail], dim=1), mask, positions)
    start = before + length + len(suffix) - 1
    return Batch(states[:, before : before + length], states[:, start:])
