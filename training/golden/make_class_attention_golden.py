"""Golden values for the class attention of CAT-Seg, from a PyTorch re-statement of its layer.

    python training/golden/make_class_attention_golden.py

Written from the method's description: pre-norm linear attention (feature map elu(x) + 1) over all classes at each cell,
queries and keys made of a cell's embedding joined with the class's text guidance, a ReLU MLP, each with its residual; then
the layer's input is added once more (`twice`). `once` is the same without that last addition. Shares no code with the kit
or with the TypeScript that it checks. Writes packages/plugins/lmseg/fixtures/class-attention-golden.json.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

OUT = Path(__file__).resolve().parents[2] / "packages/plugins/lmseg/fixtures/class-attention-golden.json"
SIDE, CLASSES, TEXT, DIM, HEADS = 2, 5, 3, 4, 2


class Layer(nn.Module):
    """x [cells,T,D], guidance [cells,T,D] -> [cells,T,D], without the outer residual."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(DIM), nn.LayerNorm(DIM)
        self.q, self.k, self.v = nn.Linear(2 * DIM, DIM), nn.Linear(2 * DIM, DIM), nn.Linear(DIM, DIM)
        self.mlp = nn.Sequential(nn.Linear(DIM, 2 * DIM), nn.ReLU(), nn.Linear(2 * DIM, DIM))

    def attention(self, x: torch.Tensor, guidance: torch.Tensor) -> torch.Tensor:
        joined = torch.cat([x, guidance], dim=-1)
        heads = lambda t: t.reshape(*t.shape[:2], HEADS, DIM // HEADS)  # noqa: E731
        q, k, v = heads(F.elu(self.q(joined)) + 1), heads(F.elu(self.k(joined)) + 1), heads(self.v(x))
        kv = torch.einsum("nshd,nshv->nhdv", k, v)
        z = 1 / (torch.einsum("nlhd,nhd->nlh", q, k.sum(1)) + 1e-6)
        return torch.einsum("nlhd,nhdv,nlh->nlhv", q, kv, z).reshape(x.shape)

    def forward(self, x: torch.Tensor, guidance: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.norm1(x), guidance)
        return x + self.mlp(self.norm2(x))


def main() -> None:
    torch.manual_seed(5)
    torch.set_default_dtype(torch.float64)
    layer, guide = Layer(), nn.Linear(TEXT, DIM)
    embed, up = torch.randn(2, DIM), torch.randn(DIM)
    for norm in (layer.norm1, layer.norm2):
        nn.init.normal_(norm.weight, 1, 0.3)
        nn.init.normal_(norm.bias, 0, 0.3)
    grid = F.normalize(torch.randn(TEXT, SIDE * SIDE), dim=0)
    text = F.normalize(torch.randn(CLASSES, TEXT), dim=1)
    with torch.no_grad():
        x = (text @ grid).T[..., None] * embed[0] + embed[1]
        guidance = F.relu(guide(text)).expand(SIDE * SIDE, CLASSES, DIM)
        inner = layer(x, guidance)
        logits = {"once": inner @ up, "twice": (x + inner) @ up}
    state = {**layer.state_dict(), **{f"guide.{k}": v for k, v in guide.state_dict().items()}}
    golden = {
        "side": SIDE,
        "heads": HEADS,
        "weights": {k: v.tolist() for k, v in state.items()},
        "embed": embed.tolist(),
        "up": up.tolist(),
        "grid": grid.tolist(),
        "text": text.tolist(),
        "logits": {k: v.T.tolist() for k, v in logits.items()},
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
