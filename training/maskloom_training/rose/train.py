"""Fine-tune one row of ROSE's tables from OneVision-tiny's base (what is learnt and how: `rose/stage.py`):

    python -m maskloom_training.rose.train --recipe rose/patch --config training/configs/rose-tiny.json \\
        --data DIR --val DIR --tokenizer DIR --siglip F --onevision F --sam F --features DIR --out DIR \\
        [--seed N] [--steps N]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from ..checkpoint import load_checkpoint
from ..loop import train
from ..onevision.model import OneVisionSettings, OneVisionTiny
from ..onevision.prompts import OneVisionPrompts
from ..onevision.train import load_onevision
from ..sam.config import SamTinyConfig
from ..sam.model import SamTiny
from ..sam.train import load_sam
from ..siglip.train import load_siglip
from ..text.tokenizer import load_tokenizer
from ..world import World
from .lora import add_adapters, merged
from .recipes import RECIPES, Lora, RoseRecipe, RoseWeights
from .stage import RoseStage


def plain_weights(stage: RoseStage) -> RoseWeights:
    """The stage's weights with the adapters merged."""
    w = stage.weights
    return RoseWeights(merged(w.model), w.sam, w.analyzer, w.projection).eval()


def load_rose(path: Path) -> tuple[RoseRecipe, RoseWeights, dict]:
    """(recipe, weights with adapters merged, config) of a checkpoint, in eval mode and frozen."""
    saved = load_checkpoint(path, "rose")
    config = saved["config"]
    options = dict(config["recipe"])
    lora = options.pop("lora")
    recipe = RoseRecipe(**options, lora=Lora(tuple(lora["targets"]), lora["alpha"], lora["rank"]))
    model = OneVisionTiny(OneVisionSettings(**config["onevision"]))
    sam = SamTiny(SamTinyConfig.from_dict(config["sam"]), "eager")
    weights = RoseWeights.new(recipe, model, sam, config["text_width"])
    add_adapters(model, recipe.lora)
    weights.load_state_dict(saved["modules"]["weights"])
    plain = RoseWeights(merged(model), sam, weights.analyzer, weights.projection)
    return recipe, plain.eval().requires_grad_(False), config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", choices=sorted(RECIPES), required=True)
    for name in ("config", "data", "val", "tokenizer", "siglip", "onevision", "sam", "features", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=None, help="in place of the configuration's")
    parser.add_argument("--steps", type=int, default=None, help="in place of the configuration's")
    parser.add_argument("--start", type=Path, default=None, help="this row's own checkpoint to go on from")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    start = None
    if args.start is not None:
        start = load_rose(args.start)[1]
        saved = load_checkpoint(args.start, "rose")
        earlier = saved["config"].get("steps_before", 0) + saved["step"]
        config |= {"steps_before": earlier, "help_until": 0.0, "eval_every": 10**9}
    if args.seed is not None:
        config["seed"] = args.seed
    if args.steps is not None:
        config["steps"] = args.steps
    torch.set_num_threads(config.get("threads", 1))
    data, held_out = World(args.data, limit=config.get("images")), World(args.val, limit=config.get("val_images", 60))
    stage = RoseStage(
        RECIPES[args.recipe],
        config,
        data,
        held_out,
        OneVisionPrompts(load_tokenizer(args.tokenizer)),
        load_siglip(args.siglip),
        load_onevision(args.onevision),
        load_sam(load_checkpoint(args.sam, "sam")),
        args.features,
        start,
    )
    train(stage, config, args.out, resume=args.resume)


if __name__ == "__main__":
    main()
