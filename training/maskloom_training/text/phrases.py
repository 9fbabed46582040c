"""Every phrase of a data set as a query: question, answer, targets, and what its words mean.

Queries come from the files that the world writes (refer/, fp/, reason/, captions.json); nothing is invented
here but the questions that name several targets, which join two or three true phrases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from ..world import World
from .prompts import ACCEPT, REJECT, several_answer
from .scenes import ANY, NONE, STUFF, Row, Vocabulary

RELATION = re.compile(r" (left of|right of|above|below) ")
CAPTION_QUESTION = "what is in the picture?"


@dataclass(frozen=True)
class Query:
    """One question about one picture. targets = annotation ids, one per [SEG] in the answer (none: no [SEG]).

    kind: attribute, relation, stuff, reason, several, text; "false-" before it when its premise is false.
    heads: (number of words of the phrase up to a noun, description or None, annotation id or None) of the
    nouns whose meaning is known, for grounding words.
    """

    image: int
    kind: str
    text: str
    answer: str
    targets: tuple[int, ...] = ()
    needs_relation: bool = False
    heads: tuple[tuple[int, Row | None, int | None], ...] = field(default=())

    @property
    def accepts(self) -> bool:
        """True when the answer carries a [SEG]."""
        return len(self.targets) > 0


@dataclass(frozen=True)
class ImageQueries:
    """The queries of one picture, by use."""

    true: list[Query]
    false: list[Query]
    reason: list[Query]
    text: list[Query]


def parse(vocabulary: Vocabulary, words: str) -> Row | None:
    """ "the large red star" -> its description; None if a word is not an attribute, a shape or a stuff word."""
    row = [ANY] * 5
    for word in words.split():
        if word == "the":
            continue
        for column, names in enumerate(vocabulary.columns):
            if word in names:
                row[column] = names.index(word)
                break
        else:
            return None
    if row[STUFF] >= 0:
        return (NONE, NONE, NONE, NONE, row[STUFF])
    row[STUFF] = NONE
    return tuple(row)  # type: ignore[return-value]


def heads_of(
    vocabulary: Vocabulary, text: str, reference: int | None
) -> tuple[tuple[int, Row | None, int | None], ...]:
    """The nouns of a phrase: the head, and behind a relation word its reference (with its annotation id)."""
    match = RELATION.search(text)
    if match is None:
        row = parse(vocabulary, text)
        return () if row is None else ((len(text.split()), row, None),)
    head = text[: match.start()]
    found = [(len(head.split()), parse(vocabulary, head), None)]
    if reference is not None:
        found.append((len(text.split()), None, reference))
    return tuple(found)


def read_queries(world: World) -> list[ImageQueries]:
    """The queries of every picture, in the data set's order."""
    vocabulary = Vocabulary.of(world)
    found = [ImageQueries([], [], [], []) for _ in range(len(world))]
    for ref in world.refs:
        i = world.index_of[ref["image_id"]]
        for s in ref["sentences"]:
            found[i].true.append(_referring(vocabulary, i, ref, s, s["kind"], ACCEPT, (ref["ann_id"],)))
    for ref in world.false_premises:
        i = world.index_of[ref["image_id"]]
        for s in ref["sentences"]:
            if s["is_false_premise"]:
                found[i].false.append(_referring(vocabulary, i, ref, s, f"false-{s['kind']}", REJECT, ()))
    for record in world.reasoning:
        i = world.index_of[record["image_id"]]
        for text in record["text"]:
            found[i].reason.append(Query(i, "reason", text, ACCEPT, tuple(record["ann_ids"])[:1]))
    for record in world.captions:
        i = world.index_of[record["image_id"]]
        found[i].text.extend(_texts(i, record))
    return found


def several(queries: list[Query], rng: np.random.Generator) -> Query | None:
    """A question that joins two or three short true phrases with different targets; None if there are too few."""
    short = [q for q in queries if q.kind in ("attribute", "stuff")]
    chosen: list[Query] = []
    wanted = 3 if rng.random() < 0.3 else 2
    for i in rng.permutation(len(short)):
        if all(short[i].targets != q.targets for q in chosen):
            chosen.append(short[i])
        if len(chosen) == wanted:
            break
    if len(chosen) < 2:
        return None
    phrases = [q.text for q in chosen]
    targets = tuple(q.targets[0] for q in chosen)
    return Query(chosen[0].image, "several", " and ".join(phrases), several_answer(phrases), targets)


def _referring(vocabulary, image: int, ref: dict, sentence: dict, kind: str, answer: str, targets) -> Query:
    text = sentence["sent"]
    return Query(
        image,
        kind,
        text,
        answer,
        targets,
        bool(sentence.get("needs_relation", False)),
        heads_of(vocabulary, text, sentence.get("reference_ann_id")),
    )


def _texts(image: int, record: dict) -> list[Query]:
    made = [Query(image, "text", CAPTION_QUESTION, f" {record['caption']}.")]
    for count in record["counts"]:
        question = f"how many {count['noun']} shapes are there?"
        made.append(Query(image, "text", question, f" {_number(count['count'])}."))
    made.extend(Query(image, "text", qa["question"], f" {qa['answer']}.") for qa in record["qa"])
    return made


def _number(n: int) -> str:
    names = ("zero", "one", "two", "three", "four", "five", "six")
    return names[n] if n < len(names) else str(n)
