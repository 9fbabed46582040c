"""Held-out figures of refinement:

    python -m maskloom_training.refine.evaluate --data DIR --runs DIR --out FILE.json [--paradigms concat drawn]

One target of every picture (drawn once, the same for all paradigms), its mask corrupted in the paper's two ways. One
turn each:
- mask: the mean IoU before and after, with nothing but the instruction, and with the target's box;
- category: as before, the mask corrupted, with a wrong name: the share whose name after the turn is the right one;
- missed: nothing but the target's box: the share found (IoU >= 0.5), and named rightly.
Every figure is measured in five ways: SAM is also prompted with the box, with the previous mask, both, or neither (as
in the paper, where only the embedding prompts it); and the latter with the patch of highest objectness answering, not
the one whose mask fits best ("paper's way"). Beside them stands the control "SAM alone": the plain SAM that the
refiner started from, prompted with the same previous mask and box, without any language model.
Intervals: 95 % bootstrap over pictures (1,000 draws, seeded).
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from ..checkpoint import load_checkpoint, replace_file
from ..evaluate import Tally
from ..geometry import sam_postprocess
from ..onevision.prompts import OneVisionPrompts
from ..onnx_tools import round_to_half
from ..rose.targets import TargetSet
from ..sam.model import SamTiny
from ..sam.train import load_sam
from ..segment.train import SamFeatures
from ..text.tokenizer import load_tokenizer
from ..world import World
from .corruption import mask_iou
from .inputs import previous_logits, sam_box
from .instructions import load_instructions
from .painting import PARADIGMS
from .predict import Options
from .samples import Sample
from .scores import BATCH, Outcomes, held_out_samples, run_samples
from .train import load_refine

PER_IMAGE = 1
QUESTIONS = (("mask", False), ("mask", True), ("category", False), ("missed", True))
WAYS = {
    "box and mask": Options(True, True),
    "box": Options(True, False),
    "mask": Options(False, True),
    "embedding alone": Options(False, False),
    "paper's way": Options(False, False, fit=False),
}


def figures_of(found: Outcomes) -> dict[str, dict]:
    """Columns of one question's outcomes, each {"value", "interval", "n"}."""
    columns = {
        name: Tally.empty() for name in ("IoU before", "IoU after", "gain", "found", "name right", "name changed")
    }
    for row in found.rows:
        columns["IoU before"].add(row.image, row.before, 1)
        columns["IoU after"].add(row.image, row.after, 1)
        columns["gain"].add(row.image, row.after - row.before, 1)
        columns["found"].add(row.image, float(row.after >= 0.5), 1)
        columns["name right"].add(row.image, float(row.named), 1)
        columns["name changed"].add(row.image, float(row.changed), 1)
    if found.rows and found.rows[0].situation == "mask":
        del columns["name right"], columns["name changed"]
    return {name: tally.figure() for name, tally in columns.items()}


@torch.no_grad()
def sam_alone(sam: SamTiny, samples: list[Sample], images: SamFeatures, size: tuple[int, int]) -> dict[str, dict]:
    """The control: plain SAM with the same previous mask and box."""
    columns = {"IoU before": Tally.empty(), "IoU after": Tally.empty(), "gain": Tally.empty(), "found": Tally.empty()}
    side, low = sam.tiny.image_size, sam.tiny.grid * 4
    for start in range(0, len(samples), BATCH):
        own = samples[start : start + BATCH]
        embeddings = images.get(np.array([s.image for s in own]))
        boxes = torch.zeros(len(own), 0, sam.tiny.embed)
        if own[0].box is not None:
            corners = torch.tensor([sam_box(s.box, size, side) for s in own]).view(-1, 2, 2)
            boxes = sam.embed_points(corners, torch.tensor([[2, 3]]).expand(len(own), -1))
        dense = sam.no_mask(len(own))
        if own[0].previous.any():
            previous = torch.as_tensor(np.stack([previous_logits(s.previous, side, low) for s in own]))
            dense = sam.embed_masks(previous[:, None], torch.ones(len(own)))
        masks = sam_postprocess(sam.decode(embeddings, boxes, dense)[0][:, :1], *size, side)[:, 0] > 0
        for s, mask in zip(own, masks.numpy(), strict=True):
            before, after = mask_iou(s.previous, s.target.mask), mask_iou(mask, s.target.mask)
            columns["IoU before"].add(s.image, before, 1)
            columns["IoU after"].add(s.image, after, 1)
            columns["gain"].add(s.image, after - before, 1)
            columns["found"].add(s.image, float(after >= 0.5), 1)
    return {name: tally.figure() for name, tally in columns.items()}


def question_name(situation: str, boxed: bool) -> str:
    """ "mask", "mask with its box", ..."""
    return f"{situation} with its box" if boxed else situation


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--features", type=Path, default=Path("training/runs/features"))
    parser.add_argument("--paradigms", nargs="*", choices=PARADIGMS, default=list(PARADIGMS))
    parser.add_argument("--ways", nargs="*", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--limit", type=int, default=None, help="first pictures only")
    parser.add_argument("--out", type=Path, default=None)
    args = parser.parse_args()
    torch.set_num_threads(1)
    world = World(args.data)
    count = len(world) if args.limit is None else min(args.limit, len(world))
    sam = load_sam(load_checkpoint(args.runs / "sam" / "checkpoint.pt", "sam"))
    targets = TargetSet(world, 16)
    images = SamFeatures(sam, world, args.features)
    prompts, instructions = OneVisionPrompts(load_tokenizer(args.runs / "tokenizer")), load_instructions()
    results: dict = {}
    if args.out is not None and args.out.exists():
        results = json.loads(args.out.read_text())
    data = {"seed": world.info["seed"], "count": count, "perImage": PER_IMAGE}
    if results.get("data") != data:
        results = {"data": data, "paradigms": {}}
    asked = {q: held_out_samples(targets, count, *q, PER_IMAGE) for q in QUESTIONS}
    if "SAM alone" not in results:
        plain = round_to_half(sam).eval()
        results["SAM alone"] = {
            question_name(*q): sam_alone(plain, samples, images, world.size)
            for q, samples in asked.items()
            if q[0] != "category"
        }
        show("SAM alone", results["SAM alone"])
    for paradigm in args.paradigms:
        _, model, _ = load_refine(args.runs / "refine" / paradigm / "checkpoint.pt")
        round_to_half(model)
        own = results["paradigms"].setdefault(paradigm, {})
        start = time.monotonic()
        ways = {way: WAYS[way] for way in args.ways}
        found = {
            question_name(*q): run_samples(model, prompts, instructions, paradigm, samples, world.images, images, ways)
            for q, samples in asked.items()
        }
        print(f"{paradigm}: {time.monotonic() - start:.0f} s")
        for way in ways:
            own[way] = {question: figures_of(outcomes[way]) for question, outcomes in found.items()}
            show(f"{paradigm}, {way}", own[way])
        if args.out is not None:
            text = json.dumps(results, indent=1) + "\n"
            replace_file(args.out, lambda stream, text=text: stream.write(text.encode()))


def show(title: str, figures: dict[str, dict]) -> None:
    """One block of lines."""
    print(f"\n{title}")
    for question, columns in figures.items():
        for column, f in columns.items():
            low, high = f["interval"]
            print(f"  {question:24s} {column:14s} {f['value']:.4f}  [{low:.4f}, {high:.4f}]  n {f['n']}", flush=True)


if __name__ == "__main__":
    main()
