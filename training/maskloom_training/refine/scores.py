"""How much one turn of refinement helps, on fixed held-out samples."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .corruption import mask_iou
from .instructions import SITUATIONS
from .predict import Options, Turn, answer, by_fit, look
from .samples import Sample, fixed

SEED = 64
"""Seed of the held-out corruptions."""
BATCH = 32


@dataclass
class Outcome:
    """One sample's result. iou of the mask before (0 when missed) and after; named: the name after is the true one;
    changed: it is not the wrong one any more (situation category)."""

    image: int
    situation: str
    before: float
    after: float
    named: bool
    changed: bool


@dataclass
class Outcomes:
    """Results of one way of asking, sample by sample."""

    rows: list[Outcome] = field(default_factory=list)

    def mean(self, value, situation: str | None = None) -> float:
        """Mean of value(outcome) over a situation's rows; nan without any."""
        own = [float(value(row)) for row in self.rows if situation in (None, row.situation)]
        return float(np.mean(own)) if own else float("nan")


def held_out_samples(targets, count: int, situation: str, boxed: bool, per_image: int) -> list[Sample]:
    """`per_image` fixed samples of each of the first `count` pictures."""
    return [
        fixed(i, targets.get(i), targets.names, situation, boxed, nth, SEED)
        for i in range(count)
        for nth in range(per_image)
    ]


def turn_of(sample: Sample, pictures: np.ndarray, embedding) -> Turn:
    """The turn that asks for a sample: "mask" with its true name, "category" with the wrong one."""
    name = {"mask": sample.target.name, "category": sample.wrong, "missed": ""}[sample.situation]
    return Turn(
        np.asarray(pictures[sample.image]),
        embedding,
        sample.previous,
        sample.box,
        sample.situation,
        name,
        sample.phrasing,
    )


def run_samples(
    model, prompts, instructions, paradigm, samples, pictures, images, ways: dict[str, Options]
) -> dict[str, Outcomes]:
    """Refine every sample once in each of several ways; images.get(indices) gives SAM's embeddings.

    What the patches say is worked out once for all ways.
    """
    found = {way: Outcomes() for way in ways}
    for start in range(0, len(samples), BATCH):
        own = samples[start : start + BATCH]
        embeddings = images.get(np.array([s.image for s in own]))
        turns = [turn_of(s, pictures, e) for s, e in zip(own, embeddings, strict=True)]
        plain = look(model, prompts, instructions, paradigm, turns, fit=False)
        fits = any(options.fit for options in ways.values())
        seen = {False: plain, True: by_fit(model, turns, plain) if fits else plain}
        for way, options in ways.items():
            answers = answer(model, prompts, turns, seen[options.fit], options)
            for s, r in zip(own, answers, strict=True):
                after = mask_iou((r.logits > 0).numpy(), s.target.mask)
                before = mask_iou(s.previous, s.target.mask)
                named, changed = r.name == s.target.name, r.name != s.wrong
                found[way].rows.append(Outcome(s.image, s.situation, before, after, named, changed))
    return found


def quick_scores(stage) -> dict[str, float]:
    """A few figures on the validation pictures while training."""
    figures = {}
    for situation in SITUATIONS:
        for boxed in (False, True):
            if situation == "missed" and not boxed:
                continue
            samples = held_out_samples(stage.held_targets, len(stage.held_out), situation, boxed, 1)
            found = run_samples(
                stage.model,
                stage.prompts,
                stage.instructions,
                stage.paradigm,
                samples,
                stage.held_out.images,
                stage.held_images,
                {"": Options()},
            )[""]
            key = f"{situation}{' box' if boxed else ''}"
            figures[f"{key} gain"] = found.mean(lambda r: r.after - r.before)
            figures[f"{key} iou"] = found.mean(lambda r: r.after)
            if situation != "mask":
                figures[f"{key} named"] = found.mean(lambda r: r.named)
    return figures
