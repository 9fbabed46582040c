"""Queries as token rows: where the answer is, where [SEG] is emitted, where the nouns are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ..text.phrases import ImageQueries, Query, several
from ..text.prompts import Prompts
from ..text.tokenizer import IMAGE_END, SEG, encode
from .packing import Packed, pack


@dataclass(frozen=True)
class Encoded:
    """ids = question + answer without its last token. answer_at: index whose state predicts answer[0].

    seg_at: indices whose states emit [SEG]. heads_at: index of the last token of each noun in query.heads.
    last_word_at: index of the last token of the user's text.
    """

    query: Query
    ids: list[int]
    answer_at: int
    answer: list[int]
    seg_at: tuple[int, ...]
    heads_at: tuple[int, ...]
    last_word_at: int


class QueryEncoder:
    """Turns queries into token rows, remembering what it has seen."""

    def __init__(self, prompts: Prompts) -> None:
        self.prompts = prompts
        self.seg = prompts.id(SEG)
        self._tokens: dict[str, list[int]] = {}
        # Tokens before the user's text in the suffix: <im_end> alone (the space belongs to the first word).
        self._before = 1
        assert prompts.question("x")[0] == prompts.id(IMAGE_END)

    def __call__(self, query: Query) -> Encoded:
        question = self._encode("question", query.text)
        answer = self._encode("answer", query.answer)
        at = len(question) - 1
        words = query.text.split()
        heads = tuple(
            self._before + len(self._encode("text", " " + " ".join(words[:count]))) - 1 for count, _, _ in query.heads
        )
        seg = tuple(at + i for i, token in enumerate(answer) if token == self.seg)
        last = self._before + len(self._encode("text", " " + query.text)) - 1
        return Encoded(query, question + answer[:-1], at, answer, seg, heads, last)

    def _encode(self, part: str, text: str) -> list[int]:
        key = f"{part}:{text}"
        if key not in self._tokens:
            if len(self._tokens) > 200_000:
                self._tokens.clear()
            self._tokens[key] = (
                self.prompts.question(text)
                if part == "question"
                else self.prompts.answer(text)
                if part == "answer"
                else encode(self.prompts.tokenizer, text)
            )
        return self._tokens[key]


@dataclass(frozen=True)
class Sampling:
    """Shares of the kinds of query in a batch; what a picture lacks is filled with attribute phrases."""

    attribute: float = 0.20
    relation: float = 0.06
    needs_relation: float = 0.19
    stuff: float = 0.04
    reason: float = 0.06
    several: float = 0.05
    text: float = 0.05
    false_attribute: float = 0.17
    false_relation: float = 0.12
    false_stuff: float = 0.06


def sample(pool: ImageQueries, count: int, shares: Sampling, rng: np.random.Generator) -> list[Query]:
    """`count` different queries of one picture (fewer if it has fewer)."""
    groups: dict[str, list[Query]] = {
        "attribute": [q for q in pool.true if q.kind == "attribute"],
        "relation": [q for q in pool.true if q.kind == "relation" and not q.needs_relation],
        "needs_relation": [q for q in pool.true if q.needs_relation],
        "stuff": [q for q in pool.true if q.kind == "stuff"],
        "reason": pool.reason,
        "text": pool.text,
        "false_attribute": [q for q in pool.false if q.kind == "false-attribute"],
        "false_relation": [q for q in pool.false if q.kind == "false-relation"],
        "false_stuff": [q for q in pool.false if q.kind == "false-stuff"],
    }
    left = {name: list(rng.permutation(len(group))) for name, group in groups.items()}
    names = [*groups, "several"]
    weights = np.array([getattr(shares, name) for name in names])
    chosen: list[Query] = []
    for name in rng.choice(names, size=count, p=weights / weights.sum()):
        if name == "several":
            joined = several(pool.true, rng)
            if joined is not None:
                chosen.append(joined)
            continue
        source = name if left[name] else "attribute"
        if left[source]:
            chosen.append(groups[source][left[source].pop()])
    return chosen


@dataclass(frozen=True)
class Where:
    """Positions in packed rows: (row, column) pairs as index tensors, and what stands there."""

    row: torch.Tensor
    column: torch.Tensor

    def of(self, states: torch.Tensor) -> torch.Tensor:
        """States [n,D] at these positions of states [B,T,D]."""
        return states[self.row, self.column]


def where(pairs: list[tuple[int, int]]) -> Where:
    """Positions from (row, column) pairs; may be empty."""
    index = torch.tensor(pairs, dtype=torch.long).reshape(-1, 2)
    return Where(index[:, 0], index[:, 1])


def pack_queries(rows: list[list[Encoded]], past: int, pad: int) -> Packed:
    """Pack the encoded queries of each picture behind its image."""
    return pack([[e.ids for e in row] for row in rows], past, pad)
