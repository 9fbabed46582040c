"""Writes packages/metrics/fixtures/measures-golden.json: independent NumPy figures for the measures other than COCO's AP.

Run from the repository root: `training/.venv/bin/python training/golden/make_measures_golden.py`.
Everything here works on dense arrays by the definitions of the reference implementations, none of it on run lengths:

- referring: LISA's intersection and union by histograms of {0, 1} with truth 255 left out, IoU = I / (U + 1e-5) plus 1
  for an empty union, polygons added up as uint8 or joined; each switch on and off.
- semantic: MMSegmentation's `intersect_and_union` with `reduce_zero_label`, and Detectron2's `SemSegEvaluator`.
- panoptic: the matching of COCO's panoptic API.
- similarity: every threshold tried on the dense map.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from measures.panoptic import panoptic
from measures.referring import referring
from measures.semantic import semantic
from measures.similarity import similarity

OUT = Path(__file__).resolve().parents[2] / "packages/metrics/fixtures/measures-golden.json"


def main() -> None:
    """Writes the file."""
    golden = {
        "referring": referring(np.random.default_rng(1)),
        "semantic": semantic(np.random.default_rng(2)),
        "panoptic": panoptic(np.random.default_rng(3)),
        "similarity": similarity(np.random.default_rng(4)),
    }
    print(
        golden["referring"]["figures"][0],
        golden["referring"]["figures"][-1],
        golden["semantic"]["mmsegmentation"],
        golden["semantic"]["detectron2"],
    )
    print(golden["panoptic"]["stat"], golden["panoptic"]["figures"], golden["similarity"]["gIoU"])
    OUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
