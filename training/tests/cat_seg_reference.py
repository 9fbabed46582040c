"""CAT-Seg stated again as functions of a state dictionary in its published names: random weights, and the whole system
on one picture. Written from the method and the released code's behaviour; shares nothing with the converter or the kit.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

CLIP, AGGREGATOR = "sem_seg_head.predictor.clip_model.", "sem_seg_head.predictor.transformer."
WIDTH, PROJECTION, PATCH, DEPTH, OLD_GRID = 64, 48, 8, 6, 7
GRID, WINDOW, DIM, HEADS, LAYERS, LIST = 8, 4, 64, 4, 2, 256
TAPS, TAP_CHANNELS, SIDE, TEXT_LENGTH = (1, 3), (24, 12), GRID * PATCH, 24
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def random_weights(words: int, seed: int = 0) -> dict[str, Tensor]:
    """A checkpoint of tiny widths."""
    torch.manual_seed(seed)
    made: dict[str, Tensor] = {}

    def tensor(name: str, *shape: int, std: float | None = None) -> None:
        fan = math.prod(shape[1:]) if len(shape) > 1 else 1
        made[name] = torch.randn(*shape) * (std if std is not None else 1.2 / math.sqrt(fan))

    def layer(name: str, *shape: int, bias: bool = True) -> None:
        tensor(f"{name}.weight", *shape)
        if bias:
            tensor(f"{name}.bias", shape[0], std=0.3)

    def norm(name: str, width: int) -> None:
        made[f"{name}.weight"], made[f"{name}.bias"] = torch.rand(width) + 0.5, torch.randn(width) * 0.3

    for side, depth in ((f"{CLIP}visual.", DEPTH), (CLIP, 2)):
        for i in range(depth):
            block = f"{side}transformer.resblocks.{i}"
            for part in "qkv":
                tensor(f"{block}.attn.{part}_proj_weight", WIDTH, WIDTH)
            tensor(f"{block}.attn.in_proj_bias", 3 * WIDTH, std=0.2)
            layer(f"{block}.attn.out_proj", WIDTH, WIDTH)
            norm(f"{block}.ln_1", WIDTH)
            norm(f"{block}.ln_2", WIDTH)
            layer(f"{block}.mlp.c_fc", 4 * WIDTH, WIDTH)
            layer(f"{block}.mlp.c_proj", WIDTH, 4 * WIDTH)
    tensor(f"{CLIP}visual.class_embedding", WIDTH, std=1)
    tensor(f"{CLIP}visual.positional_embedding", OLD_GRID**2 + 1, WIDTH, std=1)
    layer(f"{CLIP}visual.conv1", WIDTH, 3, PATCH, PATCH, bias=False)
    norm(f"{CLIP}visual.ln_pre", WIDTH)
    norm(f"{CLIP}visual.ln_post", WIDTH)
    tensor(f"{CLIP}visual.proj", WIDTH, PROJECTION, std=0.2)
    tensor(f"{CLIP}token_embedding.weight", words, WIDTH, std=1)
    tensor(f"{CLIP}positional_embedding", TEXT_LENGTH, WIDTH, std=0.5)
    norm(f"{CLIP}ln_final", WIDTH)
    tensor(f"{CLIP}text_projection", WIDTH, PROJECTION, std=0.2)
    made[f"{CLIP}logit_scale"] = torch.tensor(4.6)
    a = AGGREGATOR
    layer(f"{a}conv1", DIM, 1, 7, 7)
    made[f"{a}conv1.weight"] *= 8  # random sentences are much alike: so that classes differ
    layer(f"{a}guidance_projection.0", DIM, PROJECTION, 3, 3)
    layer(f"{a}text_guidance_projection.0", DIM, PROJECTION)
    for i in range(LAYERS):
        swin, classes = f"{a}layers.{i}.swin_block", f"{a}layers.{i}.attention"
        norm(f"{swin}.guidance_norm", DIM)
        for b in (1, 2):
            block = f"{swin}.block_{b}"
            for part in "qk":
                layer(f"{block}.attn.{part}", DIM, 2 * DIM)
            layer(f"{block}.attn.v", DIM, DIM)
            layer(f"{block}.attn.proj", DIM, DIM)
            norm(f"{block}.norm1", DIM)
            norm(f"{block}.norm2", DIM)
            layer(f"{block}.mlp.fc1", 4 * DIM, DIM)
            layer(f"{block}.mlp.fc2", DIM, 4 * DIM)
        made[f"{swin}.block_2.attn_mask"] = shifted_mask()
        for part in "qk":
            layer(f"{classes}.attention.{part}", DIM, 2 * DIM)
        layer(f"{classes}.attention.v", DIM, DIM)
        norm(f"{classes}.norm1", DIM)
        norm(f"{classes}.norm2", DIM)
        layer(f"{classes}.MLP.0", 4 * DIM, DIM)
        layer(f"{classes}.MLP.2", DIM, 4 * DIM)
        tensor(f"{classes}.padding_tokens", 1, 1, DIM, std=1)
        tensor(f"{classes}.padding_guidance", 1, 1, DIM, std=1)
    for i, (wide, guide) in enumerate(((DIM, DIM // 4), (DIM // 2, DIM // 8))):
        decoder, narrow = f"{a}decoder{i + 1}", wide // 2
        tensor(f"{decoder}.up.weight", wide, wide - guide, 2, 2, std=0.2)
        tensor(f"{decoder}.up.bias", wide - guide, std=0.2)
        for at, channels in ((0, wide), (3, narrow)):
            layer(f"{decoder}.conv.double_conv.{at}", narrow, channels, 3, 3, bias=False)
            norm(f"{decoder}.conv.double_conv.{at + 1}", narrow)
        layer(f"{a}decoder_guidance_projection.{i}.0", guide, TAP_CHANNELS[i], 3, 3)
        tensor(f"upsample{i + 1}.weight", WIDTH, TAP_CHANNELS[i], 2 * (i + 1), 2 * (i + 1), std=0.2)
        tensor(f"upsample{i + 1}.bias", TAP_CHANNELS[i], std=0.2)
    layer(f"{a}head", 1, DIM // 4, 3, 3)
    return made


def shifted_mask() -> Tensor:
    """[windows, cells, cells]: -100 between cells that only the shift brought into one window."""
    edges = [0] * (GRID - WINDOW) + [1] * (WINDOW // 2) + [2] * (WINDOW // 2)
    region = torch.tensor([[3 * y + x for x in edges] for y in edges]).float()
    cells = windows(region[None, :, :, None])[:, :, 0]
    return torch.where(cells[:, None] == cells[:, :, None], 0.0, -100.0)


def windows(x: Tensor) -> Tensor:
    """[N,g,g,D] -> [N * windows, w * w, D]."""
    n, g, _, d = x.shape
    x = x.reshape(n, g // WINDOW, WINDOW, g // WINDOW, WINDOW, d).transpose(2, 3)
    return x.reshape(-1, WINDOW * WINDOW, d)


def unwindowed(x: Tensor, n: int) -> Tensor:
    """Back to [N,g,g,D]."""
    across, d = GRID // WINDOW, x.shape[-1]
    return x.reshape(n, across, across, WINDOW, WINDOW, d).transpose(2, 3).reshape(n, GRID, GRID, d)


class Weights:
    """A state dictionary with the layers that read it."""

    def __init__(self, state: dict[str, Tensor], prefix: str = "") -> None:
        self.state, self.prefix = state, prefix

    def __getitem__(self, name: str) -> Tensor:
        return self.state[self.prefix + name]

    def at(self, name: str) -> Weights:
        return Weights(self.state, f"{self.prefix}{name}.")

    def linear(self, name: str, x: Tensor) -> Tensor:
        return F.linear(x, self[f"{name}.weight"], self[f"{name}.bias"])

    def norm(self, name: str, x: Tensor) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], self[f"{name}.weight"], self[f"{name}.bias"])

    def conv(self, name: str, x: Tensor, bias: bool = True) -> Tensor:
        weight = self[f"{name}.weight"]
        return F.conv2d(x, weight, self[f"{name}.bias"] if bias else None, padding=weight.shape[-1] // 2)

    def mlp(self, x: Tensor) -> Tensor:
        """CLIP's, with its quick form of GELU."""
        x = self.linear("mlp.c_fc", x)
        return self.linear("mlp.c_proj", x * torch.sigmoid(1.702 * x))


def clip_block(w: Weights, x: Tensor, mask: Tensor | None) -> Tensor:
    y = w.norm("ln_1", x)
    bias = w["attn.in_proj_bias"].chunk(3)
    q, k, v = (
        F.linear(y, w[f"attn.{p}_proj_weight"], b).unflatten(-1, (WIDTH // 64, 64)).transpose(1, 2)
        for p, b in zip("qkv", bias, strict=True)
    )
    mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2)
    x = x + w.linear("attn.out_proj", mixed)
    return x + w.mlp(w.norm("ln_2", x))


def dense(w: Weights, pixels: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Text-aligned patches [B,C,g,g] and the two taps [B,D,g,g]."""
    x = F.conv2d(pixels, w["conv1.weight"], stride=PATCH).flatten(2).transpose(1, 2)
    x = torch.cat([w["class_embedding"].expand(len(x), 1, -1), x], dim=1)
    table = w["positional_embedding"]
    old = table[1:].reshape(OLD_GRID, OLD_GRID, -1).permute(2, 0, 1)[None]
    new = F.interpolate(old, (GRID, GRID), mode="bicubic", align_corners=False)[0].flatten(1).T
    x = w.norm("ln_pre", x + torch.cat([table[:1], new]))
    grid = lambda t: t[:, 1:].transpose(1, 2).unflatten(2, (GRID, GRID))  # noqa: E731
    taps = []
    for i in range(DEPTH - 1):
        x = clip_block(w.at(f"transformer.resblocks.{i}"), x, None)
        if i in TAPS:
            taps.append(grid(x))
    last = w.at(f"transformer.resblocks.{DEPTH - 1}")
    value = F.linear(last.norm("ln_1", x), last["attn.v_proj_weight"], last["attn.in_proj_bias"][2 * WIDTH :])
    x = x[:, :1] + last.linear("attn.out_proj", value)
    x = x + last.mlp(last.norm("ln_2", x))
    return grid(w.norm("ln_post", x) @ w["proj"]), taps


def encode_text(w: Weights, ids: list[list[int]]) -> Tensor:
    """Unit vectors [T,C]; each row ends with its end mark."""
    vectors = []
    for row in ids:
        count = len(row)
        x = (w["token_embedding.weight"][row] + w["positional_embedding"][:count])[None]
        mask = torch.full((count, count), -torch.inf).triu(1)
        for i in range(2):
            x = clip_block(w.at(f"transformer.resblocks.{i}"), x, mask)
        vectors.append(w.norm("ln_final", x[0, -1]) @ w["text_projection"])
    return F.normalize(torch.stack(vectors), dim=-1)


def swin(w: Weights, x: Tensor, guide: Tensor, shift: int) -> Tensor:
    """x [N,g,g,D], guide [N,g,g,D]."""
    inner = torch.cat([w.norm("norm1", x), guide], dim=-1)
    inner = windows(inner.roll((-shift, -shift), (1, 2)))
    q, k = (w.linear(f"attn.{p}", inner) for p in "qk")
    v = w.linear("attn.v", inner[..., :DIM])
    q, k, v = (t.unflatten(-1, (HEADS, -1)).transpose(1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-1, -2) / math.sqrt(DIM / HEADS)
    if shift:
        scores = (scores.unflatten(0, (len(x), -1)) + w["attn_mask"][None, :, None]).flatten(0, 1)
    mixed = w.linear("attn.proj", (scores.softmax(-1) @ v).transpose(1, 2).flatten(2))
    x = x + unwindowed(mixed, len(x)).roll((shift, shift), (1, 2))
    return x + w.linear("mlp.fc2", F.gelu(w.linear("mlp.fc1", w.norm("norm2", x))))


def class_layer(w: Weights, x: Tensor, guide: Tensor) -> Tensor:
    """x [T,g,g,D], guide [T,D]: the list filled up to 256, linear attention over it, the layer's input once more."""
    count = len(x)
    rest = w["padding_tokens"].reshape(1, 1, 1, DIM).expand(LIST - count, GRID, GRID, DIM)
    full = torch.cat([x, rest]).flatten(1, 2).transpose(0, 1)
    guide = torch.cat([guide, w["padding_guidance"].reshape(1, DIM).expand(LIST - count, DIM)])
    inner = w.norm("norm1", full)
    joined = torch.cat([inner, guide.expand(GRID * GRID, LIST, DIM)], dim=-1)
    q, k = (F.elu(w.linear(f"attention.{p}", joined)).unflatten(-1, (HEADS, -1)) + 1 for p in "qk")
    v = w.linear("attention.v", inner).unflatten(-1, (HEADS, -1))
    kv = torch.einsum("nshd,nshv->nhdv", k, v)
    mixed = torch.einsum("nlhd,nhdv->nlhv", q, kv) / (torch.einsum("nlhd,nhd->nlh", q, k.sum(1))[..., None] + 1e-6)
    full = full + mixed.flatten(2)
    full = full + w.linear("MLP.2", F.relu(w.linear("MLP.0", w.norm("norm2", full))))
    return x + full.transpose(0, 1)[:count].unflatten(1, (GRID, GRID))


def logits(state: dict[str, Tensor], pixels: Tensor, text: Tensor) -> Tensor:
    """One view [1,3,S,S] and unit text [T,C] -> logits [T,4g,4g]."""
    w, tops = Weights(state, AGGREGATOR), Weights(state)
    features, taps = dense(Weights(state, f"{CLIP}visual."), pixels)
    cost = torch.einsum("chw,tc->thw", F.normalize(features[0], dim=0), text)
    x = w.conv("conv1", cost[:, None]).permute(0, 2, 3, 1)
    appearance = F.relu(w.conv("guidance_projection.0", features)).permute(0, 2, 3, 1)
    words = F.relu(w.linear("text_guidance_projection.0", text))
    for i in range(LAYERS):
        layer = w.at(f"layers.{i}")
        guide = layer.norm("swin_block.guidance_norm", appearance).expand(len(x), -1, -1, -1)
        x = swin(layer.at("swin_block.block_1"), x, guide, 0)
        x = swin(layer.at("swin_block.block_2"), x, guide, WINDOW // 2)
        x = class_layer(layer.at("attention"), x, words)
    x = x.permute(0, 3, 1, 2)
    for i, tap in enumerate(taps):
        above = f"upsample{i + 1}"
        up = F.conv_transpose2d(tap, tops[f"{above}.weight"], tops[f"{above}.bias"], stride=2 * (i + 1))
        guide = F.relu(w.conv(f"decoder_guidance_projection.{i}.0", up))
        decoder = w.at(f"decoder{i + 1}")
        x = F.conv_transpose2d(x, decoder["up.weight"], decoder["up.bias"], stride=2)
        x = torch.cat([x, guide.expand(len(x), -1, -1, -1)], dim=1)
        for at in (0, 3):
            x = decoder.conv(f"conv.double_conv.{at}", x, bias=False)
            name = f"conv.double_conv.{at + 1}"
            x = F.relu(F.group_norm(x, x.shape[1] // 16, decoder[f"{name}.weight"], decoder[f"{name}.bias"]))
    return w.conv("head", x)[:, 0]


@torch.no_grad()
def segment(state: dict[str, Tensor], image: Image.Image, rows: list[list[int]]) -> Tensor:
    """Scores [T,H,W] of a picture: four windows of a square canvas and the whole, as the released evaluation looks."""
    text = encode_text(Weights(state, CLIP), rows)
    canvas_side = SIDE * 5 // 3
    canvas = image.resize((canvas_side, canvas_side), Image.Resampling.BILINEAR)
    step = int(SIDE * (1 - 0.333))

    def scores(view: Image.Image) -> Tensor:
        pixels = (np.asarray(view, np.float32) / 255 - np.float32(MEAN)) / np.float32(STD)
        given = logits(state, torch.from_numpy(pixels).permute(2, 0, 1)[None], text)
        return F.interpolate(given[None], (SIDE, SIDE), mode="bilinear", align_corners=False)[0].sigmoid()

    total, seen = torch.zeros(len(rows), canvas_side, canvas_side), torch.zeros(canvas_side, canvas_side)
    for y in (0, step):
        for x in (0, step):
            total[:, y : y + SIDE, x : x + SIDE] += scores(canvas.crop((x, y, x + SIDE, y + SIDE)))
            seen[y : y + SIDE, x : x + SIDE] += 1
    whole = scores(image.resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    whole = F.interpolate(whole[None], (canvas_side, canvas_side), mode="bilinear", align_corners=False)[0]
    both = (total / seen + whole) / 2
    return F.interpolate(both[None], (image.height, image.width), mode="bilinear", align_corners=False)[0]
