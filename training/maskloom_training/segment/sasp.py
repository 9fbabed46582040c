"""READ's Similarity as Points (SasP), batched over phrases of pictures of one size.

The similarity of the state that emits [SEG] with the image tokens' states becomes labelled points:
positive (1), negative (0) and neutral (-1). Thresholds are `fixed`, as released, or `meanSigma`, the
paper's Algorithm 1. Geometry is `exact`, the true inverse of resize and centre crop, or `compat`, the
released code's flooring. `interpolation` is the discrete-to-continuous step, with the paper's L2 distance
(eq. 7) or the released code's squared one; it is the only path by which a mask's gradient reaches the
language model through points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from ..geometry import clip_size

POSITIVE, NEGATIVE, NEUTRAL = 1, 0, -1
# exp(-6^2) is far below float32's resolution of the sum; with the L2 distance it cuts a tail of e^-6.
WINDOW_RADIUS = 6


@dataclass(frozen=True)
class SaspSettings:
    """Constants of SasP. `down_sample` pools the token grid; `count` points are kept.

    mode "fixed": positive/negative are thresholds on the min-maxed score. mode "meanSigma": thresholds are
    mean +/- sigma * population standard deviation. geometry "exact" or "compat".
    interpolation "none", "l2" or "squared".
    """

    down_sample: int = 1
    positive: float = 0.8
    negative: float = 0.2
    count: int = 30
    mode: str = "fixed"
    sigma: float = 0.5
    geometry: str = "exact"
    interpolation: str = "none"
    radius: int = WINDOW_RADIUS

    def __post_init__(self) -> None:
        for field, allowed in (
            ("mode", ("fixed", "meanSigma")),
            ("geometry", ("exact", "compat")),
            ("interpolation", ("none", "l2", "squared")),
        ):
            if getattr(self, field) not in allowed:
                raise ValueError(f"{field} must be one of {allowed}, got {getattr(self, field)!r}")
        if self.down_sample < 1 or self.count < 1:
            raise ValueError("down_sample and count must be at least 1")


READ_7B = SaspSettings(2, 0.8, 0.2, 30, geometry="compat", interpolation="squared")
READ_13B = SaspSettings(1, 0.6, 0.2, 60, geometry="compat", interpolation="squared")


def similarity(seg: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
    """Plain dot product in float32: seg [N,D], image states [N,L,D] -> [N,L] (no cosine, no temperature)."""
    return torch.einsum("nd,nld->nl", seg.float(), image.float())


def min_max(scores: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Scale each map [N,...] to 0..1; returns it and flat [N], true where max equals min (scores are then 0)."""
    rows = scores.flatten(1)
    low, high = rows.amin(1), rows.amax(1)
    flat = high <= low
    span = torch.where(flat, torch.ones_like(high), high - low)
    shape = (-1,) + (1,) * (scores.dim() - 1)
    return (scores - low.view(shape)) / span.view(shape), flat


def compat_padding(target: int, height: int, width: int) -> tuple[int, int, int, int]:
    """The released code's un-crop: (newH, newW, padH, padW) of a target x target map, floors included.

    min * (target / min) can fall just under target in doubles; the floor then gives a pad of -1, which
    crops one row and column. That is reproduced.
    """
    scale = target / min(height, width)
    new_height, new_width = math.floor(height * scale), math.floor(width * scale)
    return new_height, new_width, (new_height - target) // 2, (new_width - target) // 2


@dataclass(frozen=True)
class Points:
    """xy [N,P,2] in pixels of the picture (centre of the first pixel is 0); labels [N,P] int64 in {1,0,-1}."""

    xy: torch.Tensor
    labels: torch.Tensor


def similarity_as_points(
    scores: torch.Tensor, height: int, width: int, settings: SaspSettings, crop: int = 128
) -> Points:
    """Similarities [N, G*G] of one picture size -> points. `crop` is CLIP's input side."""
    grid = math.isqrt(scores.shape[1])
    maps = scores.float().view(-1, 1, grid, grid)
    side = grid // settings.down_sample
    pooled = F.interpolate(maps, size=(side, side), mode="bilinear", align_corners=False)[:, 0]
    cells, flat = min_max(pooled.detach())
    positive, negative = _thresholds(cells, settings)
    if settings.geometry == "compat":
        _, _, pad_y, pad_x = compat_padding(side, height, width)
        cells = F.pad(cells, (pad_x, pad_x, pad_y, pad_y), value=-1.0)
    index, labels = _choose(cells, flat, positive, negative, settings.count)
    column, row = index % cells.shape[2], index // cells.shape[2]
    if settings.geometry == "compat":
        x = torch.clamp((column + 0.5) * (width / cells.shape[2]), max=width - 1).trunc()
        y = torch.clamp((row + 0.5) * (height / cells.shape[1]), max=height - 1).trunc()
    else:
        view = ClipView.of(height, width, crop)
        x = (((column + 0.5) * (crop / side) + view.left) / view.scale_x).clamp(0, width - 1)
        y = (((row + 0.5) * (crop / side) + view.top) / view.scale_y).clamp(0, height - 1)
    xy = torch.stack([x, y], dim=-1).float()
    if settings.interpolation != "none":
        xy = _interpolate(xy, maps, height, width, settings, crop)
    return Points(xy, labels)


@dataclass(frozen=True)
class ClipView:
    """What CLIP saw of a picture: x_crop = x * scale_x - left (resize to the short side, then centre crop)."""

    scale_x: float
    scale_y: float
    left: int
    top: int

    @staticmethod
    def of(height: int, width: int, side: int) -> ClipView:
        """The view of an H x W picture in a side x side input, rounded exactly as `geometry.clip_preprocess`."""
        new_height, new_width = clip_size(height, width, side)
        return ClipView(new_width / width, new_height / height, (new_width - side) // 2, (new_height - side) // 2)


def _thresholds(cells: torch.Tensor, settings: SaspSettings) -> tuple[torch.Tensor, torch.Tensor]:
    if settings.mode == "fixed":
        ones = torch.ones(cells.shape[0], 1)
        return settings.positive * ones, settings.negative * ones
    rows = cells.flatten(1)
    mean, deviation = rows.mean(1, keepdim=True), rows.std(1, correction=0, keepdim=True)
    return mean + settings.sigma * deviation, mean - settings.sigma * deviation


def _choose(cells, flat, positive, negative, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Indices and labels [N,P]: positives descending, negatives ascending, neutrals in raster order."""
    rows = cells.flatten(1)
    is_positive = rows >= positive
    is_negative = ~is_positive & (rows <= negative)
    is_positive, is_negative = is_positive & ~flat[:, None], is_negative & ~flat[:, None]
    hidden = rows < 0
    rank = torch.full_like(rows, 2.0)
    rank[is_negative] = 1.0
    rank[is_positive] = 0.0
    rank[hidden] = 3.0
    value = torch.where(is_positive, -rows, torch.where(is_negative, rows, torch.zeros_like(rows)))
    by_value = value.argsort(dim=1, stable=True)
    order = by_value.gather(1, rank.gather(1, by_value).argsort(dim=1, stable=True))
    visible = int((~hidden[0]).sum())
    index = order[:, : min(count, visible)]
    labels = torch.tensor([POSITIVE, NEGATIVE, NEUTRAL])[rank.gather(1, index).long()]
    return index, labels


def _interpolate(xy, maps, height: int, width: int, settings: SaspSettings, crop: int) -> torch.Tensor:
    """Discrete to continuous: each point becomes the mean of nearby pixels, weighted by exp(-d) * exp(S)."""
    scores, flat = min_max(maps)
    scores = torch.where(flat.view(-1, 1, 1, 1), torch.zeros_like(scores), scores)
    reach = torch.arange(-settings.radius, settings.radius + 1, dtype=torch.float32)
    dy, dx = torch.meshgrid(reach, reach, indexing="ij")
    centre = (xy + 0.5).floor()
    gx = centre[..., 0:1] + dx.reshape(-1)
    gy = centre[..., 1:2] + dy.reshape(-1)
    inside = (gx >= 0) & (gx <= width - 1) & (gy >= 0) & (gy <= height - 1)
    distance = (gx - xy[..., 0:1]) ** 2 + (gy - xy[..., 1:2]) ** 2
    if settings.interpolation == "l2":
        distance = distance.sqrt()
    if settings.geometry == "compat":
        weight = _sample_compat(scores, gx, gy, height, width, crop)
    else:
        weight = _sample_exact(scores, gx, gy, height, width, crop)
    logit = torch.where(inside, weight - distance, torch.full_like(distance, -torch.inf))
    share = logit.softmax(dim=-1)
    return torch.stack([(share * gx).sum(-1), (share * gy).sum(-1)], dim=-1)


def _sample_exact(scores, gx, gy, height: int, width: int, crop: int) -> torch.Tensor:
    """Bilinear sample of the score grid at integer pixels; 0 outside the square that CLIP saw."""
    grid, view = scores.shape[-1], ClipView.of(height, width, crop)
    u = (gx + 0.5) * view.scale_x - view.left
    v = (gy + 0.5) * view.scale_y - view.top
    seen = (u >= 0) & (u <= crop) & (v >= 0) & (v <= crop)
    u = (u * (grid / crop) - 0.5).clamp(0, grid - 1)
    v = (v * (grid / crop) - 0.5).clamp(0, grid - 1)
    u0, v0 = u.floor().clamp(max=grid - 2), v.floor().clamp(max=grid - 2)
    fu, fv = u - u0, v - v0
    flat = scores.flatten(1)
    base = (v0 * grid + u0).long()

    def at(offset: int) -> torch.Tensor:
        return flat.gather(1, (base + offset).flatten(1)).view_as(u)

    top_row = at(0) * (1 - fu) + at(1) * fu
    bottom_row = at(grid) * (1 - fu) + at(grid + 1) * fu
    return torch.where(seen, top_row * (1 - fv) + bottom_row * fv, torch.zeros_like(u))


def _sample_compat(scores, gx, gy, height: int, width: int, crop: int) -> torch.Tensor:
    wide = F.interpolate(scores, size=(crop, crop), mode="bilinear", align_corners=False)
    _, _, pad_y, pad_x = compat_padding(crop, height, width)
    full = F.interpolate(
        F.pad(wide, (pad_x, pad_x, pad_y, pad_y)), size=(height, width), mode="bilinear", align_corners=False
    )[:, 0]
    index = (gy.clamp(0, height - 1) * width + gx.clamp(0, width - 1)).long()
    return full.flatten(1).gather(1, index.flatten(1)).view_as(gx)
