"""Conversations of LISA and READ as token ids, around a picture's tokens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers

from ..convert.templates import PHRASE, SENTENCE, prompt
from .data.picture import Picture, Region

SEG, IMAGE_START, IMAGE_END, BOS, EOS = "[SEG]", "<im_start>", "<im_end>", "<s>", "</s>"
ADDED = (SEG, IMAGE_START, IMAGE_END)

# Words of our own; the first of each list is the form that the papers evaluate with.
PHRASES = (PHRASE, "Can you segment {text} in this image?", "Please mark {text} in the picture.")
SENTENCES = (SENTENCE, "{text} Please respond with a segmentation mask.")
ANSWERS = ("Sure, the segmentation result is [SEG].", "It is [SEG].", "Sure, [SEG].", "[SEG].")
DENIALS = ("There is no such thing in this image.", "I do not see {text} in the picture.")
CORRECTIONS = ("There is no {text} in this image, but there is {truth}.", "I see no {text} here; I do see {truth}.")


@dataclass(frozen=True)
class Conversation:
    """Ids behind the picture's tokens. answers: places whose token is learnt. seg: place of [SEG], with its region."""

    ids: list[int]
    answers: list[int]
    seg: int | None = None
    region: Region | None = None


class Words:
    """Token ids of a template's parts. Raises KeyError for a tokenizer without one of the tokens."""

    def __init__(self, tokenizer: Tokenizer, template: str = "llava_v1") -> None:
        self.tokenizer = tokenizer
        before, self.behind = prompt(template, (IMAGE_START, IMAGE_END)).split("{image}")
        self.seg, self.end = self.id(SEG), self.id(EOS)
        self.before = [self.id(BOS), *self._encode(before)]

    def id(self, token: str) -> int:
        """Id of one token."""
        found = self.tokenizer.token_to_id(token)
        if found is None:
            raise KeyError(f"The tokenizer has no token {token!r}.")
        return found

    def conversation(self, turns: list[tuple[str, str]], region: Region | None = None) -> Conversation:
        """Questions and answers, each answer ended by </s>."""
        ids: list[int] = []
        answers: list[int] = []
        for k, (question, answer) in enumerate(turns):
            asked = self.behind.replace("{text}", question) if k == 0 else f"USER: {question} ASSISTANT:"
            start = len(ids) + len(self._encode(asked))
            ids += [*self._encode(f"{asked} {answer}"), self.end]
            answers += range(start, len(ids))
        seg = next((i for i in answers if ids[i] == self.seg), None)
        return Conversation(ids, answers, seg, region if seg is not None else None)

    def _encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False).ids


def ask(words: Words, picture: Picture, names: list[str], limit: int, absent: float, rng: np.random.Generator):
    """Up to `limit` conversations about a picture.

    absent: share of questions about a class of `names` that the picture does not hold, half of them answered with what
    is there instead.
    """
    if picture.turns:
        return [words.conversation(list(picture.turns))]
    made = []
    present = {p for region in picture.regions for p in region.phrases}
    missing = [name for name in names if name not in present]
    for k in rng.permutation(len(picture.regions))[:limit]:
        region = picture.regions[int(k)]
        if missing and rng.random() < absent:
            there = region.phrases[0] if rng.random() < 0.5 else ""
            region = Region((missing[int(rng.integers(len(missing)))],), None, truth=there)
        made.append(_turn(words, region, rng))
    return made


def first_question(words: Words, region: Region) -> Conversation:
    """The question and answer of the papers' evaluation: the first wording, the first of each list."""
    form = SENTENCES if region.sentence else PHRASES
    return words.conversation([(form[0].replace("{text}", region.phrases[0]), ANSWERS[0])], region)


def _turn(words: Words, region: Region, rng: np.random.Generator) -> Conversation:
    def one(options: tuple[str, ...]) -> str:
        return options[int(rng.integers(len(options)))]

    text = one(region.phrases)
    question = one(SENTENCES if region.sentence else PHRASES).replace("{text}", text)
    if region.mask is not None:
        return words.conversation([(question, one(ANSWERS))], region)
    answer = one(CORRECTIONS if region.truth else DENIALS)
    return words.conversation([(question, answer.replace("{text}", text).replace("{truth}", region.truth))])


def stand_in_tokenizer(vocabulary: int, added: tuple[str, ...] = ADDED) -> Tokenizer:
    """A tokenizer of LLaMA's form without merges, a token a byte, for runs on random weights.

    `added` have the last ids of the vocabulary, as they do in LISA's.
    """
    pieces = ["<unk>", BOS, EOS, *(f"<0x{value:02X}>" for value in range(256))]
    pieces += [f"<unused_{i}>" for i in range(vocabulary - len(pieces) - len(added))]
    vocabulary_of = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(vocabulary_of, [], unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in ("<unk>", BOS, EOS)])
    tokenizer.add_tokens([AddedToken(t, lstrip=True, rstrip=True, normalized=False) for t in added])
    return tokenizer
