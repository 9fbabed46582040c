"""Class texts to embeddings: long ones split, never cut; each class the mean of its sentences."""

from __future__ import annotations

import re

import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

from ..text.tokenizer import EOS, PAD, encode
from .dense_clip import ClipText

SENTENCE = re.compile(r"(?<=[.!?;])\s+")
CLAUSE = re.compile(r"(?<=,)\s+")
TRAILING = " .,;!?"


class SentenceEncoder:
    """Rows of tokens for the text tower: " " + lower-cased text + </s>, padded; at most `limit` tokens with </s>."""

    def __init__(self, tokenizer: Tokenizer, limit: int) -> None:
        self.tokenizer, self.limit = tokenizer, limit
        self.eos, self.pad = tokenizer.token_to_id(EOS), tokenizer.token_to_id(PAD)

    def pieces(self, text: str) -> list[list[int]]:
        """Token rows of one text: one row if it fits, else its sentences; of those too long the clauses (behind
        commas); of those too long runs of words; of a word too long runs of tokens. Nothing is left out.
        """
        return self._split(" ".join(text.lower().split()), (SENTENCE, CLAUSE, None))

    def _split(self, text: str, by: tuple) -> list[list[int]]:
        text = text.strip(" ").rstrip(TRAILING)
        if not text:
            return []
        row = encode(self.tokenizer, " " + text)
        if len(row) < self.limit:
            return [[*row, self.eos]]
        if not by:
            size = self.limit - 1
            return [[*row[i : i + size], self.eos] for i in range(0, len(row), size)]
        parts = self._words(text) if by[0] is None else by[0].split(text)
        return [row for part in parts for row in self._split(part, by[1:])]

    def _words(self, text: str) -> list[str]:
        """As many words to a part as fit."""
        parts: list[str] = []
        for word in text.split(" "):
            joined = f"{parts[-1]} {word}" if parts else word
            if parts and len(encode(self.tokenizer, " " + joined)) < self.limit:
                parts[-1] = joined
            else:
                parts.append(word)
        return parts

    def batch(self, rows: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """(input_ids, attention_mask), both int64 [N, longest]."""
        width = max(len(row) for row in rows)
        ids = torch.tensor([row + [self.pad] * (width - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
        return ids, mask

    def embed(self, tower: ClipText, classes: list[list[str]]) -> torch.Tensor:
        """Unit embeddings [T,C] of T classes: the mean over all pieces of all texts of a class, normalised."""
        rows, owners = [], []
        for t, texts in enumerate(classes):
            found = [row for text in texts for row in self.pieces(text)]
            if not found:
                raise ValueError(f"Class {t} has no text.")
            rows += found
            owners += [t] * len(found)
        each = tower(*self.batch(rows))
        total = each.new_zeros(len(classes), each.shape[1]).index_add(0, torch.tensor(owners), each)
        return F.normalize(total, dim=-1)
