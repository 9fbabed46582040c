"""The label systems that LMSeg is trained under, one drawn per step.

- "listed": the 8 shapes and 6 stuff, every pixel labelled.
- "invented": invented classes seen in training and stuff. Things of no seen class are ignored under a partial
  prompt (they may fit its words) and negative under "all".
- "phrases": any combination of attributes with a meaningless name or none, and stuff: several classes may be right
  at one pixel, which BCE allows. It keeps the towers' knowledge of attributes from shrinking to the seen classes.

Held-out invented classes: their names and their full descriptions never occur, and their pixels are ignored wherever
invented classes or attributes are asked for. Under "listed" their pixels count as their shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..text.scenes import ANY, COLOUR, NONE, SHAPE, SIZE, TEXTURE, Row
from .describe import VARIANTS, describe_invented, describe_shape, describe_stuff, template
from .truth import SegmentRows

SHARES = {"listed": 0.35, "invented": 0.4, "phrases": 0.25}
VARIANT_SHARES = {
    "listed": (0.2, 0.3, 0.08, 0.08, 0.08, 0.26),
    "invented": (0.12, 0.1, 0.12, 0.12, 0.12, 0.42),
    "phrases": (0.3, 0.2, 0.1, 0.1, 0.1, 0.2),
}
"""Shares of VARIANTS; for "phrases" they say how stuff is named."""


@dataclass(frozen=True)
class Labels:
    """One step's classes: a description row and texts of each; what is ignored besides void."""

    system: str
    rows: list[Row]
    texts: list[list[str]]
    ignore_held_out: bool
    ignore_others: bool


class LabelSystems:
    """Draws the classes of a step for a batch of pictures."""

    def __init__(self, truth: SegmentRows, held_out: list[str], classes: int) -> None:
        self.truth, self.count = truth, classes
        self.seen = [c for c in truth.invented if c.name not in held_out]
        self.held_out = {truth.triple(truth.invented_row(c)) for c in truth.invented if c.name in held_out}
        self.names = {c.name for c in truth.invented}

    def draw(self, images: np.ndarray, rng: np.random.Generator) -> Labels:
        """Classes for pictures `images`: what they hold (as far as room is) and others."""
        system = str(rng.choice(list(SHARES), p=list(SHARES.values())))
        variant = str(rng.choice(VARIANTS, p=VARIANT_SHARES[system]))
        if system == "listed":
            rows, texts = self._listed(variant)
        elif system == "invented":
            rows, texts = self._invented(images, variant, rng)
        else:
            rows, texts = self._phrases(images, variant, rng)
        if rng.random() < 0.3:
            texts = [[t[int(rng.integers(len(t)))]] for t in texts]
        partial = system == "invented" and variant != "all"
        return Labels(system, rows, texts, system != "listed", partial)

    def targets(self, image: int, labels: Labels) -> tuple[np.ndarray, np.ndarray]:
        """(positive bool [T, LOCAL], counted bool [LOCAL]) of one picture."""
        truth = self.truth
        positive = truth.positives(image, labels.rows)
        counted = truth.present(image)
        if labels.ignore_held_out:
            counted &= ~self._held(image)
        if labels.ignore_others:
            counted &= ~(truth.things(image) & ~positive.any(axis=0))
        return positive, counted

    def _held(self, image: int) -> np.ndarray:
        rows = self.truth.rows[image]
        return np.array([tuple(r[[TEXTURE, COLOUR, SHAPE]]) in self.held_out for r in rows])

    def _listed(self, variant: str) -> tuple[list[Row], list[list[str]]]:
        truth, words = self.truth, self.truth.vocabulary
        shapes = [(truth.shape_row(i), describe_shape(s, variant)) for i, s in enumerate(words.shapes)]
        stuff = [(truth.stuff_row(i), describe_stuff(s, variant)) for i, s in enumerate(words.stuff)]
        return _unzip(shapes + stuff)

    def _invented(self, images, variant: str, rng) -> tuple[list[Row], list[list[str]]]:
        """Seen classes of the pictures first; with a description, some names are replaced by meaningless ones."""
        truth = self.truth
        here = [c for c in self.seen if any(truth.positives(i, [truth.invented_row(c)]).any() for i in images)]
        chosen = _some(here, self.count - 6, rng)
        chosen += _some([c for c in self.seen if c not in chosen], self.count - 4 - len(chosen), rng)
        made = []
        for c in chosen:
            texts = describe_invented(c, variant)
            if variant not in ("name", "template") and rng.random() < 0.3:
                texts = [t.replace(c.name, self._nonsense(rng)) for t in texts]
            made.append((truth.invented_row(c), texts))
        return _unzip(made + self._stuff(images, variant, self.count - len(made), rng))

    def _phrases(self, images, variant: str, rng) -> tuple[list[Row], list[list[str]]]:
        """Attribute phrases of things in the pictures, and the same with one attribute changed."""
        truth, words = self.truth, self.truth.vocabulary
        things = [truth.rows[i][k] for i in images for k in np.flatnonzero(truth.things(i))]
        made: dict[Row, list[str]] = {}
        for _ in range(8 * self.count):
            if len(made) >= self.count - 5:
                break
            full = things[int(rng.integers(len(things)))]
            row = [int(v) if rng.random() < p else ANY for v, p in zip(full, (0.2, 0.5, 0.6, 0.8, 1), strict=True)]
            if rng.random() < 0.45:
                column = (SIZE, TEXTURE, COLOUR, SHAPE, SHAPE)[int(rng.integers(5))]
                others = len(words.columns[column])
                row[column] = int((full[column] + rng.integers(1, others)) % others)
            if all(v == ANY for v in row[:4]) or truth.triple(tuple(row)) in self.held_out:
                continue
            row[4] = NONE
            made[tuple(row)] = self._phrase(tuple(row), rng)
        return _unzip(list(made.items()) + self._stuff(images, variant, self.count - len(made), rng))

    def _phrase(self, row: Row, rng) -> list[str]:
        said = self.truth.vocabulary.say(row)
        noun = said if row[SHAPE] >= 0 else f"{said} thing"
        named = f"{noun} called {self._nonsense(rng)}"
        return ([said], [named], [named, said], template(noun))[int(rng.choice(4, p=(0.3, 0.15, 0.45, 0.1)))]

    def _stuff(self, images, variant: str, count: int, rng) -> list[tuple[Row, list[str]]]:
        truth = self.truth
        names = truth.vocabulary.stuff
        here = [k for k in range(len(names)) if any(truth.positives(i, [truth.stuff_row(k)]).any() for i in images)]
        chosen = _some(here, count, rng)
        chosen += _some([k for k in range(len(names)) if k not in chosen], count - len(chosen), rng)
        return [(truth.stuff_row(k), describe_stuff(names[k], variant)) for k in chosen]

    def _nonsense(self, rng) -> str:
        """A made-up word that is none of the world's names."""
        while True:
            starts, vowels, ends = ("bdfgklmnprstvz", "aeiou", ("b", "ck", "l", "m", "nt", "p", "rk", "sh", "t", "x"))
            word = "".join(
                starts[int(rng.integers(len(starts)))] + vowels[int(rng.integers(5))]
                for _ in range(int(rng.integers(1, 3)))
            ) + str(ends[int(rng.integers(len(ends)))])
            if word not in self.names:
                return word


def _some(items: list, count: int, rng) -> list:
    """At most `count` of `items`, drawn without repeats."""
    return [items[i] for i in rng.permutation(len(items))[: max(0, count)]]


def _unzip(pairs: list) -> tuple[list, list]:
    return [p[0] for p in pairs], [p[1] for p in pairs]
