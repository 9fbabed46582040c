"""ROSE's heads over patch states as one graph: objectness, mask, category and text embeddings."""

from __future__ import annotations

import torch

from ..rose.analyzer import PatchAnalyzer
from .graph import Graph
from .pieces import Piece
from .tensors import Tensors

OUTPUTS = {
    "objectness": "objectness",
    "mask": "mask_embeddings",
    "category": "category_embeddings",
    "text": "text_embeddings",
}


def analyzer_piece(tensors: Tensors) -> Piece:
    """states [P,D] -> objectness [P], mask_embeddings [P,C], category_embeddings [P,D], text_embeddings [P,De] (unit).

    Tensor names are those of PatchAnalyzer.
    """
    hidden, width = tensors.shape("mask.0.weight")

    def write(g: Graph) -> None:
        states = g.input("states", ["P", width])
        for head, name in OUTPUTS.items():
            x = g.linear(g.activation(g.linear(states, f"{head}.0"), "relu"), f"{head}.2")
            if head == "objectness":
                g.output(g.op("Squeeze", x, g.ints(1)), name, ["P"])
                continue
            if head == "text":
                length = g.op("Max", g.op("ReduceL2", x, g.ints(1), keepdims=1), g.floats(1e-12))
                x = g.op("Div", x, length)
            g.output(x, name, ["P", tensors.shape(f"{head}.2.weight")[0]])

    def reference(stored: dict[str, torch.Tensor]):
        sizes = [tensors.shape(f"{head}.2.weight")[0] for head in ("mask", "text")]
        model = PatchAnalyzer(width, *sizes, hidden).eval()
        model.load_state_dict(stored)
        return model, {"states": torch.randn(5, width, generator=torch.Generator().manual_seed(0))}

    return Piece("patch-analyzer", tensors, write, write, reference)
