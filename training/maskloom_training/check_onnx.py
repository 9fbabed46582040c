"""Compare every graph of a bundle with PyTorch: `python -m maskloom_training.check_onnx --bundle DIR --runs DIR`.

Fresh inputs, other lengths than those of the export (an empty cache among them), tolerance 1e-4.
"""

from __future__ import annotations

import argparse
import copy
import json
from pathlib import Path

import onnxruntime
import torch

from .bundle import language_only, trained_pieces
from .llava.export import CachedLanguageModel, ChosenLogits, ClipTower, TokenEmbedding, cache_names
from .lmseg.check import differences as lmseg_differences
from .onnx_tools import largest_difference, open_session, round_to_half
from .sam.export import check_decoder, check_encoder
from .segment.recipes import RECIPES, SHARED

TOLERANCE = 1e-4


def chooses_logits(session: onnxruntime.InferenceSession) -> bool:
    """Whether a language-model graph takes the positions whose logits it gives; older ones give all."""
    return any(port.name == "logits_at" for port in session.get_inputs())


def language_module(session: onnxruntime.InferenceSession, model: torch.nn.Module) -> CachedLanguageModel:
    """What a language-model graph is to be compared with."""
    return (ChosenLogits if chooses_logits(session) else CachedLanguageModel)(model)


def language_inputs(settings, batch: int, past: int, new: int, chosen: bool = False) -> dict[str, torch.Tensor]:
    """Random inputs of the language-model graph; `chosen`: of one that takes `logits_at`."""
    width = settings.hidden // settings.heads
    inputs = {
        "inputs_embeds": torch.randn(batch, new, settings.hidden),
        "attention_mask": torch.ones(batch, past + new, dtype=torch.long),
        "position_ids": torch.arange(past, past + new).expand(batch, -1).contiguous(),
    }
    if chosen:
        inputs["logits_at"] = torch.tensor([new - 1])
    for name in cache_names("past_key_values", settings.layers):
        inputs[name] = torch.randn(batch, settings.heads, past, width)
    return inputs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"))
    parser.add_argument("--bundle", type=Path, default=Path("packages/bundle-tiny/bundle"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(5)
    pieces = trained_pieces(args.runs)
    models = json.loads((args.bundle / "bundle.json").read_text())["models"]

    def path(model: str) -> Path:
        return args.bundle / models[model]["file"]

    found: dict[str, float] = {}

    def compare(model: str, module: torch.nn.Module, *cases: dict[str, torch.Tensor]) -> None:
        session = open_session(path(model))
        found[model] = max(largest_difference(module.eval(), session, case) for case in cases)

    found["sam-encoder"] = check_encoder(pieces.sam, path("sam-encoder"))
    found["sam-decoder"] = check_decoder(pieces.sam, path("sam-decoder"))
    clip = round_to_half(copy.deepcopy(pieces.clip))
    side = clip.settings.image_size
    compare("clip-tower", ClipTower(clip), *({"pixel_values": torch.randn(n, 3, side, side)} for n in (1, 3)))
    for recipe_id, weights in pieces.recipes.items():
        if recipe_id in SHARED:
            continue
        recipe = RECIPES[recipe_id]
        llava, s = language_only(weights.llava), weights.llava.settings
        if "projector" not in found:
            cases = ({"patch_features": torch.randn(n, s.image_tokens, s.vision_width)} for n in (1, 3))
            compare("projector", llava.projector, *cases)
        ids = ({"input_ids": torch.randint(0, s.vocabulary, shape)} for shape in ((1, 1), (3, 9)))
        compare(f"{recipe.folder}/token-embedding", TokenEmbedding(llava.llama.embed_tokens), *ids)
        lengths = ((1, 0, 261), (1, 261, 9), (4, 270, 1), (2, 0, 1))
        session = open_session(path(f"{recipe.folder}/language-model"))
        cases = (language_inputs(s, *c, chosen=chooses_logits(session)) for c in lengths)
        compare(f"{recipe.folder}/language-model", language_module(session, llava.language_model), *cases)
        if recipe.embeds:
            projection = round_to_half(copy.deepcopy(weights.projection))
            cases = ({"hidden": torch.randn(n, s.hidden)} for n in (1, 7))
            compare(f"{recipe.folder}/seg-projection", projection, *cases)
        found[f"{recipe.folder}/sam-decoder"] = check_decoder(weights.sam, path(f"{recipe.folder}/sam-decoder"))
    found |= {k: v for k, v in lmseg_differences(args.runs, args.bundle).items() if k not in found}
    for model in sorted(models):
        value = found.get(model)
        verdict = "NOT CHECKED" if value is None else f"{value:.1e} {'ok' if value <= TOLERANCE else 'DIFFERS'}"
        print(f"{model:38s} {verdict}")
    if set(found) != set(models) or any(not v <= TOLERANCE for v in found.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
