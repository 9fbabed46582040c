"""Train a system at real size; `--plan` says what it needs and ends:

    accelerate launch --config_file training/configs/accelerate/fsdp.yaml -m maskloom_training.real.train \\
        --config training/configs/real/read-7b.json --data DIR --weights DIR --clip DIR --sam FILE --out DIR

Without --weights the weights are random; --layers and --vocabulary cut the depth for a start on a small machine.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from ..loop import train
from .config import cut, read_config
from .plan import ENGINES, plan


def make_stage(config: dict, args: argparse.Namespace):
    """The stage of a configuration's system, with random weights or those that are given."""
    torch.manual_seed(config["seed"])
    if config["system"] == "segment":
        from .lisa import Lisa
        from .segment import SegmentStage
        from .start import open_tokenizer, start_lisa

        tokenizer = open_tokenizer(args.weights, config["model"]["language"]["vocab_size"])
        weights = Lisa(config["model"], config["bfloat16"])
        start_lisa(weights, args.weights, args.clip, args.sam)
        return SegmentStage(config, args.data, tokenizer, weights)
    if config["system"] == "rose":
        from .rose import RoseRealStage
        from .rose_weights import RoseModel
        from .start import open_words, start_rose

        tokenizer = open_words(args.weights, config["model"]["onevision"]["vocabulary"])
        model = RoseModel(config["model"], config["recipe"], config["bfloat16"])
        start_rose(model, args.weights, args.clip, args.sam)
        return RoseRealStage(config, args.data, tokenizer, model)
    from .lmseg import LmsegRealStage, lmseg_model
    from .start import open_words, start_lmseg

    tokenizer = open_words(args.clip, config["model"]["clip"]["vocabulary"])
    lmseg, tuned = lmseg_model(config["model"], config["tune"])
    start_lmseg(lmseg, args.clip, args.sam)
    return LmsegRealStage(config, args.data, tokenizer, lmseg, tuned)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data", type=Path, help="the folder below which the configuration's data sets lie")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--weights", type=Path, help="folder of the language model (LLaVA-1.5, LISA, READ, SESAME)")
    parser.add_argument("--clip", type=Path, help="folder of the vision tower")
    parser.add_argument("--sam", type=Path, help="segment-anything's .pth, or a folder of Hugging Face's")
    parser.add_argument("--layers", type=int, help="layers of every tower and language model, for a try")
    parser.add_argument("--vocabulary", type=int, help="rows of the tables of words, for a try on random weights")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="in place of the configuration's")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--plan", action="store_true", help="print what a GPU needs, and end; nothing is loaded")
    parser.add_argument("--processes", type=int, default=8, help="with --plan: how many GPUs")
    parser.add_argument("--engine", choices=ENGINES, help="with --plan: only this one")
    args = parser.parse_args()
    config = cut(read_config(args.config, args.set), args.layers, args.vocabulary)
    if args.plan:
        print(plan(config, args.processes, [args.engine] if args.engine else list(ENGINES)))
        return
    for name in ("data", "out"):
        if getattr(args, name) is None:
            parser.error(f"--{name} is needed to train (not with --plan)")
    torch.set_num_threads(config["threads"])
    train(make_stage(config, args), config, args.out, resume=args.resume)


if __name__ == "__main__":
    main()
