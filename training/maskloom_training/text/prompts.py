"""Prompts and answers: one template, used by training, evaluation and the bundle.

A sequence is `<s>` + prefix + image tokens + suffix + answer. The prefix holds no text of the user, so
its states are computed once per image, and every phrase about that image continues from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tokenizers import Tokenizer

from .tokenizer import BOS, EOS, IMAGE_END, IMAGE_START, SEG, encode

TEMPLATE = f"USER: {IMAGE_START}{{image}}{IMAGE_END} {{text}} ASSISTANT:"
ACCEPT = f" It is {SEG}."
REJECT = " No, it is not there."
MAX_NEW_TOKENS = 32


def several_answer(phrases: list[str]) -> str:
    """The answer that names several targets, one [SEG] behind each: " the a [SEG] and the b [SEG]."."""
    return " " + " and ".join(f"{phrase} {SEG}" for phrase in phrases) + "."


@dataclass(frozen=True)
class Prompts:
    """Token ids of the template's parts, and of the special tokens the code asks about."""

    tokenizer: Tokenizer
    template: str = TEMPLATE

    @property
    def prefix(self) -> list[int]:
        """Ids before the image tokens: `<s>` then the template up to `{image}` (ends in <im_start>)."""
        return [self.id(BOS), *encode(self.tokenizer, self.template.split("{image}")[0])]

    def question(self, text: str) -> list[int]:
        """Ids after the image tokens, up to and with `ASSISTANT:`. `text` is lower-cased, as upstream does."""
        suffix = self.template.split("{image}")[1].replace("{text}", text.strip().lower())
        return encode(self.tokenizer, suffix)

    def answer(self, text: str) -> list[int]:
        """Ids of an answer, ended by `</s>`."""
        return [*encode(self.tokenizer, text), self.id(EOS)]

    def id(self, token: str) -> int:
        """Id of one special token; raises KeyError if the tokenizer lacks it."""
        found = self.tokenizer.token_to_id(token)
        if found is None:
            raise KeyError(f"tokenizer has no token {token!r}")
        return found
