"""One case of the parity at real widths, in a process of its own:

    python -m large.parity CASE --out CASE.json [--dtype f32 ...] [--threads N]
    python -m large.parity --list

`scripts/parity-real.mjs` runs them one after the other.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import torch
import transformers

from .cases import CASES
from .random_weights import SEED


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="?", choices=list(CASES))
    parser.add_argument("--list", action="store_true", help="print the cases' names, and end")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--dtype", nargs="+", help="only these forms of the weights")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    if args.list:
        print("\n".join(CASES))
        return
    if args.case is None or args.out is None:
        parser.error("a case and --out are needed")
    torch.set_num_threads(args.threads)
    case = CASES[args.case]
    with tempfile.TemporaryDirectory(prefix="maskloom-parity-") as work:
        rows = case.run(args.case, args.dtype or case.dtypes, Path(work))
    versions = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}
    found = {"summary": case.summary, "seed": SEED, "versions": versions, "rows": [row.json() for row in rows]}
    args.out.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
