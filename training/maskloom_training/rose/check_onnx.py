"""Compare ROSE's graphs of a bundle with PyTorch on fresh inputs of other lengths than those of the export:

python -m maskloom_training.rose.check_onnx --bundle DIR --runs DIR
"""

from __future__ import annotations

import argparse
import copy
import json
from pathlib import Path

import torch

from ..check_onnx import TOLERANCE, chooses_logits, language_inputs, language_module
from ..llava.export import TokenEmbedding
from ..onevision.train import load_onevision
from ..onnx_tools import largest_difference, open_session, round_to_half
from ..sam.export import check_decoder
from ..siglip.train import load_siglip
from .bundle import row_source, run_folder
from .export import SiglipText, SiglipTower, exportable_model, exportable_siglip
from .train import load_rose


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--bundle", type=Path, default=Path("packages/bundle-tiny/bundle"))
    parser.add_argument("--rows", nargs="*", default=[], help="ID=FOLDER where a row's run has another name")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(5)
    manifest = json.loads((args.bundle / "bundle.json").read_text())
    found: dict[str, float] = {}

    def path(model: str) -> Path:
        return args.bundle / manifest["models"][model]["file"]

    def compare(model: str, module: torch.nn.Module, *cases: dict[str, torch.Tensor]) -> None:
        session = open_session(path(model))
        found[model] = max(largest_difference(module.eval(), session, case) for case in cases)

    siglip = exportable_siglip(load_siglip(args.runs / "siglip" / "checkpoint.pt"))
    s = siglip.settings
    sides = (torch.randn(n, s.planes, s.image_size, s.image_size) for n in (1, 3))
    compare("siglip-tower", SiglipTower(siglip), *({"pixel_values": x} for x in sides))
    texts = []
    for rows, length in ((1, 2), (4, 13)):
        mask = torch.ones(rows, length, dtype=torch.long)
        mask[0, length // 2 + 1 :] = 0
        texts.append({"input_ids": torch.randint(0, s.vocabulary, (rows, length)), "attention_mask": mask})
    compare("siglip-text", SiglipText(siglip), *texts)
    base = exportable_model(load_onevision(args.runs / "onevision" / "checkpoint.pt"))
    width, tokens = base.settings.vision_width, base.settings.image_tokens
    compare("rose-projector", base.projector, *({"patch_features": torch.randn(n, tokens, width)} for n in (1, 3)))
    for row, entry in manifest["recipes"].items():
        roles = entry["models"]
        folder = dict(row_source(r) for r in args.rows).get(row, run_folder(row))
        run = args.runs / "rose" / folder / "checkpoint.pt"
        if "siglipTower" not in roles or not run.exists():
            continue
        _, weights, _ = load_rose(run)
        model = exportable_model(weights.model)
        w = model.settings
        ids = ({"input_ids": torch.randint(0, w.vocabulary, shape)} for shape in ((1, 1), (3, 9)))
        compare(roles["tokenEmbedding"], TokenEmbedding(model.llama.embed_tokens), *ids)
        lengths = ((1, 0, 280), (1, 280, 5), (20, 3, 10), (4, 290, 1))
        session = open_session(path(roles["languageModel"]))
        cases = (language_inputs(w, *c, chosen=chooses_logits(session)) for c in lengths)
        compare(roles["languageModel"], language_module(session, model.language_model), *cases)
        if weights.analyzer is not None:
            analyzer = round_to_half(copy.deepcopy(weights.analyzer))
            compare(roles["patchAnalyzer"], analyzer, *({"states": torch.randn(n, w.hidden)} for n in (1, 256)))
        else:
            projection = round_to_half(copy.deepcopy(weights.projection))
            compare(roles["segProjection"], projection, *({"hidden": torch.randn(n, w.hidden)} for n in (1, 7)))
        found[roles["samDecoder"]] = check_decoder(weights.sam, path(roles["samDecoder"]))
    for model, value in sorted(found.items()):
        print(f"{model:44s} {value:.1e} {'ok' if value <= TOLERANCE else 'DIFFERS'}")
    if any(not v <= TOLERANCE for v in found.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
