"""OneVision-tiny's prompts: the instruction stands before the image, so that patch states can depend on it."""

from __future__ import annotations

from dataclasses import dataclass

from tokenizers import Tokenizer

from ..text.tokenizer import BOS, EOS, IMAGE_END, IMAGE_START, SEG, encode

TEMPLATE = f"USER: {{text}} {IMAGE_START}{{image}}{IMAGE_END} ASSISTANT:"
CATEGORY, REGION = "<CATEGORY>", "<REGION>"
# ROSE section 3.3's instruction-response paradigm, in words that this tokenizer knows. <CATEGORY> is never tokenized:
# an embedding stands in its place.
DECODE = f"USER: {CATEGORY} what is it? ASSISTANT: It is"
DECODE_STOP = "."
# Behind a name written along <REGION>.
REGION_STOP = ","
INSTRUCTIONS = {
    "free": "can you segment the picture?",
    "semantic": "can you segment the picture and name all the shapes?",
    "instance": "can you segment all the things in the picture?",
    "list": "can you list all the things in the picture?",
    "regions": "what are the shapes in the picture?",
}
COUNT_ANSWER = " There are {counts} in this image."
COUNT_ITEM = "{count} {name}"
NOTHING = " There is nothing in this image."
MAX_NEW_TOKENS = 96


@dataclass(frozen=True)
class OneVisionPrompts:
    """Token ids of the templates' parts."""

    tokenizer: Tokenizer

    def prefix(self, text: str) -> list[int]:
        """Ids before the image tokens, ending in <im_start>. `text` is lower-cased."""
        before = TEMPLATE.split("{image}")[0].replace("{text}", text.strip().lower())
        return [self.id(BOS), *encode(self.tokenizer, before)]

    @property
    def suffix(self) -> list[int]:
        """Ids between the image tokens and the answer."""
        return encode(self.tokenizer, TEMPLATE.split("{image}")[1])

    def answer(self, text: str) -> list[int]:
        """Ids of an answer, ended by `</s>`."""
        return [*encode(self.tokenizer, text), self.id(EOS)]

    @property
    def decode(self) -> tuple[list[int], list[int]]:
        """Ids before (with `<s>`) and behind <CATEGORY> in the decoding prompt."""
        before, behind = DECODE.split(CATEGORY)
        # The space before <CATEGORY> belongs to the placeholder: a word's own token carries it.
        return [self.id(BOS), *encode(self.tokenizer, before.rstrip(" "))], encode(self.tokenizer, behind)

    def name(self, name: str) -> list[int]:
        """Ids of a decoded name: " star." and `</s>`."""
        return self.answer(f" {name}{DECODE_STOP}")

    def region(self, name: str) -> list[int]:
        """Ids of a name written behind <REGION>: " star,"."""
        return encode(self.tokenizer, f" {name}{REGION_STOP}")

    def id(self, token: str) -> int:
        """Id of one token; raises KeyError if the tokenizer lacks it."""
        found = self.tokenizer.token_to_id(token)
        if found is None:
            raise KeyError(f"tokenizer has no token {token!r}")
        return found


def counting_answer(counts: list[tuple[str, int]]) -> str:
    """ " There are 2 star, 1 grass in this image." of (name, count) pairs in the order given."""
    if not counts:
        return NOTHING
    said = ", ".join(COUNT_ITEM.format(count=count, name=name) for name, count in counts)
    return COUNT_ANSWER.format(counts=said)


def stacked_answer(names: list[str], per_target: int = 1) -> str:
    """ " star [SEG], sky [SEG]." with `per_target` [SEG] behind each name."""
    if not names:
        return NOTHING
    return " " + ", ".join(f"{name} {SEG * per_target}" for name in names) + "."
