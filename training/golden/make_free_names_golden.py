"""Figures of `maskloom figures free-names` on the first held-out scenes, counted again by pycocotools and numpy:

    maskloom figures free-names --count 10 --out RUN
    PYTHONPATH=training python training/golden/make_free_names_golden.py RUN > figures-free-names.json

The masks, names and scores are those that the run's ledger keeps; how they are counted is the training kit's
(`maskloom_training.rose.scores`, `rose.quick.match`), which shares no code with the command. `mIoU` is over the
segments of the semantic merge, which do not overlap; `swapped` scores each picture by the answer to the next one, the
last by the first.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from pycocotools import mask as coco_mask

from maskloom_training.rose.quick import match
from maskloom_training.rose.scores import AveragePrecision
from maskloom_training.rose.targets import TargetSet
from maskloom_training.world import World

RECIPES = ("rose/patch", "stacked-seg/vanilla")


def answers(run: Path, world: World, folder: Path) -> dict[str, dict[str, list[list[dict]]]]:
    """Segments by recipe, protocol and picture. Units of one picture stand in the order of the plan's recipes."""
    place = {hashlib.sha256(path.read_bytes()).hexdigest(): i for i, path in enumerate(images(world, folder))}
    found: dict = {recipe: {} for recipe in RECIPES}
    seen: dict = {}
    for line in (run / "ledger.jsonl").read_text().splitlines():
        result = json.loads(line.split(" ", 1)[1]).get("result")
        if result is None or result["image"] not in place:
            continue
        protocol, index = result["answers"][0]["text"], place[result["image"]]
        recipe = RECIPES[seen.setdefault((protocol, index), 0) % len(RECIPES)]
        seen[(protocol, index)] += 1
        own = found[recipe].setdefault(protocol, [[] for _ in place])
        own[index] = result["answers"][0]["segments"]
    return found


def images(world: World, folder: Path) -> list[Path]:
    """Files of the pictures, in order."""
    names = json.loads((folder / "annotations/panoptic.json").read_text())["images"]
    return [folder / "images" / one["file_name"] for one in names[: len(world)]]


def decode(segments: list[dict]) -> list[tuple[str, float, np.ndarray]]:
    """(name, score, bool mask), those that are not empty."""
    made = [(s["label"], s["score"], coco_mask.decode(s["mask"]).astype(bool)) for s in segments]
    return [one for one in made if one[2].any()]


def ap50(truth: list, found: list) -> float:
    """COCO's AP at IoU 0.5 over all pictures."""
    return float(AveragePrecision(truth, found).value(np.ones(len(truth)))[0])


def mean_iou(truth: list[np.ndarray], found: list[np.ndarray], classes: int) -> float:
    """Mean over the classes that occur in the truth; unknown pixels (-1) do not count."""
    values = []
    for c in range(classes):
        both = sum(int(((t == c) & (f == c)).sum()) for t, f in zip(truth, found, strict=True))
        either = sum(int((((t == c) | (f == c)) & (t >= 0)).sum()) for t, f in zip(truth, found, strict=True))
        if any((t == c).any() for t in truth):
            values.append(both / either)
    return float(np.mean(values))


def figures(kept: dict[str, list[list[dict]]], targets: TargetSet, pictures: int) -> dict[str, float]:
    """One recipe's columns."""
    names = targets.names
    ids = {t.name: t.category for i in range(pictures) for t in targets.get(i)}
    things = {t.category for i in range(pictures) for t in targets.get(i) if t.is_thing}
    truth = [[(t.category, t.mask) for t in targets.get(i)] for i in range(pictures)]
    named = [[(ids.get(n, -1), s, m) for n, s, m in decode(own)] for own in kept["open-instances"]]
    every = [decode(own) for own in kept["any-name"]]
    right = matched = 0
    for i, own in enumerate(every):
        said = sorted(own, key=lambda one: -one[1])
        made = SimpleNamespace(scores=[s for _, s, _ in said], masks=np.array([m for _, _, m in said]))
        pairs = match(made, targets.get(i))
        matched += len(pairs)
        right += sum(said[a][0] == targets.get(i)[b].name for a, b, _ in pairs)
    shape = truth[0][0][1].shape
    real, painted = [], []
    for i in range(pictures):
        real.append(np.full(shape, -1))
        for t in targets.get(i):
            real[i][t.mask] = names.index(t.name)
        painted.append(np.full(shape, -2))
        for n, _, m in decode(kept["open-semantic"][i]):
            painted[i][m] = names.index(n) if n in names else -2
    return {
        "instance AP50, named": ap50(
            [[e for e in own if e[0] in things] for own in truth],
            [[e for e in own if e[0] in things] for own in named],
        ),
        "AP50, names aside": ap50(
            [[(1, m) for _, m in own] for own in truth], [[(1, s, m) for _, s, m in own] for own in every]
        ),
        "exact name": right / matched,
        "mIoU, 14 classes": mean_iou(real, painted, len(names)),
        "mIoU, of another image": mean_iou(real, painted[1:] + painted[:1], len(names)),
    }


def main() -> None:
    run = Path(sys.argv[1])
    pictures = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    folder = run / "data/test"
    world = World(folder, limit=pictures)
    targets = TargetSet(world, 16)
    kept = answers(run, world, folder)
    print(json.dumps({r: figures(kept[r], targets, pictures) for r in RECIPES}, indent=1))


if __name__ == "__main__":
    main()
