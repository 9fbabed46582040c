"""One turn of refinement: the path that evaluation, parity and (in TypeScript) the plugin share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ..geometry import sam_postprocess
from ..onevision.prompts import OneVisionPrompts
from ..rose.naming import decode_names
from .corruption import mask_iou
from .inputs import candidate_cells, previous_logits, sam_box, search_box, tower_input
from .instructions import Instructions
from .model import RefineTiny
from .painting import Box, mask_box


@dataclass(frozen=True)
class Options:
    """How a turn is run.

    box_prompt: a given box also prompts SAM; mask_prompt: so does the previous mask. fit: of the best patches the one
    whose own mask fits best what is known answers; without it the one with the highest objectness.
    """

    box_prompt: bool = True
    mask_prompt: bool = True
    fit: bool = True


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


ASKED = 16
"""How many of the best patches are compared by `fit`, and how many are asked for another name."""


@dataclass(frozen=True)
class Answering:
    """What the patches say, before a mask is drawn. states [n,L,D]; per turn the patches that may answer, the best
    first; objectness [n,L] as logits.
    """

    states: torch.Tensor
    ranked: list[np.ndarray]
    objectness: torch.Tensor


@torch.no_grad()
def look(
    model: RefineTiny,
    prompts: OneVisionPrompts,
    instructions: Instructions,
    paradigm: str,
    turns: list[Turn],
    fit: bool,
) -> Answering:
    """Read the pictures behind their instructions and order the patches in the given boxes (else in the masks' boxes).

    By objectness alone, or, with `fit`, the first ASKED of those again: see `by_fit`.
    """
    side, grid = model.siglip.settings.image_size, model.grid
    pixels = torch.stack([tower_input(paradigm, t.picture, t.previous, t.box, side) for t in turns])
    prefixes = [prompts.prefix(instructions.say(t.situation, t.phrasing, t.name)) for t in turns]
    states = model.patch_states(pixels, prefixes)
    objectness = model.analyzer.objectness(states)[..., 0]
    ranked = []
    for turn, scores in zip(turns, objectness, strict=True):
        cells = candidate_cells(search_box(turn.previous, turn.box), turn.previous.shape, side, grid)
        ranked.append(cells[torch.argsort(-scores[cells], stable=True).numpy()][:ASKED])
    seen = Answering(states, ranked, objectness)
    return by_fit(model, turns, seen) if fit else seen


@torch.no_grad()
def by_fit(model: RefineTiny, turns: list[Turn], seen: Answering) -> Answering:
    """The same patches, ordered by objectness (0..1) times how well a patch's own mask fits what is known.

    The patch's embedding alone prompts SAM. It fits by its IoU with the previous mask, or, where there is none, by the
    IoU of its box with the given one. Equal ones keep their order.
    """
    rows = zip(turns, seen.states, seen.objectness, seen.ranked, strict=True)
    return Answering(seen.states, [_fitting(model, *row) for row in rows], seen.objectness)


def _fitting(
    model: RefineTiny, turn: Turn, states: torch.Tensor, logits: torch.Tensor, cells: np.ndarray
) -> np.ndarray:
    images = turn.embedding[None].expand(len(cells), -1, -1, -1)
    low = model.decode_masks(images, model.analyzer.mask(states[cells]), None, None)
    masks = sam_postprocess(low[:, None], *turn.previous.shape, model.sam.tiny.image_size)[:, 0] > 0
    place = search_box(turn.previous, turn.box)
    known = bool(turn.previous.any())
    fits = [mask_iou(m, turn.previous) if known else box_iou(mask_box(m), place) for m in masks.numpy()]
    scores = logits[cells].sigmoid().numpy() * np.array(fits, np.float32)
    return cells[np.argsort(-scores, kind="stable")]


def box_iou(a: Box | None, b: Box) -> float:
    """Intersection over union of two boxes; 0 when one is missing or they do not meet."""
    if a is None:
        return 0.0
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if across <= 0 or down <= 0:
        return 0.0
    both = across * down
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


@torch.no_grad()
def refine(
    model: RefineTiny,
    prompts: OneVisionPrompts,
    instructions: Instructions,
    paradigm: str,
    turns: list[Turn],
    options: Options,
) -> list[Refined]:
    """Refine several targets, of pictures of one size: `look`, then `answer`."""
    seen = look(model, prompts, instructions, paradigm, turns, options.fit)
    return answer(model, prompts, turns, seen, options)


@torch.no_grad()
def answer(
    model: RefineTiny, prompts: OneVisionPrompts, turns: list[Turn], seen: Answering, options: Options
) -> list[Refined]:
    """Masks and names of the best patches.

    An empty mask leaves the previous one. The situation "mask" keeps the name; otherwise it is decoded. In "category" a
    name equal to the wrong one is refused: the next best patches are asked, and the wrong name stays when all say it.
    """
    best = torch.tensor([int(cells[0]) for cells in seen.ranked])
    chosen = seen.states[torch.arange(len(turns)), best]
    masks = _masks(model, turns, model.analyzer.mask(chosen), options)
    names = _names(model, prompts, turns, seen)
    found = []
    for turn, logits, name, cell, scores in zip(turns, masks, names, best.tolist(), seen.objectness, strict=True):
        if not bool((logits > 0).any()) and turn.previous.any():
            logits = torch.as_tensor(np.where(turn.previous, 1.0, -1.0).astype(np.float32))
        found.append(Refined(logits, name, cell, float(scores[cell].sigmoid())))
    return found


def _names(model: RefineTiny, prompts: OneVisionPrompts, turns: list[Turn], seen: Answering) -> list[str]:
    """Decoded names; the name that is known where the situation keeps it."""
    rows, spans = [], []
    for b, (turn, cells) in enumerate(zip(turns, seen.ranked, strict=True)):
        count = {"mask": 0, "missed": 1, "category": ASKED}[turn.situation]
        own = cells[:count]
        spans.append((len(rows), len(rows) + len(own)))
        rows += [seen.states[b, int(cell)] for cell in own]
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
            previous = torch.as_tensor(np.stack([previous_logits(turns[k].previous, side, low) for k in own]))
        images = torch.stack([turns[k].embedding for k in own])
        logits = model.decode_masks(images, embeddings[own], boxes, previous)
        out[own] = sam_postprocess(logits[:, None], *size, side)[:, 0]
    return out
