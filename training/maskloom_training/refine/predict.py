"""One turn of refinement: the path that evaluation, parity and (in TypeScript) the plugin share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ..geometry import sam_postprocess
from ..onevision.prompts import OneVisionPrompts
from ..rose.naming import decode_names
from .inputs import candidate_cells, previous_logits, sam_box, search_box, tower_input
from .instructions import Instructions
from .model import RefineTiny
from .painting import Box


@dataclass(frozen=True)
class Options:
    """box_prompt: a given box also prompts SAM; mask_prompt: so does the previous mask."""

    box_prompt: bool = True
    mask_prompt: bool = True


@dataclass(frozen=True)
class Turn:
    """What is known and said.

    picture uint8 [H,W,3]; embedding [C,h,w] is SAM's; previous bool [H,W], all false: none.
    """

    picture: np.ndarray
    embedding: torch.Tensor
    previous: np.ndarray
    box: Box | None
    situation: str
    name: str
    phrasing: int = 0


@dataclass(frozen=True)
class Refined:
    """logits [H,W], the mask is logit > 0; cell that answered (row major) and its objectness 0..1."""

    logits: torch.Tensor
    name: str
    cell: int
    objectness: float


@torch.no_grad()
def refine(
    model: RefineTiny,
    prompts: OneVisionPrompts,
    instructions: Instructions,
    paradigm: str,
    turns: list[Turn],
    options: Options,
) -> list[Refined]:
    """Refine several targets, of pictures of one size.

    The cell with the highest objectness among those in the given box (else the previous mask's box) answers. The
    situation "mask" keeps the name; otherwise it is decoded. In "category" a name equal to the wrong one is refused:
    the next best cells are asked, up to eight, and the wrong name stays when all say it.
    """
    side, grid = model.siglip.settings.image_size, model.grid
    pixels = torch.stack([tower_input(paradigm, t.picture, t.previous, t.box, side) for t in turns])
    prefixes = [prompts.prefix(instructions.say(t.situation, t.phrasing, t.name)) for t in turns]
    states = model.patch_states(pixels, prefixes)
    objectness = model.analyzer.objectness(states)[..., 0]
    ranked = []
    for turn, scores in zip(turns, objectness, strict=True):
        cells = candidate_cells(search_box(turn.previous, turn.box), turn.previous.shape, side, grid)
        ranked.append(cells[torch.argsort(-scores[cells], stable=True).numpy()])
    best = torch.tensor([int(cells[0]) for cells in ranked])
    chosen = states[torch.arange(len(turns)), best]
    masks = _masks(model, turns, model.analyzer.mask(chosen), options)
    found = []
    names = _names(model, prompts, turns, states, ranked)
    for turn, logits, name, cell, scores in zip(turns, masks, names, best.tolist(), objectness, strict=True):
        if not bool((logits > 0).any()) and turn.previous.any():
            logits = torch.from_numpy(np.where(turn.previous, 1.0, -1.0).astype(np.float32))
        found.append(Refined(logits, name, cell, float(scores[cell].sigmoid())))
    return found


ASKED = 8


def _names(model, prompts, turns, states, ranked) -> list[str]:
    """Decoded names; the name that is known where the situation keeps it."""
    rows, spans = [], []
    for b, (turn, cells) in enumerate(zip(turns, ranked, strict=True)):
        count = {"mask": 0, "missed": 1, "category": ASKED}[turn.situation]
        own = cells[:count]
        spans.append((len(rows), len(rows) + len(own)))
        rows += [states[b, int(cell)] for cell in own]
    decoded = decode_names(model.onevision, prompts, model.analyzer.category(torch.stack(rows))) if rows else []
    names = []
    for turn, (start, end) in zip(turns, spans, strict=True):
        own = decoded[start:end]
        if turn.situation == "category":
            own = [name for name in own if name not in ("", turn.name)] or [turn.name]
        names.append(own[0] if own else turn.name)
    return names


def _masks(model: RefineTiny, turns: list[Turn], embeddings: torch.Tensor, options: Options) -> torch.Tensor:
    """Logits [n,H,W]; turns of one structure of prompts are one decoder call."""
    side, size = model.sam.tiny.image_size, turns[0].previous.shape
    low = model.sam.tiny.grid * 4
    out = torch.empty(len(turns), *size)
    groups: dict[tuple[bool, bool], list[int]] = {}
    for k, turn in enumerate(turns):
        boxed = options.box_prompt and turn.box is not None
        masked = options.mask_prompt and bool(turn.previous.any())
        groups.setdefault((boxed, masked), []).append(k)
    for (boxed, masked), own in groups.items():
        boxes = torch.tensor([sam_box(turns[k].box, size, side) for k in own]) if boxed else None
        previous = None
        if masked:
            previous = torch.from_numpy(np.stack([previous_logits(turns[k].previous, side, low) for k in own]))
        images = torch.stack([turns[k].embedding for k in own])
        logits = model.decode_masks(images, embeddings[own], boxes, previous)
        out[own] = sam_postprocess(logits[:, None], *size, side)[:, 0]
    return out
