"""Held-out figures of LMSeg rows, with 95 % bootstrap intervals over pictures:

    python -m maskloom_training.lmseg.evaluate --data training/data/heldout --runs training/runs \\
        --rows lmseg/full lmseg/tune-frozen [--variants all] [--sliding] --out FILE.json

"listed": the 8 shapes and 6 stuff, every pixel labelled. "seen" and "unseen": the vocabulary is all 28 invented classes
and the 6 stuff; the mean is over the invented classes that training saw, or over those held out. Pixels of things
of no invented class, and slivers, are not counted. Every class is prompted with the same variant. --bundle runs a
bundle's ONNX files in place of the checkpoints. Weights are on the float16 grid, as bundles have them.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from ..checkpoint import replace_file
from ..onnx_tools import round_to_half
from ..text.tokenizer import load_tokenizer
from ..world import World
from .describe import VARIANTS, describe
from .onnx_model import OnnxLmseg
from .recipes import RECIPES, folder_of
from .scores import Counts, Vocabulary, overlap
from .sentences import SentenceEncoder
from .truth import SegmentRows, held_out_names
from .views import Sliding, sliding_scores, view_maps

KINDS = ("listed", "invented")
"""The two vocabularies."""


@torch.no_grad()
def count_pixels(
    model, sentences: SentenceEncoder, world: World, vocabulary: Vocabulary, variant: str, sliding: bool = False
) -> Counts:
    """Counts over the known pixels of every square picture; `model` is an Lmseg or an OnnxLmseg."""
    texts = [describe(label, variant, world.vocabulary) for label in vocabulary.labels]
    text = sentences.embed(model.clip_text, texts)
    count = len(vocabulary.labels)
    both, either = np.zeros((len(world), count), np.int64), np.zeros((len(world), count), np.int64)
    for i in range(len(world)):
        image = np.asarray(world.images[i])
        scores = sliding_scores(model, image, text, Sliding()) if sliding else view_maps(model, [image], text)[0]
        both[i], either[i] = overlap(scores.argmax(0).numpy(), vocabulary.table[i][world.panoptic[i]], count)
    return Counts(both, either)


def groups(truth: SegmentRows, unseen: list[str]) -> dict[str, tuple[str, list[int]]]:
    """Figure name -> (vocabulary, classes averaged)."""
    v = truth.vocabulary
    names = [c.name for c in truth.invented]
    return {
        "listed": ("listed", list(range(len(v.shapes) + len(v.stuff)))),
        "shapes": ("listed", list(range(len(v.shapes)))),
        "stuff": ("listed", list(range(len(v.shapes), len(v.shapes) + len(v.stuff)))),
        "seen": ("invented", [i for i, name in enumerate(names) if name not in unseen]),
        "unseen": ("invented", [i for i, name in enumerate(names) if name in unseen]),
    }


def quick_figures(model, sentences: SentenceEncoder, world: World, unseen: list[str]) -> dict[str, float]:
    """Mean IoU on a few validation pictures, printed while training."""
    truth = SegmentRows(world)
    vocabularies = {"listed": Vocabulary.listed(truth), "invented": Vocabulary.invented(truth)}
    figures = {}
    for kind, variant in (("listed", "template"), ("invented", "all"), ("invented", "name")):
        counts = count_pixels(model, sentences, world, vocabularies[kind], variant)
        for name, (own, classes) in groups(truth, unseen).items():
            if own == kind and name in ("listed", "seen", "unseen"):
                figures[f"{name} {variant}"] = counts.mean_iou(classes)
    return figures


def evaluate_row(
    model, sentences: SentenceEncoder, world: World, unseen: list[str], variants: dict[str, list[str]], sliding: bool
) -> tuple[dict[str, dict], dict[str, np.ndarray]]:
    """Figures "listed all", "unseen name", ... and the counts behind them; `variants` by vocabulary."""
    truth = SegmentRows(world)
    figures: dict[str, dict] = {}
    kept: dict[str, np.ndarray] = {}
    for kind, vocabulary in (("listed", Vocabulary.listed(truth)), ("invented", Vocabulary.invented(truth))):
        for variant in variants[kind]:
            counts = count_pixels(model, sentences, world, vocabulary, variant, sliding)
            kept[f"{kind} {variant} both"], kept[f"{kind} {variant} either"] = counts.both, counts.either
            for name, (own, classes) in groups(truth, unseen).items():
                if own == kind:
                    figures[f"{name} {variant}"] = counts.figure(classes)
    return figures, kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--bundle", type=Path, default=None)
    parser.add_argument("--rows", nargs="+", default=list(RECIPES))
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=["all"])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="vocabularies")
    parser.add_argument("--sliding", action="store_true", help="windows and a global view; the default is one view")
    parser.add_argument("--fast", action="store_true", help="bfloat16: a third faster, figures move by hundredths")
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--counts", type=Path, default=None, help="folder for the counts per picture")
    parser.add_argument("--out", type=Path, default=None, help="JSON; rows in it that are not asked for stay")
    args = parser.parse_args()
    torch.set_num_threads(1)
    world = World(args.data, limit=args.limit)
    variants = {kind: args.variants if kind in args.kinds else [] for kind in KINDS}
    for row in args.rows:
        started = time.monotonic()
        model, sentences, unseen = open_row(args, row, world)
        with torch.autocast("cpu", torch.bfloat16, enabled=args.fast):
            figures, counts = evaluate_row(model, sentences, world, unseen, variants, args.sliding)
        if args.sliding:
            figures = {f"{name} sliding": value for name, value in figures.items()}
        seconds = round(time.monotonic() - started, 1)
        if args.counts is not None:
            args.counts.mkdir(parents=True, exist_ok=True)
            kept = args.counts / f"{folder_of(row)}{'-sliding' if args.sliding else ''}.npz"
            if kept.exists():
                with np.load(kept) as earlier:
                    counts = {**earlier, **counts}
            np.savez_compressed(kept, **counts)
        said = "  ".join(
            f"{name} {100 * f['value']:.1f} [{100 * f['interval'][0]:.1f}, {100 * f['interval'][1]:.1f}]"
            for name, f in figures.items()
        )
        print(f"{row}: {said}  ({seconds:.0f} s)", flush=True)
        if args.out is not None:
            data = {"name": args.data.name, "seed": world.info["seed"], "count": len(world)}
            write_figures(args.out, row, data, figures, seconds)


def write_figures(path: Path, row: str, data: dict, figures: dict[str, dict], seconds: float) -> None:
    """Adds a row's figures to a JSON file; other rows, and the row's other figures, stay."""
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else {}
    before = rows.get(row, {}).get("figures", {})
    rows[row] = {"figures": {**before, **figures}, "seconds": seconds}
    text = json.dumps({"schema": "maskloom.lmseg-figures/1", "data": data, "rows": rows}, indent=1) + "\n"
    replace_file(path, lambda stream: stream.write(text.encode("utf-8")))


def open_row(args: argparse.Namespace, row: str, world: World) -> tuple:
    """(model, sentence encoder, unseen names) of a row from checkpoints or from a bundle."""
    if args.bundle is not None:
        block = json.loads((args.bundle / "bundle.json").read_text(encoding="utf-8"))["presets"]["lmseg"]
        sentences = SentenceEncoder(load_tokenizer(args.bundle), block["text"]["maxTokens"])
        return OnnxLmseg(args.bundle, row), sentences, block["heldOutClasses"]
    from .train import load_lmseg

    model, config = load_lmseg(args.runs / "lmseg" / folder_of(row) / "checkpoint.pt")
    sentences = SentenceEncoder(load_tokenizer(args.runs / "tokenizer"), model.clip.settings.text_length)
    names = [c["name"] for c in world.vocabulary["invented"]]
    return round_to_half(model), sentences, held_out_names(names, config["held_out_seed"])


if __name__ == "__main__":
    main()
