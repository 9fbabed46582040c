"""Held-out figures of every recipe: `python -m maskloom_training.evaluate --data DIR (--bundle DIR | --runs DIR)`.

--bundle runs the ONNX files, --runs the checkpoints in PyTorch with weights on the float16 grid as the bundle has them.

Generated mode: greedy, the model must emit [SEG] itself. Queries are exactly: for referring, all sentences of
refer/refs.json in file order; for See, all sentences of fp/refs.json. Swapped control: for sentence j of a
picture with target a, the prediction of the next sentence (in file order, cyclic after j) of the same picture whose
target differs stands in; sentences without such a partner are left out of both control columns. A prediction
is the union of the answer's masks; without [SEG] it is empty. cIoU and gIoU count every query. See
is the share of queries whose predicted presence ([SEG] and a mask that is not empty) equals the truth.
For recipes trained on several targets, "several" asks for the first attribute or stuff sentence and the next one with
another target at once ("a and b") and scores each mask in order. Intervals: 95 % bootstrap over pictures (1,000
draws, seeded).
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from .checkpoint import replace_file
from .clip.model import ClipTiny
from .clip.train import load_clip
from .geometry import clip_preprocess, sam_preprocess
from .llava.evaluate import partner
from .llava.generate import read
from .onnx_tools import round_to_half
from .segment.onnx_system import OnnxSystem
from .segment.recipes import RECIPES, SHARED
from .segment.sasp import SaspSettings
from .segment.scores import Score
from .segment.system import Prediction, SegSystem
from .segment.train import load_recipe
from .text.prompts import Prompts
from .text.tokenizer import load_tokenizer
from .world import World

DRAWS = 1000


@dataclass(frozen=True)
class Sentence:
    """One sentence of a refs file: picture index, text, target annotation, kind, and whether it holds."""

    image: int
    text: str
    target: int
    kind: str
    holds: bool
    needs_relation: bool


def sentences(world: World, refs: list[dict]) -> list[list[Sentence]]:
    """The sentences of every picture, in file order."""
    found: list[list[Sentence]] = [[] for _ in range(len(world))]
    for ref in refs:
        i = world.index_of[ref["image_id"]]
        for s in ref["sentences"]:
            holds = not s.get("is_false_premise", False)
            needs = bool(s.get("needs_relation", False))
            found[i].append(Sentence(i, s["sent"], ref["ann_id"], s["kind"], holds, needs))
    return found


@dataclass
class Tally:
    """Per-query sums with the picture they belong to."""

    image: list[int]
    first: list[float]
    second: list[float]

    @staticmethod
    def empty() -> Tally:
        return Tally([], [], [])

    def add(self, image: int, first: float, second: float) -> None:
        self.image.append(image)
        self.first.append(first)
        self.second.append(second)

    def ratio(self) -> float:
        """Sum of `first` over sum of `second`."""
        return float(np.sum(self.first) / max(1e-12, np.sum(self.second)))

    def interval(self) -> list[float]:
        """95 % bootstrap interval of the ratio, pictures drawn with replacement."""
        if not self.image:
            return [0.0, 0.0]
        ids, where = np.unique(self.image, return_inverse=True)
        a = np.bincount(where, weights=self.first)
        b = np.bincount(where, weights=self.second)
        draws = np.random.default_rng(20).integers(0, len(ids), size=(DRAWS, len(ids)))
        values = a[draws].sum(1) / np.maximum(b[draws].sum(1), 1e-12)
        return [float(v) for v in np.percentile(values, [2.5, 97.5])]

    def figure(self) -> dict:
        """{"value", "interval", "n"}."""
        return {"value": self.ratio(), "interval": self.interval(), "n": len(self.image)}


class Tallies:
    """All columns of one recipe."""

    def __init__(self) -> None:
        self.columns: dict[str, Tally] = {}

    def add(self, name: str, image: int, first: float, second: float) -> None:
        self.columns.setdefault(name, Tally.empty()).add(image, first, second)

    def figures(self) -> dict[str, dict]:
        return {name: tally.figure() for name, tally in sorted(self.columns.items())}


def several_question(own: list[Sentence]) -> tuple[Sentence, Sentence] | None:
    """The first attribute or stuff sentence of a picture and the next with another target, asked as "a and b"."""
    short = [s for s in own if s.kind in ("attribute", "stuff")]
    other = partner([s.target for s in short], 0) if short else None
    return None if other is None else (short[0], short[other])


class CheckpointSystem:
    """A recipe's checkpoint with its tower, behind the same two calls as `OnnxSystem`."""

    def __init__(self, system: SegSystem, clip: ClipTiny) -> None:
        self.system, self.clip, self.recipe = system, clip, system.recipe

    def look(self, picture: np.ndarray) -> tuple:
        weights, prompts = self.system.weights, self.system.prompts
        image = read(weights.llava, prompts, self.clip(clip_preprocess(picture, self.system.crop))[0])
        embedding = weights.sam.encode(sam_preprocess(picture, weights.sam.tiny.image_size))
        return image, embedding, picture.shape[:2]

    def segment(self, seen: tuple, texts: list[str]) -> list[Prediction]:
        return self.system.segment(*seen, texts)


@torch.no_grad()
def evaluate_recipe(system: CheckpointSystem | OnnxSystem, world: World, limit: int | None = None) -> dict[str, dict]:
    """Figures of one recipe on a data set."""
    tallies = Tallies()
    referring, premises = sentences(world, world.refs), sentences(world, world.false_premises)
    for i in range(len(world) if limit is None else min(limit, len(world))):
        asked = list(dict.fromkeys(s.text for s in referring[i] + premises[i]))
        if not asked:
            continue
        seen = system.look(np.asarray(world.images[i]))
        answers = dict(zip(asked, system.segment(seen, asked), strict=True))
        masks = {text: p.mask.numpy() for text, p in answers.items()}
        truths = {s.target: world.targets[s.target].mask() for s in referring[i] + premises[i]}
        own = referring[i]
        for j, s in enumerate(own):
            score = Score.of(masks[s.text][None], truths[s.target][None])
            inter, union, iou = int(score.intersection[0]), int(score.union[0]), float(score.iou[0])
            kinds = ["all", "needs-relation" if s.needs_relation else s.kind]
            for kind in kinds:
                tallies.add(f"cIoU {kind}", i, inter, union)
                tallies.add(f"gIoU {kind}", i, iou, 1)
            other = partner([o.target for o in own], j)
            if other is not None:
                swap = Score.of(masks[own[other].text][None], truths[s.target][None])
                tallies.add("cIoU control", i, int(swap.intersection[0]), int(swap.union[0]))
                tallies.add("gIoU control", i, float(swap.iou[0]), 1)
                tallies.add("cIoU paired", i, inter, union)
                tallies.add("gIoU paired", i, iou, 1)
        pair = several_question(own) if system.recipe.several else None
        if pair is not None:
            first, second = pair
            both = system.segment(seen, [f"{first.text} and {second.text}"])[0]
            tallies.add("several: two masks", i, float(len(both.logits) == 2), 1)
            for k, s in enumerate(pair):
                mask = (both.logits[k] > 0).numpy() if k < len(both.logits) else np.zeros(world.size, bool)
                tallies.add("several: gIoU", i, float(Score.of(mask[None], truths[s.target][None]).iou[0]), 1)
        for s in premises[i]:
            present = answers[s.text].present
            right = float(present == s.holds)
            tallies.add("See", i, right, 1)
            tallies.add("See accept" if s.holds else "See reject", i, right, 1)
            if not s.holds:
                tallies.add(f"See reject {s.kind}", i, right, 1)
            truth = truths[s.target] if s.holds else np.zeros(world.size, bool)
            score = Score.of(masks[s.text][None], truth[None])
            tallies.add("Segment cIoU", i, int(score.intersection[0]), int(score.union[0]))
    return tallies.figures()


def load_system(run: Path, tokenizer: Path, sasp: SaspSettings | None = None) -> SegSystem:
    """A fine-tuned recipe as a system with its weights on the float16 grid, as the bundle ships them."""
    recipe, weights, config = load_recipe(run / "checkpoint.pt")
    weights.llava.language_model.set_attn_implementation("sdpa")
    return SegSystem(
        weights.rounded(), recipe, sasp or SaspSettings(**config["sasp"]), Prompts(load_tokenizer(tokenizer))
    )


def print_table(name: str, figures: dict[str, dict]) -> None:
    """One line per column."""
    print(f"\n{name}")
    for column, f in figures.items():
        low, high = f["interval"]
        print(f"  {column:22s} {f['value']:.4f}  [{low:.4f}, {high:.4f}]  n {f['n']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--bundle", type=Path, help="folder of a bundle")
    source.add_argument("--runs", type=Path, help="folder of the kit's runs")
    parser.add_argument("--recipes", nargs="*", default=list(RECIPES))
    parser.add_argument("--limit", type=int, default=None, help="first pictures only")
    parser.add_argument("--out", type=Path, default=None, help="JSON file of all figures")
    args = parser.parse_args()
    torch.set_num_threads(1)
    world = World(args.data)
    data = {"seed": world.info["seed"], "count": len(world), "limit": args.limit}
    results = _earlier(args.out, data)
    for recipe_id in args.recipes:
        if SHARED.get(recipe_id) in results:
            results[recipe_id] = results[SHARED[recipe_id]]
            print(f"\n{recipe_id}: the weights and figures of {SHARED[recipe_id]}")
            continue
        start = time.monotonic()
        if args.bundle is not None:
            system = OnnxSystem(args.bundle, recipe_id)
        else:
            run = args.runs / "segment" / RECIPES[SHARED.get(recipe_id, recipe_id)].folder
            clip = round_to_half(load_clip(args.runs / "clip" / "checkpoint.pt"))
            system = CheckpointSystem(load_system(run, args.runs / "tokenizer"), clip)
        results[recipe_id] = evaluate_recipe(system, world, args.limit)
        print_table(f"{recipe_id} ({time.monotonic() - start:.0f} s)", results[recipe_id])
        if args.out is not None:
            _write(args.out, data, results)
    if args.out is not None:
        _write(args.out, data, results)


def _earlier(out: Path | None, data: dict) -> dict:
    """Figures already in `out`, if they are of the same pictures: a run can be split over recipes."""
    if out is None or not out.exists():
        return {}
    found = json.loads(out.read_text())
    return found["recipes"] if found["data"] == data else {}


def _write(out: Path, data: dict, results: dict) -> None:
    text = json.dumps({"data": data, "recipes": results}, indent=1) + "\n"
    replace_file(out, lambda stream: stream.write(text.encode()))


if __name__ == "__main__":
    main()
