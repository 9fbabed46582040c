"""What the base stage asks: count, list with [SEG], name along regions, and the world's own questions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..rose.naming import region_answer
from ..rose.targets import Target
from ..text.phrases import Query
from ..text.tokenizer import SEG
from .prompts import INSTRUCTIONS, OneVisionPrompts, counting_answer, stacked_answer

LIGHT = 0.2
"""Weight of answer tokens that carry no information (fixed words, commas)."""


@dataclass(frozen=True)
class Task:
    """One sequence. ids and weights of the answer; seg_at positions that emit [SEG] and their targets; regions as
    {position: target index} where a category embedding stands; things_only restricts what patches should find."""

    kind: str
    prefix: list[int]
    ids: list[int]
    weights: list[float]
    targets: list[Target]
    things_only: bool = False
    seg_at: list[tuple[int, int]] = field(default_factory=list)
    regions: dict[int, int] = field(default_factory=dict)


class TaskMaker:
    """Makes tasks for a picture's targets."""

    def __init__(self, prompts: OneVisionPrompts, names: list[str]) -> None:
        self.prompts = prompts
        self.names = names
        self.seg = prompts.id(SEG)
        self.filler = prompts.id("<unk>")
        telling = {prompts.name(n)[0] for n in names} | {prompts.answer(f" {k}")[-2] for k in range(1, 10)}
        self.telling = telling | {self.seg}

    def count(self, kind: str, targets: list[Target]) -> Task:
        """The counting answer; kind "instance" counts things only."""
        things_only = kind == "instance"
        own = [t for t in targets if t.is_thing] if things_only else targets
        counted = [(name, sum(t.name == name for t in own)) for name in self.names]
        text = counting_answer([(n, c) for n, c in counted if c])
        ids = self.prompts.answer(text)
        return Task(kind, self.prompts.prefix(INSTRUCTIONS[kind]), ids, self._weights(ids), own, things_only)

    def stacked(self, targets: list[Target], per_target: int = 1) -> Task:
        """Names with [SEG] behind each, in the order of the targets (category, then top to bottom)."""
        ids = self.prompts.answer(stacked_answer([t.name for t in targets], per_target))
        at = [k for k, token in enumerate(ids) if token == self.seg]
        seg_at = [(position, index // per_target) for index, position in enumerate(at)]
        prefix = self.prompts.prefix(INSTRUCTIONS["list"])
        return Task("list", prefix, ids, self._weights(ids), targets, seg_at=seg_at)

    def regions(self, targets: list[Target], rng: np.random.Generator) -> Task:
        """Names along <REGION>, in random order."""
        order = rng.permutation(len(targets))
        ids, places = region_answer(self.prompts, [targets[k].name for k in order], self.filler)
        weights = self._weights(ids)
        for place in places:
            weights[place] = 0.0
        regions = {place: int(k) for place, k in zip(places, order, strict=True)}
        prefix = self.prompts.prefix(INSTRUCTIONS["regions"])
        return Task("regions", prefix, ids, weights, targets, regions=regions)

    def question(self, query: Query, targets: list[Target]) -> Task:
        """A question about the picture in words."""
        ids = self.prompts.answer(query.answer)
        return Task("question", self.prompts.prefix(query.text), ids, [1.0] * len(ids), targets)

    def _weights(self, ids: list[int]) -> list[float]:
        return [1.0 if token in self.telling else LIGHT for token in ids]
