"""Golden values for Similarity as Points, from a PyTorch implementation of its own.

    python training/golden/make_sasp_golden.py

Written from the method's description (READ section 4.1, Algorithm 1, and how the released code runs) with
dense PyTorch operations: `F.interpolate`, `F.pad`, `F.grid_sample`, a sum over every pixel of the image. It
shares no code with the TypeScript port that it checks, nor with the kit's own training code. Writes
packages/plugins/read/fixtures/sasp-golden.json.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

OUT = Path(__file__).resolve().parents[2] / "packages/plugins/read/fixtures/sasp-golden.json"


def normalise(grid: torch.Tensor) -> torch.Tensor | None:
    """Min-max to [0, 1]; None for a flat grid."""
    low, high = grid.min(), grid.max()
    return None if high == low else (grid - low) / (high - low)


def resize(grid: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """[r, c] -> [rows, columns], bilinear, align_corners False, no antialiasing."""
    return F.interpolate(grid[None, None], (rows, columns), mode="bilinear", align_corners=False)[0, 0]


def clip_geometry(height: int, width: int, side: int) -> dict:
    """CLIP's resize (shorter side to `side`, longer truncated) and centre crop (offset floored)."""
    if height <= width:
        new_height, new_width = side, int(side * width / height)
    else:
        new_height, new_width = int(side * height / width), side
    return {
        "resized": [new_width, new_height],
        "scale": [new_width / width, new_height / height],
        "offset": [(new_width - side) // 2, (new_height - side) // 2],
    }


def released_pad(grid: torch.Tensor, height: int, width: int, value: float) -> torch.Tensor:
    """The released code's symmetric padding in floored cells; negative padding crops."""
    side = grid.shape[0]
    scale = side / min(height, width)
    pad_y = math.floor((math.floor(height * scale) - side) / 2)
    pad_x = math.floor((math.floor(width * scale) - side) / 2)
    return F.pad(grid[None, None], (pad_x, pad_x, pad_y, pad_y), value=value)[0, 0]


def choose(grid: torch.Tensor, flat: bool, positive: float, negative: float, count: int) -> list[tuple[int, int]]:
    """(cell, label), positives by falling score, negatives by rising score, neutrals in raster order."""
    flatgrid = grid.flatten()
    inside = flatgrid >= 0
    if flat:
        return [(int(i), -1) for i in torch.nonzero(inside)[:, 0]][:count]
    pos = torch.nonzero(inside & (flatgrid >= positive))[:, 0]
    neg = torch.nonzero(inside & (flatgrid <= negative) & ~(flatgrid >= positive))[:, 0]
    neutral = torch.nonzero(inside & (flatgrid > negative) & (flatgrid < positive))[:, 0]
    pos = pos[torch.argsort(flatgrid[pos], descending=True, stable=True)]
    neg = neg[torch.argsort(flatgrid[neg], descending=False, stable=True)]
    return [*((int(i), 1) for i in pos), *((int(i), 0) for i in neg), *((int(i), -1) for i in neutral)][:count]


def full_map(scores: torch.Tensor, height: int, width: int, side: int, exact: bool) -> torch.Tensor:
    """The [height, width] map whose softmax weighs discrete-to-continuous interpolation."""
    unit = normalise(scores)
    if unit is None:
        unit = torch.zeros_like(scores)
    if not exact:
        return resize(released_pad(resize(unit, side, side), height, width, 0.0), height, width)
    geometry = clip_geometry(height, width, side)
    ys, xs = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    u = ((xs.double() + 0.5) * geometry["scale"][0] - geometry["offset"][0]) / side
    v = ((ys.double() + 0.5) * geometry["scale"][1] - geometry["offset"][1]) / side
    grid = torch.stack([2 * u - 1, 2 * v - 1], dim=-1)[None]
    seen = (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)
    sampled = F.grid_sample(unit.double()[None, None], grid, padding_mode="border", align_corners=False)[0, 0]
    return torch.where(seen, sampled, torch.zeros_like(sampled)).float()


def continuous(x: float, y: float, weights: torch.Tensor, distance: str, radius: int | None) -> tuple[float, float]:
    """Weighted mean over every pixel (radius None) or over the square window around the point."""
    height, width = weights.shape
    ys, xs = torch.meshgrid(torch.arange(height).double(), torch.arange(width).double(), indexing="ij")
    squared = (xs - x) ** 2 + (ys - y) ** 2
    w = torch.exp(-(squared.sqrt() if distance == "l2" else squared)) * weights
    if radius is not None:
        cx, cy = math.floor(x + 0.5), math.floor(y + 0.5)
        w = w * ((xs - cx).abs() <= radius) * ((ys - cy).abs() <= radius)
    w = w / w.sum()
    return float((w * xs).sum()), float((w * ys).sum())


def points(scores: torch.Tensor, case: dict) -> tuple[list[list[float]], list[int]]:
    """All steps, for one case."""
    height, width, side = case["height"], case["width"], case["side"]
    exact = case["geometry"] == "exact"
    cells = scores.shape[0] // case["downSample"]
    unit = normalise(resize(scores, cells, cells))
    flat = unit is None
    grid = torch.zeros(cells, cells) if unit is None else unit
    positive, negative = case.get("positive", 0.0), case.get("negative", 0.0)
    if case["mode"] == "meanSigma":
        sigma = grid.double().var(unbiased=False).sqrt()
        positive = float(grid.double().mean() + case["epsilon"] * sigma)
        negative = float(grid.double().mean() - case["epsilon"] * sigma)
    if not exact:
        grid = released_pad(grid, height, width, -1.0)
    geometry = clip_geometry(height, width, side)
    places = []
    chosen = choose(grid, flat, positive, negative, case["count"])
    for cell, _ in chosen:
        row, column = divmod(cell, grid.shape[1])
        if exact:
            x = ((column + 0.5) * side / grid.shape[1] + geometry["offset"][0]) / geometry["scale"][0]
            y = ((row + 0.5) * side / grid.shape[0] + geometry["offset"][1]) / geometry["scale"][1]
            places.append([min(max(x, 0.0), width - 1), min(max(y, 0.0), height - 1)])
        else:
            x = min((column + 0.5) * (width / grid.shape[1]), width - 1)
            y = min((row + 0.5) * (height / grid.shape[0]), height - 1)
            places.append([int(x), int(y)])
    if case["distance"] is not None:
        weights = torch.softmax(full_map(scores, height, width, side, exact).flatten().double(), 0).view(height, width)
        # The squared distance is summed over the whole image, as upstream does: the window must not matter.
        radius = case["radius"] if case["distance"] == "l2" else None
        places = [continuous(x, y, weights, case["distance"], radius) for x, y in places]
    return [[round(v, 6) for v in place] for place in places], [label for _, label in chosen]


def map_of(kind: str, rows: int, seed: int) -> torch.Tensor:
    """Raw scores: a smooth bump field with noise, a flat map, or whole numbers with many ties."""
    generator = torch.Generator().manual_seed(seed)
    if kind == "flat":
        return torch.full((rows, rows), 3.25)
    if kind == "ties":
        return torch.randint(0, 5, (rows, rows), generator=generator).float()
    coarse = torch.randn(1, 1, 5, 5, generator=generator) * 8
    smooth = F.interpolate(coarse, (rows, rows), mode="bicubic", align_corners=False)[0, 0]
    return (smooth + torch.randn(rows, rows, generator=generator) * 0.7).round(decimals=3)


SIZES = {  # name: (height, width, grid, CLIP input)
    "480x640": (480, 640, 24, 336),
    "427x640": (427, 640, 24, 336),
    "500x333": (333, 500, 24, 336),
    "365x500": (365, 500, 24, 336),
    "square": (128, 128, 16, 128),
    "portrait": (160, 96, 16, 128),
    "landscape": (96, 160, 16, 128),
    "short-side-47": (47, 60, 24, 336),
}
SETTINGS = {
    "read-7b": {"downSample": 2, "mode": "fixed", "positive": 0.8, "negative": 0.2, "count": 30},
    "read-13b": {"downSample": 1, "mode": "fixed", "positive": 0.6, "negative": 0.2, "count": 60},
    "algorithm-1": {"downSample": 1, "mode": "meanSigma", "epsilon": 0.5, "count": 25},
    "few-extremes": {"downSample": 2, "mode": "fixed", "positive": 0.97, "negative": 0.03, "count": 12},
}


def main() -> None:
    """Every size with every setting, geometry and interpolation turned over in turn; then flat maps and ties."""
    maps: dict[str, list[float]] = {}
    cases = []
    refinements = [(None, 6), ("squared", 6), ("l2", 6), ("l2", 3)]
    turn = 0
    for size, (height, width, rows, side) in SIZES.items():
        for setting, values in SETTINGS.items():
            for geometry in ("exact", "compat"):
                distance, radius = refinements[turn % 4]
                turn += 1 if geometry == "exact" else 2
                kind = "smooth"
                if setting == "read-7b" and size in ("square", "427x640"):
                    kind = "flat"
                if setting == "few-extremes" and size in ("portrait", "480x640"):
                    kind = "ties"
                name = f"{kind}-{rows}-{len(size) % 3}"
                scores = map_of(kind, rows, len(name) + len(size) % 3)
                maps[name] = [round(float(v), 4) for v in scores.flatten()]
                case = {"name": f"{size} {setting} {geometry} {distance}", "map": name, "rows": rows, "side": side}
                case |= {"height": height, "width": width, "geometry": geometry, "distance": distance}
                case |= {"radius": radius, **values}
                xy, labels = points(torch.tensor(maps[name]).view(rows, rows), case)
                cases.append(case | {"clip": clip_geometry(height, width, side), "xy": xy, "labels": labels})
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({"torch": torch.__version__, "maps": maps, "cases": cases}, separators=(",", ":")) + "\n")
    print(f"{len(cases)} cases, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
