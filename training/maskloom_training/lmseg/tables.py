"""The ablation tables as Markdown: `python -m maskloom_training.lmseg.tables FILE.json [--counts DIR]`.

FILE.json is what lmseg.evaluate wrote. With the counts per picture that it wrote too, each row also shows its
difference from the table's first row and that difference's 95 % interval (the same bootstrap pictures for both).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from ..tables import cell
from .recipes import folder_of
from .scores import Counts

BASE = "lmseg/tune-frozen"
TABLES: dict[str, tuple[tuple[str, str], ...]] = {
    "fusion": (
        ("learnable weight, scalar", BASE),
        *((name, f"lmseg/fusion-{row}") for name, row in (
            ("learnable weight per channel", "channel"),
            ("learnable weight per position", "position"),
            ("sum", "sum"),
            ("concatenation", "concat"),
            ("attention", "attention"),
            ("CLIP only", "clip"),
            ("SAM only", "sam"),
        )),
    ),
    "enhancement": (
        ("spatial and class", BASE),
        ("spatial", "lmseg/enhance-spatial"),
        ("class", "lmseg/enhance-class"),
        ("none", "lmseg/enhance-none"),
    ),
    "fine-tuning": (
        ("frozen", BASE),
        ("CLIP q and v", "lmseg/tune-clip"),
        ("SAM neck and qkv", "lmseg/tune-sam"),
        ("both", "lmseg/tune-both"),
    ),
}  # fmt: skip
FIGURES = ("listed", "seen", "unseen")
VARIANT = "all"


def read_counts(folder: Path, row: str) -> dict[str, Counts]:
    """Counts of a row by vocabulary ("listed", "invented") under VARIANT."""
    with np.load(folder / f"{folder_of(row)}.npz") as file:
        return {
            kind: Counts(file[f"{kind} {VARIANT} both"], file[f"{kind} {VARIANT} either"])
            for kind in ("listed", "invented")
        }


def difference(one: Counts, other: Counts, classes: list[int]) -> str:
    """ "+1.2 [0.3, 2.0]": `one` less `other` in points of mean IoU."""
    low, high = np.percentile(one.draws(classes) - other.draws(classes), [2.5, 97.5])
    return f"{100 * (one.mean_iou(classes) - other.mean_iou(classes)):+.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def table(rows: dict[str, dict], lines: tuple[tuple[str, str], ...], counts: Path | None, parts: dict) -> str:
    """One table; rows that were not measured are left out."""
    head = ["row", "recipe", *FIGURES, *([f"{f}, difference" for f in FIGURES] if counts else [])]
    out = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    base = lines[0][1]
    for name, row in lines:
        if row not in rows:
            continue
        cells = [name, f"`{row}`", *(cell(rows[row]["figures"][f"{f} {VARIANT}"]) for f in FIGURES)]
        if counts is not None:
            one, other = read_counts(counts, row), read_counts(counts, base)
            cells += [
                "" if row == base else difference(one[parts[f][0]], other[parts[f][0]], parts[f][1]) for f in FIGURES
            ]
        out.append("| " + " | ".join(cells) + " |")
    return "\n".join(out)


def prompts_table(figures: dict[str, dict]) -> str:
    """Mean IoU of one row by prompt variant."""
    variants = [v for v in ("name", "template", "colour", "shape-size", "texture-material", "all")]
    out = ["| prompt | listed | seen | unseen |", "| --- | --- | --- | --- |"]
    for v in variants:
        if f"unseen {v}" in figures:
            shown = [cell(figures[f"{f} {v}"]) if f"{f} {v}" in figures else "" for f in FIGURES]
            out.append(f"| {v} | " + " | ".join(shown) + " |")
    return "\n".join(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--counts", type=Path, default=None)
    parser.add_argument("--bundle", type=Path, default=Path("packages/bundle-tiny/bundle"))
    args = parser.parse_args()
    rows = json.loads(args.file.read_text(encoding="utf-8"))["rows"]
    block = json.loads((args.bundle / "bundle.json").read_text(encoding="utf-8"))["presets"]["lmseg"]
    words = block["vocabulary"]
    names = [c["name"] for c in words["invented"]]
    parts = {
        "listed": ("listed", list(range(len(words["shapes"]) + len(words["stuff"])))),
        "seen": ("invented", [i for i, n in enumerate(names) if n not in block["heldOutClasses"]]),
        "unseen": ("invented", [i for i, n in enumerate(names) if n in block["heldOutClasses"]]),
    }
    if "lmseg/full" in rows:
        print("prompts, `lmseg/full`\n\n" + prompts_table(rows["lmseg/full"]["figures"]) + "\n")
    for name, lines in TABLES.items():
        print(f"{name}\n\n{table(rows, lines, args.counts, parts)}\n")


if __name__ == "__main__":
    main()
