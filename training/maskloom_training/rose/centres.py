"""Add the control of ROSE's table 3 to a bundle that has rose/patch: `rose/patch-centres`, plain SAM prompted by one
point at each patch that proposes.

    python -m maskloom_training.rose.centres --bundle packages/bundle-ablations/bundle

Nothing is trained for it: patches and names are rose/patch's, the mask decoder is the one that SAM was trained with.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..bundle_add import adding

SOURCE, CONTROL = "rose/patch", "rose/patch-centres"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--like", type=Path, default=Path("packages/bundle-tiny/bundle"), help="has SAM's own decoder")
    args = parser.parse_args()
    with adding(args.bundle) as bundle:
        bundle.copy_model("sam-decoder", args.like)
        own = bundle.manifest["recipes"][SOURCE]
        kept = {key: value for key, value in own.items() if key != "heldOut"}
        bundle.recipe(CONTROL, kept | {"models": own["models"] | {"samDecoder": "sam-decoder"}})
    print(f"{args.bundle}: {CONTROL} added")


if __name__ == "__main__":
    main()
