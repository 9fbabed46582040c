"""Add refinement paradigms to a bundle, leaving its other entries as they are:

    python -m maskloom_training.refine.bundle --runs training/runs --paradigms concat \\
        --bundle packages/bundle-tiny/bundle [--figures FILE.json]

SAM's encoder is shared with the other systems; everything else is the paradigm's own, the projector too where no other
system has brought the same one.
"""

from __future__ import annotations

import argparse
import copy
import json
from pathlib import Path

import torch

from ..bundle_add import BundleAddition, adding, new_bundle
from ..checkpoint import load_checkpoint
from ..llava.export import Graph, embedding_graph, language_graph, projector_graph
from ..onnx_tools import round_to_half
from ..rose.analyzer import PatchAnalyzer
from ..rose.bundle import onevision_preset, siglip_preset, stage_record
from ..rose.export import exportable_model, exportable_siglip, tower_graph
from ..rose.recipes import RoseWeights
from ..sam.export import check_decoder, check_encoder, export_decoder, export_encoder
from .instructions import load_instructions
from .model import RefineTiny
from .painting import ALPHA, COLOUR, PARADIGMS
from .predict import ASKED, Options
from .train import load_refine


class RefineHeads(torch.nn.Module):
    """states [P,D] -> objectness [P] (logit), mask_embeddings [P,C], category_embeddings [P,D]."""

    def __init__(self, analyzer: PatchAnalyzer) -> None:
        super().__init__()
        self.analyzer = analyzer

    def forward(self, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        own = self.analyzer
        return own.objectness(states)[..., 0], own.mask(states), own.category(states)


def heads_graph(analyzer: PatchAnalyzer, width: int) -> Graph:
    """The patch-analyzer graph without the SigLIP head, which refinement does not train."""
    names = ["objectness", "mask_embeddings", "category_embeddings"]
    module = RefineHeads(round_to_half(copy.deepcopy(analyzer)).eval())
    return Graph(module, (torch.randn(5, width),), ["states"], names, {n: {0: "P"} for n in ["states", *names]})


def add_paradigm(bundle: BundleAddition, paradigm: str, model: RefineTiny, options: Options, entry: dict) -> None:
    """Export one paradigm under refine-<paradigm>/ and write its recipe; `entry` adds to it."""
    folder = f"refine-{paradigm}"
    words = exportable_model(model.onevision)
    graphs = {
        "siglipTower": ("siglip-tower", tower_graph(exportable_siglip(model.siglip))),
        "projector": ("projector", projector_graph(words)),
        "tokenEmbedding": ("token-embedding", embedding_graph(words)),
        "languageModel": ("language-model", language_graph(words)),
        "patchAnalyzer": ("patch-analyzer", heads_graph(model.analyzer, words.settings.hidden)),
    }
    roles = {"samEncoder": "sam-encoder", "samDecoder": f"{folder}/sam-decoder"}
    for role, (name, graph) in graphs.items():
        bundle.model(f"{folder}/{name}", graph)
        roles[role] = f"{folder}/{name}"
    if "sam-encoder" not in bundle.manifest["models"]:
        path = bundle.directory / "sam-encoder.onnx"
        export_encoder(model.sam, path)
        bundle.file("sam-encoder", path, check_encoder(model.sam, path))
    path = bundle.directory / folder / "sam-decoder.onnx"
    export_decoder(model.sam, path)
    bundle.file(f"{folder}/sam-decoder", path, check_decoder(model.sam, path))
    refine = {
        "paradigm": paradigm,
        "situations": load_instructions().wordings,
        "colour": list(COLOUR),
        "alpha": ALPHA,
        "boxPrompt": options.box_prompt,
        "maskPrompt": options.mask_prompt,
        "fit": options.fit,
        "asked": ASKED,
    }
    bundle.recipe(
        f"refine/{paradigm}",
        {"models": roles, "points": "none", "presets": {"refine": refine}, "trainedFor": True, **entry},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--paradigms", nargs="+", choices=PARADIGMS, required=True)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--name", default="ablations", help="name of the bundle where it is new")
    parser.add_argument("--like", type=Path, default=Path("packages/bundle-tiny/bundle"))
    parser.add_argument("--figures", type=Path, default=None, help="JSON that refine/evaluate.py wrote")
    parser.add_argument("--no-box-prompt", action="store_true")
    parser.add_argument("--no-mask-prompt", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    figures = {} if args.figures is None else json.loads(args.figures.read_text())
    options = Options(not args.no_box_prompt, not args.no_mask_prompt)
    new_bundle(args.bundle, args.name, args.like)
    with adding(args.bundle) as bundle:
        for paradigm in args.paradigms:
            path = args.runs / "refine" / paradigm / "checkpoint.pt"
            _, model, config = load_refine(path)
            if "siglip" not in bundle.manifest["presets"]:
                bundle.preset("siglip", siglip_preset(model.siglip.settings, float(model.siglip.logit_scale.exp())))
            if "onevision" not in bundle.manifest["presets"]:
                weights = RoseWeights(model.onevision, model.sam, model.analyzer, None)
                bundle.preset("onevision", onevision_preset(weights.model.settings))
            entry: dict = {"seed": config["seed"], "steps": load_checkpoint(path, "refine")["step"]}
            if paradigm in figures.get("paradigms", {}):
                entry["heldOut"] = figures["paradigms"][paradigm] | {"SAM alone": figures["SAM alone"]}
            add_paradigm(bundle, paradigm, model, options, entry)
            bundle.origin(f"refine/{paradigm}", stage_record(path, "refine"))
        worst = max(bundle.differences.values())
    print(f"{args.bundle}: {', '.join(args.paradigms)} added; PyTorch and ONNX Runtime within {worst:.1e}")


if __name__ == "__main__":
    main()
