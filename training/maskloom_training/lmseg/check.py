"""Compare LMSeg's graphs in a bundle with PyTorch on fresh inputs, with other numbers of classes than the export's:

python -m maskloom_training.lmseg.check --runs training/runs --bundle packages/bundle-ablations/bundle
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from ..bundle_add import TOLERANCE
from ..onnx_tools import largest_difference, open_session, round_to_half
from ..sam.export import check_encoder
from .bundle import ROLES
from .graphs import encoder_graphs, row_graphs
from .recipes import folder_of
from .train import load_lmseg

COUNTS = (1, 9)
"""Classes at once."""


def differences(runs: Path, bundle: Path) -> dict[str, float]:
    """Largest difference of each model that an lmseg recipe of the bundle names, by model id."""
    manifest = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    found: dict[str, float] = {}
    for recipe_id, entry in manifest["recipes"].items():
        if not recipe_id.startswith("lmseg/"):
            continue
        roles = entry["models"]
        model, _ = load_lmseg(runs / "lmseg" / folder_of(recipe_id) / "checkpoint.pt")
        found[roles["samEncoder"]] = check_encoder(model.sam, bundle / manifest["models"][roles["samEncoder"]]["file"])
        twin = round_to_half(model)
        twin.upsample.to(memory_format=torch.contiguous_format)
        encoders = {{"clip-dense": "clipDense", "clip-text": "clipText"}[k]: g for k, g in encoder_graphs(twin).items()}
        for count in COUNTS:
            row = {ROLES[name]: graph for name, graph in row_graphs(twin, count).items()}
            for role, graph in {**encoders, **row}.items():
                session = open_session(bundle / manifest["models"][roles[role]]["file"])
                inputs = dict(zip(graph.input_names, graph.inputs, strict=True))
                worst = largest_difference(graph.module, session, inputs)
                found[roles[role]] = max(found.get(roles[role], 0.0), worst)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--bundle", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(5)
    found = differences(args.runs, args.bundle)
    for model, value in sorted(found.items()):
        print(f"{model:44s} {value:.1e} {'ok' if value <= TOLERANCE else 'DIFFERS'}")
    if any(not value <= TOLERANCE for value in found.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
