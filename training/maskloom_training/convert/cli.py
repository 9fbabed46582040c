"""A published checkpoint to a bundle:

    maskloom-convert NAME SRC OUT --dtype f32|f16|q8|q4

SRC is a folder, a file, or a repository of the Hugging Face hub; OUT a folder that is not there yet. Every graph is
compared with PyTorch on its first layers before it is written; nothing is left behind when one differs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from .checkpoints import CHECKPOINTS
from .graph import DTYPES
from .source import open_source
from .tensors import CheckpointError


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status: 0, or 1 with one line that says what is wrong."""
    parser = argparse.ArgumentParser(
        prog="maskloom-convert",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Names:\n" + "\n".join(f"  {n:24} {c.summary}" for n, c in sorted(CHECKPOINTS.items())),
    )
    parser.add_argument("name", metavar="NAME", choices=sorted(CHECKPOINTS), help="what kind of checkpoint it is")
    parser.add_argument("source", metavar="SRC", help="folder, file, or owner/name of the hub")
    parser.add_argument("out", metavar="OUT", type=Path, help="the bundle's folder, made by this command")
    parser.add_argument("--dtype", choices=DTYPES, default="f32", help="how weights are stored (default f32)")
    parser.add_argument("--revision", help="of the hub's repository: branch, tag or commit")
    parser.add_argument("--license", help="licence of the weights (SPDX), in place of the one known for NAME")
    parser.add_argument(
        "--vision", help="vision tower, where SRC does not hold it: folder or hub id; default: what SRC names"
    )
    parser.add_argument("--template", help="conversation template, in place of the one that NAME was trained with")
    parser.add_argument(
        "--tokenizer", help="tokenizer, where SRC has none: folder or hub id; default for cat-seg: OpenAI's CLIP"
    )
    parser.add_argument("--row", help="which of this kit's runs (rose/patch)")
    parser.add_argument("--threads", type=int, default=None, help="for the comparison with PyTorch")
    args = parser.parse_args(arguments)
    if args.threads is not None:
        torch.set_num_threads(args.threads)
    known = CHECKPOINTS[args.name]
    try:
        source = open_source(args.source, args.revision)
        options = {key: value for key in known.options if (value := getattr(args, key)) is not None}
        unused = [
            k
            for k in ("vision", "template", "tokenizer", "row")
            if getattr(args, k) is not None and k not in known.options
        ]
        if unused:
            raise CheckpointError(f"--{unused[0]} means nothing for {args.name}.")
        known.convert(
            source, args.out, dtype=args.dtype, name=args.name, license=args.license or known.license, **options
        )
    except (CheckpointError, ValueError, OSError) as error:
        print(f"maskloom-convert: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
