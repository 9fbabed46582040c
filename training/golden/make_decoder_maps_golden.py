"""Golden values for the similarity of `<SEG>` with SAM's image tokens (READ, figure 1d), from PyTorch:

    PYTHONPATH=training python training/golden/make_decoder_maps_golden.py

The decoder is that of read/full in the embedded bundle, its weights read out of the graph into Hugging Face's modules;
features, embeddings and points are formulas that the test repeats. Maps are the dot products of one token with every
cell, without the cells of a 160 x 96 picture's padding. Writes test/parity/golden/decoder-maps.json.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import torch

from maskloom_training.from_bundle import fill, recovered, stored_weights, write_codes
from maskloom_training.sam.config import SamTinyConfig
from maskloom_training.sam.export import write_decoder
from maskloom_training.sam.model import SamTiny, with_pad_point

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "packages/bundle-tiny/bundle"
MODEL = "read-full/sam-decoder"
OUT = ROOT / "test/parity/golden/decoder-maps.json"
POINTS = ((40.0, 30.0, 1), (90.0, 20.0, 0))
SEEN_ROWS, COLUMNS = 10, 16
"""160 x 96 becomes 128 x 77 pixels of SAM's 128: the last cell that holds some of them is the tenth of 16."""


def numbers(count: int, step: int) -> torch.Tensor:
    """count values in -1..1 that any language makes alike."""
    return ((torch.arange(count, dtype=torch.float64) * step) % 2003 / 1001.5 - 1).float()


def decoder(manifest: dict) -> SamTiny:
    settings = SamTinyConfig.from_dict(manifest["origin"]["config"]["sam"]["model"])
    model, twin = SamTiny(settings, "eager").eval(), SamTiny(settings, "eager").eval()
    codes = write_codes(twin)
    with tempfile.TemporaryDirectory() as folder:
        coded = stored_weights(write_decoder(twin, Path(folder) / "twin.onnx", tokens=True))
    image_encoder = {name for name in codes if name.startswith("vision_encoder.")}
    fill(model, recovered(codes, coded, BUNDLE / manifest["models"][MODEL]["file"]), image_encoder)
    return model


@torch.no_grad()
def main() -> None:
    torch.set_num_threads(1)
    manifest = json.loads((BUNDLE / "bundle.json").read_text(encoding="utf-8"))
    model = decoder(manifest)
    width, grid = model.tiny.embed, model.tiny.grid
    image = numbers(width * grid * grid, 7919).reshape(1, width, grid, grid)
    embeddings = numbers(2 * width, 613).reshape(2, 1, width)
    xy = torch.tensor([[p[:2] for p in POINTS]])
    labels = torch.tensor([[p[2] for p in POINTS]])
    pointed = torch.cat([model.embed_points(*with_pad_point(xy, labels)), embeddings[1:]], dim=1)
    cases = []
    for name, sparse in (("embedding alone", embeddings[:1]), ("embedding and points", pointed)):
        _, _, tokens, cells = model.decode_with_tokens(image, sparse, model.no_mask(1))
        for token, place in (("embedding", -1), ("released", -2)):
            scores = (cells[0] @ tokens[0, place]).reshape(grid, grid)[:SEEN_ROWS, :COLUMNS]
            cases.append({"prompt": name, "token": token, "map": [round(v, 6) for v in scores.flatten().tolist()]})
    sha256 = manifest["models"][MODEL]["sha256"]
    OUT.write_text(json.dumps({"model": MODEL, "sha256": sha256, "cases": cases}) + "\n", encoding="utf-8")
    print(f"{OUT}: {len(cases)} maps of {SEEN_ROWS} x {COLUMNS}")


if __name__ == "__main__":
    main()
