"""Packing: many phrases about one image in one row, each blind to the others.

The image is read once; K phrases follow in a row of length T, and a mask lets each token see the whole
prefix and the earlier tokens of its own phrase. Positions restart behind the image for every phrase, so a
packed phrase gets exactly the states that it would get alone (tests/test_packing.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Packed:
    """Rows of packed phrases. ids, positions, owner [B,T]; owner -1 marks padding. mask [B,1,T,past+T]."""

    ids: torch.Tensor
    positions: torch.Tensor
    owner: torch.Tensor
    mask: torch.Tensor
    starts: list[list[int]]


def pack(rows: list[list[list[int]]], past: int, pad: int) -> Packed:
    """rows[b][k] = token ids of phrase k about image b; `past` = cached positions before them."""
    width = max(sum(len(p) for p in row) for row in rows)
    ids = torch.full((len(rows), width), pad, dtype=torch.long)
    owner = torch.full((len(rows), width), -1, dtype=torch.long)
    positions = torch.zeros((len(rows), width), dtype=torch.long)
    starts: list[list[int]] = []
    for b, row in enumerate(rows):
        at, begin = 0, []
        for k, phrase in enumerate(row):
            n = len(phrase)
            ids[b, at : at + n] = torch.tensor(phrase)
            owner[b, at : at + n] = k
            positions[b, at : at + n] = torch.arange(past, past + n)
            begin.append(at)
            at += n
        starts.append(begin)
    same = owner[:, :, None] == owner[:, None, :]
    causal = torch.ones(width, width, dtype=torch.bool).tril()
    own = same & causal
    mask = torch.cat([torch.ones(len(rows), width, past, dtype=torch.bool), own], dim=2)
    return Packed(ids, positions, owner, mask[:, None], starts)
