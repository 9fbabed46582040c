"""Held-out check of the base: does the state that emits [SEG] point at what the phrase says?"""

from __future__ import annotations

import numpy as np
import torch

from ..text.phrases import ImageQueries
from ..text.prompts import ACCEPT
from ..text.scenes import coverage
from ..world import World
from .model import LlavaTiny
from .queries import QueryEncoder, pack_queries, where


def is_hit(cover: np.ndarray, peak: int) -> bool:
    """A peak counts if its cell is more than half covered, or at least 90 % of the target's best cell."""
    return bool(cover[peak] > 0.5 or cover[peak] >= 0.9 * cover.max())


def partner(targets: list, j: int) -> int | None:
    """The next entry, cyclic after j, with another target; None if there is none (the swap rule)."""
    for step in range(1, len(targets)):
        other = (j + step) % len(targets)
        if targets[other] != targets[j]:
            return other
    return None


@torch.no_grad()
def pointing_figures(
    model: LlavaTiny, encoder: QueryEncoder, world: World, queries: list[ImageQueries], features
) -> dict[str, float]:
    """Teacher-forced: peak-on-target rate by kind, the same with swapped phrases, accept and reject rates."""
    prefix = encoder.prompts.prefix
    yes = encoder.prompts.answer(ACCEPT)[0]
    hits: dict[str, list[bool]] = {}
    swapped: list[bool] = []
    accepts: list[bool] = []
    rejects: dict[str, list[bool]] = {}
    for i in range(len(world)):
        said = queries[i].true + queries[i].reason
        rows = [[encoder(q) for q in said + queries[i].false]]
        images, cache = model.read_image(prefix, features.get(np.array([i])))
        packed = pack_queries(rows, len(prefix) + images.shape[1], model.settings.pad)
        states = model.read_text(packed.ids, packed.positions, packed.mask, cache)
        starts = packed.starts[0]
        decisions = where([(0, at + e.answer_at) for at, e in zip(starts, rows[0], strict=True)])
        accepted = (model.logits(decisions.of(states)).argmax(dim=-1) == yes).tolist()
        seg = where([(0, at + e.seg_at[0]) for at, e in zip(starts, rows[0], strict=True) if e.seg_at])
        peaks = (seg.of(states) @ images[0].T).argmax(dim=-1).tolist()
        covers = [coverage(world.targets[q.targets[0]].mask(), model.settings.grid) for q in said]
        for j, query in enumerate(said):
            kind = "needs" if query.needs_relation else query.kind
            hits.setdefault(kind, []).append(is_hit(covers[j], peaks[j]))
            if query.kind != "reason":
                accepts.append(accepted[j])
        referring = [q.targets for q in queries[i].true]
        for j in range(len(referring)):
            other = partner(referring, j)
            if other is not None:
                swapped.append(is_hit(covers[j], peaks[other]))
        for query, taken in zip(queries[i].false, accepted[len(said) :], strict=True):
            rejects.setdefault(query.kind.removeprefix("false-"), []).append(not taken)
    figures = {"hit": float(np.mean([h for k, v in hits.items() if k != "reason" for h in v]))}
    figures["swapped"] = float(np.mean(swapped))
    figures |= {kind: float(np.mean(values)) for kind, values in sorted(hits.items())}
    figures["accept"] = float(np.mean(accepts))
    figures |= {f"reject-{kind}": float(np.mean(values)) for kind, values in sorted(rejects.items())}
    figures["see"] = 0.5 * (figures["accept"] + float(np.mean([r for v in rejects.values() for r in v])))
    return figures
